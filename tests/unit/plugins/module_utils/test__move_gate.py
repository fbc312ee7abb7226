# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_gate as gate
from ansible_collections.anycloud.container_host.plugins.module_utils._move import phases
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import OUTCOMES, Journal, Lease
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal_text import render

PLACES = {"data": "/srv/data", ".images": "/srv/moves/images"}
# as rsync 3.2.7 and 3.5.0 send it for the options of a move
REAL = "rsync --server -B8192 -lHogDtpAXrSe.iLsfxCIvu --log-format=%i --timeout=60 --delete --stats -@-1 --numeric-ids --inplace . "


@pytest.mark.parametrize("place", ["data", "data/", ".images/"])
def test_a_named_place_is_let_in(place: str) -> None:
    argv = gate.judge(REAL + place, PLACES)
    assert argv[-1] == PLACES[place.rstrip("/")] + "/"
    assert argv[:-1] == (REAL + place).split()[:-1]


def test_the_check_runs_nothing() -> None:
    assert gate.judge("check", PLACES) == []


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "sh",
        "check now",
        "rsync",
        "rsync --daemon",
        "rsync --server --daemon .",
        "rsync --server --sender -lHogDtpAXr . data/",  # would read
        "rsync --server -lHogDtpAXr . /etc/",
        "rsync --server -lHogDtpAXr . data/../../../etc/",
        "rsync --server -lHogDtpAXr . other/",
        "rsync --server -lHogDtpAXr /etc/ data/",
        "rsync --server -slHogDtpAXr . data/",  # arguments that come later
        "rsync --server -s . data/",
        "rsync --server -lHogDtpAXrs . data/",
        "rsync --server -lr --rsh=sh . data/",
        "rsync --server -lr --log-file=/etc/cron.d/x . data/",
        "rsync --server -lr --temp-dir=/etc . data/",
        "rsync --server -lr --partial-dir=/etc . data/",
        "rsync --server -lr --backup-dir=/etc . data/",
        "rsync --server -lr --link-dest=/etc . data/",
        "rsync --server -lr --files-from=/etc/shadow . data/",
        "rsync --server -lr --copy-devices . data/",
        "rsync --server -lr --write-devices . data/",
        "rsync --server -Llr . data/",
        "rsync --server -Klr . data/",
        "rsync --server -lr -T /etc . data/",
        "rsync --server -lr . data/; sh",
        "rsync --server -lr . 'data",
        "sudo rsync --server -lr . data/",
    ],
)
def test_all_else_is_refused(asked: str) -> None:
    with pytest.raises(gate.RefusedError):
        gate.judge(asked, PLACES)


STAGING = {"data": "/srv/.data.move-m1"}


@pytest.mark.parametrize(
    "asked",
    [
        "snapshots",
        "snapshots other",
        "snapshots .images",
        "snapshots data x",
        "snapshots data\n",
        "snapshots ../data",
        "receive data",
        "receive data 7",
        "receive data 7 /srv",
        "receive data ../7 -",
        "receive data new -",
        "receive data - 7",
        "receive data 7 - --chroot",
        "receive .images 7 -",
        "receive data 7 -; sh",
        "receive data 123456789012345678901 -",
    ],
)
def test_other_snapshots_are_refused(asked: str) -> None:
    with pytest.raises(gate.RefusedError):
        gate.judge(asked, PLACES, STAGING)


def test_no_snapshots_where_no_place_for_them_is_known() -> None:
    for asked in ("snapshots data", "receive data 7 -"):
        with pytest.raises(gate.RefusedError, match="known are none"):
            gate.judge(asked, PLACES)


def test_the_program_by_itself(tmp_path: Path) -> None:
    program = tmp_path / "receive"
    program.write_text(Path(gate.__file__).read_text())
    (tmp_path / "places.json").write_text(json.dumps(PLACES))

    def run(asked: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-I", str(program), asked], capture_output=True, text=True, check=False)

    assert json.loads(run("check").stdout) == {"places": [".images", "data"]}
    refused = run("rsync --server --sender -lr . data/")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("refused: ")


@pytest.mark.parametrize(
    ("asked", "generation", "command"),
    [
        ("generation=7 rsync --server . data/", 7, "rsync --server . data/"),
        ("rsync --server . data/", 0, "rsync --server . data/"),
        ("generation= rsync", 0, "generation= rsync"),
        ("generation=-1 rsync", 0, "generation=-1 rsync"),
        ("generation=1\nrsync", 0, "generation=1\nrsync"),
        ("generation=1", 0, "generation=1"),
        ("generation=1 generation=2 rsync", 1, "generation=2 rsync"),
    ],
)
def test_what_a_copy_says_of_itself(asked: str, generation: int, command: str) -> None:
    assert gate.claimed(asked) == (generation, command)
    if not command.startswith("rsync"):
        with pytest.raises(gate.RefusedError):
            gate.judge(command, PLACES)


JOURNAL = Journal("m1", "shop", "target", "alpha", "bravo", phase="volumes_precopied", lease=Lease("second", 2, 0))


def admitted(generation: int, **changes: t.Any) -> bool:
    try:
        gate.admit(render(dataclasses.replace(JOURNAL, **changes)), generation)
    except gate.RefusedError:
        return False
    return True


def test_who_is_let_in_by_the_journal() -> None:
    assert [number for number in range(5) if admitted(number)] == [2]
    # given back, and nobody's: the generation stays, and so does what it lets in
    assert admitted(2, lease=Lease("", 2, 0))
    assert not admitted(2, side="source")
    assert [word for word in OUTCOMES if admitted(2, outcome=word)] == ["active"]
    before = phases.PHASES[: phases.rank(phases.FINAL_DELTA)]
    assert tuple(word for word in phases.PHASES if admitted(2, phase=word)) == before
    assert tuple(word for word in phases.PHASES if admitted(2, intent=word)) == before
    assert phases.PHASES[phases.rank(phases.FINAL_DELTA) :] == gate.CLOSED_PHASES


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"side": "target"}', "null"])
def test_a_journal_that_can_not_be_understood_lets_nobody_in(text: str) -> None:
    for generation in (0, 1):
        with pytest.raises(gate.RefusedError, match="can't be understood"):
            gate.admit(text, generation)


def test_without_a_journal_only_a_copy_of_no_run_is_let_in() -> None:
    gate.admit(None, 0)
    with pytest.raises(gate.RefusedError, match="no journal here"):
        gate.admit(None, 1)
