# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The key of one move as text: the line that lets it in, how the source finds the target, and what may be asked. Pure.

Formats: sshd(8), AUTHORIZED_KEYS FILE FORMAT; ssh_config(5); sudoers(5).
"""

from __future__ import annotations

import ipaddress
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem
from ansible_collections.anycloud.container_host.plugins.module_utils._move import names
from ansible_collections.anycloud.container_host.plugins.module_utils._move.rsync import TARGET

MARKER = "anycloud.container-host.move"
IMAGES, MANIFESTS = ".images", ".manifests"
"""Places every move has; no volume's name begins with a dot."""

_DIRECTORY = re.compile(r"(/[A-Za-z0-9._-]+)+")
_VOLUME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*")
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:%_-]*[A-Za-z0-9])?")
_PUBLIC_KEY = re.compile(r"(?P<type>[a-z0-9@.-]+) (?P<blob>[A-Za-z0-9+/]+={0,3})( .*)?")
_COMMENT = re.compile(rf"{re.escape(MARKER)}:(?P<move_id>[a-z0-9][a-z0-9_-]*)$")
_EXPIRY = re.compile(r'expiry-time="(?P<time>\d{8,14})Z?"')


@dataclass(frozen=True)
class LetIn:
    """A line of authorized_keys that a move has put there. expires_at: YYYYMMDDHHMMSS in the host's own time."""

    move_id: str
    expires_at: str
    line: str


@dataclass(frozen=True)
class Files:
    """Where a move keeps what; all in a folder of its own but the socket, whose path may not be long (unix(7))."""

    directory: str
    move_id: str

    @property
    def folder(self) -> str:
        """The move's folder."""
        return f"{self.directory}/{self.move_id}"

    @property
    def key(self) -> str:
        """The private key, on the source."""
        return f"{self.folder}/key"

    @property
    def ssh_config(self) -> str:
        """How ssh finds the target, on the source."""
        return f"{self.folder}/ssh_config"

    @property
    def known_hosts(self) -> str:
        """The target's pinned keys, on the source."""
        return f"{self.folder}/known_hosts"

    @property
    def relay_socket(self) -> str:
        """Where a relayed connection starts, on the source."""
        return f"{self.folder}/relay.sock"

    @property
    def gate(self) -> str:
        """The program the key may run, on the target."""
        return f"{self.folder}/receive"

    @property
    def receiver(self) -> str:
        """The program it becomes to receive snapshots, on the target."""
        return f"{self.folder}/snapshots"

    @property
    def sent_snapshots(self) -> str:
        """Which volumes have snapshots beside them, on the source."""
        return f"{self.folder}/snapshots.json"

    @property
    def places(self) -> str:
        """What it may receive, on the target."""
        return f"{self.folder}/places.json"

    @property
    def guard(self) -> str:
        """Where the program finds the move's journal and its lock, on the target."""
        return f"{self.folder}/guard.json"

    @property
    def waiting(self) -> str:
        """Where a process waits for the source's word, on the target: a socket."""
        return f"{self.folder}/wait.sock"

    @property
    def waiting_log(self) -> str:
        """What that process died of, if it did."""
        return f"{self.folder}/wait.log"

    @property
    def images(self) -> str:
        """Layers under way."""
        return f"{self.folder}/images"

    @property
    def manifests(self) -> str:
        """Manifests sent (source) or received (target)."""
        return f"{self.folder}/manifests"

    @property
    def kept(self) -> str:
        """Manifests of this host's own volumes, with their stamps."""
        return f"{self.folder}/kept"

    @property
    def sudoers(self) -> str:
        """The rule that lets an account run the program; sudo ignores names with dots, of which an id has none."""
        return f"/etc/sudoers.d/container-host-move-{self.move_id}"


def check(values: t.Mapping[str, t.Any], volumes: t.Mapping[str, t.Any]) -> None:
    """Refuse what could say something else in a configuration file. Raises InputError with every problem.

    values: any of directory, move_id, address, user, public_key, host_keys, from_addresses; empty ones are not judged.
    """
    problems = names.problem_of(values["move_id"], "move_id") if values.get("move_id") else []
    rules = (
        ("directory", _DIRECTORY, "give an absolute path of letters, digits, dots, dashes and underscores"),
        ("address", _HOST, "give a host name or an address"),
        ("user", _USER, "give the name of an account"),
        ("public_key", _PUBLIC_KEY, "give what move_key returned on the source"),
    )
    for name, rule, remedy in rules:
        value = values.get(name)
        if value and not rule.fullmatch(value):
            problems.append(Problem(name, f"{value!r} can't be used", remedy))
    for index, key in enumerate(values.get("host_keys") or []):
        if not _PUBLIC_KEY.fullmatch(key):
            problems.append(
                Problem(f"host_keys[{index}]", "is no public key", "give what move_key returned on the target")
            )
    for index, address in enumerate(values.get("from_addresses") or []):
        try:
            ipaddress.ip_network(address)
        except ValueError:  # noqa: PERF203 - each address is judged
            remedy = "give an address or a network, such as 192.0.2.10 or 2001:db8::/64"
            problems.append(Problem(f"from_addresses[{index}]", f"{address!r} is no address", remedy))
    for name, path in volumes.items():
        if not _VOLUME.fullmatch(name):
            problems.append(
                Problem(f"volumes.{name}", "is no volume's name", "use letters, digits, dots, dashes and underscores")
            )
        if (
            not isinstance(path, str)
            or not path.startswith("/")
            or "\n" in path
            or ".." in path.split("/")
            or path == "/"
        ):
            problems.append(
                Problem(f"volumes.{name}", f"{path!r} is no directory of a volume", "give its absolute path")
            )
    if problems:
        raise InputError(problems)


def is_user(name: str) -> bool:
    """Whether it can be the name of an account here."""
    return _USER.fullmatch(name) is not None


def check_side(side: str, present: bool, values: t.Mapping[str, t.Any]) -> None:
    """What one side needs. Raises InputError."""
    if not present:
        return
    problems = []
    if side == "target" and not values.get("public_key"):
        problems.append(Problem("public_key", "is missing", "give what move_key returned on the source"))
    if side == "source" and values.get("address") and not values.get("host_keys"):
        problems.append(Problem("host_keys", "is missing", "give what move_key returned on the target"))
    if int(values.get("valid_seconds") or 0) < 60:
        problems.append(Problem("valid_seconds", "is too short for a move", "give 60 or more"))
    if problems:
        raise InputError(problems)


def key_line(public_key: str, move_id: str, command: str, from_addresses: t.Sequence[str], expires_at: str) -> str:
    """The line of authorized_keys. ``restrict`` takes away terminals, forwarding, agents and start-up files."""
    kind, blob = public_key.split()[:2]
    options = ["restrict", 'command="{}"'.format(command.replace("\\", "\\\\").replace('"', '\\"'))]
    options += [f'from="{",".join(from_addresses)}"'] if from_addresses else []
    options += [f'expiry-time="{expires_at}"']
    return f"{','.join(options)} {kind} {blob} {MARKER}:{move_id}"


def command_of(files: Files, user: str) -> str:
    """What the key may run. The words asked for are one argument, since sudo(8) keeps no environment."""
    asked = '"$SSH_ORIGINAL_COMMAND"'
    return f"{files.gate} {asked}" if user == "root" else f"sudo -n {files.gate} {asked}"


def sudo_rule(files: Files, user: str) -> str:
    """The rule for an account that is not root, for this one program, without a terminal, which would spoil data."""
    return f"Defaults!{files.gate} !requiretty,!use_pty\n{user} ALL=(root) NOPASSWD: {files.gate}\n"


def user_of_rule(text: str) -> str:
    """The account a rule of ``sudo_rule`` names; empty when it is none."""
    lines = [line.split() for line in text.splitlines() if " ALL=(root) " in line]
    return lines[0][0] if lines else ""


def read_keys(text: str) -> list[LetIn]:
    """The lines that moves have put into an authorized_keys file."""
    found = []
    for line in text.splitlines():
        match = _COMMENT.search(line.strip())
        if match and not line.lstrip().startswith("#"):
            expiry = _EXPIRY.search(line)
            found.append(LetIn(match["move_id"], expiry["time"] if expiry else "", line.strip()))
    return found


def with_key(text: str, move_id: str, line: str) -> str:
    """The file with this line as the move's only one; an empty line takes the move's key away. The rest stays."""
    kept = []
    for other in text.splitlines():
        match = _COMMENT.search(other.strip())
        if not (match and match["move_id"] == move_id):
            kept.append(other)
    return "".join(f"{entry}\n" for entry in [*kept, *([line] if line else [])])


def authorized_keys_path(sshd_settings: str, user: str, home: str) -> str:
    """The first file sshd looks for a user's keys in, from ``sshd -T`` (AuthorizedKeysFile, sshd_config(5))."""
    pattern = ".ssh/authorized_keys"
    for line in sshd_settings.splitlines():
        name, _blank, value = line.strip().partition(" ")
        if name.lower() == "authorizedkeysfile" and value.split() and value.split()[0] != "none":
            pattern = value.split()[0]
            break
    path = pattern.replace("%%", "\0").replace("%h", home).replace("%u", user).replace("\0", "%")
    return path if path.startswith("/") else f"{home.rstrip('/')}/{path}"


def setting(sshd_settings: str, name: str) -> list[str]:
    """All values of a setting in the output of ``sshd -T``."""
    lines = (line.strip().partition(" ") for line in sshd_settings.splitlines())
    return [value for key, _blank, value in lines if key.lower() == name]


def control_path(digest: str) -> str:
    """The socket of the held connection. It depends on the move, since the key decides what may be asked over it."""
    return f"/run/container-host-move-{digest[:12]}.sock"


def known_hosts(move_id: str, host_keys: t.Sequence[str]) -> str:
    """The target's keys under a name of their own, so that address and port don't matter."""
    return "".join(f"{alias(move_id)} {key}\n" for key in host_keys)


def alias(move_id: str) -> str:
    """The name the target's keys are pinned by."""
    return f"container-host-move-{move_id}"


def ssh_config(files: Files, address: str, port: int, user: str, control: str, proxy_command: str) -> str:
    """How ssh on the source finds the target: this key, these host keys, nothing of the user's own settings.

    ssh compresses nothing: rsync does it where it pays, and layers are compressed already. A connection that says
    nothing for 15 s is given up, so that a cut is noticed and gone on from.
    """
    settings = {
        "HostName": address,
        "Port": str(port),
        "User": user,
        "HostKeyAlias": alias(files.move_id),
        "UserKnownHostsFile": files.known_hosts,
        "GlobalKnownHostsFile": "/dev/null",
        "StrictHostKeyChecking": "yes",
        "UpdateHostKeys": "no",
        "IdentityFile": files.key,
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "PreferredAuthentications": "publickey",
        "BatchMode": "yes",
        "RequestTTY": "no",
        "ForwardAgent": "no",
        "ForwardX11": "no",
        "ClearAllForwardings": "yes",
        "Compression": "no",
        "ConnectTimeout": "10",
        "ServerAliveInterval": "5",
        "ServerAliveCountMax": "3",
        "ControlPath": control,
        "ControlMaster": "no",
        "LogLevel": "ERROR",
        **({"ProxyCommand": proxy_command} if proxy_command else {}),
    }
    return f"Host {TARGET}\n" + "".join(f"  {name} {value}\n" for name, value in settings.items())
