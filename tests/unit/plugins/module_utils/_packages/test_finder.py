# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.finder import find_package_manager


@pytest.mark.parametrize(
    ("available", "expected"),
    [(["apt-get"], "apt"), (["dnf"], "dnf"), (["zypper"], "zypper"), (["apt-get", "dnf", "zypper"], "apt")],
)
def test_find(available: list[str], expected: str) -> None:
    assert find_package_manager(FakeHostIO(available=available)).name == expected


def test_none_is_an_error_with_a_remedy() -> None:
    with pytest.raises(HostError, match="use a supported distribution"):
        find_package_manager(FakeHostIO())
