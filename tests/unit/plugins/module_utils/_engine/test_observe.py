# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parsers over what real engines answered: Docker 20.10 and Podman 4.3, running the same two services."""

from __future__ import annotations

import json
import pathlib

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Port
from ansible_collections.anycloud.container_host.plugins.module_utils._engine import observe
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.identity import identify

FIXTURES = pathlib.Path(__file__).parent / "fixtures"
CAPTURED = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FIXTURES.glob("*.json"))}


@pytest.fixture(params=sorted(CAPTURED))
def captured(request):
    return CAPTURED[request.param]


@pytest.mark.parametrize("name", sorted(CAPTURED))
def test_the_engine_is_known(name):
    assert name.startswith(identify(CAPTURED[name]["version"], "/s").engine)


def test_split_containers(captured):
    mine, others = observe.split_containers(captured["containers"], "shop")
    assert sorted(mine) == ["shop-db-1", "shop-web-1"]
    assert others == {}
    mine, others = observe.split_containers(captured["containers"], "other")
    assert mine == []
    assert others["shop-web-1"].project == "shop"
    assert [(port.host_ip, port.protocol) for port in others["shop-web-1"].ports] == [("127.0.0.1", "tcp")]


def test_parse_container(captured):
    database = observe.parse_container(captured["inspected"]["shop-db-1"])
    assert (database.name, database.service, database.state) == ("shop-db-1", "db", "running")
    assert database.health == "healthy"
    assert database.exit_code is None
    assert database.networks == ("shop_default",)
    assert len(database.spec_digest) == 64
    web = observe.parse_container(captured["inspected"]["shop-web-1"])
    assert web.health == ""
    assert web.running


def test_the_image_of_a_container_is_the_image_of_its_reference(captured):
    (reference,) = captured["images"]
    image = observe.parse_image(captured["images"][reference])
    assert image.id.startswith("sha256:")
    assert image.id == observe.parse_container(captured["inspected"]["shop-web-1"]).image_id


def test_describe_container(captured):
    (reference,) = captured["images"]
    found = observe.describe_container(captured["inspected"]["shop-web-1"], captured["images"][reference])
    (port,) = found["ports"]
    assert (port["protocol"], port["host_ip"]) == ("tcp", "127.0.0.1")
    assert found["health"] == "none"
    assert found["image"] == reference
    assert found["restart_policy"] == "unless-stopped"


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ({"Ports": None}, ()),
        ({"Ports": [{"PrivatePort": 80, "Type": "tcp"}]}, ()),
        (
            {
                "Ports": [
                    {"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
                    {"IP": "::", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
                    {"IP": "10.0.0.1", "PrivatePort": 53, "PublicPort": 53, "Type": "udp"},
                ]
            },
            (Port(53, 53, "udp", "10.0.0.1"), Port(80, 8080, "tcp", "")),
        ),
    ],
)
def test_parse_listed_ports(listed, expected):
    assert observe.parse_listed_ports(listed) == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({}, ""),
        ({"Health": None}, ""),
        ({"Health": {"Status": ""}}, ""),
        ({"Health": {"Status": "none"}}, ""),
        ({"Health": {"Status": "starting"}}, "starting"),
    ],
)
def test_parse_health(status, expected):
    assert observe.parse_health(status) == expected


def test_parse_depends_on():
    assert observe.parse_depends_on("db:service_healthy:false,cache:service_started:false") == ("db", "cache")
    assert observe.parse_depends_on("") == ()


def test_parse_digests_are_the_same_whatever_the_name():
    digest = "sha256:" + "a" * 64
    assert observe.parse_digests({"RepoDigests": [f"localhost:5000/x@{digest}", f"y@{digest}"]}) == (digest,)
    assert observe.parse_digests({"RepoDigests": None}) == ()


def test_with_algorithm():
    assert observe.with_algorithm("ab") == "sha256:ab"
    assert observe.with_algorithm("sha256:ab") == "sha256:ab"
    assert observe.with_algorithm("") == ""


def test_a_container_seen_through_links_has_its_own_name():
    assert observe.container_name({"Names": ["/other/alias", "/shop-web-1"]}) == "shop-web-1"


class Users:
    """An engine whose volume ``data`` three containers use: one of the project, one that reads, one that writes."""

    def __init__(self):
        self.asked = []

    def containers(self, **filters):
        self.asked.append(filters)
        return [{"Names": [f"/{name}"]} for name in ("mine", "reader", "writer")]

    def container(self, name):
        mounts = [
            {"Type": "volume", "Name": "data", "RW": name == "writer"},
            {"Type": "volume", "Name": "other", "RW": True},
            {"Type": "bind", "Source": "/srv", "RW": True},
        ]
        return {"Name": f"/{name}", "Mounts": mounts}


def test_other_containers_tell_which_volumes_of_the_project_they_write_to():
    engine = Users()
    others = {name: observe.OtherContainer("q") for name in ("reader", "writer", "stopped")}
    found = observe.with_writers(engine, others, ["data"])
    assert {name: other.volumes for name, other in found.items()} == {"reader": (), "writer": ("data",), "stopped": ()}
    assert engine.asked == [{"volume": ["data"]}]


def test_no_engine_is_asked_for_writers_where_there_can_be_none():
    engine = Users()
    assert observe.with_writers(engine, {}, ["data"]) == {}
    assert observe.with_writers(engine, {"x": observe.OtherContainer()}, []) == {"x": observe.OtherContainer()}
    assert engine.asked == []
