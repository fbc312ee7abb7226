# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ran before keeps running when its successor never gets ready."""

from __future__ import annotations

import dataclasses

import pytest
from fake_engine import FakeEngine, image
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import (
    Attachment,
    Network,
    Project,
    Service,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine import boot
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.deploy import Deployment, Settings
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

REFERENCE = "docker.io/library/x:1"


class Host(FakeHostIO):
    """A clock that only sleep moves, and a systemd that enables."""

    def __init__(self):
        super().__init__(commands={("systemctl",): (0, "", "")})
        self.now = 0.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds

    def run(self, argv, **options):
        if argv[1] == "enable":
            self.links[f"{boot.WANTS_PATH}/{argv[-1]}"] = boot.UNIT_PATH
        return super().run(argv, **options)


class Sick(FakeEngine):
    """Containers of the services in ``sick`` that are made while they are in it never get healthy."""

    def __init__(self, engine):
        super().__init__(engine, {REFERENCE: image()})
        self.sick = ()
        self.ill = set()

    def create_container(self, name, payload):
        identity = super().create_container(name, payload)
        if payload["Labels"]["com.docker.compose.service"] in self.sick:
            self.ill.add(identity)
        return identity

    def start_container(self, name):
        super().start_container(name)
        body = self.by_name[name]
        body["State"]["Health"] = {"Status": "unhealthy" if body["Id"] in self.ill else "healthy"}


def project(version, waits="service_started", networks=("default",)):
    there = {f"shop_{name}": Attachment() for name in networks}
    db = Service("db", "shop-db-1", REFERENCE, networks=there, restart="always", environment={"V": version})
    web = dataclasses.replace(db, name="web", container_name="shop-web-1", depends_on={"db": waits})
    return Project("shop", {"db": db, "web": web}, {name: Network(f"shop_{name}") for name in networks})


@pytest.fixture(params=["docker", "podman"])
def engine(request):
    return Sick(request.param)


@pytest.fixture
def host():
    return Host()


def deploy(engine, host, wanted, **settings):
    deployment = Deployment(engine, host, wanted, Settings(**settings))
    plan = deployment.plan(False)
    deployment.apply(plan)
    return [action.kind for action in plan.actions]


def ids(engine):
    return {name: body["Id"] for name, body in engine.by_name.items()}


def test_what_ran_is_put_back_when_its_successor_never_gets_healthy(engine, host):
    deploy(engine, host, project("1"))
    before = ids(engine)
    engine.sick = ("web",)
    with pytest.raises(HostError) as caught:
        deploy(engine, host, project("2"))
    assert [problem.path for problem in caught.value.problems] == ["services.web.healthcheck"]
    assert "it is unhealthy; the last lines of its log:\n  a line of shop-web-1\n" in str(caught.value)
    assert str(caught.value).endswith("container shop-web-1 is again what it was before")
    after = ids(engine)
    # the one that got ready stays, and only its predecessor is gone
    assert after["shop-web-1"] == before["shop-web-1"]
    assert after["shop-db-1"] != before["shop-db-1"]
    assert sorted(after) == ["shop-db-1", "shop-web-1"]
    assert engine.by_name["shop-web-1"]["State"]["Running"]
    policies = {body["HostConfig"]["RestartPolicy"]["Name"] for body in engine.by_name.values()}
    assert policies == {"always" if engine.identity.engine == "docker" else "unless-stopped"}
    engine.sick = ()
    assert deploy(engine, host, project("2")).count("recreate_container") == 1
    assert deploy(engine, host, project("2")) == []


def test_who_waits_for_a_sick_one_is_not_touched(engine, host):
    deploy(engine, host, project("1", "service_healthy"))
    before = ids(engine)
    engine.sick = ("db",)
    with pytest.raises(HostError, match=r"^services.db.healthcheck: container shop-db-1: it is unhealthy"):
        deploy(engine, host, project("2", "service_healthy"))
    assert ids(engine) == before
    assert all(body["State"]["Running"] for body in engine.by_name.values())


def test_what_only_the_predecessor_uses_is_there_until_it_goes(engine, host):
    deploy(engine, host, project("1", networks=("default", "old")))
    engine.sick = ("web",)
    with pytest.raises(HostError):
        deploy(engine, host, project("1"))
    assert sorted(engine.network_labels) == ["shop_default", "shop_old"]
    assert "shop_old" in engine.by_name["shop-web-1"]["NetworkSettings"]["Networks"]
    engine.sick = ()
    deploy(engine, host, project("1"))
    assert sorted(engine.network_labels) == ["shop_default"]


def test_one_that_was_no_better_is_not_put_back(engine, host):
    engine.sick = ("web",)
    with pytest.raises(HostError):
        deploy(engine, host, project("1"))
    before = ids(engine)
    with pytest.raises(HostError, match="it is unhealthy"):
        deploy(engine, host, project("2"))
    assert ids(engine)["shop-web-1"] != before["shop-web-1"]
    assert sorted(ids(engine)) == ["shop-db-1", "shop-web-1"]


def test_without_waiting_nobody_knows_and_the_successor_stays(engine, host):
    deploy(engine, host, project("1"))
    before = ids(engine)
    engine.sick = ("web",)
    deploy(engine, host, project("2"), wait=False)
    assert ids(engine)["shop-web-1"] != before["shop-web-1"]
    assert sorted(ids(engine)) == ["shop-db-1", "shop-web-1"]


def test_while_its_successor_is_judged_no_engine_starts_the_predecessor(engine, host):
    deploy(engine, host, project("1"))
    seen = []
    host.sleep = lambda seconds: (
        seen.append({name: body["HostConfig"]["RestartPolicy"]["Name"] for name, body in engine.by_name.items()}),
        setattr(host, "now", host.now + seconds),
    )
    engine.by_name["shop-db-1"]["State"]["Health"] = {}
    start = engine.start_container

    def slowly(name):
        start(name)
        engine.by_name[name]["State"]["Health"] = {}

    engine.start_container = slowly
    deploy(engine, host, project("2"))
    assert sorted(seen[0]) == ["shop-db-1", "shop-db-1-replaced", "shop-web-1", "shop-web-1-replaced"]
    if engine.identity.engine == "docker":
        assert seen[0]["shop-db-1-replaced"] == "no"
    assert sorted(engine.by_name) == ["shop-db-1", "shop-web-1"]


def test_what_can_not_be_put_back_is_said(engine, host):
    deploy(engine, host, project("1"))
    engine.sick = ("web",)
    engine.failures["rename_container", "shop-web-1-replaced"] = "gone"
    with pytest.raises(HostError, match="and it could not be taken back: rename_container shop-web-1-replaced: gone"):
        deploy(engine, host, project("2"))
