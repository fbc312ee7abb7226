# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Security modules and subordinate ids."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.access import (
    active_lsms,
    container_domain,
    container_policy,
    engine_profiles,
    selinux_mode,
    shell_value,
    subordinate_ids,
)

TEST_LSMS: list[tuple[t.Optional[str], t.Optional[list[str]], t.Optional[str]]] = [
    (None, None, None),
    ("capability,yama", ["capability", "yama"], "none"),
    ("lockdown,capability,yama,apparmor,bpf\n", ["lockdown", "capability", "yama", "apparmor", "bpf"], "apparmor"),
    ("capability,selinux", ["capability", "selinux"], "selinux"),
    ("selinux,apparmor", ["selinux", "apparmor"], "selinux"),
]


@pytest.mark.parametrize(("text", "lsms", "policy"), TEST_LSMS)
def test_lsms(text: t.Optional[str], lsms: t.Optional[list[str]], policy: t.Optional[str]) -> None:
    assert active_lsms(text) == lsms
    assert container_policy(lsms) == policy


def test_engine_profiles() -> None:
    text = "vdens (unconfined)\ncontainers-default-0.62.2 (enforce)\ndocker-default (enforce)\nlibvirtd (enforce)\n"
    assert engine_profiles(text) == ["containers-default-0.62.2 (enforce)", "docker-default (enforce)"]


def test_selinux() -> None:
    assert [selinux_mode(text) for text in ("1", "0\n", None)] == ["enforcing", "permissive", None]
    assert container_domain('process = "system_u:system_r:container_t:s0"\nfile = "x"') == "container_t"
    assert container_domain("nothing") is None


TEST_SHELL: list[tuple[str, str, t.Optional[str]]] = [
    ('ID="rhel"\n', "ID", "rhel"),
    ("VERSION_ID=1\nID=debian\n", "ID", "debian"),
    ("#SELINUXTYPE=mls\nSELINUXTYPE=targeted \n", "SELINUXTYPE", "targeted"),
    ("", "ID", None),
]


@pytest.mark.parametrize(("text", "name", "value"), TEST_SHELL)
def test_shell_value(text: str, name: str, value: t.Optional[str]) -> None:
    assert shell_value(text, name) == value


def test_subordinate_ids() -> None:
    text = "# comment\nubuntu:100000:65536\ndockremap:165536:65536\ncontainers:1:2\nbroken\n"
    assert subordinate_ids(text) == (["containers:1:2", "dockremap:165536:65536"], ["ubuntu:100000:65536"])
