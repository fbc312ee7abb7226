# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of everybody and of nobody, met on a walk."""

from __future__ import annotations

import json
import typing as t

import pytest
from baseline_host import make_host
from baseline_kind import finding, parse, plan

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.file_walk import SetModeOf
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import Kept
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.run import run
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.select import from_wire

MOUNTS = """\
21 1 8:1 / / rw - ext4 /dev/sda1 rw
22 21 0:5 / /proc rw - proc proc rw
23 21 0:6 / /run rw - tmpfs tmpfs rw
24 21 0:7 / /mnt/share rw - nfs4 server:/ rw
25 21 8:1 /srv /mnt/again rw - ext4 /dev/sda1 rw
26 21 8:2 / /var/lib/docker rw - xfs /dev/sda2 rw
"""
EXCLUDE = ["*/.local/share/containers", "/var/tmp/buildah*"]
WALK = {"filesystems": ["ext4", "xfs"], "exclude": EXCLUDE, "asked": True}
WRITABLE = {**WALK, "find": "world_writable"}
UNOWNED = {**WALK, "find": "unowned"}


def host(**options: t.Any) -> t.Any:
    """A host on which files are where they count, and where they don't."""
    left_out = [
        "/proc/sys/loose",
        "/run/loose",
        "/mnt/share/loose",
        "/mnt/again/loose",
        "/var/lib/docker/overlay2/loose",
        "/var/lib/containers/storage/loose",
        "/var/tmp/buildah1/loose",
        "/home/admin/.local/share/containers/loose",
    ]
    files = dict.fromkeys([*left_out, "/srv/loose", "/srv/drop/x", "/srv/nobodys", "/srv/sub", "/tmp/x"], "")
    modes = {**dict.fromkeys([*left_out, "/srv/loose"], 0o666), "/srv/drop": 0o777, "/tmp": 0o1777}
    owners = {**dict.fromkeys(left_out, (4000, 4000)), "/srv/nobodys": (0, 4000), "/srv/sub": (100005, 100005)}
    ids = dict.fromkeys(("/etc/subuid", "/etc/subgid"), "admin:100000:65536\n")
    return make_host(
        {**files, **ids, "/proc/self/mountinfo": MOUNTS},
        modes={**modes, **options.pop("modes", {})},
        owners=owners,
        links={"/srv/link": "/srv/loose"},
    )[0]


CASES: list[tuple[str, dict[str, t.Any], str, dict[str, str], str]] = [
    # what is tried, parameters, status, before, in the reason
    ("not asked for", {**WRITABLE, "asked": False}, "not_applicable", {}, "was not asked for"),
    ("of everybody", WRITABLE, "deviates", {"/srv/loose": "0666", "/srv/drop": "0777"}, ""),
    ("of nobody", UNOWNED, "failed", {"/srv/nobodys": "0:4000"}, "/srv/nobodys; give them to somebody"),
    ("excluded", {**UNOWNED, "exclude": [*EXCLUDE, "/srv", "/var/lib/containers"]}, "passed", {}, ""),
    ("too many", {**WRITABLE, "max_found": 1}, "failed", {"/srv/drop": "0777"}, "more than 1 are left to you"),
    ("too far", {**UNOWNED, "max_entries": 5}, "failed", {}, "max_entries is 5"),
]


@pytest.mark.parametrize(("tried", "parameters", "status", "before", "reason"), CASES)
def test_finding(tried: str, parameters: dict[str, t.Any], status: str, before: dict[str, str], reason: str) -> None:
    found = finding("file_walk", host(), parameters)
    assert found.status == status
    assert (found.before or {}) == before
    assert reason in found.reason


def test_walk_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = host()
    slow.files.update({f"/srv/many/{number}": b"" for number in range(600)})
    clock = iter(range(0, 10_000, 30))
    monkeypatch.setattr(slow, "monotonic", lambda: next(clock))
    found = finding("file_walk", slow, {**WRITABLE, "max_seconds": 20})
    assert found.status == "failed"
    assert "max_seconds is 20" in found.reason


def test_both_are_found_on_one_walk() -> None:
    walked = []
    where = host()
    walk = where.walk
    where.walk = lambda top, is_skipped: walked.append(top) or walk(top, is_skipped)
    assert [entry.status for entry in plan("file_walk", where, [WRITABLE, UNOWNED]).findings] == ["deviates", "failed"]
    assert walked.count("/") == 1
    assert "/var/lib/docker" not in walked


def test_users_of_a_directory_service_are_known() -> None:
    where = host()
    where.files["/etc/nsswitch.conf"] = b"passwd: files sss\n"
    where.commands["getent", "passwd", "4000"] = (0, "far:x:4000:4000::/:/bin/sh\n", "")
    where.commands["getent", "group", "4000"] = [(0, "far:x:4000:\n", ""), (2, "", "")]
    assert finding("file_walk", where, UNOWNED).status == "passed"
    assert finding("file_walk", where, UNOWNED).status == "failed"


def test_what_containers_write_is_left_alone() -> None:
    where = host()
    mounts = {"MountPoints": {"/data": {"Type": "bind", "Source": "/srv", "RW": True}}}
    where.files["/var/lib/docker/containers/1/config.v2.json"] = json.dumps(mounts).encode()
    assert finding("file_walk", where, WRITABLE).status == "deviates"
    mounts["MountPoints"]["/data"]["Source"] = "/srv/drop"
    where.files["/var/lib/docker/containers/1/config.v2.json"] = json.dumps(mounts).encode()
    assert finding("file_walk", where, WRITABLE).before == {"/srv/loose": "0666"}


def test_mended_and_put_back() -> None:
    where = host()
    first = plan("file_walk", where, WRITABLE)
    for step in first.steps:
        step.apply(where)
    assert (where.modes["/srv/loose"], where.modes["/srv/drop"]) == (0o664, 0o1777)
    assert plan("file_walk", where, WRITABLE, first.keep).steps == ()
    # Without the walk what it changed stays; without the control it comes back.
    assert plan("file_walk", where, {**WRITABLE, "asked": False}, first.keep).restorations == ()
    del where.files["/srv/loose"]
    back = plan("file_walk", where, [], first.keep)
    assert [(step.path, step.mode) for step in back.steps if isinstance(step, SetModeOf)] == [("/srv/drop", 0o777)]
    assert [(entry.before, entry.after) for entry in back.restorations] == [
        ({"/srv/drop": "1777"}, {"/srv/drop": "0777"}),
        ({"/srv/loose": None}, {"/srv/loose": None}),
    ]


def test_another_file_of_that_name_is_left_alone() -> None:
    where = host()
    kept = {"/srv/loose": Kept("c0", {"mode": 0o666, "set": 0o664, "device": 1, "inode": 7})}
    back = plan("file_walk", where, [], kept)
    assert back.steps == ()
    assert back.restorations[0].before == back.restorations[0].after
    SetModeOf(("c0",), "/srv/loose", (1, 7), 0o600).apply(where)
    assert where.modes["/srv/loose"] == 0o666


def test_mode_somebody_set_since_stays() -> None:
    where = host()
    kept = plan("file_walk", where, WRITABLE).keep
    where.modes["/srv/loose"] = 0o600
    assert [step.path for step in plan("file_walk", where, [], kept).steps if isinstance(step, SetModeOf)] == []


def test_run_without_the_walk_leaves_what_an_earlier_one_mended() -> None:
    where = host()
    walked, not_walked = (
        from_wire([{"id": "loose", "kind": "file_walk", "parameters": {**WRITABLE, "asked": asked}}])
        for asked in (True, False)
    )
    entries, changed = run(where, walked)
    assert (entries[0].status, changed, where.modes["/srv/loose"]) == ("changed", True, 0o664)
    entries, changed = run(where, not_walked)
    assert (entries[0].status, changed, where.modes["/srv/loose"]) == ("not_applicable", False, 0o664)
    run(where, [])
    assert where.modes["/srv/loose"] == 0o666


def test_bad_parameters() -> None:
    assert parse("file_walk", {"find": "loose", "filesystems": ["ext4"], "max_seconds": 0})[1] == [
        "p.find: is 'loose'; give one of world_writable, unowned",
        "p.max_seconds: is '0'; give a whole number above 0",
    ]
