# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compose files in the shape of those that run out there: each is planned for both engines, and a second time not."""

from __future__ import annotations

import json
import pathlib

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.delivery import deliver
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.digest import service_digest
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.labels import (
    container_labels,
    network_labels,
    volume_labels,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Project
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.observed import (
    FILE_RIGHT,
    ObservedContainer,
    ObservedImage,
    ObservedNetwork,
    ObservedProject,
    ObservedVolume,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.plan import plan
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.arguments import (
    container_payload,
    network_arguments,
    volume_arguments,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.identity import EngineIdentity
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.lacks import problems
from ansible_collections.anycloud.container_host.plugins.plugin_utils._compose_file import Source, read_project

STACKS = sorted((pathlib.Path(__file__).parents[2] / "fixtures" / "compose").glob("*.yml"))
ENVIRONMENT = {
    "SECRET_KEY": "k" * 64,
    "RESTIC_PASSWORD": "p",
    "JENKINS_URL": "http://ci.example",
    "PG_PASSWORD": "p",
    "SESSION_SECRET": "s",
}
# What these ask for that one of the two engines doesn't have in any version.
LACKING = {
    "chat_matrix": {"podman": ["services.element.tmpfs"]},
    "legacy_version_2": {"podman": ["services.web.domainname"]},
    "wiki_bookstack": {"podman": ["services.mariadb.healthcheck.start_interval"]},
    "wiki_mediawiki": {"podman": ["services.mediawiki.volumes"]},
}
ENGINES = {
    "docker": EngineIdentity("docker", "28.0.1", "1.48", "/s"),
    "podman": EngineIdentity("podman", "5.4.2", "1.41", "/s"),
}


def read(path: pathlib.Path, **options: tuple[str, ...]) -> Project:
    """The project, with a file of one line wherever it wants one."""
    text = path.read_text(encoding="utf-8")
    source = Source(
        "" if text.startswith("name:") else "p",
        str(path),
        environment=ENVIRONMENT,
        project_directory="/srv/p",
        profiles=("*",),
        **options,
    )
    return read_project(source, lambda name: text if name == str(path) else "KEY=value\n")


def deployed(project: Project, paths: list[str]) -> ObservedProject:
    """The host after the project was deployed."""
    images = {service.image for service in project.services.values()}
    return ObservedProject(
        project.name,
        containers={
            service.container_name: ObservedContainer(
                service.container_name,
                service.name,
                service.key,
                "running",
                service_digest(service),
                f"sha256:{service.image}",
                networks=tuple(service.networks),
            )
            for service in project.services.values()
        },
        images={image: ObservedImage(f"sha256:{image}") for image in images},
        networks={
            network.name: ObservedNetwork(network.name, network_labels(project.name, key, network))
            for key, network in project.networks.items()
        },
        volumes={
            volume.name: ObservedVolume(volume.name, volume_labels(project.name, key, volume))
            for key, volume in project.volumes.items()
        },
        files=dict.fromkeys(paths, FILE_RIGHT),
    )


def empty(project: Project) -> ObservedProject:
    """A host with nothing but what the project takes as given."""
    return ObservedProject(
        project.name,
        networks={one.name: ObservedNetwork(one.name) for one in project.networks.values() if one.external},
        volumes={one.name: ObservedVolume(one.name) for one in project.volumes.values() if one.external},
    )


def test_there_are_enough() -> None:
    assert len(STACKS) >= 40


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("path", STACKS, ids=lambda path: path.stem)
def test_a_stack_is_planned(path: pathlib.Path, engine: str) -> None:
    project, files = deliver(read(path), b"k" * 32)
    lacking = [problem.path for problem in problems(project, ENGINES[engine])]
    assert lacking == LACKING.get(path.stem, {}).get(engine, [])
    made = plan(project, empty(project))
    created = [action.name for action in made.actions if action.kind == "create_container"]
    started = [action.name for action in made.actions if action.kind == "start_container"]
    assert sorted(created) == sorted(started) == sorted(one.container_name for one in project.services.values())
    assert {action.name for action in made.actions if action.kind == "deliver_file"} == set(files)
    for service in project.services.values():
        payload = json.dumps(container_payload(project.name, service, engine))
        assert service.image in payload
        assert container_labels(project.name, service)["com.docker.compose.service"] == service.name
    for key, network in project.networks.items():
        json.dumps(network_arguments(project.name, key, network, engine))
    for key, volume in project.volumes.items():
        json.dumps(volume_arguments(project.name, key, volume))


@pytest.mark.parametrize("path", STACKS, ids=lambda path: path.stem)
def test_a_stack_that_is_deployed_is_left_alone(path: pathlib.Path) -> None:
    project, files = deliver(read(path), b"k" * 32)
    assert plan(project, deployed(project, list(files))).actions == ()
