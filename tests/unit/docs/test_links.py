# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every link from one page of the repository to a file of it leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = ("docs", "examples", "roles", "bench", "molecule", "playbooks")
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s#]*)(?:#[^)\s]*)?\)")


def pages() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *(page for folder in FOLDERS for page in (ROOT / folder).rglob("*.md"))])


def broken_links(page: Path, text: str) -> list[str]:
    """The relative links of a page that lead nowhere; code is not looked at."""
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    targets = [target for target in LINK.findall(prose) if target and "://" not in target and ":" not in target]
    return [target for target in targets if not (page.parent / target).exists()]


@pytest.mark.parametrize("page", [str(page.relative_to(ROOT)) for page in pages()])
def test_links_lead_somewhere(page: str) -> None:
    assert broken_links(ROOT / page, (ROOT / page).read_text(encoding="utf-8")) == []


def test_broken_link_is_found() -> None:
    text = "[a](README.md) [b](nowhere.md#part) [c](https://example.com/x) [d](#part) `[e](code.md)`"
    assert broken_links(ROOT / "README.md", text) == ["nowhere.md"]
