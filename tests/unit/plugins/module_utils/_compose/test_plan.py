# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans over small worlds: what is wanted, what is there, and the steps between."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._compose import labels
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.actions import Plan
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.delivery import deliver
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.digest import service_digest
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.load import load
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Port, Project
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.observed import (
    ObservedContainer,
    ObservedImage,
    ObservedNetwork,
    ObservedProject,
    ObservedVolume,
    OtherContainer,
    Settings,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.plan import PlanOptions, plan
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError

DOCUMENT: dict[str, t.Any] = {
    "services": {
        "web": {
            "image": "web:1",
            "ports": ["8080:80"],
            "depends_on": {"db": {"condition": "service_healthy"}},
        },
        "db": {"image": "db:1", "volumes": ["data:/d"], "healthcheck": {"test": "true"}},
    },
    "volumes": {"data": {}},
}
WEB, DB = "docker.io/library/web:1", "docker.io/library/db:1"


def project(**changes: t.Any) -> Project:
    """The project, with keys of its services replaced: ``web={"image": ...}``."""
    services = {name: {**keys, **changes.get(name, {})} for name, keys in DOCUMENT["services"].items()}
    top = {key: value for key, value in changes.items() if key not in services}
    return load({**DOCUMENT, "services": services, **top}, project_name="p")


def world(wanted: Project, **changes: t.Any) -> ObservedProject:
    """The host after ``wanted`` was deployed, with fields replaced."""
    there = ObservedProject(
        name="p",
        containers={
            service.container_name: ObservedContainer(
                name=service.container_name,
                service=service.name,
                id=f"id-{name}",
                state="running",
                spec_digest=service_digest(service),
                image_id=f"sha256:{service.image}",
                networks=tuple(service.networks),
            )
            for name, service in wanted.services.items()
        },
        images={
            service.image: ObservedImage(f"sha256:{service.image}", (f"digest of {service.image}",))
            for service in wanted.services.values()
        },
        networks={
            network.name: ObservedNetwork(network.name, labels.network_labels("p", key, network))
            for key, network in wanted.networks.items()
        },
        volumes={
            volume.name: ObservedVolume(volume.name, labels.volume_labels("p", key, volume))
            for key, volume in wanted.volumes.items()
        },
    )
    return dataclasses.replace(there, **changes)


def steps(made: Plan) -> list[str]:
    """A plan in few words."""
    return [f"{action.kind} {action.name}" for action in made.actions]


def with_container(there: ObservedProject, name: str, **changes: t.Any) -> ObservedProject:
    """The host with one container changed."""
    container = dataclasses.replace(there.containers[name], **changes)
    return dataclasses.replace(there, containers={**there.containers, name: container})


def test_everything_is_made_in_order_on_an_empty_host() -> None:
    made = plan(project(), ObservedProject("p"))
    assert steps(made) == [
        f"pull_image {DB}",
        f"pull_image {WEB}",
        "create_network p_default",
        "create_volume p_data",
        "create_container p-db-1",
        "start_container p-db-1",
        "create_container p-web-1",
        "start_container p-web-1",
    ]
    assert made.changed
    assert made.actions[-1].wait_for == {"p-db-1": "service_healthy"}
    assert made.actions[-1].key == "web"


def test_nothing_is_done_when_all_is_there() -> None:
    made = plan(project(), world(project()))
    assert steps(made) == []
    assert not made.changed
    assert made.before_after() == {"before": {}, "after": {}}


def test_the_same_input_gives_the_same_plan() -> None:
    assert plan(project(), ObservedProject("p")) == plan(project(), ObservedProject("p"))


RECREATE_WEB = ["recreate_container p-web-1", "start_container p-web-1"]

# What the host has that differs from a finished deployment -> steps.
HOSTS: list[tuple[str, t.Callable[[ObservedProject], ObservedProject], list[str]]] = [
    ("another digest", lambda there: with_container(there, "p-web-1", spec_digest="x"), RECREATE_WEB),
    ("made by Docker Compose", lambda there: with_container(there, "p-web-1", spec_digest=""), RECREATE_WEB),
    (
        "another image of the same tag",
        lambda there: with_container(there, "p-web-1", image_id="sha256:x"),
        RECREATE_WEB,
    ),
    ("dead", lambda there: with_container(there, "p-web-1", state="dead"), RECREATE_WEB),
    ("cut from its network", lambda there: with_container(there, "p-web-1", networks=("other",)), RECREATE_WEB),
    ("networks not known", lambda there: with_container(there, "p-web-1", networks=()), []),
    (
        "stopped",
        lambda there: with_container(there, "p-web-1", state="exited", exit_code=0),
        ["start_container p-web-1"],
    ),
    ("created only", lambda there: with_container(there, "p-web-1", state="created"), ["start_container p-web-1"]),
    ("restarting", lambda there: with_container(there, "p-web-1", state="restarting"), []),
    ("image's tag removed", lambda there: dataclasses.replace(there, images={}), []),
    (
        "container removed",
        lambda there: dataclasses.replace(there, containers={"p-db-1": there.containers["p-db-1"]}),
        ["create_container p-web-1", "start_container p-web-1"],
    ),
    (
        "volume removed",
        lambda there: dataclasses.replace(there, volumes={}),
        ["create_volume p_data"],
    ),
    ("boot unit missing", lambda there: dataclasses.replace(there, boot_enabled=False), ["enable_at_boot p"]),
    ("boot unit there", lambda there: dataclasses.replace(there, boot_enabled=True), []),
    (
        "orphan",
        lambda there: dataclasses.replace(
            there, containers={**there.containers, "p-old-1": ObservedContainer("p-old-1", "old", "9", "running")}
        ),
        ["remove_container p-old-1"],
    ),
    (
        "service under another container name",
        lambda there: dataclasses.replace(
            there,
            containers={
                "p-db-1": there.containers["p-db-1"],
                "webby": dataclasses.replace(there.containers["p-web-1"], name="webby"),
            },
        ),
        ["remove_container webby", "create_container p-web-1", "start_container p-web-1"],
    ),
    (
        "network no longer wanted",
        lambda there: dataclasses.replace(
            there,
            networks={
                **there.networks,
                "p_old": ObservedNetwork("p_old", {labels.PROJECT: "p"}),
                "q_old": ObservedNetwork("q_old", {labels.PROJECT: "q"}),
                "bridge": ObservedNetwork("bridge"),
            },
        ),
        ["remove_network p_old"],
    ),
    (
        "network made from something else",
        lambda there: dataclasses.replace(
            there,
            networks={"p_default": ObservedNetwork("p_default", {labels.PROJECT: "p", labels.SPEC_SHA256: "x"})},
        ),
        [
            "remove_container p-db-1",
            "remove_container p-web-1",
            "remove_network p_default",
            "create_network p_default",
            "create_container p-db-1",
            "start_container p-db-1",
            "create_container p-web-1",
            "start_container p-web-1",
        ],
    ),
    (
        "volume and network made by Docker Compose",
        lambda there: dataclasses.replace(
            there,
            networks={"p_default": ObservedNetwork("p_default", {labels.COMPOSE_PROJECT: "p"})},
            volumes={"p_data": ObservedVolume("p_data", {labels.COMPOSE_PROJECT: "p"})},
        ),
        [],
    ),
]


@pytest.mark.parametrize(("_case", "change", "expected"), HOSTS, ids=[case[0] for case in HOSTS])
def test_hosts(_case: str, change: t.Callable[[ObservedProject], ObservedProject], expected: list[str]) -> None:
    assert steps(plan(project(), change(world(project())))) == expected


# What changed in the file -> steps.
FILES: list[tuple[str, dict[str, t.Any], list[str]]] = [
    ("environment", {"web": {"environment": {"A": "1"}}}, RECREATE_WEB),
    ("only the dependency", {"web": {"depends_on": ["db"]}}, []),
    ("another image", {"web": {"image": "web:2"}}, ["pull_image docker.io/library/web:2", *RECREATE_WEB]),
    (
        "another container name",
        {"web": {"container_name": "www"}},
        ["remove_container p-web-1", "create_container www", "start_container www"],
    ),
    (
        "a network more",
        {"web": {"networks": ["default", "n"]}, "networks": {"n": {}}},
        ["create_network p_n", *RECREATE_WEB],
    ),
    (
        "a volume more",
        {"web": {"volumes": ["more:/m"]}, "volumes": {"data": {}, "more": {}}},
        ["create_volume p_more", *RECREATE_WEB],
    ),
]


@pytest.mark.parametrize(("_case", "changes", "expected"), FILES, ids=[case[0] for case in FILES])
def test_files(_case: str, changes: dict[str, t.Any], expected: list[str]) -> None:
    assert steps(plan(project(**changes), world(project()))) == expected


def test_orphans_stay_when_asked() -> None:
    old = ObservedContainer("p-old-1", "old", "9", "running")
    there = world(project())
    there = dataclasses.replace(there, containers={**there.containers, "p-old-1": old})
    assert steps(plan(project(), there, options=PlanOptions(remove_orphans=False))) == []


@pytest.mark.parametrize(
    ("recreate", "digest", "expected"),
    [
        ("always", None, ["recreate_container p-db-1", "start_container p-db-1", *RECREATE_WEB]),
        ("never", "other", []),
        ("auto", None, []),
    ],
)
def test_recreate(recreate: str, digest: t.Optional[str], expected: list[str]) -> None:
    there = world(project())
    if digest:
        there = with_container(there, "p-web-1", spec_digest=digest)
    assert steps(plan(project(), there, options=PlanOptions(recreate=recreate))) == expected


def with_registry(there: ObservedProject, digest: t.Optional[str]) -> ObservedProject:
    """The host where the registry has ``digest`` for the image of web."""
    image = dataclasses.replace(there.images[WEB], registry_digest=digest)
    return dataclasses.replace(there, images={**there.images, WEB: image})


@pytest.mark.parametrize(
    ("policy", "digest", "expected"),
    [
        ("always", "newer", [f"pull_image {WEB}", *RECREATE_WEB]),
        ("always", f"digest of {WEB}", []),
        ("always", None, []),
        ("missing", "newer", []),
        ("never", "newer", []),
    ],
)
def test_pull_policy(policy: str, digest: t.Optional[str], expected: list[str]) -> None:
    wanted = project(web={"pull_policy": policy})
    assert steps(plan(wanted, with_registry(world(wanted), digest))) == expected


def built(context: str = "a", **changes: t.Any) -> Project:
    """The project with web built from a context, and db as given."""
    keys = {"build": context, "depends_on": {}}
    document = {**DOCUMENT, "services": {"web": keys, "db": {"image": "db:1", **changes}}, "volumes": {}}
    return load(document, project_name="p", read_context=lambda context, _dockerfile, _text: context)


def with_built(there: ObservedProject, digest: str) -> ObservedProject:
    """The host whose image of web was built from what has the digest."""
    image = dataclasses.replace(there.images[BUILT], build_digest=digest)
    return dataclasses.replace(there, images={**there.images, BUILT: image})


BUILT = "localhost/p-web:latest"


@pytest.mark.parametrize(
    ("digest", "expected"),
    [(True, []), ("another", [f"build_image {BUILT}", *RECREATE_WEB]), ("", [f"build_image {BUILT}", *RECREATE_WEB])],
)
def test_an_image_is_built_again_when_what_it_is_built_from_changed(digest: object, expected: list[str]) -> None:
    wanted = built()
    build = wanted.services["web"].build
    assert build is not None
    there = with_built(world(wanted), build.digest if digest is True else str(digest))
    made = plan(wanted, there)
    assert steps(made) == expected
    if expected:
        assert made.actions[0].reason == "what it is built from changed"
        assert made.actions[0].after == {"build_sha256": build.digest}
        assert made.actions[1].reason == "its image changed"


def test_an_image_is_built_where_there_is_none_and_once_for_all() -> None:
    made = plan(built(image=BUILT, pull_policy="never"), ObservedProject("p"))
    assert steps(made)[:2] == [f"build_image {BUILT}", "create_network p_default"]
    assert made.actions[0].reason == "not on the host"
    assert made.actions[2].after is not None
    assert made.actions[2].after["image_id"] == f"as built: {BUILT}"


def test_nothing_is_built_for_containers_that_are_never_made_anew() -> None:
    wanted = built()
    assert steps(plan(wanted, with_built(world(wanted), "another"), options=PlanOptions(recreate="never"))) == []


def test_a_newer_image_reaches_every_service_that_uses_it() -> None:
    wanted = project(web={"pull_policy": "always"}, db={"image": "web:1"})
    assert steps(plan(wanted, with_registry(world(wanted), "newer"))) == [
        f"pull_image {WEB}",
        "recreate_container p-db-1",
        "start_container p-db-1",
        *RECREATE_WEB,
    ]


@pytest.mark.parametrize(
    ("state", "exit_code", "expected"),
    [("exited", 0, []), ("exited", 1, ["start_container p-db-1"]), ("created", None, ["start_container p-db-1"])],
)
def test_a_finished_job_is_not_run_again(state: str, exit_code: t.Optional[int], expected: list[str]) -> None:
    wanted = project(web={"depends_on": {"db": {"condition": "service_completed_successfully"}}})
    there = with_container(world(wanted), "p-db-1", state=state, exit_code=exit_code)
    assert steps(plan(wanted, there)) == expected


REFUSED: list[tuple[str, dict[str, t.Any], t.Callable[[ObservedProject], ObservedProject], str, str]] = [
    (
        "external network missing",
        {"networks": {"default": {"external": True, "name": "shared"}}},
        lambda there: dataclasses.replace(there, networks={}),
        "networks.default",
        "create network shared on the host first",
    ),
    (
        "external volume missing",
        {"volumes": {"data": {"external": True}}},
        lambda there: dataclasses.replace(there, volumes={}),
        "volumes.data",
        "create volume data on the host first",
    ),
    (
        "another project's network",
        {},
        lambda there: dataclasses.replace(
            there, networks={"p_default": ObservedNetwork("p_default", {labels.COMPOSE_PROJECT: "q"})}
        ),
        "networks.default",
        "belongs to project q",
    ),
    (
        "nobody's volume",
        {},
        lambda there: dataclasses.replace(there, volumes={"p_data": ObservedVolume("p_data")}),
        "volumes.data",
        "belongs to no project",
    ),
    (
        "volume made from something else",
        {"volumes": {"data": {"driver_opts": {"type": "nfs"}}}},
        lambda there: there,
        "volumes.data",
        "its data is kept",
    ),
    (
        "port taken",
        {},
        lambda there: dataclasses.replace(there, other_containers={"x": OtherContainer("q", (Port(1, 8080),))}),
        "services.web.ports",
        "8080/tcp is taken by container x",
    ),
    (
        "container name taken",
        {},
        lambda there: dataclasses.replace(there, other_containers={"p-web-1": OtherContainer()}),
        "services.web",
        "choose another container_name",
    ),
    (
        "image missing that may not be pulled",
        {"web": {"pull_policy": "never", "image": "web:2"}},
        lambda there: there,
        "services.web.image",
        "load it onto the host",
    ),
]


@pytest.mark.parametrize(("_case", "changes", "change", "path", "part"), REFUSED, ids=[case[0] for case in REFUSED])
def test_what_stands_in_the_way(
    _case: str,
    changes: dict[str, t.Any],
    change: t.Callable[[ObservedProject], ObservedProject],
    path: str,
    part: str,
) -> None:
    with pytest.raises(InputError) as caught:
        plan(project(**changes), change(world(project())))
    assert [problem.path for problem in caught.value.problems] == [path]
    assert part in str(caught.value)


def test_a_network_with_kept_orphans_on_it_is_not_made_anew() -> None:
    there = world(project())
    old = ObservedContainer("p-old-1", "old", "9", "running", networks=("p_default",))
    network = ObservedNetwork("p_default", {labels.PROJECT: "p", labels.SPEC_SHA256: "x"})
    there = dataclasses.replace(there, containers={**there.containers, "p-old-1": old}, networks={"p_default": network})
    with pytest.raises(InputError, match="p-old-1 is on it"):
        plan(project(), there, options=PlanOptions(remove_orphans=False))


def test_a_port_of_another_address_is_free() -> None:
    others = {"x": OtherContainer("q", (Port(1, 8080, "tcp", "10.0.0.1"), Port(1, 8080, "udp")))}
    wanted = project(web={"ports": ["10.0.0.2:8080:80"]})
    assert steps(plan(wanted, dataclasses.replace(world(wanted), other_containers=others))) == []


def written_elsewhere(there: ObservedProject) -> ObservedProject:
    """The host with a container of another project that writes to the volume of ``db``."""
    return dataclasses.replace(there, other_containers={"x": OtherContainer("q", volumes=("p_data",))})


ENDED = with_container(world(project()), "p-db-1", state="exited")


@pytest.mark.parametrize(
    ("changes", "there"),
    [
        ({}, ENDED),
        ({"db": {"command": "another"}}, world(project())),
        ({}, dataclasses.replace(world(project()), containers={})),
    ],
    ids=["started", "made anew", "made"],
)
def test_nothing_is_started_that_writes_to_what_another_project_writes_to(
    changes: dict[str, t.Any], there: ObservedProject
) -> None:
    with pytest.raises(InputError) as caught:
        plan(project(**changes), written_elsewhere(there))
    assert [problem.path for problem in caught.value.problems] == ["services.db.volumes"]
    assert "volume p_data is written to by container x as well" in str(caught.value)
    assert "x-shared-writers: true on volume data" in str(caught.value)


def test_what_runs_beside_another_writer_already_is_left_alone() -> None:
    assert steps(plan(project(), written_elsewhere(world(project())))) == []


@pytest.mark.parametrize(
    "changes",
    [{"volumes": {"data": {"x-shared-writers": True}}}, {"db": {"volumes": ["data:/d:ro"]}}, {"db": {"volumes": []}}],
    ids=["shared", "read only", "not mounted"],
)
def test_a_volume_may_have_another_writer_elsewhere(changes: dict[str, t.Any]) -> None:
    wanted = project(**changes)
    there = with_container(world(wanted), "p-db-1", state="exited")
    assert steps(plan(wanted, written_elsewhere(there))) == ["start_container p-db-1"]


def test_a_port_that_changes_hands_is_free_before_its_new_service_starts() -> None:
    before = project(web={"ports": ["8080:80"]}, db={"ports": ["8081:80"]})
    there = world(before)
    there = with_container(there, "p-web-1", ports=(Port(80, 8080),))
    there = with_container(there, "p-db-1", ports=(Port(80, 8081),))
    after = project(web={"ports": ["8082:80"]}, db={"ports": ["8080:80"]})
    assert steps(plan(after, there)) == [
        "remove_container p-web-1",
        "recreate_container p-db-1",
        "start_container p-db-1",
        "create_container p-web-1",
        "start_container p-web-1",
    ]


def test_a_kept_orphan_keeps_its_port() -> None:
    old = ObservedContainer("p-old-1", "old", "9", "running", ports=(Port(1, 8080),))
    there = world(project())
    there = dataclasses.replace(there, containers={**there.containers, "p-old-1": old})
    assert steps(plan(project(), there)) == ["remove_container p-old-1"]
    with pytest.raises(InputError, match="taken by container p-old-1"):
        plan(project(), there, options=PlanOptions(remove_orphans=False))


def test_stopped_stops_dependents_first_and_leaves_boot_off() -> None:
    old = ObservedContainer("p-old-1", "old", "9", "running")
    there = world(project(), boot_enabled=True)
    there = dataclasses.replace(there, containers={**there.containers, "p-old-1": old})
    expected = ["disable_at_boot p", "stop_container p-old-1", "stop_container p-web-1", "stop_container p-db-1"]
    assert steps(plan(project(), there, "stopped")) == expected


@pytest.mark.parametrize("boot_enabled", [None, False])
def test_stopped_makes_nothing_and_repeats_nothing(boot_enabled: t.Optional[bool]) -> None:
    assert steps(plan(project(), ObservedProject("p", boot_enabled=boot_enabled), "stopped")) == []
    there = with_container(world(project()), "p-web-1", state="exited")
    there = with_container(there, "p-db-1", state="created")
    assert steps(plan(project(), there, "stopped")) == []


@pytest.mark.parametrize("remove_volumes", [False, True])
def test_absent_removes_what_is_the_projects_own(remove_volumes: bool) -> None:
    there = world(project(), boot_enabled=True)
    there = dataclasses.replace(
        there,
        networks={
            **there.networks,
            "shared": ObservedNetwork("shared"),
            "q": ObservedNetwork("q", {labels.PROJECT: "q"}),
        },
        volumes={
            **there.volumes,
            "kept": ObservedVolume("kept"),
            "p_gone": ObservedVolume("p_gone", {labels.PROJECT: "p"}),
        },
    )
    expected = [
        "disable_at_boot p",
        "remove_container p-web-1",
        "remove_container p-db-1",
        "remove_network p_default",
    ]
    volumes = ["remove_volume p_data", "remove_volume p_gone"]
    made = plan(project(), there, "absent", PlanOptions(remove_volumes=remove_volumes))
    assert steps(made) == expected + (volumes if remove_volumes else [])


def test_absent_needs_no_compose_file() -> None:
    made = plan(Project("p"), world(project()), "absent")
    assert sorted(steps(made)) == ["remove_container p-db-1", "remove_container p-web-1", "remove_network p_default"]
    assert steps(plan(Project("p"), ObservedProject("p"), "absent")) == []


def test_diff_shows_each_resource_before_and_after_without_secrets() -> None:
    wanted = project(web={"environment": {"PASSWORD": "hush"}})
    diff = plan(wanted, world(project())).before_after()
    old, new = project().services["web"], wanted.services["web"]
    image = f"sha256:{WEB}"
    assert diff == {
        "before": {"container p-web-1": {"state": "running", "spec_sha256": service_digest(old), "image_id": image}},
        "after": {"container p-web-1": {"state": "running", "spec_sha256": service_digest(new), "image_id": image}},
    }
    assert "hush" not in str(diff)


@pytest.mark.parametrize("restart", [True, False])
def test_a_dependent_is_restarted_after_what_it_says(restart: bool) -> None:
    wanted = project(web={"depends_on": {"db": {"condition": "service_healthy", "restart": restart}}})
    made = plan(wanted, with_container(world(wanted), "p-db-1", spec_digest="x"))
    again = ["stop_container p-web-1", "start_container p-web-1"] if restart else []
    assert steps(made) == ["recreate_container p-db-1", "start_container p-db-1", *again]
    assert not restart or made.actions[2].reason == "db was made anew"


def test_a_dependency_that_is_not_required_is_only_waited_for() -> None:
    wanted = project(web={"depends_on": {"db": {"condition": "service_healthy", "required": False}}})
    start = plan(wanted, ObservedProject("p")).actions[-1]
    assert start.wait_for == {"p-db-1": "service_healthy"}
    assert start.optional == ("p-db-1",)


def test_more_and_fewer_replicas() -> None:
    two = project(web={"scale": 2, "ports": ["80"]})
    one = project(web={"ports": ["80"]})
    assert steps(plan(two, world(one))) == ["create_container p-web-2", "start_container p-web-2"]
    assert steps(plan(one, world(two))) == ["remove_container p-web-2"]
    assert steps(plan(two, world(two))) == []


def test_replicas_are_stopped_like_any_other() -> None:
    two = project(web={"scale": 2, "ports": ["80"]})
    made = plan(two, world(two), "stopped")
    assert steps(made) == ["stop_container p-web-2", "stop_container p-web-1", "stop_container p-db-1"]
    assert [action.key for action in made.actions] == ["web/2", "web", "db"]


JOINED = {"web": {"ports": [], "depends_on": [], "network_mode": "service:db"}}


def test_a_container_of_which_another_is_a_part_takes_it_along() -> None:
    wanted = project(**JOINED)
    made = plan(wanted, with_container(world(wanted), "p-db-1", spec_digest="x"))
    assert steps(made) == [
        "remove_container p-web-1",
        "remove_container p-db-1",
        "create_container p-db-1",
        "start_container p-db-1",
        "create_container p-web-1",
        "start_container p-web-1",
    ]
    assert "shares" in made.actions[0].reason


def test_a_container_of_which_another_is_a_part_is_started_again_with_it() -> None:
    wanted = project(**JOINED)
    made = plan(wanted, with_container(world(wanted), "p-db-1", state="exited"))
    assert steps(made) == ["start_container p-db-1", "stop_container p-web-1", "start_container p-web-1"]
    assert made.actions[1].reason == "db was started again"
    assert steps(plan(wanted, world(wanted))) == []


MEMORY = Settings(memory_bytes=1 << 20)


@pytest.mark.parametrize(
    ("changes", "expected", "reason"),
    [
        ({"settings": MEMORY}, RECREATE_WEB, "changed by hand: memory 1 MiB instead of unlimited"),
        ({"networks": ("p_default", "x")}, RECREATE_WEB, "changed by hand: also on network x"),
        ({"state": "paused"}, ["resume_container p-web-1"], "changed by hand: paused"),
        ({"settings": Settings("always")}, RECREATE_WEB, "changed by hand: restart policy always instead of no"),
    ],
)
def test_changes_by_hand_are_named_and_mended(changes: dict[str, t.Any], expected: list[str], reason: str) -> None:
    made = plan(project(), with_container(world(project()), "p-web-1", **changes))
    assert steps(made) == expected
    assert made.actions[0].reason == reason


def test_a_restart_policy_is_mended_in_place_where_the_engine_can() -> None:
    there = with_container(world(project()), "p-web-1", settings=Settings("always"))
    made = plan(project(), dataclasses.replace(there, boot_enabled=False, policies_in_place=True))
    assert steps(made) == ["enable_at_boot p"]
    assert made.actions[0].reason == "p-web-1 has restart policy always instead of no"


def test_a_file_of_several_containers_is_delivered_once() -> None:
    secret = {"secrets": {"s": {"environment": "PW"}}}
    web = {"image": "a", "scale": 2, "secrets": ["s"]}
    wanted = load({"services": {"web": web}, **secret}, project_name="p", variables={"PW": "x"})
    delivered, files = deliver(wanted, b"k" * 32)
    made = plan(delivered, ObservedProject("p"))
    assert [action.name for action in made.actions if action.kind == "deliver_file"] == list(files)
    there = dataclasses.replace(world(delivered), files={**dict.fromkeys(files, "right"), "p/web!old.0": "changed"})
    assert steps(plan(delivered, there)) == ["remove_file p/web!old.0"]
    assert steps(plan(delivered, there, "absent"))[-2:] == [f"remove_file {path}" for path in sorted(there.files)]


@pytest.mark.parametrize(
    ("changes", "options", "expected"),
    [
        ({"spec_digest": "x"}, PlanOptions(), True),
        ({"spec_digest": "x"}, PlanOptions(recreate="never"), False),
        ({"service": "left"}, PlanOptions(), True),
        ({"service": "left"}, PlanOptions(remove_orphans=False), False),
    ],
)
def test_a_file_goes_with_the_last_container_that_has_it(
    changes: dict[str, t.Any], options: PlanOptions, expected: bool
) -> None:
    there = with_container(world(project()), "p-web-1", files=("p/web!s.0",), **changes)
    there = dataclasses.replace(there, files={"p/web!s.0": "changed"})
    made = plan(project(), there, options=options)
    assert ("remove_file p/web!s.0" in steps(made)) is expected
