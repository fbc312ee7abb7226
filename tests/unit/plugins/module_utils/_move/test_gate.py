# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._move import gate

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


def test_the_program_by_itself(tmp_path: Path) -> None:
    program = tmp_path / "receive"
    program.write_text(Path(gate.__file__).read_text() + gate.MAIN)
    (tmp_path / "places.json").write_text(json.dumps(PLACES))

    def run(asked: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-I", str(program), asked], capture_output=True, text=True, check=False)

    assert json.loads(run("check").stdout) == {"places": [".images", "data"]}
    refused = run("rsync --server --sender -lr . data/")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("refused: ")
