# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each rule about accounts: what it finds, what it would change, and whom it leaves alone."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.account_rules import (
    RULES,
    Limits,
    SetField,
    SetPath,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.accounts import (
    Facts,
    parse_groups,
    parse_users,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import FileStatus

PASSWD = """root:x:0:0:root:/root:/bin/bash
daemon:x:1:1::/usr/sbin:/usr/sbin/nologin
sync:x:4:65534::/bin:/bin/sync
admin:x:1000:1000::/home/admin:/bin/bash
ann:x:1001:1001::/home/ann:/bin/bash
"""
SHADOW = """root:*:20000:0:99999:7:::
daemon:*:20000:0:99999:7:::
sync:*:20000:0:99999:7:::
admin:$y$a:20000:0:99999:7:::
ann:$y$b:20000:0:99999:7:::
"""
GROUP = "root:x:0:\ndaemon:x:1:\nnogroup:x:65534:\nadmin:x:1000:\nann:x:1001:\nshadow:x:42:\n"
TODAY = 20100
AGES = Limits(at_most={"max": 365, "inactive": 45}, at_least={"warn": 7})


def directory(mode: int, uid: int, kind: str = "directory") -> FileStatus:
    return FileStatus(mode, uid, uid, kind, 0)


HOMES = {"/home/admin": directory(0o700, 1000), "/home/ann": directory(0o750, 1001)}


def facts(passwd: str = PASSWD, shadow: str = SHADOW, group: str = GROUP, **more: t.Any) -> Facts:
    return Facts(parse_users(passwd, shadow), parse_groups(group), "admin", today=TODAY, **{"homes": HOMES, **more})


@pytest.mark.parametrize("rule", sorted(set(RULES) - {"passwords_age"}))
def test_a_tidy_host_has_nothing_to_mend(rule: str) -> None:
    verdict = RULES[rule](facts(), Limits())
    assert (verdict.changes, verdict.problems) == ((), ())


PROBLEMS: list[tuple[str, dict[str, t.Any], str]] = [
    ("only_root_has_uid_0", {"passwd": PASSWD + "toor:x:0:0::/root:/bin/sh\n"}, "toor has user id 0"),
    ("only_root_has_gid_0", {"passwd": PASSWD + "bob:x:1002:0::/home/bob:/bin/sh\n"}, "bob has the primary group 0"),
    ("only_root_has_gid_0", {"group": GROUP + "wheel:x:0:\n"}, "group wheel has the id 0"),
    ("names_and_ids_are_unique", {"passwd": PASSWD + "bob:x:1001:1::/b:/bin/sh\n"}, "user id 1001 is there more"),
    ("names_and_ids_are_unique", {"passwd": PASSWD + "ann:x:1009:1::/b:/bin/sh\n"}, "user name ann is there more"),
    ("names_and_ids_are_unique", {"group": GROUP + "x:x:1:\n"}, "group id 1 is there more"),
    ("names_and_ids_are_unique", {"group": GROUP + "ann:x:9:\n"}, "group name ann is there more"),
    ("primary_groups_exist", {"passwd": PASSWD + "bob:x:1002:77::/b:/bin/sh\n"}, "bob has the unknown group 77"),
    ("shadow_group_is_empty", {"group": GROUP.replace("42:", "42:ann")}, "ann is in the group shadow"),
    ("shadow_group_is_empty", {"passwd": PASSWD + "bob:x:1002:42::/b:/bin/sh\n"}, "bob is in the group shadow"),
    ("passwords_are_shadowed", {"passwd": PASSWD.replace("ann:x", "ann:abc")}, "ann is in /etc/passwd; run pwconv"),
    ("hashes_are_strong", {"shadow": SHADOW.replace("$y$b", "$1$b")}, "ann has a weak hash"),
    ("last_change_is_past", {"shadow": SHADOW.replace("$y$b:20000", "$y$b:20200")}, "ann was changed in the future"),
    ("homes_are_private", {"homes": {**HOMES, "/home/ann": None}}, "ann has no home directory /home/ann"),
    ("dot_files_are_private", {"dot_files": {"/home/ann/.rhosts": directory(0o600, 1001, "file")}}, "remove it"),
    ("root_path_is_safe", {"root_path": {"": None}}, "relative entry ''"),
    ("root_path_is_safe", {"root_path": {"/opt": directory(0o777, 0)}}, "/opt in root's PATH is written by others"),
    ("root_path_is_safe", {"root_path": {"/opt": directory(0o755, 1000)}}, "/opt in root's PATH is written by others"),
]


@pytest.mark.parametrize(("rule", "more", "problem"), PROBLEMS)
def test_what_only_a_person_can_mend(rule: str, more: dict[str, t.Any], problem: str) -> None:
    verdict = RULES[rule](facts(**more), Limits())
    assert verdict.changes == ()
    assert problem in "\n".join(verdict.problems)


OPEN = directory(0o755, 1001)
RC = directory(0o664, 1001, "file")
NETRC = directory(0o644, 1001, "file")
CHANGES: list[tuple[str, dict[str, t.Any], list[t.Any]]] = [
    ("no_empty_passwords", {"shadow": SHADOW.replace("$y$b", "")}, [SetField("ann", "password", "", "!")]),
    (
        "system_accounts_have_no_shell",
        {"passwd": PASSWD.replace("/usr/sbin/nologin", "/bin/sh")},
        [SetField("daemon", "shell", "/bin/sh", "/usr/sbin/nologin")],
    ),
    (
        "accounts_without_shell_are_locked",
        {"shadow": SHADOW.replace("daemon:*", "daemon:$y$c")},
        [SetField("daemon", "password", "$y$c", "!$y$c")],
    ),
    (
        "homes_are_private",
        {"homes": {**HOMES, "/home/ann": OPEN}},
        [SetPath("/home/ann", OPEN, 0o750, 1001, 1001)],
    ),
    (
        "dot_files_are_private",
        {"dot_files": {"/home/ann/.bashrc": RC, "/home/ann/.netrc": NETRC}},
        [
            SetPath("/home/ann/.bashrc", RC, 0o640, 1001, 1001),
            SetPath("/home/ann/.netrc", NETRC, 0o600, 1001, 1001),
        ],
    ),
]


@pytest.mark.parametrize(("rule", "more", "changes"), CHANGES)
def test_what_is_mended(rule: str, more: dict[str, t.Any], changes: list[t.Any]) -> None:
    verdict = RULES[rule](facts(**more), Limits())
    assert list(verdict.changes) == changes
    assert verdict.problems == ()


def test_ages_reach_people_with_a_password_but_not_the_connection() -> None:
    verdict = RULES["passwords_age"](facts(), AGES)
    assert [(change.user, change.name, change.after) for change in verdict.changes if isinstance(change, SetField)] == [
        ("ann", "max", "365"),
        ("ann", "inactive", "45"),
    ]
    assert verdict.note == "not for admin, by whom this connection logs in"


def test_stricter_ages_stay() -> None:
    shadow = SHADOW.replace("$y$b:20000:0:99999:7::", "$y$b:20000:0:90:14:10:")
    assert RULES["passwords_age"](facts(shadow=shadow), AGES).changes == ()


def test_nobody_is_expired_on_the_spot() -> None:
    verdict = RULES["passwords_age"](facts(shadow=SHADOW.replace("$y$b:20000", "$y$b:19000")), AGES)
    assert verdict.changes == ()
    assert "ann would be expired at once" in verdict.problems[0]


def test_root_is_never_disabled_for_inactivity() -> None:
    verdict = RULES["passwords_age"](facts(shadow=SHADOW.replace("root:*", "root:$y$r")), AGES)
    assert ("root", "max") in {(change.user, change.name) for change in verdict.changes if isinstance(change, SetField)}
    assert ("root", "inactive") not in {
        (change.user, change.name) for change in verdict.changes if isinstance(change, SetField)
    }


def test_the_connections_user_keeps_its_shell_whatever_its_id() -> None:
    passwd = PASSWD.replace("admin:x:1000", "admin:x:500")
    assert RULES["system_accounts_have_no_shell"](facts(passwd=passwd), Limits()).changes == ()
