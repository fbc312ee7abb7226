# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import hooks

CHECKPOINT = ["psql", "--username=postgres", "--command=CHECKPOINT"]


def container(service: str, running: bool = True, project: str = "shop", **labels: str) -> dict[str, t.Any]:
    own = {"com.docker.compose.project": project, "com.docker.compose.service": service}
    more = {f"io.anycloud.container-host.move.{name}": value for name, value in labels.items()}
    state = "running" if running else "exited"
    return {"Names": [f"/{project}-{service}-1"], "State": state, "Labels": {**own, **more}}


def test_commands_from_labels() -> None:
    found = [
        container("web"),
        container("database", before=json.dumps([CHECKPOINT]), after='[["true"]]'),
        container("other", project="else", before='[["false"]]'),
        container("cache", running=False, before='[["redis-cli", "SAVE"]]'),
    ]
    step = hooks.Step("database", "shop-database-1", tuple(CHECKPOINT))
    assert hooks.plan(found, "shop", hooks.BEFORE, {}) == ([step], ["cache"])
    assert hooks.plan(found, "shop", hooks.AFTER, {})[0] == [hooks.Step("database", "shop-database-1", ("true",))]


def test_given_commands_take_the_place_of_labels() -> None:
    given = hooks.read_hooks({"database": {"before": [["sync"]]}})
    found = [container("database", before=json.dumps([CHECKPOINT]), after='[["true"]]')]
    assert hooks.plan(found, "shop", hooks.BEFORE, given)[0] == [hooks.Step("database", "shop-database-1", ("sync",))]
    assert hooks.plan(found, "shop", hooks.AFTER, given) == ([], [])


BAD: list[tuple[t.Any, list[str]]] = [
    ({"a": ["x"]}, ["hooks.a"]),
    ({"a": {"during": []}}, ["hooks.a.during"]),
    ({"a": {"before": "redis-cli SAVE"}}, ["hooks.a.before"]),
    ({"a": {"before": ["redis-cli SAVE"]}}, ["hooks.a.before[0]"]),
    ({"a": {"before": [[]], "after": [["sleep", 1]]}}, ["hooks.a.before[0]", "hooks.a.after[0]"]),
    ({"a": {"before": [[" "]]}, "b": {"after": 1}}, ["hooks.a.before[0]", "hooks.b.after"]),
]


@pytest.mark.parametrize(("value", "places"), BAD)
def test_other_hooks_are_refused(value: t.Any, places: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        hooks.read_hooks(value)
    assert [problem.path for problem in caught.value.problems] == places


def test_all_labels_are_judged_before_anything_runs() -> None:
    found = [container("a", before="psql"), container("b", after='["x"]'), container("c", before='[["true"]]')]
    with pytest.raises(InputError) as caught:
        hooks.plan(found, "shop", hooks.BEFORE, {"none": hooks.Hooks()})
    label = "labels.io.anycloud.container-host.move"
    assert [problem.path for problem in caught.value.problems] == [
        f"services.a.{label}.before",
        f"services.b.{label}.after[0]",
        "hooks.none",
    ]
