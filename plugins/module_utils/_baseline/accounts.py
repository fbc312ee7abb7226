# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The account database as text files say it (passwd(5), shadow(5), group(5)), read once. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import FileStatus

NO_LOGIN = ("nologin", "false", "sync", "shutdown", "halt")
"""Programs that stand as a shell and give none."""

FIELDS = {"min": 3, "max": 4, "warn": 5, "inactive": 6}
"""Ageing fields of shadow(5), in days."""


@dataclass(frozen=True)
class User:
    """One line of passwd(5) with its line of shadow(5). hash: the password field, None without such a line.

    ages: the ageing fields as texts; last_change: in days since 1970, None when empty.
    """

    name: str
    password: str
    uid: int
    gid: int
    home: str
    shell: str
    hash: str | None = None
    ages: t.Mapping[str, str] = field(default_factory=dict)
    last_change: int | None = None

    @property
    def logs_in(self) -> bool:
        """Whether its shell is one."""
        return self.shell.rpartition("/")[2] not in NO_LOGIN

    @property
    def is_locked(self) -> bool:
        """Whether no password can ever match."""
        return self.hash is None or self.hash.startswith(("!", "*"))

    @property
    def has_password(self) -> bool:
        """Whether some password matches; an empty one is none."""
        return bool(self.hash) and not self.is_locked


@dataclass(frozen=True)
class Group:
    """One line of group(5)."""

    name: str
    gid: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """What the account rules judge. user: whose connection this runs in, never to be shut out.

    homes: home -> its status; dot_files: path -> status; root_path: the folders of root's PATH, each with its status.
    today: in days since 1970.
    """

    users: tuple[User, ...]
    groups: tuple[Group, ...]
    user: str = ""
    uid_min: int = 1000
    today: int = 0
    homes: t.Mapping[str, t.Optional[FileStatus]] = field(default_factory=dict)
    dot_files: t.Mapping[str, FileStatus] = field(default_factory=dict)
    root_path: t.Mapping[str, t.Optional[FileStatus]] = field(default_factory=dict)

    @property
    def people(self) -> tuple[User, ...]:
        """Users who log in, root aside."""
        return tuple(user for user in self.users if user.uid >= self.uid_min and user.uid != 65534 and user.logs_in)


def parse_users(passwd: str, shadow: str) -> tuple[User, ...]:
    """The users in the order of passwd(5). Lines that can't be understood are left out."""
    secrets = {line.split(":")[0]: line.split(":") for line in shadow.splitlines() if line.count(":") >= 7}
    users = []
    for line in passwd.splitlines():
        words = line.split(":")
        if len(words) < 7 or not words[2].isdigit() or not words[3].isdigit():
            continue
        secret = secrets.get(words[0])
        if secret is None:
            users.append(User(words[0], words[1], int(words[2]), int(words[3]), words[5], words[6]))
            continue
        ages = {name: secret[index] for name, index in FIELDS.items()}
        changed = int(secret[2]) if secret[2].isdigit() else None
        users.append(
            User(words[0], words[1], int(words[2]), int(words[3]), words[5], words[6], secret[1], ages, changed)
        )
    return tuple(users)


def parse_groups(text: str) -> tuple[Group, ...]:
    """The groups in the order of group(5)."""
    groups = []
    for line in text.splitlines():
        words = line.split(":")
        if len(words) >= 4 and words[2].isdigit():
            groups.append(Group(words[0], int(words[2]), tuple(name for name in words[3].split(",") if name)))
    return tuple(groups)
