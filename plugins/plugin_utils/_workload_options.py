# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The workload action's options: which it takes for itself, and what the module gets instead."""

from __future__ import annotations

import dataclasses
import json
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.intent import tenant_of, tenant_slice
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Project
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import Place
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem
from ansible_collections.anycloud.container_host.plugins.plugin_utils._compose_file import Source

# What the control node uses up; all other options go to the module as they are.
OWN_OPTIONS: dict[str, dict[str, t.Any]] = {
    "project_name": {"type": "str", "default": ""},
    "compose_file": {"type": "str", "default": ""},
    "files": {"type": "list", "elements": "str", "default": []},
    "profiles": {"type": "list", "elements": "str", "default": []},
    "services": {"type": "list", "elements": "str", "default": []},
    "definition": {"type": "dict"},
    "environment": {"type": "dict", "default": {}},
    "project_directory": {"type": "str", "default": ""},
    "tenant": {"type": "str", "default": ""},
}
# Made here, never given by people.
MODEL_OPTION = "model"
CONTEXTS_OPTION = "build_contexts"
# What the module answers when it has to build and has not got what from.
NEEDED = "needed_build_contexts"


def wrong_options(own: t.Mapping[str, t.Any], given: t.Mapping[str, t.Any]) -> str:
    """What is wrong with the options taken together; "" when nothing is."""
    for option in (MODEL_OPTION, CONTEXTS_OPTION):
        if option in given:
            return f"option {option} is filled by the collection; give compose_file or definition"
    if own["compose_file"] and own["definition"] is not None:
        return "options compose_file and definition exclude each other; give one of them"
    if own["files"] and (own["compose_file"] or own["definition"] is not None):
        return "option files excludes compose_file and definition; give all files in files"
    if own["tenant"] and not tenant_of(tenant_slice(own["tenant"])):
        return f"option tenant: {own['tenant']!r} is no tenant's name; use up to 32 lowercase letters, digits and _"
    if (
        not own["compose_file"]
        and not own["files"]
        and own["definition"] is None
        and given.get("state", "present") == "present"
    ):
        return "state present needs a workload; give option compose_file or definition"
    return ""


def source_of(
    own: t.Mapping[str, t.Any], compose_file: str, base_directory: str, more_files: t.Sequence[str] = ()
) -> Source:
    """The source that the options name; ``compose_file`` and ``more_files`` are already absolute."""
    return Source(
        project_name=own["project_name"],
        compose_file=compose_file,
        definition=own["definition"],
        environment=own["environment"] or {},
        project_directory=own["project_directory"],
        base_directory=base_directory,
        more_files=tuple(more_files),
        profiles=tuple(own.get("profiles") or ()),
        services=tuple(own.get("services") or ()),
        cgroup_parent=tenant_slice(own["tenant"]) if own.get("tenant") else "",
    )


def module_arguments(given: t.Mapping[str, t.Any], project: Project) -> dict[str, t.Any]:
    """The module's options: those that aren't the control node's own, and the model as JSON text.

    Text, so that the module can hide it as one value: it holds the services' environment.
    """
    model = json.dumps(project.to_plain(), sort_keys=True)
    return {**{name: value for name, value in given.items() if name not in OWN_OPTIONS}, MODEL_OPTION: model}


def input_failure(error: InputError, place: str) -> dict[str, t.Any]:
    """The failed result: one message with all problems, and the same as data."""
    count = len(error.problems)
    head = f"{place or 'the workload'} has {count} problem{'s' if count != 1 else ''}"
    return {"failed": True, "changed": False, **_told(head, error.problems)}


def host_failure(done: t.Mapping[str, t.Any], written: t.Mapping[str, Place], place: str) -> dict[str, t.Any]:
    """The module's result; one that failed at places of the input gets their lines, which the host doesn't know."""
    problems = [_at_its_line(Problem(**entry), written) for entry in done.get("problems") or []]
    if not problems:
        return dict(done)
    return {**done, **_told(f"{place or 'the workload'} can't be carried out on this host", problems)}


def _told(head: str, problems: t.Sequence[Problem]) -> dict[str, t.Any]:
    return {
        "msg": "\n".join([f"{head}:", *(f"- {problem}" for problem in problems)]),
        "problems": [problem.as_dict() for problem in problems],
    }


def _at_its_line(problem: Problem, written: t.Mapping[str, Place]) -> Problem:
    """What has no line of its own gets that of what holds it."""
    path = problem.path
    while path and path not in written:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    place = written.get(path, Place())
    return dataclasses.replace(problem, line=place.line, file=place.file)
