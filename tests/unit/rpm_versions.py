# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pairs of versions of packages: an older one and a newer one."""

from __future__ import annotations

ORDERED = [
    ("1.9-1.el9", "1.10-1.el9"),
    ("5.14.0-70.13.1.el9", "5.14.0-362.8.1.el9"),
    ("5.14.0-427.el9", "5.14.0-427.13.1.el9"),
    ("9.9-9", "1:1.0-1"),
    ("2:1-1", "10:1-1"),
    ("1.0-1", "1.0.1-1"),
    ("1.0~rc1-1", "1.0-1"),
    ("1.0~rc1-1", "1.0~rc2-1"),
    ("1.0-1", "1.0^git1-1"),
    ("1.0^git1-1", "1.0.1-1"),
    ("1.0^git1~pre-1", "1.0^git1-1"),
    ("1.0a-1", "1.0.1-1"),
    ("1.0-1", "1.0a-1"),
    ("1.0a-1", "1.0b-1"),
    ("1-1.el9", "1-1.el9_2"),
    ("1-1.el9_2", "1-1.el9_10"),
    ("1-1", "1-2"),
    ("1B-1", "1a-1"),
]
