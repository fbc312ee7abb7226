# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much the baseline's module sends to every host, each time: all of its code, compressed file by file."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAME = "ansible_collections.anycloud.container_host"
IMPORT = re.compile(
    rf"^\s*(?:from|import) {re.escape(NAME)}\.([\w.]+)(?: import (\(.*?\)|[^\n]*))?", re.MULTILINE | re.DOTALL
)

# A verified host shall cost at most 400 kB on the wire; Ansible's own part, the report and SSH take 150 kB of them.
LIMIT_BYTES = 250_000


def imported(source: str) -> set[Path]:
    """The collection's files a file imports; AnsiballZ sends those imported for types alone too."""
    found = set()
    for module, names in IMPORT.findall(source):
        base = ROOT / module.replace(".", "/")
        candidates = [base, *(base / name for name in re.findall(r"\w+", names))]
        found |= {path.with_suffix(".py") for path in candidates if path.with_suffix(".py").is_file()}
    return found


def payload(module: Path) -> set[Path]:
    """The files of the collection that are sent with a module."""
    sent: set[Path] = set()
    left = {module}
    while left:
        path = left.pop()
        sent.add(path)
        left |= imported(path.read_text(encoding="utf-8")) - sent
    return sent


def test_baseline_is_small_on_the_wire() -> None:
    sent = payload(ROOT / "plugins" / "modules" / "baseline.py")
    sizes = {str(path.relative_to(ROOT)): len(zlib.compress(path.read_bytes())) for path in sent}
    assert "plugins/module_utils/_baseline/kinds/sysctl.py" in sizes
    assert sum(sizes.values()) <= LIMIT_BYTES, sorted(sizes.items(), key=lambda item: -item[1])[:10]
