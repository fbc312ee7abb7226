# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options in files others own."""

from __future__ import annotations

import typing as t

import pytest
from baseline_host import make_host
from baseline_kind import finding, parse, plan

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.connection import find_connection
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.announce import (
    Announce,
    Mark,
    mark_of,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.file_option import FileOption
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.protocol import (
    Item,
    Scope,
    apply_steps,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import WriteFile

PATH = "/etc/x.conf"
GIVEN = {"path": PATH, "options": {"deny": 5}}
AT_MOST = {"compare": "at_most", "refuse": ["0"]}

CASES: list[tuple[dict[str, t.Any], dict[str, str], str, str]] = [
    # more parameters, files, status, reason
    ({}, {PATH: "deny = 5\n"}, "passed", ""),
    ({}, {PATH: "deny = 3\n"}, "deviates", ""),
    ({}, {PATH: "# deny = 5\n"}, "deviates", ""),
    ({}, {}, "not_applicable", f"{PATH} is not there"),
    ({"create": True}, {}, "deviates", ""),
    ({"create": True, "requires_path": "/opt/x"}, {}, "not_applicable", "/opt/x is not there"),
    ({"create": True, "requires_path": "/opt/x"}, {"/opt/x": ""}, "deviates", ""),
    (AT_MOST, {PATH: "deny = 3\n"}, "passed", ""),
    (AT_MOST, {PATH: "deny = 6\n"}, "deviates", ""),
    (AT_MOST, {PATH: "deny = 0\n"}, "deviates", ""),
    (AT_MOST, {PATH: "deny = few\n"}, "deviates", ""),
    ({"compare": "at_least"}, {PATH: "deny = 6\n"}, "passed", ""),
    ({"options": {"nullok": None}}, {PATH: "nullok\n"}, "deviates", ""),
    ({"options": {"nullok": None}}, {PATH: "# nullok\n"}, "passed", ""),
    ({"options": {"audit": True}}, {PATH: "# audit\n"}, "deviates", ""),
    ({"options": {"audit": True}}, {PATH: "audit\n"}, "passed", ""),
    ({}, {f"{PATH}/a": ""}, "failed", "is a directory, not a file"),
]


@pytest.mark.parametrize(("more", "files", "status", "reason"), CASES)
def test_finding(more: dict[str, t.Any], files: dict[str, str], status: str, reason: str) -> None:
    host, _programs = make_host(files)
    found = finding("file_option", host, {**GIVEN, **more})
    assert found.status == status
    assert reason in found.reason
    assert (found.before == found.after) is (status != "deviates")


def test_several_controls_write_a_file_once_and_keep_its_mode() -> None:
    host, _programs = make_host({PATH: "deny = 9\n"}, modes={PATH: 0o600}, owners={PATH: (0, 42)})
    planned = plan("file_option", host, [GIVEN, {"path": PATH, "options": {"audit": True}}])
    assert planned.steps == (WriteFile(("c0", "c1"), PATH, "deny = 5\naudit\n", 0o600, 0, 42),)


@pytest.mark.parametrize(
    ("first", "second", "statuses"),
    [
        ("90", "365", ["deviates", "passed"]),
        ("365", "90", ["deviates", "deviates"]),
    ],
)
def test_the_stricter_of_two_limits_holds(first: str, second: str, statuses: list[str]) -> None:
    host, _programs = make_host({PATH: "days = 999\n"})
    both = [{"path": PATH, "options": {"days": days}, "compare": "at_most"} for days in (first, second)]
    planned = plan("file_option", host, both)
    assert [entry.status for entry in planned.findings] == statuses
    assert apply_steps(host, planned.steps) == {}
    assert host.read_text(PATH) == "days = 90\n"
    assert [entry.status for entry in plan("file_option", host, both).findings] == ["passed", "passed"]


def test_two_controls_that_contradict_each_other() -> None:
    host, _programs = make_host({PATH: "deny = 9\n"})
    planned = plan("file_option", host, [GIVEN, {"path": PATH, "options": {"deny": 4}}])
    assert [entry.status for entry in planned.findings] == ["deviates", "failed"]
    assert "c0 wants deny to be 5" in planned.findings[1].reason


@pytest.mark.parametrize("arriving", [True, False])
def test_file_of_a_package_that_arrives_is_foretold(arriving: bool) -> None:
    host, _programs = make_host()
    parameters, _problems = parse("file_option", {**GIVEN, "package": "libx"})
    items = [Item("c0", parameters)]
    there = frozenset({"libx"} if arriving else ())
    kind = FileOption()
    seen = kind.observe(Scope(host, items, {}, find_connection(host, ""), there))
    planned = kind.compare(items, seen, {})
    assert planned.findings[0].status == ("deviates" if arriving else "not_applicable")
    assert planned.steps == ()


OLD = [
    "deny = 9\n",
    "# deny = 9\nother = 1\n",
    "other = 1",
    "deny = 9\ndeny = 8\n",
    None,
]


@pytest.mark.parametrize("old", OLD)
@pytest.mark.parametrize("section", ["", "main"])
@pytest.mark.parametrize("options", [{"deny": 5}, {"deny": None}, {"deny": 5, "audit": True}])
def test_everything_comes_back(old: str | None, section: str, options: dict[str, t.Any]) -> None:
    host, _programs = make_host({} if old is None else {PATH: old})
    given = {**GIVEN, "options": options, "create": True, "section": section, "unit": "x.service"}
    planned = plan("file_option", host, given)
    assert apply_steps(host, planned.steps) == {}
    assert [entry.status for entry in plan("file_option", host, given, planned.keep).findings] == ["passed"]
    back = plan("file_option", host, [], planned.keep)
    assert apply_steps(host, back.steps) == {}
    assert host.read_text(PATH) == old
    assert host.ran.count(("systemctl", "reload-or-restart", "x.service")) == (2 if planned.keep else 0)


def test_what_others_wrote_meanwhile_stays() -> None:
    host, _programs = make_host({PATH: "deny = 9\n"})
    planned = plan("file_option", host, GIVEN)
    assert apply_steps(host, planned.steps) == {}
    host.files[PATH] = b"new = 1\ndeny = 7\nlast = 1\n"
    assert apply_steps(host, plan("file_option", host, [], planned.keep).steps) == {}
    assert host.read_text(PATH) == "new = 1\ndeny = 9\nlast = 1\n"


def test_a_file_that_went_does_not_come_back() -> None:
    host, _programs = make_host({PATH: "deny = 9\n"})
    keep = plan("file_option", host, GIVEN).keep
    del host.files[PATH]
    back = plan("file_option", host, [], keep)
    assert back.steps == ()
    assert [entry.before == entry.after for entry in back.restorations] == [True]


def test_unit_an_earlier_run_did_not_tell_is_told() -> None:
    host, _programs = make_host({PATH: "deny = 5\n", mark_of("x.service"): ""})
    steps = plan("file_option", host, {**GIVEN, "unit": "x.service", "announce": "restart"}).steps
    assert steps == (Mark(("c0",), "x.service"), Announce(("c0",), "x.service", "restart"))


BAD: list[tuple[dict[str, t.Any], str]] = [
    ({"path": "x"}, "p.path: is 'x'; give an absolute path"),
    ({"options": {"a": [1]}}, "p.options.a: is not one value"),
    ({"options": {"a b": 1}}, "p.options: has the name 'a b'"),
    ({"options": {"a": "x"}, "compare": "at_most"}, "p.options.a: is 'x'; give a whole number to compare at_most"),
    ({"options": None}, "p.options: is missing"),
    ({"format": "key:value"}, "p.format: is 'key:value'"),
    ({"wins": "all"}, "p.wins: is 'all'"),
    ({"announce": "shout"}, "p.announce: is 'shout'"),
    ({"colour": "red"}, "p.colour: is not known here"),
]


@pytest.mark.parametrize(("more", "complaint"), BAD)
def test_bad_parameters(more: dict[str, t.Any], complaint: str) -> None:
    assert complaint in "\n".join(parse("file_option", {**GIVEN, **more})[1])
