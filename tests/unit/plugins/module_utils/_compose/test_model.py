# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import json
import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._compose import actions, labels, model, observed
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.digest import (
    network_digest,
    service_digest,
    volume_digest,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.plain import from_plain, to_plain

FULL = model.Service(
    name="web",
    container_name="p-web-1",
    image="docker.io/library/nginx:1",
    command=("a", "b"),
    entrypoint=(),
    environment={"A": "1"},
    ports=(model.Port(80, 8080, "udp", "127.0.0.1"), model.Port(81)),
    mounts=(model.Mount("volume", "/d", "p_data"), model.Mount("tmpfs", "/t", tmpfs_mode=0o1777)),
    networks={"p_default": model.Attachment(("web", "www"), ipv4_address="10.0.0.5")},
    healthcheck=model.Healthcheck(("CMD", "x"), interval_ns=5),
    depends_on={"db": model.CONDITION_HEALTHY},
    limits=model.Limits(memory_bytes=1, cpus=1.0, ulimits={"nofile": model.Ulimit(1, 2)}),
    devices=(model.Device("/dev/a", "/dev/b", "r"),),
    logging=model.Logging("journald", {"tag": "x"}),
    init=False,
)
PROJECT = model.Project(
    "p",
    {"web": FULL, "db": model.Service("db", "p-db-1", "docker.io/library/postgres:16")},
    {"default": model.Network("p_default", subnets=(model.Subnet("10.0.0.0/24"),))},
    {"data": model.Volume("p_data", driver_opts={"type": "tmpfs"})},
)
OBSERVED = observed.ObservedProject(
    "p",
    containers={"p-web-1": observed.ObservedContainer("p-web-1", "web", "1", "exited", exit_code=0, networks=("n",))},
    images={"i": observed.ObservedImage("sha256:1", ("sha256:2",), "sha256:3")},
    networks={"n": observed.ObservedNetwork("n", {"a": "b"})},
    volumes={"v": observed.ObservedVolume("v")},
    other_containers={"x": observed.OtherContainer("q", (model.Port(80, 80),))},
    boot_enabled=False,
)
PLAN = actions.Plan(
    "p", "present", (actions.Action(actions.PULL_IMAGE, "image", "i", "web", None, {"a": [1]}, "why", {"c": "d"}),)
)


@pytest.mark.parametrize("value", [PROJECT, OBSERVED, PLAN, model.Project("empty")])
def test_round_trip_through_json(value: t.Any) -> None:
    assert type(value).from_plain(json.loads(json.dumps(value.to_plain()))) == value


def test_plain_form_names_every_field() -> None:
    assert set(to_plain(FULL)) == {field.name for field in dataclasses.fields(model.Service)}


def test_a_whole_number_of_cpus_stays_the_same_digest() -> None:
    again = from_plain(model.Limits, {"cpus": 1})
    assert isinstance(again.cpus, float)


@pytest.mark.parametrize(
    "plain", [{"name": "p", "colour": "red"}, {}, {"name": "p", "services": {"web": {"name": "web"}}}]
)
def test_another_versions_form_is_refused(plain: dict[str, t.Any]) -> None:
    with pytest.raises(TypeError):
        model.Project.from_plain(plain)


OTHERS: list[dict[str, t.Any]] = [
    {"image": "docker.io/library/nginx:2"},
    {"command": None},
    {"entrypoint": None},
    {"environment": {"A": "2"}},
    {"ports": ()},
    {"networks": {"p_default": model.Attachment(("web",))}},
    {"healthcheck": None},
    {"limits": model.Limits()},
    {"restart": "always"},
    {"labels": {"a": "b"}},
    {"init": None},
    {"read_only": True},
]


@pytest.mark.parametrize("change", OTHERS)
def test_digest_changes_with_what_decides_the_container(change: dict[str, t.Any]) -> None:
    assert service_digest(dataclasses.replace(FULL, **change)) != service_digest(FULL)


@pytest.mark.parametrize("change", [{"depends_on": {}}, {"pull_policy": "always"}])
def test_digest_stays_for_what_only_decides_the_work(change: dict[str, t.Any]) -> None:
    assert service_digest(dataclasses.replace(FULL, **change)) == service_digest(FULL)


def test_digest_ignores_the_order_of_mappings() -> None:
    first = dataclasses.replace(FULL, environment={"A": "1", "B": "2"})
    second = dataclasses.replace(FULL, environment={"B": "2", "A": "1"})
    assert service_digest(first) == service_digest(second)


def test_digest_is_kept_from_version_to_version() -> None:
    """Another value here means that every container is made anew after an upgrade: raise DIGEST_VERSION knowingly."""
    service = model.Service("web", "p-web-1", "docker.io/library/nginx:1")
    assert service_digest(service) == "7459df4be339e14f8ed2a6f3d24bd2319ec98ee228c1b027e0f681708daaae03"
    assert network_digest(model.Network("n")) == "7fa38c643fd0c2f0e907bbe30447175c0fcc376e055a358ec6965c8ee0657954"
    assert volume_digest(model.Volume("n")) == "a806b0ec372aae51d93d888b586abd3126ad40b518efe503f1fec294be359e05"


def test_labels_of_the_collection_win() -> None:
    service = dataclasses.replace(FULL, labels={"mine": "1", labels.SPEC_SHA256: "forged"})
    written = labels.container_labels("p", service)
    assert written[labels.SPEC_SHA256] == service_digest(service)
    assert {name: written[name] for name in ("mine", labels.COMPOSE_PROJECT, labels.COMPOSE_SERVICE)} == {
        "mine": "1",
        labels.COMPOSE_PROJECT: "p",
        labels.COMPOSE_SERVICE: "web",
    }
    assert written[labels.COMPOSE_ONE_OFF] == "False"
    assert written[labels.COMPOSE_CONFIG_HASH] == written[labels.SPEC_SHA256]
    network = model.Network("p_n", labels={"a": "b"})
    assert labels.network_labels("p", "n", network) == {
        "a": "b",
        labels.COMPOSE_PROJECT: "p",
        labels.COMPOSE_NETWORK: "n",
        labels.PROJECT: "p",
        labels.SPEC_SHA256: network_digest(network),
    }
    assert labels.volume_labels("p", "v", model.Volume("p_v"))[labels.COMPOSE_VOLUME] == "v"
