# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What writes proofs writes what the generator of the support matrix reads."""

from __future__ import annotations

import typing as t
from pathlib import Path

import generate_support_matrix
import proof
import pytest

ARGUMENTS: dict[str, t.Any] = {
    "name": "two_hosts_agree",
    "claim": "Two hosts agree",
    "where": "real VM",
    "command": "make demo",
    "seconds": 1.26,
    "passed": 2,
    "failed": 1,
    "results": {"contract_id": "abc"},
}


def test_proof_is_read_back(tmp_path: Path) -> None:
    path = proof.write_proof(**ARGUMENTS, folder=tmp_path)
    assert path == tmp_path / "two_hosts_agree.json"
    (read,) = generate_support_matrix.load(tmp_path)
    assert {key: read[key] for key in ARGUMENTS} == {**ARGUMENTS, "seconds": 1.3}
    assert read["date"].endswith("Z")
    assert read["machine"]["loop_milliseconds"] > 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"name": "Two Hosts"}, "no name for a proof"), ({"name": "../x"}, "no name"), ({"where": "my head"}, "no place")],
)
def test_bad_proof_is_not_written(tmp_path: Path, changes: dict[str, str], message: str) -> None:
    with pytest.raises(proof.ProofError, match=message):
        proof.write_proof(**{**ARGUMENTS, **changes}, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_places_are_the_same_on_both_sides() -> None:
    assert proof.PLACES == generate_support_matrix.PLACES
