# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``links`` and ``volumes_from``: what they become, and what is refused."""

from __future__ import annotations

import pytest
import yaml

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.load import load
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Mount, Project
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError


def read(services: str) -> Project:
    top = {"volumes": {"data": {}, "more": {"x-shared-writers": True}}, "networks": {"back": {}}}
    return load({**top, "services": yaml.safe_load(services)}, project_name="p")


def aliases(project: Project, service: str) -> dict[str, tuple[str, ...]]:
    return {name: attachment.aliases for name, attachment in project.services[service].networks.items()}


def test_links_are_aliases_on_the_networks_of_both_and_an_order() -> None:
    project = read(
        "{web: {image: a, links: ['db:database', cache], networks: [default, back]},"
        " db: {image: a, networks: [back]}, cache: {image: a}}"
    )
    assert aliases(project, "db") == {"p_back": ("db", "database")}
    assert aliases(project, "cache") == {"p_default": ("cache",)}
    assert project.services["web"].depends_on == {"db": "service_started", "cache": "service_started"}


def test_a_link_keeps_the_condition_that_is_given() -> None:
    text = "{web: {image: a, links: [db], depends_on: {db: {condition: service_healthy}}},"
    project = read(f"{text} db: {{image: a, healthcheck: {{test: 'true'}}}}}}")
    assert project.services["web"].depends_on == {"db": "service_healthy"}


def test_two_links_may_use_one_name_for_one_service() -> None:
    project = read("{a: {image: a, links: ['db:x']}, b: {image: a, links: ['db:x', 'db:y']}, db: {image: a, scale: 2}}")
    assert aliases(project, "db") == aliases(project, "db/2") == {"p_default": ("db", "x", "y")}


def test_volumes_from_adds_what_is_not_there_yet() -> None:
    project = read(
        "{app: {image: a, volumes: ['more:/more', '/srv:/srv:ro', 'data:/own'], tmpfs: /tmp},"
        " web: {image: a, volumes: ['/here:/own'], volumes_from: [app]}, read: {image: a, volumes_from: ['web:ro']}}"
    )
    more, srv = Mount("volume", "/more", "p_more"), project.services["app"].mounts[1]
    assert (srv.source, srv.read_only) == ("/srv", True)
    assert project.services["web"].mounts[1:] == (more, srv)
    assert project.services["web"].depends_on == {"app": "service_started"}
    read_only = project.services["read"].mounts
    assert [mount.target for mount in read_only] == ["/own", "/more", "/srv"]
    assert all(mount.read_only for mount in read_only)


REFUSED = [
    ("{web: {image: a, links: [gone]}}", "web.links[0]", "define gone"),
    ("{web: {image: a, links: [web]}}", "web.links[0]", "the service itself"),
    ("{web: {image: a, links: {db: x}}, db: {image: a}}", "web.links", "must be a list"),
    ("{web: {image: a, links: [db], network_mode: host}, db: {image: a}}", "web.links[0]", "shares no network"),
    ("{web: {image: a, links: [db]}, db: {image: a, networks: [back]}}", "web.links[0]", "shares no network"),
    ("{web: {image: a, links: ['db:cache']}, db: {image: a}, cache: {image: a}}", "web.links[0]", "cache is known as"),
    ("{web: {image: a, links: ['db:x', 'cache:x']}, db: {image: a}, cache: {image: a}}", "web.links[1]", "db is known"),
    ("{web: {image: a, links: [db]}, db: {image: a, links: [web]}}", "web.depends_on", "depend on each other"),
    ("{web: {image: a, volumes_from: ['container:x']}}", "web.volumes_from[0]", "name a service"),
    ("{web: {image: a, volumes_from: [gone]}}", "web.volumes_from[0]", "define gone"),
    ("{web: {image: a, volumes_from: ['db:x']}, db: {image: a}}", "web.volumes_from[0]", "use ro or rw"),
    ("{web: {image: a, volumes_from: [db]}, db: {image: a, volumes: ['data:/d']}}", "db.volumes", "x-shared-writers"),
    ("{web: {image: a, volumes_from: [db]}, db: {image: a, volumes_from: [web]}}", "web.volumes_from", "each other's"),
]


@pytest.mark.parametrize(("services", "path", "part"), REFUSED)
def test_what_is_refused(services: str, path: str, part: str) -> None:
    with pytest.raises(InputError) as caught:
        read(services)
    found = [problem for problem in caught.value.problems if problem.path == f"services.{path}"]
    assert [part in f"{problem.message}; {problem.remedy}" for problem in found] == [True], caught.value.problems
    assert len(caught.value.problems) == 1
