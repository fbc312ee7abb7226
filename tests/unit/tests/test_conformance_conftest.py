# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the hosts could not be observed, the conformance cases say why."""

from __future__ import annotations

import pytest
from conformance.conftest import back_after_seconds, what_failed

BEFORE = "PLAY [A play] ***\n\nTASK [One that went well] ***\nok: [one]\n"
FAILED = "TASK [One that failed] ***\nfatal: [one]: FAILED! => no room"
AFTER = "\n\nTASK [Remove the projects] ***\nfatal: [one]: UNREACHABLE!\n"


@pytest.mark.parametrize(
    ("log", "most", "said"),
    [
        (f"{BEFORE}\n{FAILED}{AFTER}", 8000, f"{FAILED}{AFTER}".strip()),
        (f"{BEFORE}\n{FAILED}{AFTER}", len(FAILED) + 1, FAILED),
        ("ERROR! the playbook\nfatal: [one]: no task", 8000, "ERROR! the playbook\nfatal: [one]: no task"),
        (f"{BEFORE}ERROR! a traceback", 18, "ERROR! a traceback"),
        ("", 8000, ""),
    ],
)
def test_what_failed(log: str, most: int, said: str) -> None:
    assert what_failed(log, most) == said


def test_back_after_seconds() -> None:
    found = {
        "one": {"engine": {"name": "docker"}, "said": {"rebooted": "all is back 80 s after the boot\n\n### case\n1"}},
        "two": {"engine": {"name": "podman"}, "said": {"rebooted": "\n### case\nall is well"}},
    }
    assert back_after_seconds(found) == {"docker": 80}
