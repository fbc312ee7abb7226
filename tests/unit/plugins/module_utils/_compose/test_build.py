# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``build``: what it is read as, what decides an image, and what is refused."""

from __future__ import annotations

import typing as t

import pytest
import yaml

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.build import OUTSIDE
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.digest import service_digest
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.load import load
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Project
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model_build import Build
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import BadValueError
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.tree import Node, grow
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError


def contexts(context: str, dockerfile: str, text: str) -> str:
    if context == "gone":
        raise BadValueError("directory gone isn't there", "create it")
    return f"{context}|{dockerfile}|{text}"


def read(services: str, more: t.Sequence[Node] = (), **files: str) -> Project:
    return load(
        {"services": yaml.safe_load(services)},
        project_name="shop",
        variables={"VERSION": "7"},
        more=more,
        read_document=lambda path: grow(yaml.safe_load(files[path.strip("./")[:-4]])),
        read_context=contexts,
    )


def build(text: str) -> Build:
    found = read(f"{{web: {{build: {text}}}}}").services["web"].build
    assert found is not None
    return found


def test_a_text_is_the_context_and_the_image_gets_a_name() -> None:
    web = read("{web: {build: ./app}}").services["web"]
    assert web.image == "localhost/shop-web:latest"
    assert web.build is not None
    assert (web.build.context, web.build.dockerfile) == ("./app||", "Dockerfile")
    assert web.pull_policy == "missing"


def test_all_keys() -> None:
    text = """{context: app, dockerfile: ./docker/Web, args: [A=1, VERSION], labels: {l: x}, target: run, network: host,
      pull: true, no_cache: true, cache_from: [x], x-mine: 1}"""
    found = build(text)
    assert found == Build(
        "app|./docker/Web|",
        found.digest,
        "docker/Web",
        {"A": "1", "VERSION": "7"},
        {"l": "x"},
        "run",
        "host",
        True,
        True,
    )


@pytest.mark.parametrize(
    ("text", "context", "dockerfile"),
    [
        ("{dockerfile_inline: FROM scratch}", ".||FROM scratch", OUTSIDE),
        ("{context: a, dockerfile: ../Dockerfile}", "a|../Dockerfile|", OUTSIDE),
        ("{context: a, dockerfile: /srv/Dockerfile}", "a|/srv/Dockerfile|", OUTSIDE),
        ("{context: a, dockerfile: x/../y}", "a|x/../y|", "y"),
        ("{target: run}", ".||", "Dockerfile"),
    ],
)
def test_where_the_dockerfile_is(text: str, context: str, dockerfile: str) -> None:
    found = build(text)
    assert (found.context, found.dockerfile) == (context, dockerfile)


@pytest.mark.parametrize(
    "other",
    [
        "{context: b}",
        "{context: a, args: {A: 1}}",
        "{context: a, labels: {A: 1}}",
        "{context: a, target: x}",
        "{context: a, network: none}",
        "{context: a, dockerfile: x}",
    ],
)
def test_what_decides_the_image(other: str) -> None:
    assert build("a").digest != build(other).digest


@pytest.mark.parametrize("other", ["{context: a, pull: true}", "{context: a, no_cache: true}"])
def test_what_only_says_how_to_get_there(other: str) -> None:
    assert build("a").digest == build(other).digest


def test_the_platform_decides_the_image_and_the_build_not_the_container() -> None:
    plain, arm = (read(f"{{web: {{build: a{more}}}}}").services["web"] for more in ("", ", platform: linux/arm64"))
    assert plain.build is not None
    assert arm.build is not None
    assert plain.build.digest != arm.build.digest
    same = read("{web: {build: b}}").services["web"]
    assert service_digest(plain) == service_digest(same)


def test_services_share_an_image_that_one_builds() -> None:
    services = read("{web: {build: a, image: shop/app}, worker: {image: shop/app, pull_policy: never}}").services
    assert services["worker"].build == services["web"].build is not None


def test_merging_takes_a_text_as_the_context() -> None:
    over = grow(yaml.safe_load("{services: {web: {build: {args: {A: 2}, target: run}}}}"))
    found = read("{web: {build: a}}", more=[over]).services["web"].build
    assert found is not None
    assert (found.context, found.args, found.target) == ("a||", {"A": "2"}, "run")


@pytest.mark.parametrize(
    ("text", "context"),
    [("./app", "./sub/app"), ("{context: ../app}", "./app"), ("{context: /app}", "/app"), ("{target: x}", "sub")],
)
def test_contexts_of_other_files_begin_there(text: str, context: str) -> None:
    base = f"services: {{base: {{build: {text}}}}}"
    project = load(
        {"services": {"web": {"extends": {"file": "sub/base.yml", "service": "base"}}}},
        project_name="shop",
        read_document=lambda _path: grow(yaml.safe_load(base)),
        read_context=contexts,
    )
    found = project.services["web"].build
    assert found is not None
    assert found.context == f"{context}||"


REFUSED = [
    ("{build: gone}", "build", "gone isn't there"),
    ("{build: ''}", "build", "give a directory"),
    ("{build: 7}", "build", "must be a mapping"),
    ("{build: {context: https://x.example/a.git}}", "build.context", "fetch it first"),
    ("{build: 'git@x:a.git'}", "build", "fetch it first"),
    ("{build: {context: a, dockerfile: b, dockerfile_inline: c}}", "build.dockerfile_inline", "keep one"),
    ("{build: {context: a, network: bridge}}", "build.network", "host or none"),
    ("{build: {context: a, args: [MISSING]}}", "build.args[0]", "MISSING is not set"),
    ("{build: {context: a, secrets: [x]}}", "build.secrets", "BuildKit"),
    ("{build: {context: a, tags: [x]}}", "build.tags", "use image"),
    ("{build: {context: a, dockerflie: x}}", "build.dockerflie", "did you mean dockerfile?"),
    (
        "{build: {context: a, labels: {io.anycloud.container-host.x: y}}}",
        "build.labels.io.anycloud.container-host.x",
        "by",
    ),
    ("{build: a, pull_policy: always}", "pull_policy", "build.pull"),
    (f"{{build: a, image: 'x@sha256:{'0' * 64}'}}", "image", "give it a tag"),
    ("{image: a, pull_policy: build}", "pull_policy", "give build"),
    ("{build: null}", "", "or build"),
]


@pytest.mark.parametrize(("text", "path", "part"), REFUSED)
def test_what_is_refused(text: str, path: str, part: str) -> None:
    with pytest.raises(InputError) as caught:
        read(f"{{web: {text}}}")
    (problem,) = caught.value.problems
    assert problem.path == f"services.web.{path}".rstrip(".")
    assert part in f"{problem.message}; {problem.remedy}"


@pytest.mark.parametrize(
    ("worker", "path"),
    [
        ("{build: b, image: app}", "services.worker.image"),
        ("{image: app, pull_policy: always}", "services.worker.pull_policy"),
    ],
)
def test_one_image_is_built_from_one_thing(worker: str, path: str) -> None:
    with pytest.raises(InputError) as caught:
        read(f"{{web: {{build: a, image: app}}, worker: {worker}}}")
    assert [problem.path for problem in caught.value.problems] == [path]
