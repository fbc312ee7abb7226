# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The options that say which container engine is asked, as the doc fragment _engine_connection describes them."""

from __future__ import annotations

import typing as t


def connection_options() -> dict[str, dict[str, t.Any]]:
    """The argument specification of ``engine`` and ``socket``."""
    return {
        "engine": {"type": "str", "choices": ["docker", "podman", "auto"], "default": "auto"},
        "socket": {"type": "path"},
    }
