# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of our own."""

from __future__ import annotations

import typing as t

import pytest
from baseline_host import make_host
from baseline_kind import finding, parse, plan

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.announce import (
    Announce,
    Mark,
    mark_of,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.protocol import (
    Item,
    Scope,
    apply_steps,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.registry import KINDS
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import WriteFile

PATH = "/etc/x.d/ours.conf"
GIVEN = {"path": PATH, "content": "a"}

CASES: list[tuple[dict[str, t.Any], dict[str, str], dict[str, int], str, str]] = [
    # more parameters, more files, modes, status, reason
    ({}, {}, {}, "deviates", ""),
    ({}, {PATH: "a\n"}, {}, "passed", ""),
    ({}, {PATH: "a"}, {}, "deviates", ""),
    ({}, {PATH: "a\n"}, {PATH: 0o600}, "deviates", ""),
    ({"state": "absent"}, {}, {}, "passed", ""),
    ({"state": "absent"}, {PATH: "a\n"}, {}, "deviates", ""),
    ({"requires_path": "/opt/x"}, {}, {}, "not_applicable", "/opt/x is not there"),
    ({"requires_path": "/opt/x"}, {"/opt/x": ""}, {}, "deviates", ""),
    ({"owner": "nobody"}, {}, {}, "failed", "no user nobody"),
    ({}, {f"{PATH}/a": ""}, {}, "failed", "is a directory"),
]


@pytest.mark.parametrize(("more", "files", "modes", "status", "reason"), CASES)
def test_finding(
    more: dict[str, t.Any], files: dict[str, str], modes: dict[str, int], status: str, reason: str
) -> None:
    host, _programs = make_host(files, modes=modes)
    found = finding("file_content", host, {**GIVEN, **more})
    assert found.status == status
    assert reason in found.reason


@pytest.mark.parametrize(("arriving", "status"), [({"x"}, "deviates"), (set(), "not_applicable")])
def test_file_for_a_package_that_arrives_is_foretold(arriving: set[str], status: str) -> None:
    host, _programs = make_host()
    items = [Item("c0", parse("file_content", {**GIVEN, "requires_path": "/opt/x", "package": "x"})[0])]
    seen = KINDS["file_content"].observe(Scope(host, items, {}, arriving=frozenset(arriving)))
    assert KINDS["file_content"].compare(items, seen, {}).findings[0].status == status


def test_unit_is_told_once_after_all_its_files() -> None:
    host, _programs = make_host()
    parameters = [{**GIVEN, "unit": "x.service"}, {"path": "/etc/x.d/b.conf", "content": "b", "unit": "x.service"}]
    steps = plan("file_content", host, parameters).steps
    assert [type(step) for step in steps] == [Mark, WriteFile, WriteFile, Announce]
    assert steps[-1] == Announce(("c0", "c1"), "x.service", "reload-or-restart")


@pytest.mark.parametrize(
    ("announce", "command"),
    [("reload", ("systemctl", "reload", "x.service")), ("daemon-reload", ("systemctl", "daemon-reload"))],
)
def test_how_the_unit_is_told(announce: str, command: tuple[str, ...]) -> None:
    host, _programs = make_host()
    steps = plan("file_content", host, {**GIVEN, "unit": "x.service", "announce": announce}).steps
    assert apply_steps(host, steps) == {}
    assert [argv for argv in host.ran if argv[0] == "systemctl"] == [command]
    assert not host.exists(mark_of("x.service"))


def test_unit_an_earlier_run_did_not_tell_is_told() -> None:
    host, _programs = make_host({PATH: "a\n", mark_of("x.service"): ""})
    steps = plan("file_content", host, {**GIVEN, "unit": "x.service"}).steps
    assert [type(step) for step in steps] == [Mark, Announce]


def test_refused_file_is_not_written_and_its_unit_not_told() -> None:
    host, _programs = make_host()
    host.commands["checker",] = (1, "", "bad line in /etc/x.d/.ours.conf.new")
    steps = plan("file_content", host, {**GIVEN, "unit": "x.service", "validate": ["checker", "%s"]}).steps
    failures = apply_steps(host, steps)
    assert failures == {"c0": f"{PATH}: checker refuses the new content: bad line in {PATH}"}
    assert not host.exists(PATH)
    assert not any(argv[0] == "systemctl" for argv in host.ran)


@pytest.mark.parametrize("old", [None, "old\n"])
def test_old_content_comes_back(old: str | None) -> None:
    host, _programs = make_host({} if old is None else {PATH: old})
    planned = plan("file_content", host, {**GIVEN, "unit": "x.service"})
    assert apply_steps(host, planned.steps) == {}
    back = plan("file_content", host, [], planned.keep)
    assert apply_steps(host, back.steps) == {}
    assert host.read_text(PATH) == old
    assert host.ran.count(("systemctl", "reload-or-restart", "x.service")) == 2


BAD: list[tuple[dict[str, t.Any], str]] = [
    ({"path": "/x"}, "p.content: is missing"),
    ({"path": "x", "content": "a"}, "p.path: is 'x'; give an absolute path"),
    ({"path": "/x", "content": "a", "validate": ["true"]}, "p.validate: does not name the new file; put %s"),
    ({"path": "/x", "content": "a", "announce": "shout"}, "p.announce: is 'shout'"),
]


@pytest.mark.parametrize(("parameters", "complaint"), BAD)
def test_bad_parameters(parameters: dict[str, t.Any], complaint: str) -> None:
    assert complaint in "\n".join(parse("file_content", parameters)[1])
