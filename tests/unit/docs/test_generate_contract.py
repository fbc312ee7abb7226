# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/contract.md follows from the contract's table of fields."""

from __future__ import annotations

from pathlib import Path

import generate_contract

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.schema import FIELDS

PAGE = Path(generate_contract.__file__).parent / "contract.md"


def test_the_page_is_in_step() -> None:
    assert PAGE.read_text(encoding="utf-8") == generate_contract.page(), "run: make docs"


def test_every_field_has_its_row() -> None:
    text = generate_contract.page()
    for field in FIELDS:
        assert text.count(f"\n| `{field.path}` |") == 1, field.path
