# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/move.md follows from the verdict's codes, and every code is one that a rule gives."""

from __future__ import annotations

import re
from pathlib import Path

import generate_move

from ansible_collections.anycloud.container_host.plugins.module_utils._move.verdict_codes import CODES

PAGE = Path(generate_move.__file__).parent / "move.md"
RULES = Path(generate_move.ROOT, "plugins", "module_utils", "_move")


def test_the_page_is_in_step() -> None:
    assert PAGE.read_text(encoding="utf-8") == generate_move.page(), "run: make docs"


def test_every_code_has_its_row() -> None:
    text = generate_move.page()
    for name in CODES:
        assert text.count(f"\n| `{name}` |") == 1, name


def test_every_code_is_given_by_a_rule() -> None:
    sources = [path.read_text(encoding="utf-8") for path in RULES.glob("verdict_*.py") if path.stem != "verdict_codes"]
    words = set(re.findall(r'"(\w+)"', "\n".join(sources))) | {"volume_taken", "network_taken"}
    assert set(CODES) <= words
