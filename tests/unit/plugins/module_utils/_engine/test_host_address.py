# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Attachment, Service
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.host_address import (
    needs_host_address,
    with_host_address,
)

NETWORKS = [
    {"Name": "one", "IPAM": {"Config": [{"Subnet": "fd00::/64", "Gateway": "fd00::1"}, {"Gateway": "10.1.0.1"}]}},
    {"Name": "two", "IPAM": {"Config": [{"Subnet": "10.2.0.0/24", "Gateway": "10.2.0.1"}]}},
    {"Name": "bare", "IPAM": {"Config": [{"Subnet": "10.3.0.0/24"}]}},
    {"Name": "none", "IPAM": {"Config": None}},
]


def service(*networks: str, network_mode: str = "", address: str = "host-gateway") -> Service:
    attached = {name: Attachment() for name in networks}
    hosts = {"host": address, "nas": "192.0.2.7"}
    return Service("web", "shop-web-1", "image", networks=attached, network_mode=network_mode, extra_hosts=hosts)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (service("one", "two"), "10.1.0.1"),
        (service("two", "one"), "10.2.0.1"),
        (service("bare", "none", "two"), "10.2.0.1"),
        (service("bare"), "127.0.0.1"),
        (service("gone"), "127.0.0.1"),
        (service(network_mode="host"), "127.0.0.1"),
        (service("one", address="192.0.2.9"), "192.0.2.9"),
    ],
)
def test_with_host_address(given: Service, expected: str) -> None:
    assert with_host_address(given, NETWORKS).extra_hosts == {"host": expected, "nas": "192.0.2.7"}


@pytest.mark.parametrize(
    ("engine", "address", "expected"),
    [("podman", "host-gateway", True), ("podman", "192.0.2.9", False), ("docker", "host-gateway", False)],
)
def test_needs_host_address(engine: str, address: str, expected: bool) -> None:
    assert needs_host_address(service("one", address=address), engine) is expected
