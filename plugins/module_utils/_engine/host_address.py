# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""``host-gateway`` in ``extra_hosts``: the address at which a container reaches its host. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Service
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.identity import PODMAN

Json = dict[str, t.Any]

HOST_GATEWAY = "host-gateway"
LOOPBACK = "127.0.0.1"


def needs_host_address(service: Service, engine: str) -> bool:
    """Whether the word has to be replaced: Docker does that itself.

    Podman does it with what it adds to every ``/etc/hosts`` (containers.conf(5), "host_containers_internal_ip"); the
    role ``engine`` turns that off, as Docker adds nothing, and then Podman refuses to start such a container.
    """
    return engine == PODMAN and HOST_GATEWAY in service.extra_hosts.values()


def with_host_address(service: Service, networks: t.Sequence[Json]) -> Service:
    """The service with an address in place of ``host-gateway``: its first network's gateway, which is the host.

    networks: as the engine lists them. Without such a network the loopback address has to do.
    """
    by_name = {str(raw.get("Name")): raw for raw in networks}
    gateways = [gateway for name in service.networks for gateway in _gateways(by_name.get(name) or {})]
    address = LOOPBACK if service.network_mode or not gateways else gateways[0]
    hosts = {name: address if given == HOST_GATEWAY else given for name, given in service.extra_hosts.items()}
    return dataclasses.replace(service, extra_hosts=hosts)


def _gateways(network: Json) -> list[str]:
    """The gateways of a network, IPv4 first."""
    pools = (network.get("IPAM") or {}).get("Config") or []
    return sorted((str(pool["Gateway"]) for pool in pools if pool.get("Gateway")), key=lambda text: ":" in text)
