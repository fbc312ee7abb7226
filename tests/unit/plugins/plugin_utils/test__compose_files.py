# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Projects of several files: merging, include, extends and profiles, with the place of what is wrong."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Mount, Port, Project
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem
from ansible_collections.anycloud.container_host.plugins.plugin_utils._compose_file import Source, read_project

Files = dict[str, str]
MAIN = "/p/compose.yml"


def read(files: Files, more: tuple[str, ...] = (), **options: t.Any) -> Project:
    """The project of ``files``, paths below /p."""
    there = {f"/p/{path}": text for path, text in files.items()}
    source = Source("p", MAIN, project_directory="/srv/p", more_files=tuple(f"/p/{path}" for path in more), **options)
    return read_project(source, there.get)


def problems(files: Files, more: tuple[str, ...] = (), **options: t.Any) -> list[Problem]:
    with pytest.raises(InputError) as caught:
        read(files, more, **options)
    return list(caught.value.problems)


def test_two_files() -> None:
    project = read(
        {
            "compose.yml": "services: {web: {image: a, ports: ['80:80'], environment: [A=1]}}",
            "more/production.yml": "services:\n web:\n  image: b\n  env_file: x.env\n  ports: !override ['90:80']\n",
            "x.env": "X=y",
        },
        ("more/production.yml",),
    )
    web = project.services["web"]
    assert web.image == "docker.io/library/b:latest"
    assert web.ports == (Port(80, 90),)
    assert web.environment == {"X": "y", "A": "1"}


def test_problems_name_the_file_they_are_in() -> None:
    found = problems(
        {
            "compose.yml": "services:\n web:\n  image: a\n  ports: ['80:80']\n  prots: []\n",
            "over.yml": "services:\n web:\n  ports:\n   - '81:81'\n   - '999999:80'\n  user: ${NOPE}\n",
        },
        ("over.yml",),
    )
    assert [(entry.file, entry.line, entry.path) for entry in found] == [
        ("compose.yml", 5, "services.web.prots"),
        ("over.yml", 5, "services.web.ports[2]"),
        ("over.yml", 6, "services.web.user"),
    ]
    assert str(found[0]) == "services.web.prots (compose.yml, line 5): unknown key; did you mean ports?"
    assert found[1].as_dict()["file"] == "over.yml"


def test_a_second_file_that_is_not_there() -> None:
    found = problems({"compose.yml": "services: {web: {image: a}}"}, ("gone.yml",))
    assert [entry.message for entry in found] == ["/p/gone.yml isn't there"]


def test_include() -> None:
    project = read(
        {
            "compose.yml": "include: [db/compose.yml]\nservices: {web: {image: a, depends_on: [db]}}",
            "db/compose.yml": (
                "name: other\nservices:\n db:\n  image: db:${TAG}\n  env_file: db.env\n"
                "  volumes: ['./init:/init', 'data:/d']\nvolumes: {data: }\n"
            ),
            "db/.env": "TAG=16",
            "db/db.env": "A=${TAG:-none}",
            ".env": "OTHER=1",
        }
    )
    db = project.services["db"]
    assert project.name == "p"
    assert db.image == "docker.io/library/db:16"
    assert db.mounts == (
        Mount("bind", "/init", "/srv/p/db/init", create_source=True),
        Mount("volume", "/d", "p_data"),
    )
    assert list(project.services) == ["web", "db"]


def test_include_in_its_long_form_and_nested() -> None:
    project = read(
        {
            "compose.yml": (
                "include:\n - path: [sub/a.yml, sub/b.yml]\n   project_directory: base\n   env_file: [v.env]\n"
                "services: {web: {image: a}}"
            ),
            "sub/a.yml": "include: [deep/c.yml]\nservices: {one: {image: x, volumes: ['./y:/y'], env_file: e.env}}",
            "sub/b.yml": "services: {one: {image: 'x:${V}'}}",
            "base/e.env": "E=1",
            "base/deep/c.yml": "services: {two: {image: z, volumes: ['../q:/q']}}",
            "v.env": "V=7",
        }
    )
    assert project.services["one"].image == "docker.io/library/x:7"
    assert project.services["one"].mounts[0].source == "/srv/p/base/y"
    assert project.services["one"].environment == {"E": "1"}
    assert project.services["two"].mounts[0].source == "/srv/p/base/q"


def test_the_projects_own_variables_win_over_those_of_what_it_includes() -> None:
    files = {
        "compose.yml": "include: [s/c.yml]\nservices: {}",
        "s/c.yml": "services: {a: {image: 'x:${T}'}}",
        "s/.env": "T=inner",
    }
    assert read(files).services["a"].image.endswith(":inner")
    assert read(files, environment={"T": "outer"}).services["a"].image.endswith(":outer")


def test_what_is_included_twice_and_differs_is_refused() -> None:
    files = {
        "compose.yml": "include: [a.yml, b.yml]\nservices: {}",
        "a.yml": "services: {x: {image: a}}\nvolumes: {v: {}}",
        "b.yml": "services: {x: {image: b}}\nvolumes: {v: {}}",
    }
    found = problems(files)
    assert [(entry.path, entry.file) for entry in found] == [("services.x", "a.yml")]
    assert "also defined by b.yml" in found[0].message
    over = {**files, "b.yml": "services: {x: {image: a}}"}
    assert list(read(over).services) == ["x"]


def test_a_file_that_includes_itself() -> None:
    found = problems({"compose.yml": "include: [a.yml]\nservices: {}", "a.yml": "include: [a.yml]\nservices: {}"})
    assert "a.yml includes itself: a.yml -> a.yml" in [entry.message for entry in found]


def test_a_problem_of_an_included_file_names_it() -> None:
    found = problems({"compose.yml": "include: [d/a.yml]\nservices: {}", "d/a.yml": "services:\n x:\n  imge: a\n"})
    assert [(entry.file, entry.line) for entry in found] == [("d/a.yml", 2), ("d/a.yml", 3)]


def test_extends() -> None:
    project = read(
        {
            "compose.yml": (
                "services:\n web: {extends: base, ports: ['80:80'], environment: {B: 2}}\n"
                " base: {extends: {file: common/c.yml, service: root}, image: b}\n"
            ),
            "common/c.yml": (
                "services:\n root: {extends: up, environment: [A=1, B=1], env_file: r.env, volumes: ['./d:/d']}\n"
                " up: {init: true, image: u}\n other: {image: '${NOT_SET}'}\n"
            ),
            "common/r.env": "R=1",
        }
    )
    web = project.services["web"]
    assert web.image == "docker.io/library/b:latest"
    assert web.init is True
    assert web.environment == {"R": "1", "A": "1", "B": "2"}
    assert web.mounts == (Mount("bind", "/d", "/srv/p/common/d", create_source=True),)
    assert project.services["base"].ports == ()


def test_extends_across_files_in_a_circle() -> None:
    found = problems(
        {
            "compose.yml": "services: {a: {image: x, extends: {file: o.yml, service: b}}}",
            "o.yml": "services: {b: {extends: {file: o.yml, service: b}}}",
        }
    )
    assert "services extend each other: b -> b" in [entry.message for entry in found]


PROFILED = """
services:
  web: {image: a}
  debug: {image: b, profiles: [debug, dev], depends_on: {tool: {condition: service_started, required: false}}}
  tool: {image: c, profiles: [tools], mem_swappiness: 5}
"""


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["web"]),
        ({"profiles": ("debug",)}, ["web", "debug"]),
        ({"profiles": ("dev", "other")}, ["web", "debug"]),
        ({"services": ("debug",)}, ["web", "debug"]),
    ],
)
def test_profiles(options: dict[str, t.Any], expected: list[str]) -> None:
    project = read({"compose.yml": PROFILED}, **options)
    assert list(project.services) == expected
    assert all(service.depends_on == {} for service in project.services.values())


def test_all_profiles_and_services_that_are_not_there() -> None:
    assert [entry.path for entry in problems({"compose.yml": PROFILED}, profiles=("*",))] == [
        "services.tool.mem_swappiness"
    ]
    found = problems({"compose.yml": PROFILED}, services=("dbug",))
    assert "no service dbug" in found[0].message
