# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kexec starts what the boot loader would, or says in one line why not."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._patch.kexec import locked_down, plan_kexec

FILES = ("/boot/vmlinuz-6.1", "/boot/initrd.img-6.1", "/boot/vmlinuz-5", "/boot/initramfs-5.img")
GOOD: dict[str, t.Any] = {"installed": True, "lockdown": "[none] integrity confidentiality\n", "load_disabled": "0\n"}


def plan(release: t.Optional[str] = "6.1", pinned: t.Optional[str] = None, **changes: t.Any) -> dict[str, t.Any]:
    kernel = {"boot": {"default": release, "parameters": ["root=UUID=1", "ro", "panic=30"]}, "pinned": pinned}
    return plan_kexec(kernel, files=FILES, **{**GOOD, **changes}).as_dict()


def test_what_is_loaded() -> None:
    assert plan() == {
        "release": "6.1",
        "argv": [
            "kexec",
            "--load",
            "/boot/vmlinuz-6.1",
            "--initrd=/boot/initrd.img-6.1",
            "--command-line=root=UUID=1 ro panic=30",
        ],
        "refused": "",
    }
    assert plan("5", pinned="5", lockdown=None)["argv"][3] == "--initrd=/boot/initramfs-5.img"


def test_variables_of_the_boot_loader_are_left_out() -> None:
    kernel = {"boot": {"default": "6.1", "parameters": ["root=/dev/vda2", "ro", "$vt_handoff"]}, "pinned": None}
    assert plan_kexec(kernel, files=FILES, **GOOD).as_dict()["argv"][-1] == "--command-line=root=/dev/vda2 ro"


REFUSED: list[tuple[dict[str, t.Any], str]] = [
    ({"installed": False}, "kexec-tools"),
    ({"lockdown": "none [integrity] confidentiality"}, r"locked down \(integrity\)"),
    ({"load_disabled": "1\n"}, "kexec_load_disabled"),
    ({"release": None}, "can't be told"),
    ({"pinned": "5"}, "would start 6.1, and 5 is pinned"),
    ({"release": "4"}, "of 4 is not in /boot"),
]


@pytest.mark.parametrize(("changes", "words"), REFUSED)
def test_refusals(changes: dict[str, t.Any], words: str) -> None:
    told = plan(**changes)
    assert told["argv"] == []
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(told["refused"])


@pytest.mark.parametrize(
    ("text", "expected"), [(None, ""), ("[none] integrity", ""), ("none [confidentiality]", "confidentiality")]
)
def test_lockdown(text: t.Optional[str], expected: str) -> None:
    assert locked_down(text) == expected
