# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""A kernel on trial: started once, and left again by the host itself unless somebody confirms that it is well.

The boot loader goes on naming the old kernel as its default, so every further start is the way back: by itself after a
panic, and by a timer that this kernel's boot starts, when nobody gets in. Everything lies in /etc, on the root file
system, since others may be what a new kernel fails to mount.

In the folder: ``armed`` says what is on trial, and is renamed to ``confirmed``, ``returning`` or ``failed`` by whoever
is first, so that it is one of them.
"""

from __future__ import annotations

import json
import shlex
import typing as t
from dataclasses import asdict, dataclass

FOLDER = "/etc/container-host/kernel-trial"
ARMED, CONFIRMED, RETURNING, FAILED = (f"{FOLDER}/{name}" for name in ("armed", "confirmed", "returning", "failed"))
SCRIPT = f"{FOLDER}/return.sh"
NAME = "container-host-kernel-return"
SERVICE = f"/etc/systemd/system/{NAME}.service"
TIMER = f"/etc/systemd/system/{NAME}.timer"
# A drop-in of a target instead of an enabled unit: a plain file, there or not.
AT_BOOT = f"/etc/systemd/system/sysinit.target.d/{NAME}.conf"
UNITS = (SERVICE, TIMER, AT_BOOT)
FORCE_SECONDS = 120
"""How long services get to stop before the host is restarted without them."""

NONE, PREPARED, WAITING = "none", "prepared", "waiting"
CAME_BACK, NOT_CONFIRMED = "came_back", "not_confirmed"


@dataclass(frozen=True)
class Trial:
    """release: the kernel on trial. boot_id: of the boot it was armed in. confirm_seconds: counted from the start."""

    release: str
    boot_id: str
    confirm_seconds: int


@dataclass(frozen=True)
class Outcome:
    """How a trial stands. status: one of the words above. release: the kernel, empty without a trial."""

    status: str
    release: str = ""
    message: str = ""


def files(trial: Trial) -> dict[str, tuple[str, int]]:
    """Everything that arms the host: path -> text and mode. What says that it is armed comes last."""
    return {
        SCRIPT: (_script(trial), 0o700),
        SERVICE: (_SERVICE_TEXT, 0o644),
        TIMER: (_timer(trial.confirm_seconds), 0o644),
        AT_BOOT: (f"[Unit]\nWants={NAME}.timer\n", 0o644),
        ARMED: (json.dumps(asdict(trial)) + "\n", 0o600),
    }


def parse_trial(text: t.Optional[str]) -> t.Optional[Trial]:
    """The trial a file tells of, or None."""
    try:
        return Trial(**json.loads(text)) if text else None
    except (ValueError, TypeError):
        return None


def outcome(found: t.Mapping[str, t.Optional[str]], running: str, boot_id: str) -> Outcome:
    """How the trial stands. found: the folder's files, path -> text."""
    if found.get(RETURNING):
        return _returned(parse_trial(found[RETURNING]))
    failed, armed = parse_trial(found.get(FAILED)), parse_trial(found.get(ARMED))
    if failed or (armed and armed.release != running and armed.boot_id != boot_id):
        release = (failed or armed or Trial("", "", 0)).release
        message = f"kernel {release} did not come up, or was left before it was confirmed: {running} runs again"
        return Outcome(CAME_BACK, release, message)
    if armed and armed.release == running and armed.boot_id != boot_id:
        message = f"kernel {running} runs on trial and waits to be confirmed"
        return Outcome(WAITING, armed.release, message)
    if armed:
        return Outcome(PREPARED, armed.release, f"kernel {armed.release} is started at the next boot, once")
    return Outcome(NONE)


def _returned(trial: t.Optional[Trial]) -> Outcome:
    release, seconds = (trial.release, trial.confirm_seconds) if trial else ("", 0)
    message = f"kernel {release} came up and nobody confirmed it within {seconds} s: the host has gone back by itself"
    return Outcome(NOT_CONFIRMED, release, message)


_SERVICE_TEXT = f"""\
[Unit]
Description=Go back to the kernel that is known to work, since nobody confirmed the one on trial
DefaultDependencies=no
IgnoreOnIsolate=yes
ConditionPathExists={SCRIPT}

[Service]
Type=oneshot
ExecStart=/bin/sh {SCRIPT}
"""


def _timer(seconds: int) -> str:
    # Without the default dependencies, by which timers come after a start that may never be complete.
    unit = (
        "[Unit]\nDescription=Wait until the kernel on trial is confirmed\nDefaultDependencies=no\nIgnoreOnIsolate=yes\n"
    )
    return f"{unit}\n[Timer]\nOnBootSec={seconds}\nAccuracySec=1\n"


def _script(trial: Trial) -> str:
    """What the host does by itself. It goes on where it can't write: that may be what the new kernel fails at."""
    clean = f"rm -f {' '.join(UNITS)}"
    return "\n".join(
        [
            "#!/bin/sh",
            f"cd {FOLDER} || exit 0",
            # Armed in this very boot: the trial is yet to come.
            'grep -qF "$(cat /proc/sys/kernel/random/boot_id)" armed 2>/dev/null && exit 0',
            f'if [ "$(uname -r)" != {shlex.quote(trial.release)} ]; then',
            "  mv armed failed 2>/dev/null",
            f"  {clean}",
            "  exit 0",
            "fi",
            "mv armed returning 2>/dev/null",
            "[ -e armed ] || [ -e returning ] || exit 0",
            clean,
            "sync",
            "systemctl --no-block reboot",
            f"sleep {FORCE_SECONDS}",
            "systemctl reboot --force --force",
            "",
        ]
    )
