# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses

import pytest
from fake_engine import FakeEngine, image
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import (
    Attachment,
    Grant,
    Mount,
    Network,
    Port,
    Project,
    Service,
    Volume,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model_build import Build
from ansible_collections.anycloud.container_host.plugins.module_utils._engine import boot, files
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.apply import Gap
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.deploy import Deployment, Settings
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, InputError

REFERENCE = "docker.io/library/x:1"


class Host(FakeHostIO):
    def __init__(self, taken_ports=()):
        super().__init__(commands={("systemctl",): (0, "", "")})
        self.taken_ports = taken_ports
        self.now = 0.0

    def local_port_is_free(self, port):
        return port not in self.taken_ports

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


def service(name, **changes):
    return Service(name, f"shop-{name}-1", REFERENCE, **{"networks": {"shop_default": Attachment()}, **changes})


DB = service("db", mounts=(Mount("volume", "/data", "shop_data"),), restart="always")
WEB = service("web", depends_on={"db": "service_started"}, ports=(Port(80, 8080),))
SHOP = Project("shop", {"db": DB, "web": WEB}, {"default": Network("shop_default")}, {"data": Volume("shop_data")})


def changed(**changes):
    return dataclasses.replace(SHOP, services={"db": DB, "web": dataclasses.replace(WEB, **changes)})


def run(engine, project=SHOP, state="present", host=None, check_mode=False, **settings):
    deployment = Deployment(engine, host or Host(), project, Settings(state=state, **settings))
    plan = deployment.plan(check_mode)
    if not check_mode:
        deployment.apply(plan)
    return [action.kind for action in plan.actions]


@pytest.fixture(params=["docker", "podman"])
def engine(request):
    return FakeEngine(request.param, {REFERENCE: image()})


def test_check_mode_calls_nothing(engine):
    assert run(engine, check_mode=True)
    assert engine.calls == []


def test_first_run_makes_all_and_second_nothing(engine):
    host = Host()
    assert run(engine, host=host)[:2] == ["create_network", "create_volume"]
    assert {name: body["State"]["Status"] for name, body in engine.by_name.items()} == {
        "shop-db-1": "running",
        "shop-web-1": "running",
    }
    if engine.identity.engine == "podman":
        host.links["/etc/systemd/system/multi-user.target.wants/container-host-workload@shop.service"] = (
            "/etc/systemd/system/container-host-workload@.service"
        )
    engine.calls.clear()
    assert run(engine, host=host) == []
    assert engine.calls == []


class Asked(FakeEngine):
    """Remembers what was asked of it."""

    def __init__(self, engine):
        super().__init__(engine, {REFERENCE: image()})
        self.asked = []

    def __getattribute__(self, name):
        if name in ("containers", "container", "image", "networks", "volumes"):
            call = super().__getattribute__(name)
            return lambda *arguments: self.asked.append(" ".join((name, *arguments))) or call(*arguments)
        return super().__getattribute__(name)


SEEN_ONCE = ["containers", f"image {REFERENCE}", "networks", "volumes"]


@pytest.mark.parametrize("kind", ["docker", "podman"])
def test_the_engine_is_asked_no_more_than_it_takes(kind):
    engine, host = Asked(kind), Host()
    first = Deployment(engine, host, SHOP, Settings())
    first.apply(first.plan(check_mode=False))
    # in the end whether both run, and still do so a moment later
    both = ["container shop-db-1", "container shop-web-1"]
    assert engine.asked == [*SEEN_ONCE, *both, *both]
    engine.asked.clear()
    host.links["/etc/systemd/system/multi-user.target.wants/container-host-workload@shop.service"] = (
        "/etc/systemd/system/container-host-workload@.service"
    )
    second = Deployment(engine, host, SHOP, Settings())
    plan = second.plan(check_mode=False)
    second.apply(plan)
    assert plan.actions == ()
    services = second.described()
    assert [entry["state"] for entry in services] == ["running", "running"]
    assert sorted(engine.asked) == sorted([*SEEN_ONCE, *both])


def test_what_is_told_in_the_end_is_what_is_there_then(engine):
    deployment = Deployment(engine, Host(), SHOP, Settings())
    plan = deployment.plan(check_mode=False)
    assert deployment.described() == []
    deployment.apply(plan)
    assert [entry["container"] for entry in deployment.described()] == ["shop-db-1", "shop-web-1"]
    engine.by_name["shop-db-1"]["State"]["Status"] = "paused"
    waiting = Deployment(engine, Host(), SHOP, Settings(timeout_seconds=1))
    waiting.plan(check_mode=True)
    assert waiting.described()[0]["state"] == "paused"


def test_a_container_that_cant_start_leaves_nothing_behind(engine):
    engine.failures["start_container", "shop-db-1"] = "port is already allocated"
    with pytest.raises(HostError, match="start_container shop-db-1: port is already allocated"):
        run(engine)
    assert engine.by_name == {}
    assert engine.network_labels == {}
    assert engine.volume_labels == {}


@pytest.mark.parametrize("policy", ["missing", "always"])
def test_an_image_that_cant_be_had_says_for_whom_and_where_it_was_looked_for(engine, policy):
    engine.images.clear()
    engine.failures["pull", REFERENCE] = "manifest unknown"
    words = "not on the host, and " if policy == "missing" else ""
    with pytest.raises(HostError, match=rf"^services.db.image: {words}pull {REFERENCE}: manifest unknown$"):
        run(engine, pull=policy)


def test_a_container_that_isnt_ready_is_told_with_its_service(engine):
    class Ending(Host):
        def sleep(self, seconds):
            super().sleep(seconds)
            engine.by_name["shop-web-1"]["State"].update(Status="exited", ExitCode=3)

    with pytest.raises(HostError) as caught:
        run(engine, host=Ending())
    assert [problem.path for problem in caught.value.problems] == ["services.web"]
    assert "it ended with exit code 3; the last lines of its log:\n  a line of shop-web-1" in str(caught.value)


def test_what_lives_already_stays_when_a_later_one_fails(engine):
    engine.failures["start_container", "shop-web-1"] = "no"
    with pytest.raises(HostError):
        run(engine)
    assert list(engine.by_name) == ["shop-db-1"]
    assert list(engine.network_labels) == ["shop_default"]


def test_what_cannot_be_taken_back_is_said(engine):
    engine.failures["start_container", "shop-db-1"] = "no"
    engine.failures["remove_network", "shop_default"] = "in use"
    with pytest.raises(HostError, match="it could not be taken back: remove_network shop_default: in use"):
        run(engine)


def test_recreation_keeps_the_old_container_until_the_new_one_runs(engine):
    run(engine)
    engine.calls.clear()
    run(engine, changed(environment={"A": "1"}))
    steps = [call[:2] for call in engine.calls if "web" in call[1]]
    assert steps == [
        ("stop_container", "shop-web-1"),
        ("rename_container", "shop-web-1"),
        ("create_container", "shop-web-1"),
        ("start_container", "shop-web-1"),
        ("remove_container", "shop-web-1-replaced"),
    ]


@pytest.mark.parametrize("failing", ["create_container", "start_container"])
def test_a_failed_recreation_brings_the_old_container_back(engine, failing):
    run(engine)
    before = engine.by_name["shop-web-1"]["Id"]
    engine.failures[failing, "shop-web-1"] = "no"
    with pytest.raises(HostError):
        run(engine, changed(environment={"A": "1"}))
    assert engine.by_name["shop-web-1"]["Id"] == before
    assert sorted(engine.by_name) == ["shop-db-1", "shop-web-1"]


def test_anonymous_volumes_go_over_to_the_new_container(engine):
    run(engine)
    anonymous = "ab" * 32
    engine.by_name["shop-web-1"]["Mounts"] = [
        {"Type": "volume", "Name": anonymous, "Destination": "/cache"},
        {"Type": "volume", "Name": "shop_data", "Destination": "/data"},
        {"Type": "bind", "Source": "/etc", "Destination": "/etc"},
    ]
    run(engine, changed(environment={"A": "1"}))
    mounts = engine.by_name["shop-web-1"]["HostConfig"]["Mounts"]
    assert mounts == [{"Type": "volume", "Source": anonymous, "Target": "/cache", "ReadOnly": False}]
    engine.calls.clear()
    run(engine, state="absent", remove_volumes=True)
    assert ("remove_volume", anonymous) in engine.calls


def test_ports_taken_by_the_host_are_refused_before_anything_is_done(engine):
    with pytest.raises(
        InputError, match=r"services.web.ports\[0\]: port 8080 is taken on this host; stop what listens"
    ):
        run(engine, host=Host(taken_ports=(8080,)), check_mode=True)
    assert engine.calls == []


def test_stopped_and_absent(engine):
    host = Host()
    run(engine, host=host)
    assert run(engine, host=host, state="stopped") == ["disable_at_boot", "stop_container", "stop_container"]
    assert run(engine, host=host, state="stopped") == []
    if engine.identity.engine == "docker":
        assert engine.by_name["shop-db-1"]["HostConfig"]["RestartPolicy"]["Name"] == "no"
    assert run(engine, host=host)[-1] == "enable_at_boot"
    by_name_only = Project("shop")
    plan = Deployment(engine, host, by_name_only, Settings("stopped")).plan(check_mode=True)
    assert [action.name for action in plan.actions[1:]] == ["shop-web-1", "shop-db-1"]
    assert "remove_network" in run(engine, by_name_only, host=host, state="absent")
    assert engine.by_name == {}
    assert list(engine.volume_labels) == ["shop_data"]
    assert run(engine, by_name_only, host=host, state="absent") == []


def test_a_newer_image_is_fetched_and_its_containers_made_anew(engine):
    run(engine)
    newer = image("sha256:" + "2" * 64, "sha256:" + "e" * 64)
    engine.registry[REFERENCE] = newer
    kinds = run(engine, pull="always")
    assert kinds.count("recreate_container") == 2
    assert {body["Image"] for body in engine.by_name.values()} == {newer["Id"]}
    assert run(engine, pull="always", check_mode=True).count("recreate_container") == 0


def test_a_bind_mount_gets_its_directory_when_asked_for(engine):
    host = Host()
    mounts = (Mount("bind", "/in", "/srv/new", create_source=True), Mount("bind", "/in2", "/srv/new"))
    run(engine, changed(mounts=mounts), host=host)
    assert "/srv/new" in host.made


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_bind_mount_of_what_isnt_there_is_refused_before_anything_is_done(engine, check_mode):
    run(engine)
    engine.calls.clear()
    mounts = (Mount("bind", "/in", "/srv/other"),)
    with pytest.raises(InputError, match=r"^services.web.volumes: /srv/other isn't on this host; make it there first"):
        run(engine, changed(mounts=mounts), check_mode=check_mode)
    assert engine.calls == []


def test_a_missing_seccomp_profile_is_named(engine):
    with pytest.raises(HostError, match=r"service web: the seccomp profile /no.json is not on the host"):
        run(engine, changed(security_opt=("seccomp=/no.json",)))


RANDOM = {"/proc/sys/kernel/random/uuid": b"c0ffee00-1111-2222-3333-444455556666\n"}


def secretive(content="aHVudGVyMg=="):
    web = dataclasses.replace(WEB, grants=(Grant("secret", "pw", "/run/secrets/pw", mode=0o400),))
    return dataclasses.replace(SHOP, services={"db": DB, "web": web}, contents={"secret/pw": content})


class FilesHost(Host):
    def __init__(self):
        super().__init__()
        self.files.update(RANDOM)

    def run(self, argv, **options):
        if argv[:3] == ["systemctl", "enable", files.UNIT_NAME]:
            self.links[files.LINK_PATH] = files.UNIT_PATH
        elif argv[1] == "enable":
            self.links[f"{boot.WANTS_PATH}/{argv[2]}"] = boot.UNIT_PATH
        return super().run(argv, **options)


def test_a_secret_is_delivered_kept_rotated_and_removed(engine):
    host = FilesHost()
    assert "deliver_file" in run(engine, secretive(), host=host)
    (path,) = host.glob("/run/container-host/files/shop/*")
    assert host.files[path] == b"hunter2"
    assert f"{path}:/run/secrets/pw:ro,z" in engine.by_name["shop-web-1"]["HostConfig"]["Binds"]
    assert run(engine, secretive(), host=host) == []
    before = engine.by_name["shop-db-1"]["Id"]
    steps = run(engine, secretive("cm90YXRlZA=="), host=host)
    assert [step for step in steps if "boot" not in step] == [
        "deliver_file", "recreate_container", "start_container", "remove_file",
    ]  # fmt: skip
    assert engine.by_name["shop-db-1"]["Id"] == before
    assert [host.files[entry] for entry in host.glob("/run/container-host/files/shop/*")] == [b"rotated"]
    assert run(engine, secretive("cm90YXRlZA=="), host=host) == []
    run(engine, Project("shop"), state="absent", host=host)
    assert host.glob("/var/lib/container-host/files/shop/*") == []


def test_check_mode_makes_no_key(engine):
    host = FilesHost()
    assert "deliver_file" in run(engine, secretive(), host=host, check_mode=True)
    assert set(host.files) == set(RANDOM)


def test_a_secret_changed_on_the_host_is_mended_in_a_new_container(engine):
    host = FilesHost()
    run(engine, secretive(), host=host)
    (path,) = host.glob("/run/container-host/files/shop/*")
    host.files[path] = b"forged"
    plan = Deployment(engine, host, secretive(), Settings()).plan(True)
    assert [(action.kind, action.reason) for action in plan.actions][:2] == [
        ("deliver_file", "pw was changed on the host"),
        ("recreate_container", "pw was changed on the host"),
    ]
    assert "hunter2" not in str(plan) + str(plan.before_after())


def test_a_failed_rotation_puts_the_old_container_back_with_its_own_file(engine):
    host = FilesHost()
    run(engine, secretive(), host=host)
    engine.failures["create_container", "shop-web-1"] = "no"
    with pytest.raises(HostError):
        run(engine, secretive("cm90YXRlZA=="), host=host)
    (bind,) = engine.by_name["shop-web-1"]["HostConfig"]["Binds"]
    assert host.files[bind.partition(":")[0]] == b"hunter2"
    assert engine.by_name["shop-web-1"]["State"]["Status"] == "running"


def test_what_the_engine_lacks_is_refused_before_anything_is_touched(engine):
    project = changed(annotations={"a": "b"})
    with pytest.raises(InputError, match=r"services.web.annotations"):
        run(engine, project)
    assert engine.calls == []
    run(engine, project, state="stopped")


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        ({"Memory": 1 << 30}, ["recreate_container", "start_container"]),
        ({"NanoCpus": 10**9}, ["recreate_container", "start_container"]),
        ({"CpuQuota": 50000}, ["recreate_container", "start_container"]),
        ({"PidsLimit": 5}, []),
    ],
)
def test_limits_changed_by_hand_are_mended(engine, change, kinds):
    host = FilesHost()
    run(engine, host=host)
    engine.by_name["shop-web-1"]["HostConfig"].update(change)
    assert run(engine, host=host) == kinds
    assert run(engine, host=host) == []


def test_a_restart_policy_changed_by_hand_is_mended(engine):
    host = FilesHost()
    run(engine, host=host)
    before = engine.by_name["shop-web-1"]["Id"]
    engine.by_name["shop-web-1"]["HostConfig"]["RestartPolicy"] = {"Name": "always", "MaximumRetryCount": 0}
    docker = engine.identity.engine == "docker"
    assert run(engine, host=host) == (["enable_at_boot"] if docker else ["recreate_container", "start_container"])
    assert (engine.by_name["shop-web-1"]["Id"] == before) is docker
    assert engine.by_name["shop-web-1"]["HostConfig"]["RestartPolicy"]["Name"] == "no"
    assert run(engine, host=host) == []


def test_a_paused_container_goes_on(engine):
    host = FilesHost()
    run(engine, host=host)
    engine.by_name["shop-web-1"]["State"]["Status"] = "paused"
    assert run(engine, host=host) == ["resume_container"]
    assert run(engine, host=host) == []


def test_the_gap_of_a_replaced_container_is_measured(engine):
    host = Host()
    run(engine, host=host)
    stop, start = engine.stop_container, engine.start_container

    def slowly(step, seconds):
        def call(*arguments):
            host.now += seconds
            return step(*arguments)

        return call

    engine.stop_container, engine.start_container = slowly(stop, 1.5), slowly(start, 0.25)
    deployment = Deployment(engine, host, changed(read_only=True), Settings(wait=False))
    gaps = deployment.apply(deployment.plan(False))
    assert gaps == [Gap("shop-web-1", "web", 1.75)]
    assert [call[0] for call in engine.calls if call[1] == "shop-web-1"][-3:] == [
        "rename_container", "create_container", "start_container",
    ]  # fmt: skip


def test_the_host_gets_an_address_where_the_engine_has_none_to_give(engine):
    host, project = FilesHost(), changed(extra_hosts={"host": "host-gateway"})
    run(engine, project, host=host)
    address = "10.9.0.1" if engine.identity.engine == "podman" else "host-gateway"
    assert engine.by_name["shop-web-1"]["HostConfig"]["ExtraHosts"] == [f"host:{address}"]
    assert run(engine, project, host=host) == []


BUILT = "localhost/shop-web:latest"


def built(digest="d1", **changes):
    build = Build("c1", digest, args={"A": "1"}, **changes)
    return dataclasses.replace(SHOP, services={"db": DB, "web": dataclasses.replace(WEB, image=BUILT, build=build)})


def test_an_image_is_built_from_what_was_sent_and_only_when_it_has_to_be(engine):
    host = FilesHost()
    host.files["/tmp/c1.tar.gz"] = b"archive"
    deployment = Deployment(engine, host, built(), Settings())
    plan = deployment.plan(check_mode=False)
    assert deployment.lacking_contexts(plan) == ["c1"]
    assert engine.calls == []
    deployment = Deployment(engine, host, built(), Settings(pull="always"), contexts={"c1": "/tmp/c1.tar.gz"})
    engine.registry[REFERENCE] = engine.images[REFERENCE]
    plan = deployment.plan(check_mode=False)
    assert deployment.lacking_contexts(plan) == []
    deployment.apply(plan)
    assert ("build", BUILT, b"archive", {"A": "1"}) in engine.calls
    assert [call for call in engine.calls if call[0] == "pull" and call[1] == BUILT] == []
    assert run(engine, built(), host=host) == []
    again = Deployment(engine, host, built("d2"), Settings())
    assert [action.kind for action in again.plan(check_mode=True).actions][:2] == ["build_image", "recreate_container"]


def test_a_build_that_fails_leaves_all_as_it_was(engine):
    run(engine)
    before = dict(engine.by_name)
    engine.failures["build", BUILT] = "exit code 1"
    host = Host()
    host.files["/tmp/c1.tar.gz"] = b"archive"
    deployment = Deployment(engine, host, built(), Settings(), contexts={"c1": "/tmp/c1.tar.gz"})
    with pytest.raises(HostError, match="exit code 1"):
        deployment.apply(deployment.plan(check_mode=False))
    assert engine.by_name == before


def test_nothing_is_built_from_what_was_not_sent(engine):
    deployment = Deployment(engine, Host(), built(), Settings())
    with pytest.raises(HostError, match="service web: its image localhost/shop-web:latest isn't on the host"):
        deployment.apply(deployment.plan(check_mode=False))
    assert engine.by_name == {}
