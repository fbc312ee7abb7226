# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How values compare."""

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.comparison import holds

CASES: list[tuple[str | None, str, str, bool]] = [
    (None, "1", "equal", False),
    ("1", "1", "equal", True),
    ("01", "1", "equal", False),
    ("5", "3", "at_least", True),
    ("2", "3", "at_least", False),
    ("-1", "-1", "at_most", True),
    ("0", "-1", "at_most", False),
    ("few", "3", "at_most", False),
    ("0700", "0750", "mode_within", True),
    ("0705", "0750", "mode_within", False),
    ("755", "0750", "mode_within", False),
    ("077", "027", "mask_covers", True),
    ("022", "027", "mask_covers", False),
    ("030", "027", "mask_covers", False),
    ("u=rwx", "027", "mask_covers", False),
]


@pytest.mark.parametrize(("current", "wanted", "way", "result"), CASES)
def test_holds(current: str | None, wanted: str, way: str, result: bool) -> None:
    assert holds(current, wanted, way) is result
