# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of earlier revisions, through whole deployments on an engine in memory."""

from __future__ import annotations

import typing as t

import pytest
from fake_engine import FakeEngine
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Project, Service
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.deploy import Deployment, Settings
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

NOTE = "/var/lib/container-host/revisions/shop.json"


class Host(FakeHostIO):
    def __init__(self) -> None:
        super().__init__(commands={("systemctl",): (0, "", "")})
        self.now = 0.0

    def local_port_is_free(self, port: int) -> bool:
        return True

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def reference(tag: int) -> str:
    return f"example.org/shop:{tag}"


def identity(tag: int) -> str:
    return f"sha256:{tag:064d}"


def project(tag: int, name: str = "shop") -> Project:
    return Project(name, {"web": Service("web", f"{name}-web-1", reference(tag))})


class World:
    """One engine and one host."""

    def __init__(self, engine: str = "docker") -> None:
        images = {
            reference(tag): {"Id": identity(tag), "RepoTags": [reference(tag)], "RepoDigests": []}
            for tag in range(1, 6)
        }
        self.engine = FakeEngine(engine, images)
        self.host = Host()

    def run(self, wanted: Project, check_mode: bool = False, **settings: t.Any) -> tuple[list[str], bool]:
        """The ids of the images that the plan removes, and whether anything is changed."""
        deployment = Deployment(self.engine, self.host, wanted, Settings(**settings))  # type: ignore[arg-type]
        plan = deployment.plan(check_mode)
        if not check_mode:
            deployment.apply(plan)
        removed = [action.name for action in plan.actions if action.kind == "remove_image"]
        return removed, plan.changed or deployment.notes_revision

    @property
    def there(self) -> list[int]:
        return sorted(int(entry["Id"].rpartition(":")[2]) for entry in self.engine.images.values())


@pytest.fixture(params=["docker", "podman"])
def world(request: pytest.FixtureRequest) -> World:
    return World(request.param)


def test_only_the_last_revisions_keep_their_images(world: World) -> None:
    for tag in (1, 2, 3):
        world.run(project(tag), keep_revisions=2)
    assert world.there == [2, 3, 4, 5]
    assert world.run(project(4), keep_revisions=2) == ([identity(2)], True)
    assert world.there == [3, 4, 5]


def test_a_second_run_has_nothing_to_do(world: World) -> None:
    for tag in (1, 2):
        world.run(project(tag), keep_revisions=1)
    assert world.run(project(2), keep_revisions=1) == ([], False)
    assert world.run(project(2), keep_revisions=1, check_mode=True) == ([], False)


def test_check_mode_tells_and_touches_nothing(world: World) -> None:
    world.run(project(1), keep_revisions=1)
    before = world.host.files[NOTE]
    assert world.run(project(2), keep_revisions=1, check_mode=True) == ([identity(1)], True)
    assert world.there == [1, 2, 3, 4, 5]
    assert world.host.files[NOTE] == before
    assert world.run(project(2), keep_revisions=1) == ([identity(1)], True)


def test_an_image_to_be_pulled_is_a_new_revision(world: World) -> None:
    world.run(project(1), keep_revisions=1)
    world.engine.registry[reference(9)] = {"Id": identity(9), "RepoTags": [reference(9)], "RepoDigests": []}
    assert world.run(project(9), keep_revisions=1) == ([identity(1)], True)
    assert world.there == [2, 3, 4, 5, 9]
    assert world.run(project(9), keep_revisions=1) == ([], False)


def test_going_back_keeps_what_was_left(world: World) -> None:
    for tag in (1, 2, 1):
        world.run(project(tag), keep_revisions=2)
    assert world.there == [1, 2, 3, 4, 5]
    world.run(project(3), keep_revisions=2)
    assert world.there == [1, 3, 4, 5]


def test_without_the_option_nothing_is_noted_or_removed(world: World) -> None:
    for tag in (1, 2):
        world.run(project(tag))
    assert world.there == [1, 2, 3, 4, 5]
    assert NOTE not in world.host.files


def test_what_was_never_noted_stays(world: World) -> None:
    world.run(project(1))
    world.run(project(2), keep_revisions=1)
    assert world.there == [1, 2, 3, 4, 5]


def test_another_workloads_image_stays_and_is_tried_again(world: World) -> None:
    world.run(project(1), keep_revisions=1)
    world.run(project(1, "other"))
    assert world.run(project(2), keep_revisions=1) == ([], True)
    assert world.run(project(2), keep_revisions=1) == ([], False)
    world.run(project(1, "other"), state="absent")
    assert world.run(project(2), keep_revisions=1) == ([identity(1)], True)


def test_an_image_another_workload_may_go_back_to_stays(world: World) -> None:
    for tag in (1, 3):
        world.run(project(tag, "other"), keep_revisions=2)
    for tag in (1, 2):
        world.run(project(tag), keep_revisions=1)
    assert 1 in world.there


def test_an_image_with_another_name_stays(world: World) -> None:
    world.run(project(1), keep_revisions=1)
    world.engine.images[reference(1)]["RepoTags"].append("mine:1")
    assert world.run(project(2), keep_revisions=1) == ([], True)
    assert 1 in world.there


def test_when_the_new_revision_fails_the_old_image_is_there(world: World) -> None:
    world.run(project(1), keep_revisions=1)
    world.engine.failures["start_container", "shop-web-1"] = "no"
    with pytest.raises(HostError, match="no"):
        world.run(project(2), keep_revisions=1)
    assert 1 in world.there


def test_absent_takes_all_noted_images_along(world: World) -> None:
    for tag in (1, 2):
        world.run(project(tag), keep_revisions=2)
    assert world.run(Project("shop"), state="absent", keep_revisions=2) == ([identity(1), identity(2)], True)
    assert world.there == [3, 4, 5]
    assert NOTE not in world.host.files
    assert world.run(Project("shop"), state="absent", keep_revisions=2) == ([], False)


def test_absent_alone_forgets_and_leaves_the_images(world: World) -> None:
    world.run(project(1), keep_revisions=1)
    assert world.run(Project("shop"), state="absent") == ([], True)
    assert world.there == [1, 2, 3, 4, 5]
    assert NOTE not in world.host.files
    assert world.run(Project("shop"), state="absent") == ([], False)


def test_stopping_touches_no_image(world: World) -> None:
    world.run(project(1), keep_revisions=1)
    before = world.host.files[NOTE]
    world.run(project(1), state="stopped", keep_revisions=1)
    assert world.host.files[NOTE] == before
    assert 1 in world.there
