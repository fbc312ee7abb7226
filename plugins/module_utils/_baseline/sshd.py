# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""sshd's configuration as sshd itself understands it."""

from __future__ import annotations

import fnmatch
import re
import typing as t
from dataclasses import dataclass

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.connection import Connection
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
