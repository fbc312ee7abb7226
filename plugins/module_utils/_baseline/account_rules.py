# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What shall hold for the accounts of a host: one function for each rule. Pure.

Each answers a Verdict: what can be mended, and in words with a remedy what only a person can. Nothing here shuts out
root or the user of the present connection.
"""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import dataclass, field

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.accounts import Facts, User
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import FileStatus

STRONG_HASHES = ("$y$", "$gy$", "$7$", "$6$", "$2b$")
"""crypt(5): yescrypt, gost-yescrypt, scrypt, SHA-512, bcrypt."""

GROUP_0_ACCOUNTS = ("root", "sync", "shutdown", "halt", "operator")


@dataclass(frozen=True)
class SetField:
    """A field of an account that is to change: ``shell``, ``password`` or one of accounts.FIELDS."""

    user: str
    name: str
    before: str
    after: str


@dataclass(frozen=True)
class SetPath:
    """A path whose mode or owner is to change."""

    path: str
    before: FileStatus
    mode: int
    uid: int
    gid: int


@dataclass(frozen=True)
class Verdict:
    """changes: what can be mended; problems: what can't; note: what was left out on purpose."""

    changes: tuple[t.Union[SetField, SetPath], ...] = ()
    problems: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Limits:
    """Parameters of the rules. at_most, at_least: ageing field -> days. mode: no more bits than these.

    exclude: users.
    """

    at_most: t.Mapping[str, int] = field(default_factory=dict)
    at_least: t.Mapping[str, int] = field(default_factory=dict)
    mode: int = 0o750
    exclude: tuple[str, ...] = ()


def _repeated(things: t.Iterable[t.Any]) -> list[t.Any]:
    return [thing for thing, count in Counter(things).items() if count > 1]


def only_root_has_uid_0(facts: Facts, _limits: Limits) -> Verdict:
    """CIS Debian 12 5.4.2.1."""
    others = [user.name for user in facts.users if user.uid == 0 and user.name != "root"]
    return Verdict(problems=tuple(f"{name} has user id 0; remove it or give it another id" for name in others))


def only_root_has_gid_0(facts: Facts, _limits: Limits) -> Verdict:
    """CIS Debian 12 5.4.2.2 and 5.4.2.3: primary group root is root's, and no other group has its id."""
    problems = [
        f"{user.name} has the primary group 0; give it another with usermod -g"
        for user in facts.users
        if user.gid == 0 and user.name not in GROUP_0_ACCOUNTS
    ]
    problems += [
        f"group {group.name} has the id 0" for group in facts.groups if group.gid == 0 and group.name != "root"
    ]
    return Verdict(problems=tuple(problems))


def names_and_ids_are_unique(facts: Facts, _limits: Limits) -> Verdict:
    """CIS Debian 12 7.2.5 to 7.2.8."""
    kinds = (
        ("user id", [user.uid for user in facts.users]),
        ("user name", [user.name for user in facts.users]),
        ("group id", [group.gid for group in facts.groups]),
        ("group name", [group.name for group in facts.groups]),
    )
    return Verdict(
        problems=tuple(
            f"{kind} {thing} is there more than once; remove or change all but one"
            for kind, things in kinds
            for thing in _repeated(things)
        )
    )


def primary_groups_exist(facts: Facts, _limits: Limits) -> Verdict:
    """CIS Debian 12 7.2.3."""
    known = {group.gid for group in facts.groups}
    lost = [user for user in facts.users if user.gid not in known]
    return Verdict(
        problems=tuple(f"{user.name} has the unknown group {user.gid}; make it or change it" for user in lost)
    )


def shadow_group_is_empty(facts: Facts, _limits: Limits) -> Verdict:
    """CIS Debian 12 7.2.4: who is in it reads the password hashes."""
    members = [name for group in facts.groups if group.name == "shadow" for name in group.members]
    gid = next((group.gid for group in facts.groups if group.name == "shadow"), None)
    members += [user.name for user in facts.users if user.gid == gid]
    return Verdict(problems=tuple(f"{name} is in the group shadow; take it out with gpasswd -d" for name in members))


def passwords_are_shadowed(facts: Facts, _limits: Limits) -> Verdict:
    """CIS Debian 12 7.2.1."""
    bare = [user.name for user in facts.users if user.password not in ("x", "*", "!")]
    return Verdict(problems=tuple(f"the password of {name} is in /etc/passwd; run pwconv" for name in bare))


def hashes_are_strong(facts: Facts, _limits: Limits) -> Verdict:
    """CIS Debian 12 5.4.1.4; a hash can't be converted, only made anew from the password."""
    weak = [user.name for user in facts.users if user.has_password and not (user.hash or "").startswith(STRONG_HASHES)]
    return Verdict(problems=tuple(f"the password of {name} has a weak hash; set it again" for name in weak))


def no_empty_passwords(facts: Facts, _limits: Limits) -> Verdict:
    """CIS Debian 12 7.2.2. A locked password does not hinder logins by key."""
    empty = [user.name for user in facts.users if user.hash == ""]
    return Verdict(tuple(SetField(name, "password", "", "!") for name in empty))


def _touchable(facts: Facts, limits: Limits, users: t.Iterable[User]) -> list[User]:
    return [user for user in users if user.name not in ("root", facts.user, *limits.exclude)]


def system_accounts_have_no_shell(facts: Facts, limits: Limits) -> Verdict:
    """CIS Debian 12 5.4.2.7."""
    system = [user for user in facts.users if user.uid < facts.uid_min or user.uid == 65534]
    changes = [
        SetField(user.name, "shell", user.shell, "/usr/sbin/nologin")
        for user in _touchable(facts, limits, system)
        if user.logs_in
    ]
    return Verdict(tuple(changes))


def accounts_without_shell_are_locked(facts: Facts, limits: Limits) -> Verdict:
    """CIS Debian 12 5.4.2.8. Users with an empty password are the matter of no_empty_passwords."""
    changes = [
        SetField(user.name, "password", user.hash or "", f"!{user.hash}")
        for user in _touchable(facts, limits, facts.users)
        if not user.logs_in and user.has_password
    ]
    return Verdict(tuple(changes))


def passwords_age(facts: Facts, limits: Limits) -> Verdict:
    """CIS Debian 12 5.4.1.1 to 5.4.1.5, for users with a password.

    Not for the user of the connection: an expired password stops logins by key too, and nobody is there to change it.
    Root is never disabled for inactivity. Nobody is expired on the spot: who would be has to change the password first.
    """
    changes, problems = [], []
    note = ""
    for user in facts.users:
        if not user.has_password or user.name in limits.exclude:
            continue
        if user.name == facts.user:
            note = f"not for {user.name}, by whom this connection logs in"
            continue
        wanted = {name: str(days) for name, days in limits.at_most.items() if not _is_within(user.ages[name], days)}
        for name, days in limits.at_least.items():
            if not user.ages[name].isdigit() or int(user.ages[name]) < days:
                wanted[name] = str(days)
        if user.name == "root":
            wanted.pop("inactive", None)
        maximum = int(wanted.get("max") or user.ages["max"] or 99999)
        if {"max", "inactive"} & set(wanted) and (user.last_change or 0) + maximum < facts.today:
            problems.append(f"{user.name} would be expired at once; have the password changed first")
            continue
        changes += [SetField(user.name, name, user.ages[name], days) for name, days in wanted.items()]
    return Verdict(tuple(changes), tuple(problems), note)


def _is_within(days: str, most: int) -> bool:
    # An empty field or a negative number is "never" (shadow(5)).
    return days.isdigit() and int(days) <= most


def last_change_is_past(facts: Facts, _limits: Limits) -> Verdict:
    """CIS Debian 12 5.4.1.6: a change in the future never ages."""
    ahead = [user.name for user in facts.users if (user.last_change or 0) > facts.today and user.has_password]
    return Verdict(problems=tuple(f"the password of {name} was changed in the future; set it again" for name in ahead))


def homes_are_private(facts: Facts, limits: Limits) -> Verdict:
    """CIS Debian 12 7.2.9."""
    changes, problems = [], []
    for user in facts.people:
        status = facts.homes.get(user.home)
        if user.name in limits.exclude:
            continue
        if status is None or status.kind != "directory":
            problems.append(f"{user.name} has no home directory {user.home}; make it, or change the account")
        elif status.uid != user.uid or status.mode & ~limits.mode:
            changes.append(SetPath(user.home, status, status.mode & limits.mode, user.uid, status.gid))
    return Verdict(tuple(changes), tuple(problems))


def dot_files_are_private(facts: Facts, limits: Limits) -> Verdict:
    """CIS Debian 12 7.2.10: nobody else writes what a login runs or trusts; files that let others in are gone."""
    changes, problems = [], []
    for path, status in facts.dot_files.items():
        name = path.rpartition("/")[2]
        most = 0o600 if name in (".netrc", ".bash_history") else limits.mode
        if name in (".forward", ".rhosts", ".shosts"):
            problems.append(f"{path} lets others in or mail out; remove it")
        elif status.kind == "file" and status.mode & ~most:
            changes.append(SetPath(path, status, status.mode & most, status.uid, status.gid))
    return Verdict(tuple(changes), tuple(problems))


def root_path_is_safe(facts: Facts, _limits: Limits) -> Verdict:
    """CIS Debian 12 5.4.2.5: root runs nothing others can put there. A folder that is not there is harmless."""
    problems = []
    for folder, status in facts.root_path.items():
        if not folder.startswith("/"):
            problems.append(f"root's PATH has the relative entry {folder!r}; take it out")
        elif status is not None and status.kind != "link" and (status.uid != 0 or status.mode & 0o022):
            problems.append(f"{folder} in root's PATH is written by others than root; chown root, chmod go-w")
    return Verdict(problems=tuple(problems))


RULES: dict[str, t.Callable[[Facts, Limits], Verdict]] = {
    rule.__name__: rule
    for rule in (
        only_root_has_uid_0,
        only_root_has_gid_0,
        names_and_ids_are_unique,
        primary_groups_exist,
        shadow_group_is_empty,
        passwords_are_shadowed,
        hashes_are_strong,
        no_empty_passwords,
        system_accounts_have_no_shell,
        accounts_without_shell_are_locked,
        passwords_age,
        last_change_is_past,
        homes_are_private,
        dot_files_are_private,
        root_path_is_safe,
    )
}
