# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Project
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import Place
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem
from ansible_collections.anycloud.container_host.plugins.plugin_utils._workload_options import (
    OWN_OPTIONS,
    host_failure,
    input_failure,
    module_arguments,
    source_of,
    wrong_options,
)

NOTHING: dict[str, t.Any] = {name: option.get("default") for name, option in OWN_OPTIONS.items()}


@pytest.mark.parametrize(
    ("own", "given", "part"),
    [
        ({"compose_file": "a"}, {}, ""),
        ({"definition": {}}, {"state": "present"}, ""),
        ({}, {"state": "absent"}, ""),
        ({}, {"state": "stopped"}, ""),
        ({}, {}, "give option compose_file or definition"),
        ({}, {"state": "present"}, "give option compose_file or definition"),
        ({"compose_file": "a", "definition": {}}, {}, "give one of them"),
        ({"files": ["a", "b"], "profiles": ["x"]}, {"state": "present"}, ""),
        ({"files": ["a"], "compose_file": "b"}, {}, "give all files in files"),
        ({"files": ["a"], "definition": {}}, {}, "give all files in files"),
        ({"compose_file": "a"}, {"model": "{}"}, "filled by the collection"),
        ({"compose_file": "a", "tenant": "acme_2"}, {}, ""),
        ({"compose_file": "a", "tenant": "acme-2"}, {}, "'acme-2' is no tenant's name"),
        ({"compose_file": "a", "tenant": "a.slice/../b"}, {}, "is no tenant's name"),
    ],
)
def test_wrong_options(own: dict[str, t.Any], given: dict[str, t.Any], part: str) -> None:
    wrong = wrong_options({**NOTHING, **own}, given)
    assert part in wrong
    assert bool(wrong) is bool(part)


def test_source_of() -> None:
    own = {**NOTHING, "project_name": "p", "environment": {"A": 1}, "project_directory": "/srv"}
    source = source_of(own, "/abs/compose.yml", "/play")
    assert (source.project_name, source.compose_file, source.definition) == ("p", "/abs/compose.yml", None)
    more = source_of({**own, "profiles": ["x"], "services": ["y"]}, "/a", "/play", ["/b"])
    assert (more.more_files, more.profiles, more.services) == (("/b",), ("x",), ("y",))
    assert (source.cgroup_parent, source_of({**own, "tenant": "acme"}, "/a", "/play").cgroup_parent) == (
        "",
        "machine-acme.slice",
    )
    assert (source.environment, source.project_directory, source.base_directory) == ({"A": 1}, "/srv", "/play")


def test_module_arguments_keep_what_is_not_the_control_nodes() -> None:
    given = {"compose_file": "a", "environment": {"PASSWORD": "x"}, "state": "present", "timeout_seconds": 5}
    arguments = module_arguments(given, Project("p"))
    assert set(arguments) == {"state", "timeout_seconds", "model"}
    assert isinstance(arguments["model"], str)
    assert Project.from_plain(json.loads(arguments["model"])) == Project("p")


def test_input_failure_lists_all_problems() -> None:
    failure = input_failure(InputError([Problem("a", "is b", "write c", 3), Problem("d", "is e", "write f")]), "x.yml")
    assert failure["msg"] == "x.yml has 2 problems:\n- a (line 3): is b; write c\n- d: is e; write f"
    assert failure["failed"] is True
    assert failure["problems"][0] == {"path": "a", "message": "is b", "remedy": "write c", "line": 3}
    assert input_failure(InputError([Problem("a", "b", "c")]), "")["msg"].startswith("the workload has 1 problem:")


def test_what_fails_on_the_host_gets_the_lines_of_its_places() -> None:
    written = {"services.web": Place(2), "services.web.image": Place(3, "more.yml"), "the file": Place(1)}
    places = ["services.web.image", "services.web.ports[0].published", "networks.default"]
    done = {
        "failed": True,
        "msg": "x",
        "changed": False,
        "problems": [Problem(one, "no", "").as_dict() for one in places],
    }
    told = host_failure(done, written, "a.yml, more.yml")
    assert told["msg"] == (
        "a.yml, more.yml can't be carried out on this host:\n- services.web.image (more.yml, line 3): no\n"
        "- services.web.ports[0].published (line 2): no\n- networks.default: no"
    )
    assert [problem["line"] for problem in told["problems"]] == [3, 2, None]
    assert (told["failed"], told["changed"]) == (True, False)


def test_what_comes_of_no_place_stays_as_the_host_says_it() -> None:
    done = {"failed": True, "msg": "no container engine answers"}
    assert host_failure(done, {}, "a.yml") == done
