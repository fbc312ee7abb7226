# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._packages.updates_finder import (
    find_package_updater,
)


@pytest.mark.parametrize(
    ("command", "name"), [("apt-get", "AptUpdater"), ("dnf", "DnfUpdater"), ("zypper", "ZypperUpdater")]
)
def test_each_package_manager_has_its_updater(command: str, name: str) -> None:
    assert type(find_package_updater(FakeHostIO(available=[command]))).__name__ == name
