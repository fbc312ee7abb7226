# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The key of a move on its two hosts: what is there, what has to change, and changing it."""

from __future__ import annotations

import json
import sys
import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_transport
from ansible_collections.anycloud.container_host.plugins.module_utils._difference import Difference
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key, names, snapshots
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.gate_lock import GateLock
from ansible_collections.anycloud.container_host.plugins.module_utils._move_staging import remove_staging

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

_EXPIRY = "expires_at"


@dataclass(frozen=True)
class Way:
    """How the source finds the target; address empty: not known yet. pump: the text of the program for relayed ways."""

    address: str = ""
    port: int = 22
    user: str = "root"
    host_keys: tuple[str, ...] = ()
    relayed: bool = False
    pump: str = ""


@dataclass(frozen=True)
class Door:
    """What the target lets in. gate: the text of the program that the key may run; receiver: of the one it becomes to
    receive snapshots.
    """

    public_key: str = ""
    user: str = "root"
    from_addresses: tuple[str, ...] = ()
    valid_seconds: int = 86400
    volumes: t.Mapping[str, str] = field(default_factory=dict)
    gate: str = ""
    receiver: str = ""


def _program(source: str) -> str:
    # The standard library is enough for both, and each start of them counts while a workload stands still.
    return f"#!{sys.executable} -IS\n{source}"


# --- source -----------------------------------------------------------------------------------------------------------


def public_key(io: HostIO, files: key.Files) -> str:
    """The public half of the move's key; empty when there is none."""
    return (io.read_text(f"{files.key}.pub") or "").strip() if io.exists(files.key) else ""


def source_texts(files: key.Files, way: Way) -> dict[str, str]:
    """The files that say how to reach the target."""
    if not way.address:
        return {}
    program = f"{files.folder}/pump"
    proxy = f"{program} connect {files.relay_socket}" if way.relayed else ""
    control = _move_transport.control_of(files)
    return {
        files.known_hosts: key.known_hosts(files.move_id, way.host_keys),
        files.ssh_config: key.ssh_config(files, way.address, way.port, way.user, control, proxy),
        **({program: _program(way.pump)} if way.relayed else {}),
    }


def compare_source(io: HostIO, files: key.Files, way: Way, present: bool) -> Difference:
    """What has to change on the source."""
    difference = Difference()
    difference.compare("key", io.exists(files.key), present)
    if present:
        for path, text in source_texts(files, way).items():
            difference.compare(path, io.read_text(path), text)
    else:
        difference.compare(files.folder, io.exists(files.folder), False)
    return difference


def apply_source(io: HostIO, files: key.Files, way: Way, present: bool, difference: Difference) -> None:
    """Make the key and the configuration, or take all of it away."""
    if not present:
        _move_transport.close_connection(io, files)
        for noted in json.loads(io.read_text(files.sent_snapshots) or "{}").values():
            remove_staging(io, noted["staging"])
        io.remove_tree(files.folder)
        return
    io.make_directory(files.folder, 0o700)
    io.set_mode(files.folder, 0o700)
    if "key" in difference.names:
        io.remove(f"{files.key}.pub")
        comment = f"{key.MARKER}:{files.move_id}"
        done = io.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", files.key])
        if done.rc:
            raise HostError(f"the move's key can't be made: {done.stderr.strip() or 'ssh-keygen failed'}")
    texts = source_texts(files, way)
    if any(path in difference.names for path in texts):
        _move_transport.close_connection(io, files)  # it went another way
    for path, text in texts.items():
        if path in difference.names:
            io.write_atomic(path, text, mode=0o700 if path.endswith("/pump") else 0o600)


# --- target -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Account:
    """Where an account's keys are."""

    home: str
    uid: int
    gid: int
    authorized_keys: str


def sshd_settings(io: HostIO, user: str) -> str:
    """What sshd makes of its configuration for an account; empty when it can't tell."""
    done = io.run(["sshd", "-T", "-C", f"user={user},host=localhost,addr=127.0.0.1"])
    return done.stdout if done.rc == 0 else ""


def let_in(io: HostIO, files: key.Files, named: str, caller: str) -> str:
    """The account the key is for: the one named, the one it was for before, the one sudo(8) was called by, or root."""
    before = key.user_of_rule(io.read_text(files.sudoers) or "")
    return named or before or (caller if key.is_user(caller) else "") or "root"


def account(io: HostIO, user: str, settings: str) -> Account:
    """The account the key lets in. Raises HostError when there is none."""
    done = io.run(["getent", "passwd", user])
    fields = done.stdout.strip().split(":")
    if done.rc != 0 or len(fields) < 7:
        raise HostError(f"user: the target has no account {user!r}; give the one Ansible connects with")
    path = key.authorized_keys_path(settings, user, fields[5])
    return Account(fields[5], int(fields[2]), int(fields[3]), path)


def host_keys(io: HostIO, settings: str) -> list[str]:
    """This host's public keys, as sshd uses them."""
    paths = key.setting(settings, "hostkey") or io.glob("/etc/ssh/ssh_host_*_key")
    texts = (io.read_text(f"{path}.pub") for path in paths)
    return sorted(" ".join(text.split()[:2]) for text in texts if text and len(text.split()) >= 2)


def port(settings: str) -> int:
    """The port sshd listens on."""
    return int((key.setting(settings, "port") or ["22"])[0])


def _expiry(io: HostIO, seconds: int) -> str:
    """A time from now, in the host's own time, as sshd(8) takes it in every version."""
    now = int(io.run(["date", "+%s"], check=True).stdout)
    return io.run(["date", f"--date=@{now + seconds}", "+%Y%m%d%H%M%S"], check=True).stdout.strip()


def _guard(files: key.Files, volumes: t.Mapping[str, str]) -> str:
    paths = {
        "journal": names.journal_path(files.move_id),
        "lock": names.gate_lock_path(files.move_id),
        "waiting": files.waiting,
        "staging": {name: snapshots.staging(path, files.move_id) for name, path in volumes.items()},
    }
    return json.dumps(paths, indent=2, sort_keys=True) + "\n"


@dataclass(frozen=True)
class TargetPlan:
    """What has to change on the target. texts: path -> text and mode, None to remove; key_line: the move's own line of
    authorized_keys, "" for none.
    """

    difference: Difference
    texts: dict[str, tuple[t.Optional[str], int]]
    key_line: str
    expires_at: str


def plan_target(io: HostIO, files: key.Files, door: Door, who: Account, present: bool) -> TargetPlan:
    """Compare what is on the target with what shall be."""
    before = io.read_text(who.authorized_keys) or ""
    mine = [entry for entry in key.read_keys(before) if entry.move_id == files.move_id]
    line = expires_at = ""
    if present:
        kept = mine[0].expires_at if len(mine) == 1 else ""
        # a key that has half its time left stays, so that a second run changes nothing
        expires_at = kept if kept > _expiry(io, door.valid_seconds // 2) else _expiry(io, door.valid_seconds)
        command = key.command_of(files, door.user)
        line = key.key_line(door.public_key, files.move_id, command, door.from_addresses, expires_at)
    places = {**door.volumes, key.IMAGES: files.images, key.MANIFESTS: files.manifests} if present else {}
    texts: dict[str, tuple[t.Optional[str], int]] = {
        files.gate: (_program(door.gate) if present else None, 0o700),
        files.places: (json.dumps(places, indent=2, sort_keys=True) + "\n" if present else None, 0o600),
        files.guard: (_guard(files, door.volumes) if present else None, 0o600),
        files.receiver: (door.receiver if present else None, 0o600),
        files.sudoers: (key.sudo_rule(files, door.user) if present and door.user != "root" else None, 0o440),
    }
    difference = Difference()
    if not present:
        difference.compare(files.folder, io.exists(files.folder), False)
    difference.compare("authorized_keys", [entry.line for entry in mine], [line] if line else [])
    for path, (text, _mode) in texts.items():
        difference.compare(path, io.read_text(path), text)
    return TargetPlan(difference, texts, line, expires_at)


def apply_target(io: HostIO, files: key.Files, who: Account, plan: TargetPlan, present: bool) -> None:
    """Let the key in, last of all; or take it away first of all."""

    def change_keys() -> None:
        if "authorized_keys" not in plan.difference.names:
            return
        folder = who.authorized_keys.rpartition("/")[0]
        if not io.exists(folder):
            io.make_directory(folder, 0o700)
            io.set_owner(folder, who.uid, who.gid)
        # Other moves of the same account come and go meanwhile: what was read for the plan may be old by now.
        with io.lock(names.KEYS_LOCK):
            text = key.with_key(io.read_text(who.authorized_keys) or "", files.move_id, plan.key_line)
            status = io.status(who.authorized_keys)
            mode = status.mode if status else 0o600
            uid, gid = (status.uid, status.gid) if status else (who.uid, who.gid)
            io.write_atomic(who.authorized_keys, text, mode, uid, gid)

    if not present:
        change_keys()
        volumes = json.loads(io.read_text(files.places) or "{}")
        # One that waits for its turn finds nothing to receive into; one under way would go on without the key. Where
        # snapshots may be is forgotten last: a run that dies here is done again.
        for path in (path for path in plan.texts if path != files.places):
            io.remove(path)
        with GateLock(io, files.move_id).closed():
            for path in volumes.values():
                remove_staging(io, snapshots.staging(path, files.move_id))
            io.remove_tree(files.folder)
        return
    io.make_directory(names.FOLDER, 0o700)  # where the gate's lock is
    for folder in (files.folder, files.images, files.manifests):
        io.make_directory(folder, 0o700)
        io.set_mode(folder, 0o700)
    for path, (text, mode) in plan.texts.items():
        if path in plan.difference.names:
            io.remove(path) if text is None else io.write_atomic(path, text, mode, validate=_validator(io, path))
    change_keys()


def _validator(io: HostIO, path: str) -> t.Optional[t.Callable[[str], None]]:
    if not path.startswith("/etc/sudoers.d/"):
        return None

    def validate(temporary: str) -> None:
        # a rule sudo can't read would lock everyone out of it
        io.run(["visudo", "-c", "-f", temporary], check=True)

    return validate
