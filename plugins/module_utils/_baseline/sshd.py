# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""sshd's configuration as sshd itself understands it, and whether it would still let a connection in."""

from __future__ import annotations

import fnmatch
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.connection import (
    Connection,
    read_accounts,
    read_groups,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

MAIN_PATH = "/etc/ssh/sshd_config"
INCLUDE_PATTERN = re.compile(r"^\s*include\s+(.+?)\s*$", re.IGNORECASE)
COMMENT = re.compile(r"\s+#.*$")

# sshd -T prints older names for some values (sshd_config(5)).
SYNONYMS = {("permitrootlogin", "without-password"): "prohibit-password"}


@dataclass(frozen=True)
class Effective:
    """What ``sshd -T`` answered: option in lower case -> values, or the error."""

    options: t.Mapping[str, tuple[str, ...]]
    error: str = ""

    def one(self, option: str) -> str | None:
        """The value of an option, several joined by a space, or None when sshd doesn't know it."""
        values = self.options.get(option.lower())
        return None if values is None else " ".join(values)


def parse_effective(text: str) -> dict[str, tuple[str, ...]]:
    """The options of ``sshd -T``: one per line, in lower case; some (port, hostkey) come several times."""
    options: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        name, _space, value = line.strip().partition(" ")
        if name:
            value = SYNONYMS.get((name, value), value)
            options[name] = (*options.get(name, ()), value)
    return options


def ask(io: HostIO, config_text: str | None = None, connection: Connection | None = None) -> Effective:
    """The effective options; of a configuration given as text, and for one connection, when those are given.

    Nothing is written: the text goes in by standard input.
    """
    argv = ["sshd", "-T"]
    if connection is not None:
        where = f"addr={connection.client_address},host={connection.client_address}"
        here = f"laddr={connection.server_address},lport={connection.server_port}"
        argv += ["-C", f"user={connection.user},{where},{here}"]
    if config_text is not None:
        argv += ["-f", "/dev/stdin"]
    done = io.run(argv, input_text=config_text)
    if done.rc != 0:
        return Effective({}, (done.stderr.strip() or f"sshd -T failed with {done.rc}").replace("/dev/stdin", MAIN_PATH))
    return Effective(parse_effective(done.stdout))


def included(pattern: str) -> str:
    """The absolute pattern of an Include; relative ones are under /etc/ssh (sshd_config(5))."""
    return pattern if pattern.startswith("/") else f"/etc/ssh/{pattern}"


def with_drop_in(io: HostIO, main_text: str, path: str, content: str | None) -> str | None:
    """The main configuration as it would read with the drop-in's new content (None: without it).

    The Include that covers the drop-in is replaced by the files it stands for, in order. None when no Include does.
    """
    lines = []
    covered = False
    for line in main_text.splitlines():
        match = INCLUDE_PATTERN.match(COMMENT.sub("", line))
        patterns = [included(pattern.strip('"')) for pattern in match.group(1).split()] if match else []
        if covered or not any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns):
            lines.append(line)
            continue
        covered = True
        for pattern in patterns:
            paths = set(io.glob(pattern)) - {path}
            if fnmatch.fnmatchcase(path, pattern) and content is not None:
                paths.add(path)
            for found in sorted(paths):
                if found == path:
                    lines.extend((content or "").splitlines())
                else:
                    lines.append(f"Include {found}")
    return "\n".join(lines) + "\n" if covered else None


def matches_user(patterns: t.Sequence[str], user: str) -> bool:
    """Whether a list of AllowUsers or DenyUsers matches (sshd_config(5), PATTERNS); the host part is left to -C."""
    matched = False
    for pattern in patterns:
        name = pattern.split("@", 1)[0]
        if name.startswith("!"):
            if fnmatch.fnmatchcase(user, name[1:]):
                return False
        elif fnmatch.fnmatchcase(user, name):
            matched = True
    return matched


def groups_of(io: HostIO, user: str) -> list[str]:
    """The names of the user's groups, the primary one first."""
    account = read_accounts(io).get(user)
    names = [name for name, gid in read_groups(io).items() if account is not None and gid == account.gid]
    for line in (io.read_text("/etc/group") or "").splitlines():
        fields = line.split(":")
        if len(fields) >= 4 and user in fields[3].split(","):
            names.append(fields[0])
    return names


def has_key(io: HostIO, options: Effective, user: str) -> bool:
    """Whether the user could log in by key: a key on file, or keys that come from elsewhere."""
    for option in ("authorizedkeyscommand", "trustedusercakeys"):
        if options.one(option) not in (None, "", "none"):
            return True
    account = read_accounts(io).get(user)
    if account is None:
        # An account of a directory service: its keys are not in files here, its home is not known.
        return False
    for pattern in (options.one("authorizedkeysfile") or ".ssh/authorized_keys .ssh/authorized_keys2").split():
        path = pattern.replace("%u", user).replace("%h", account.home).replace("%U", str(account.uid))
        text = io.read_text(path if path.startswith("/") else f"{account.home}/{path}") or ""
        if any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines()):
            return True
    return False


def why_locked_out(io: HostIO, options: Effective, connection: Connection) -> str:
    """Why the connection would no longer be let in under these options; empty when it would."""
    user = connection.user
    ports = options.options.get("port", ())
    if ports and str(connection.server_port) not in ports and not options.options.get("listenaddress"):
        return f"sshd would no longer listen on port {connection.server_port}"
    names = {name: options.options.get(name, ()) for name in ("allowusers", "denyusers", "allowgroups", "denygroups")}
    words = {name: [word for value in values for word in value.split()] for name, values in names.items()}
    groups = groups_of(io, user)
    if matches_user(words["denyusers"], user):
        return f"DenyUsers would shut out {user}"
    if words["allowusers"] and not matches_user(words["allowusers"], user):
        return f"AllowUsers would shut out {user}"
    if any(matches_user(words["denygroups"], group) for group in groups):
        return f"DenyGroups would shut out {user}"
    if words["allowgroups"] and not any(matches_user(words["allowgroups"], group) for group in groups):
        return f"AllowGroups would shut out {user}"
    root_login = options.one("permitrootlogin")
    if user == "root" and root_login in ("no", "forced-commands-only"):
        return f"PermitRootLogin {root_login} would shut out root"
    by_key = options.one("pubkeyauthentication") != "no" and has_key(io, options, user)
    passwords = options.one("passwordauthentication") != "no" or options.one("kbdinteractiveauthentication") != "no"
    by_password = passwords and not (user == "root" and root_login == "prohibit-password")
    if not by_key and not by_password:
        return f"no public key of {user} is known to the host and passwords would no longer do"
    return ""
