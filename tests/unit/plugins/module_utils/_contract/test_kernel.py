# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel's texts."""

from __future__ import annotations

import gzip
import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.kernel import (
    chosen,
    config_digest,
    named_options,
    parse_config,
    relevant_command_line,
    taints,
)

CONFIG = (
    b'# Linux/x86 6.12 Kernel Configuration\nCONFIG_HZ=250\nCONFIG_LSM="yama,apparmor"\n# CONFIG_SMACK is not set\n'
)

TEST_COMMAND_LINES: list[tuple[str, list[str]]] = [
    ("", []),
    ("BOOT_IMAGE=/vmlinuz root=UUID=1 ro quiet console=ttyS0,115200 net.ifnames=0", []),
    (
        "psi=1 cgroup_enable=memory swapaccount=1 apparmor=0",
        ["apparmor=0", "cgroup_enable=memory", "psi=1", "swapaccount=1"],
    ),
    # Of two settings of one name the last wins, so their order stays.
    ("mitigations=off quiet lsm=a mitigations=auto", ["lsm=a", "mitigations=off", "mitigations=auto"]),
    ("module.sig-enforce=1", ["module.sig-enforce=1"]),
    (
        "sysctl.vm.swappiness=1 systemd.unified_cgroup_hierarchy=0",
        ["sysctl.vm.swappiness=1", "systemd.unified_cgroup_hierarchy=0"],
    ),
    ("nosmt -- apparmor=0", ["nosmt"]),
    ("cgroupish psiphon=1", ["cgroupish"]),
]


@pytest.mark.parametrize(("text", "words"), TEST_COMMAND_LINES)
def test_command_line(text: str, words: list[str]) -> None:
    assert relevant_command_line(text) == words


def test_config() -> None:
    options = parse_config(CONFIG)
    assert options == {"HZ": "250", "LSM": "yama,apparmor"}
    assert parse_config(gzip.compress(CONFIG)) == options
    assert named_options(options)["HZ"] == "250"
    assert named_options(options)["USER_NS"] is None


def test_config_digest_counts_options_only() -> None:
    digest = config_digest(parse_config(CONFIG))
    other = b'# another header\nCONFIG_LSM="yama,apparmor"\nCONFIG_HZ=250\n'
    assert config_digest(parse_config(other)) == digest
    assert config_digest(parse_config(CONFIG.replace(b"250", b"1000"))) != digest
    assert config_digest({}) is None


TEST_TAINTS: list[tuple[int, list[str], list[str]]] = [
    (0, [], []),
    (1, ["proprietary_module"], []),
    (1 << 9, [], ["warning"]),
    (4096 | 8192 | 512, ["out_of_tree_module", "unsigned_module"], ["warning"]),
    (1 << 30, ["bit_30"], []),
]


@pytest.mark.parametrize(("value", "properties", "events"), TEST_TAINTS)
def test_taints(value: int, properties: list[str], events: list[str]) -> None:
    assert taints(value) == (properties, events)


TEST_CHOICES: list[tuple[str, t.Optional[str]]] = [
    ("[none] integrity confidentiality", "none"),
    ("always [madvise] never\n", "madvise"),
    ("", None),
    ("none", None),
]


@pytest.mark.parametrize(("text", "word"), TEST_CHOICES)
def test_chosen(text: str, word: t.Optional[str]) -> None:
    assert chosen(text) == word
