# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of the conformance cases is whole, and its scripts and answers mean what they say."""

from __future__ import annotations

import subprocess
import typing as t
from pathlib import Path

import pytest
import yaml
from conformance import table as conformance

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Project
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.identity import EngineIdentity
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.lacks import problems
from ansible_collections.anycloud.container_host.plugins.plugin_utils._compose_file import Source, read_project

CASES = conformance.load()
FOLDER = conformance.HERE
SERVICES = {
    project: {
        name for file in files for name in yaml.safe_load((FOLDER / file).read_text(encoding="utf-8"))["services"]
    }
    for project, files in {
        "conformance": ("project/compose.yml",),
        "conformance-ends": ("ends/compose.yml",),
        "conformance-restarts": ("restarts/compose.yml", "restarts/asleep.yml"),
    }.items()
}


def write(folder: Path, *entries: dict[str, t.Any], **more: t.Any) -> Path:
    (folder / "some.yml").write_text(
        yaml.safe_dump({"topic": "Some", **more, "cases": list(entries)}), encoding="utf-8"
    )
    return folder


GOOD = {"name": "one", "says": "It is so", "in": "web", "run": "true"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "name is missing"),
        ({"says": ""}, "says is missing"),
        ({"of": "up.web"}, "give run or of"),
        ({"runs": "true"}, "unknown key runs"),
        ({"at": "rebooted"}, "no such stage: rebooted"),
        ({"at": "never"}, "no such stage: never"),
        ({"expect": "a", "documented": {"docker": "a", "podman": "b", "reason": "c"}}, "give expect or documented"),
        ({"documented": {"docker": "a", "podman": "b"}}, "documented needs docker, podman and reason"),
        ({"documented": {"docker": "a", "podman": "a", "reason": "c"}}, "documented, but no difference"),
    ],
)
def test_a_bad_case_is_refused(tmp_path: Path, changes: dict[str, t.Any], message: str) -> None:
    with pytest.raises(conformance.CaseError, match=message):
        conformance.load(write(tmp_path, {**GOOD, **changes}))


def test_a_case_without_a_place_or_with_one_too_many_is_refused(tmp_path: Path) -> None:
    for entry in (
        {"name": "one", "says": "a", "run": "true"},
        {"name": "one", "says": "a", "of": "up.web", "in": "web"},
    ):
        with pytest.raises(conformance.CaseError, match="give in with run"):
            conformance.load(write(tmp_path, entry))


def test_an_unknown_group_and_a_name_given_twice_are_refused(tmp_path: Path) -> None:
    with pytest.raises(conformance.CaseError, match="unknown group some"):
        conformance.load(write(tmp_path, GOOD, group="some"))
    with pytest.raises(conformance.CaseError, match="of the same name: some/one"):
        conformance.load(write(tmp_path, GOOD, GOOD))


@pytest.mark.parametrize("case", [case for case in CASES if case.run], ids=lambda case: case.id)
def test_where_a_case_runs_there_is_such_a_service(case: conformance.Case) -> None:
    name = case.place.rpartition("-")[0] or case.place
    assert case.place == conformance.HOST or name in SERVICES[conformance.STAGES[case.at]]


@pytest.mark.parametrize("case", [case for case in CASES if case.of], ids=lambda case: case.id)
def test_what_a_case_reads_there_is(case: conformance.Case) -> None:
    stage, _dot, name = case.of.partition(".")
    if stage in ("actions", "reasons"):
        assert name in conformance.GROUP_STAGES[case.group]
        assert isinstance(case.expect, list)
        assert case.expect == sorted(case.expect)
    else:
        project = conformance.STAGES.get(stage, "conformance")
        assert name in SERVICES[project]
        assert case.differs is None
        assert isinstance(case.expect, dict)


@pytest.mark.parametrize("stage", conformance.STAGES)
def test_scripts_are_shell(stage: str) -> None:
    text = conformance.script(CASES, stage)
    assert text.count("== ") >= sum(bool(case.run) and case.at == stage for case in CASES)
    subprocess.run(["bash", "-n"], input=text, text=True, check=True)


def test_a_script_says_which_answer_is_whose(tmp_path: Path) -> None:
    engine = tmp_path / "engine"
    # stands for an engine: runs in place what it is told to execute, and knows one container only
    engine.write_text(
        '#!/bin/sh\n[ "$1" = exec ] || exit 1\nshift 3\nname=$1\nshift\n'
        '[ "$name" = conformance-web-1 ] || { echo "no such container $name"; exit 1; }\nexec "$@"\n',
        encoding="utf-8",
    )
    engine.chmod(0o755)
    entries = [
        {**GOOD, "name": "two_lines", "run": "echo 'a  b'; echo \"it's\""},
        {**GOOD, "name": "fails", "run": "echo on the way; exit 3"},
        {**GOOD, "name": "reads_nothing", "run": "printf half; cat"},
        {**GOOD, "name": "gone", "in": "gone"},
        {**GOOD, "name": "outside", "in": "host", "run": 'basename "$ENGINE"; test -d "$WORK"; echo $?'},
    ]
    cases = conformance.load(write(tmp_path, *entries))
    done = subprocess.run(
        ["bash", "-s"],
        input=conformance.script(cases, "up"),
        env={"PATH": "/usr/bin:/bin", "ENGINE": str(engine), "WORK": str(tmp_path / "work")},
        capture_output=True,
        text=True,
        check=True,
    )
    observed = {"said": {"up": done.stdout}}
    assert [conformance.found(case, observed) for case in cases if case.place != "gone"] == [
        "a  b\nit's",
        "on the way",
        "half",
        "engine\n0",
    ]
    with pytest.raises(conformance.CaseError, match="some/gone was not run: no such container conformance-gone-1"):
        conformance.found(next(case for case in cases if case.place == "gone"), observed)


def test_what_the_modules_returned_is_found_by_the_keys_that_are_expected(tmp_path: Path) -> None:
    state, actions = conformance.load(
        write(
            tmp_path,
            {"name": "state", "says": "a", "of": "up.web", "expect": {"state": "running"}},
            {"name": "actions", "says": "a", "of": "actions.mended", "expect": ["start_container web"]},
        )
    )
    service = {"service": "web", "state": "exited", "exit_code": 1}
    observed = {"services": {"up": [service]}, "actions": {"mended": ["start_container web"]}}
    assert conformance.found(state, observed) == {"state": "exited"} != state.expected("docker")
    assert conformance.found(actions, observed) == actions.expected("podman")
    with pytest.raises(conformance.CaseError, match="no service web"):
        conformance.found(state, {"services": {"up": []}})


@pytest.mark.parametrize(
    ("stage", "place", "expected"),
    [
        ("up", "web", "conformance-web-1"),
        ("mended", "web-2", "conformance-web-2"),
        ("ends", "is_sick", "conformance-ends-is_sick-1"),
    ],
)
def test_container(stage: str, place: str, expected: str) -> None:
    assert conformance.container(stage, place) == expected


def test_a_documented_difference_is_expected_of_each_engine(tmp_path: Path) -> None:
    documented = {"docker": "a", "podman": "b", "reason": "two\nlines"}
    (case,) = conformance.load(write(tmp_path, {**GOOD, "documented": documented}))
    assert (case.expected("docker"), case.expected("podman"), case.reason) == ("a", "b", "two lines")


def project_of(*files: str, name: str = "") -> Project:
    source = Source(
        name,
        str(FOLDER / files[0]),
        environment={"IMAGE": "localhost/x:1", "SITE": "here", "PASSWORD": "p", "PASSED_ON": "passed on"},
        project_directory="/var/lib/conformance",
        more_files=tuple(str(FOLDER / file) for file in files[1:]),
    )

    def read_text(path: str) -> t.Optional[str]:
        return Path(path).read_text(encoding="utf-8") if Path(path).is_file() else None

    return read_project(source, read_text)


@pytest.mark.parametrize(
    "files",
    [
        ("project/compose.yml", "project/more.yml", "project/going.yml"),
        ("ends/compose.yml",),
        ("restarts/compose.yml",),
        ("restarts/asleep.yml",),
    ],
)
def test_both_engines_have_all_that_the_projects_ask_for(files: tuple[str, ...]) -> None:
    project = project_of(*files)
    assert project.name in {*conformance.STAGES.values(), "conformance-asleep"}
    for engine in (EngineIdentity("docker", "20.10.24", "1.41", "/s"), EngineIdentity("podman", "5.4.2", "1.41", "/s")):
        assert problems(project, engine) == []


def test_the_merged_service_is_what_its_cases_say() -> None:
    merged = project_of("project/compose.yml", "project/more.yml").services["merged/2"]
    assert merged.container_name == "conformance-merged-2"
    assert merged.environment["FROM_BOTH_FILES"] == "second"
    assert merged.environment["INTERPOLATED"] == "here default is set $SITE"
    assert merged.labels == {
        "example.base": "base",
        "example.file": "label file",
        "example.kept": "service",
        "example.merged": "more",
    }


def test_what_is_run_in_containers_is_shell() -> None:
    for case in CASES:
        done = subprocess.run(["sh", "-n"], input=case.run, text=True, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), case.id
