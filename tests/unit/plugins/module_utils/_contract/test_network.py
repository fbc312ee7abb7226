# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host's network."""

from __future__ import annotations

import typing as t

import pytest
from contract_hosts import ADDRESSES, ROUTES

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.network import (
    addresses,
    default_interface,
    default_interface_ipv6,
    iptables_backend,
    resolver,
)


def test_default_interface() -> None:
    assert default_interface(ROUTES) == "enp0s3"
    better = "wlan0\t00000000\t0202000A\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
    assert default_interface(ROUTES + better) == "wlan0"
    assert default_interface("Iface\n") is None


def test_default_interface_ipv6() -> None:
    zero = "0" * 32
    table = f"{zero} 00 {zero} 00 {zero} ffffffff 00000001 00000000 00200200       lo\n{zero} 00 {zero} 00 fe80{zero[4:]} 00000400 00000001 00000000 00450003     eth0\n"
    assert default_interface_ipv6(table) == "eth0"
    assert default_interface_ipv6("") is None


def test_addresses() -> None:
    assert addresses(ADDRESSES, ["enp0s3"]) == ["10.0.2.15/24"]
    assert addresses("no JSON", ["enp0s3"]) == []


TEST_BACKENDS: list[tuple[str, t.Optional[str]]] = [
    ("iptables v1.8.11 (nf_tables)", "nf_tables"),
    ("iptables v1.8.9 (legacy)", "legacy"),
    ("iptables v1.6.1", "legacy"),
    ("", None),
]


@pytest.mark.parametrize(("text", "backend"), TEST_BACKENDS)
def test_iptables(text: str, backend: t.Optional[str]) -> None:
    assert iptables_backend(text) == backend


def test_resolver() -> None:
    text = "# x\nnameserver 10.0.2.3\nnameserver 1.1.1.1\noptions edns0\ndomain a.test\nsearch b.test c.test\n"
    assert resolver(text) == (["10.0.2.3", "1.1.1.1"], ["b.test", "c.test"])
