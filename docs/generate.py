# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate the parts of the documentation that are not written by hand (make docs), or check that they are in step.

docs/reference/       from the modules, filters and roles themselves
docs/confinement.md     from docs/proof/lsm_*.json and docs/proof/cgroups_fair.json
docs/conformance.md     from the table of the conformance cases, and docs/proof/conformance*.json
docs/contract.md      from the contract's table of fields
docs/controls.md        from the catalogue of the baseline
docs/breaks.md          from tests/breaks/settings.yml and what was measured
docs/move.md            from the verdict's table of codes and the fault matrix of moves
docs/oracles.md         from what the oracles said, and the waivers in tests/oracles
docs/support_matrix.md  from docs/proof/*.json
docs/benchmarks.md      from docs/proof/bench_*.json
docs/compose.md         its tables, from the table of keys that the validator reads
docs/compose.schema.json  the JSON Schema for editors, from the same
README.md             the list of contents and the support matrix, between the marks in it
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import generate_baseline
import generate_benchmarks
import generate_breaks
import generate_compose
import generate_confinement
import generate_conformance
import generate_contract
import generate_move
import generate_oracles
import generate_reference
import generate_support_matrix

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = Path("docs/reference")


def pages() -> dict[Path, str]:
    """Every generated file: path from the root of the collection, and its text."""
    reference = generate_reference.Reference(ROOT)
    proofs = generate_support_matrix.load(ROOT / "docs" / "proof")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    readme = generate_support_matrix.fill(readme, "contents", reference.contents())
    readme = generate_support_matrix.readme(readme, proofs)
    result = {REFERENCE / name: text for name, text in reference.pages().items()}
    result[Path("docs/support_matrix.md")] = generate_support_matrix.page(proofs)
    result[Path("docs/benchmarks.md")] = generate_benchmarks.page(proofs)
    result[Path("docs/confinement.md")] = generate_confinement.page(proofs)
    result[Path("docs/conformance.md")] = generate_conformance.generate(proofs)
    result[Path("docs/contract.md")] = generate_contract.page()
    result[Path("docs/controls.md")] = generate_baseline.page()
    result[Path("docs/breaks.md")] = generate_breaks.generate()
    result[Path("docs/move.md")] = generate_move.page()
    result[Path("docs/oracles.md")] = generate_oracles.generate()
    result[Path("docs/compose.schema.json")] = generate_compose.schema()
    result[Path("docs/compose.md")] = generate_compose.page((ROOT / "docs" / "compose.md").read_text(encoding="utf-8"))
    result[Path("README.md")] = readme
    return result


def main() -> int:
    """Write the generated files, or with --check name those that are out of step."""
    parser = argparse.ArgumentParser(description="Generate the documentation's generated parts.")
    parser.add_argument("--check", action="store_true", help="change nothing; fail when a file is out of step")
    arguments = parser.parse_args()

    wanted = pages()
    there = {path.relative_to(ROOT) for path in (ROOT / REFERENCE).rglob("*.md")}
    orphans = sorted(there - set(wanted))
    stale = sorted(
        path
        for path, text in wanted.items()
        if not (ROOT / path).is_file() or (ROOT / path).read_text(encoding="utf-8") != text
    )
    if arguments.check:
        for path in [*stale, *orphans]:
            print(f"{path}: out of step; run: make docs")
        return 1 if stale or orphans else 0
    for path in orphans:
        (ROOT / path).unlink()
    for path in stale:
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(wanted[path], encoding="utf-8")
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
