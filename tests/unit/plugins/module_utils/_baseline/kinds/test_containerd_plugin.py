# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plug-ins containerd does not load."""

from __future__ import annotations

import typing as t

import pytest
from baseline_host import make_host
from baseline_kind import finding, parse, plan

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.containerd_plugin import (
    AT_NEXT_START,
    NEW_FILE,
    PATH,
)

CRI, IMAGES = "io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images"
WANTED = {"disabled": {"1": ["cri"], "2": [CRI], "3": [CRI, IMAGES]}}
INVOCATION, MARK = "/run/systemd/units/invocation:containerd.service", "/run/container-host/untold/containerd.service"
TASK = "/run/containerd/io.containerd.runtime.v2.task/moby/1/config.json"

CASES: list[tuple[str | None, str, list[str]]] = [
    ('disabled_plugins = ["cri"]\n', "passed", ["cri"]),
    (f"version = 2\ndisabled_plugins = ['x', '{CRI}']\n", "passed", ["x", CRI]),
    (f'version = 3\ndisabled_plugins = ["{CRI}"]\n', "deviates", [IMAGES, CRI]),
    ('version = 2\ndisabled_plugins = ["cri"]\n', "deviates", [CRI, "cri"]),
    ("version = 4\n[plugins]\n", "deviates", [CRI, IMAGES]),
    ("[plugins]\n", "deviates", ["cri"]),
    (None, "deviates", [CRI]),
    ("disabled_plugins = 'x'\n", "failed", ["cri"]),
]


def host(text: str | None, **files: str) -> t.Any:
    """A host whose containerd has this configuration, and accepts each."""
    made = make_host({**({} if text is None else {PATH: text}), **files})[0]
    made.commands["containerd",] = (0, "", "")
    return made


@pytest.mark.parametrize(("text", "status", "after"), CASES)
def test_finding(text: str | None, status: str, after: list[str]) -> None:
    where = host(text)
    found = finding("containerd_plugin", where, WANTED)
    assert found.status == status
    assert found.after == {"disabled_plugins": after}
    planned = plan("containerd_plugin", where, WANTED)
    for step in planned.steps:
        step.apply(where)
    if status == "deviates":
        assert list(where.written) == [PATH]
        assert finding("containerd_plugin", where, WANTED).status == "passed"
        plan("containerd_plugin", where, [], planned.keep).steps[0].apply(where)
        assert where.read_text(PATH) == text


def run_plan(where: t.Any, kept: t.Any = None, parameters: t.Any = WANTED) -> t.Any:
    planned = plan("containerd_plugin", where, parameters, kept)
    for step in planned.steps:
        step.apply(where)
    return planned


RESTART = ("systemctl", "restart", "containerd.service")


def test_idle_containerd_is_restarted() -> None:
    where = host("version = 2\n")
    where.links[INVOCATION] = "i1"
    run_plan(where)
    assert where.ran[-1] == RESTART
    assert MARK not in where.files


def test_containerd_with_containers_is_left_running_until_somebody_starts_it_anew() -> None:
    where = host("version = 2\n", **{TASK: ""})
    where.links[INVOCATION] = "i1"
    first = run_plan(where)
    assert first.findings[0].reason == AT_NEXT_START
    assert RESTART not in where.ran
    again = run_plan(where, first.keep)
    assert (again.findings[0].status, again.steps) == ("pending", ())
    where.links[INVOCATION] = "i2"
    later = run_plan(where, first.keep)
    assert (later.findings[0].status, later.steps) == ("passed", ())


def test_restart_left_over_is_made_up_for() -> None:
    where = host(f'version = 2\ndisabled_plugins = ["{CRI}"]\n', **{MARK: "i1"})
    where.links[INVOCATION] = "i1"
    assert run_plan(where).findings[0].status == "passed"
    assert where.ran[-1] == RESTART


def test_what_containerd_refuses_is_not_written() -> None:
    where = host("version = 2\n")
    where.commands["containerd",] = (1, "", "containerd: invalid disabled plugin URI")
    planned = plan("containerd_plugin", where, WANTED)
    with pytest.raises(Exception, match="refuses the new content"):
        planned.steps[-1].apply(where)
    assert where.read_text(PATH) == "version = 2\n"


def test_put_back_leaves_what_others_wrote() -> None:
    where = host(None)
    kept = run_plan(where).keep
    where.files[PATH] += b"[grpc]\n"
    back = run_plan(where, kept, [])
    assert where.read_text(PATH) == f"{NEW_FILE}[grpc]\n"
    assert back.restorations[0].before == {"disabled_plugins": [CRI]}
    # Gone with its package: nothing to put back.
    del where.files[PATH]
    assert run_plan(where, kept, []).steps == ()


def test_bad_parameters() -> None:
    assert parse("containerd_plugin", {"disabled": {"new": [], "2": "cri"}})[1] == [
        "p.disabled.new: is no version; give the version a configuration is written in",
        "p.disabled.2: is no list of texts; give names of plug-ins, in quotes",
    ]
