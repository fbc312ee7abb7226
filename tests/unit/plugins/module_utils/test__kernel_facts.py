# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the info module tells."""

from __future__ import annotations

import typing as t

from fake_kernel_machine import CLOUD, META, NEW, NEWEST, OLD, Machine, pin

from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_facts import kernel_facts
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_host import KernelHost


def facts(machine: Machine, available: bool = False) -> dict[str, t.Any]:
    before = machine.state()
    told = kernel_facts(KernelHost(machine), available)
    assert machine.state() == before
    return told


def test_a_host_without_a_pin() -> None:
    told = facts(Machine(), available=True)
    assert told["pinned"] is None
    assert told["held"] == []
    assert not told["reboot_required"]
    assert [kernel["release"] for kernel in told["installed"]] == [NEW, OLD]
    assert all(kernel["bootable"] for kernel in told["installed"])
    assert told["available"] == [CLOUD, NEWEST, NEW]
    assert told["boot"] == {
        "loader": "grub",
        "default": NEW,
        "once": None,
        "once_refused": "",
        "parameters": ["root=UUID=1", "ro", "console=ttyS0", "quiet"],
    }
    assert told["trial"] == {"status": "none", "release": None, "message": ""}


def test_a_host_with_a_kernel_to_be_tried() -> None:
    machine = Machine()
    machine.held.add("bash")
    pin(machine, release=NEWEST, boot="once", parameters_present=["panic=30"])
    told = facts(machine)
    assert told["pinned"] == NEWEST
    assert told["packages"] == {f"linux-image-{NEWEST}": "6.12.48-1"}
    assert told["held"] == [f"linux-image-{NEWEST}", META]
    assert (told["boot"]["default"], told["boot"]["once"]) == (NEW, NEWEST)
    assert told["trial"]["status"] == "prepared"
    assert told["reboot_reason"] == f"{NEW} runs, and {NEWEST} is pinned; the kernel was started without panic=30"
