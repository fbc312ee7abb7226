# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services of several containers."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.labels import (
    COMPOSE_DEPENDS_ON,
    COMPOSE_NUMBER,
    container_labels,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.load import load
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Project


def project(**services: dict[str, t.Any]) -> Project:
    return load({"services": {name: {"image": "a", **keys} for name, keys in services.items()}}, project_name="p")


@pytest.mark.parametrize("keys", [{"scale": 3}, {"deploy": {"replicas": 3}}, {"scale": "3", "deploy": {"replicas": 3}}])
def test_each_container_is_a_service_of_the_model(keys: dict[str, t.Any]) -> None:
    made = project(web={**keys, "ports": ["80"]})
    assert {key: service.container_name for key, service in made.services.items()} == {
        "web": "p-web-1",
        "web/2": "p-web-2",
        "web/3": "p-web-3",
    }
    assert [service.key for service in made.services.values()] == list(made.services)
    assert {service.name for service in made.services.values()} == {"web"}


def test_what_depends_on_it_depends_on_all_of_it() -> None:
    made = project(
        db={"scale": 2}, web={"scale": 2, "depends_on": {"db": {"condition": "service_started", "restart": True}}}
    )
    for key in ("web", "web/2"):
        assert made.services[key].depends_on == {"db": "service_started", "db/2": "service_started"}
        assert made.services[key].depends_restart == ("db", "db/2")
    labels = container_labels("p", made.services["web/2"])
    assert labels[COMPOSE_NUMBER] == "2"
    assert labels[COMPOSE_DEPENDS_ON] == "db:service_started:true"


def test_no_replica_is_no_container() -> None:
    made = project(db={"scale": 0}, web={"depends_on": {"db": {"condition": "service_started", "required": False}}})
    assert list(made.services) == ["web"]
    assert made.services["web"].depends_on == {}
    assert made.services["web"].depends_optional == ()
