# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The way back after changes that could shut everybody out: taken by the host itself unless somebody gets in again.

Before such changes what was there is saved and a timer is started. The control node then comes by a new connection and
confirms, which stops the timer. If it can't, or never comes, the host puts the files back; if the power fails before,
it does so when it starts, before it lets anybody in.

In the folder: ``armed`` holds the token of the run (renamed to ``confirmed`` or ``returning`` by whoever is first, so
that it is one or the other), ``manifest.json`` what is saved, ``saved/`` the files, ``forget.json`` the things put back
that are to leave the record once confirmed, ``return.sh`` what the host does by itself.
"""

from __future__ import annotations

import json
import shlex
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline import record as records
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

Command = tuple[str, ...]

FOLDER = "/var/lib/container-host/return"
ARMED = f"{FOLDER}/armed"
CONFIRMED = f"{FOLDER}/confirmed"
RETURNING = f"{FOLDER}/returning"
MANIFEST = f"{FOLDER}/manifest.json"
FORGET = f"{FOLDER}/forget.json"
SCRIPT = f"{FOLDER}/return.sh"

NAME = "container-host-return"
SERVICE = f"/etc/systemd/system/{NAME}.service"
TIMER = f"/etc/systemd/system/{NAME}.timer"
# A drop-in of a target instead of an enabled unit: a plain file, there or not.
AT_BOOT = f"/etc/systemd/system/sysinit.target.d/{NAME}.conf"

RUN_SECONDS = 900
"""Until the host returns by itself when the run itself dies: longer than any run."""
CONFIRM_SECONDS = 90
"""Until it does after the run, when nobody gets in again."""

WAY_IN_PATHS = (
    "/etc/ssh/sshd_config",
    "/etc/sudoers",
    "/etc/pam.d/",
    "/etc/security/",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/group",
    "/etc/shadow",
    "/etc/gshadow",
)
"""Beginnings of the paths that decide who gets in, whichever kind writes them."""

SSH_FOLDER = "/etc/ssh/"
SSH_FOLLOWS: tuple[Command, ...] = tuple(
    ("systemctl", "--no-block", "try-reload-or-restart", unit) for unit in ("ssh.service", "sshd.service")
)
"""Has the server read its files again, whichever kind wrote them and whichever of its two names it has."""

SERVICE_TEXT = f"""\
[Unit]
Description=Put back what was changed at the way in, since nobody confirmed it
DefaultDependencies=no
RequiresMountsFor={FOLDER}
After=local-fs.target
Before=network-pre.target sysinit.target ssh.service sshd.service container-host-firewall.service
ConditionPathExists=|{ARMED}
ConditionPathExists=|{RETURNING}

[Service]
Type=oneshot
ExecStart=/bin/sh {SCRIPT}
"""
AT_BOOT_TEXT = f"[Unit]\nWants={NAME}.service\n"


def timer_text(seconds: int) -> str:
    """The timer's unit."""
    # Without the default dependencies, by which timers come after what the service comes before.
    unit = "[Unit]\nDescription=Wait for a confirmation\nDefaultDependencies=no\n"
    return f"{unit}\n[Timer]\nOnActiveSec={seconds}\nAccuracySec=1\n"


def is_way_in(path: str) -> bool:
    """Whether a file decides who gets in."""
    return path.startswith(WAY_IN_PATHS)


def render_script(files: t.Mapping[str, str], commands: t.Iterable[Command]) -> str:
    """The shell script that returns. files: path -> name of the saved copy, empty for one that was not there.

    Every step is repeatable: when the power fails in between, the script runs again at the next start.
    """
    lines = [
        "#!/bin/sh",
        f"cd {FOLDER} || exit 1",
        "mv armed returning 2>/dev/null || [ -e returning ] || exit 0",
        'back() { cp -p "saved/$1" "$2.$$" && mv -f "$2.$$" "$2"; }',
    ]
    for path, saved in files.items():
        lines.append(f"back {saved} {shlex.quote(path)}" if saved else f"rm -f {shlex.quote(path)}")
    paths = " ".join(shlex.quote(path) for path, saved in files.items() if saved)
    if paths:
        lines.append(f"! command -v restorecon >/dev/null || restorecon {paths}")
    lines.append("sync")
    lines.extend(f"{' '.join(shlex.quote(word) for word in command)} || true" for command in commands)
    lines.extend(
        [
            "cd /",
            f"mv {FOLDER} {FOLDER}.done && rm -rf {FOLDER}.done",
            f"systemctl --no-block stop {NAME}.timer || true",
            f"rm -f {SERVICE} {TIMER} {AT_BOOT}",
            "systemctl --no-block daemon-reload || true",
        ]
    )
    return "\n".join(lines) + "\n"


def pending(io: HostIO) -> str:
    """The token of the run whose changes wait to be confirmed; empty when none do.

    Raises HostError while the host is putting them back.
    """
    if io.exists(RETURNING):
        raise HostError("the host is putting back what an earlier run changed at the way in: run again in a minute")
    return (io.read_text(ARMED) or "").strip()


def postpone(io: HostIO) -> None:
    """Keep the host from returning in the middle of this run, when an earlier run's changes wait. Raises HostError."""
    if pending(io):
        _wait(io, RUN_SECONDS)


def pending_controls(io: HostIO) -> list[str]:
    """The controls whose changes wait to be confirmed."""
    return list(json.loads(io.read_text(MANIFEST) or "{}").get("controls", []))


def arm(
    io: HostIO, token: str, paths: t.Iterable[str], commands: t.Iterable[Command], controls: t.Iterable[str]
) -> bool:
    """Save the files and start the timer; returns whether it could, which takes systemd. Raises HostError.

    commands: make what is running follow the files again once they are back. When an earlier run's changes still wait
    to be confirmed, what was saved before those stays saved.
    """
    if not io.exists("/run/systemd/system"):
        return False
    files: dict[str, str] = {}
    known: list[Command] = []
    waiting = set(controls)
    if pending(io):
        manifest = json.loads(io.read_text(MANIFEST) or "{}")
        files.update(manifest.get("files", {}))
        known.extend(tuple(command) for command in manifest.get("commands", []))
        waiting.update(manifest.get("controls", []))
    else:
        io.remove_tree(FOLDER)
    io.make_directory(FOLDER, 0o700)
    for path in paths:
        if path not in files:
            files[path] = _save(io, path, str(len(files)))
    follow = SSH_FOLLOWS if any(path.startswith(SSH_FOLDER) for path in files) else ()
    known.extend(command for command in (*commands, *follow) if command not in known)
    manifest = {"files": files, "commands": known, "controls": sorted(waiting)}
    io.write_atomic(MANIFEST, json.dumps(manifest, indent=1) + "\n", 0o600)
    io.write_atomic(SCRIPT, render_script(files, known), 0o700)
    io.write_atomic(SERVICE, SERVICE_TEXT)
    io.write_atomic(AT_BOOT, AT_BOOT_TEXT)
    io.write_atomic(ARMED, f"{token}\n", 0o600)
    _wait(io, RUN_SECONDS)
    return True


def expect_confirmation(io: HostIO) -> None:
    """The run is over: from now on the host waits for the confirmation only. Raises HostError."""
    _wait(io, CONFIRM_SECONDS)


def forget_when_confirmed(io: HostIO, things: t.Mapping[str, t.Sequence[str]]) -> None:
    """Note what is to leave the record with the confirmation: kind -> keys, added to what is noted already."""
    noted = json.loads(io.read_text(FORGET) or "{}")
    for kind, keys in things.items():
        noted[kind] = sorted({*noted.get(kind, []), *keys})
    io.write_atomic(FORGET, json.dumps(noted) + "\n", 0o600)


def confirm(io: HostIO, token: str) -> bool:
    """Keep the changes; returns whether they were still there to be kept. Raises HostError."""
    if (io.read_text(ARMED) or "").strip() != token:
        return False
    try:
        io.rename(ARMED, CONFIRMED)
    except HostError:
        # The host was a moment faster.
        return False
    io.run(["systemctl", "stop", f"{NAME}.timer"])
    done = records.parse_record(io.read_text(records.PATH))
    for kind, keys in json.loads(io.read_text(FORGET) or "{}").items():
        done = records.without(done, kind, keys)
    records.save(io, done)
    for path in (SERVICE, TIMER, AT_BOOT):
        io.remove(path)
    io.remove_tree(FOLDER)
    io.run(["systemctl", "daemon-reload"])
    return True


def _save(io: HostIO, path: str, name: str) -> str:
    content, status = io.read_text(path), io.status(path)
    if content is None or status is None:
        return ""
    io.write_atomic(f"{FOLDER}/saved/{name}", content, status.mode, status.uid, status.gid)
    return name


def _wait(io: HostIO, seconds: int) -> None:
    io.write_atomic(TIMER, timer_text(seconds))
    io.run(["systemctl", "daemon-reload"], check=True)
    io.run(["systemctl", "restart", f"{NAME}.timer"], check=True)
