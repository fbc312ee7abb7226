# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of releases."""

from __future__ import annotations

from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.release import newest_first, sort_key


def test_order() -> None:
    releases = [
        "6.1.0-9-amd64",
        "6.1.0-50-amd64",
        "6.12.9+deb13-amd64",
        "6.12.48+deb13-amd64",
        "6.13-rc7-amd64",
        "6.13.1-amd64",
    ]
    assert newest_first([*releases, releases[0]]) == list(reversed(releases))


def test_versions_of_packages() -> None:
    versions = ["6.12.9-1~bpo12+1", "6.12.9-1", "6.12.9-1+b1", "6.12.9-2", "6.12.10-1~rc1", "6.12.10-1"]
    mixed = [*versions[3:], *versions[:3]]
    assert sorted(mixed, key=sort_key) == versions
