# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plain role's variables hold the same settings as the catalogue's controls."""

from __future__ import annotations

import datetime

import pytest
from support.plain import LISTS, covered, take_away, values

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.select import Selected, select
from ansible_collections.anycloud.container_host.plugins.plugin_utils._baseline import known_controls


@pytest.mark.parametrize(("mode", "words"), [
    (0o644, "u-x,g-wx,o-wx"), (0o600, "u-x,g-rwx,o-rwx"), (0o700, "g-rwx,o-rwx"), (0o777, "")
])  # fmt: skip
def test_take_away(mode: int, words: str) -> None:
    assert take_away(mode) == words


def everything() -> list[Selected]:
    controls = known_controls({"extra_controls": []}, [])
    return select(controls, "strict", [], [], [], datetime.date(2030, 1, 1))


def test_every_kernel_parameter_is_set() -> None:
    chosen = everything()
    given = values(chosen, ())
    keys = {key for entry in chosen if entry.control.kind == "sysctl" for key in entry.parameters.get("values", {})}
    assert {entry["name"] for entry in given["plain_sysctls"]} == keys
    assert tuple(given) == LISTS


def test_lists_belong_to_the_controls_said_to_be_covered() -> None:
    beyond = [entry for entry in everything() if entry not in covered(everything())]
    assert not any(values(beyond, ()).values())


def test_a_server_is_only_given_algorithms_it_knows() -> None:
    given = values(everything(), {"aes128-ctr", "curve25519-sha256", "hmac-sha2-512"})
    lists = {entry["name"]: entry["value"] for entry in given["plain_sshd"]}
    assert lists["Ciphers"] == "aes128-ctr"
    assert lists["KexAlgorithms"] == "curve25519-sha256"
    assert lists["MACs"] == "hmac-sha2-512"
    assert lists["PermitRootLogin"] == "no"
