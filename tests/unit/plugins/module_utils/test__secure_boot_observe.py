# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of firmware, shim and kernels on a whole machine."""

from __future__ import annotations

import typing as t

import pytest
import secure_boot_samples as samples
from fake_secure_boot_machine import ESP, LOADER, NEXT, RELEASE, Machine, lists

from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot_observe import (
    first_loader,
    kernel_refusal,
    observe_firmware,
)


def test_with_secure_boot() -> None:
    seen = observe_firmware(Machine())
    assert (seen.kind, seen.reason, seen.enabled, seen.setup_mode) == ("uefi", "", True, False)
    assert (seen.shim, seen.shim_checks, seen.sbat_level) == (True, True, "sbat,1,2024010900")
    assert seen.list_of("MokListRT").certificates == (samples.DISTRIBUTION,)


def test_shims_variables_are_read_in_whole() -> None:
    machine = Machine()
    machine.files["/sys/firmware/efi/mok-variables/MokListRT"] = lists(samples.DISTRIBUTION, samples.OWN)
    assert observe_firmware(machine).list_of("MokListRT").has(samples.OWN)


ELSEWHERE: list[tuple[dict[str, t.Any], dict[str, t.Any], str, str]] = [
    ({}, {}, "bios", ""),
    ({"/sys/firmware/efi/systab": b""}, {}, "uefi", "efivarfs is not mounted"),
    ({"/run/systemd/container": b"lxc\n"}, {}, "bios", r"this is a container \(lxc\)"),
    ({"/.dockerenv": b""}, {}, "bios", r"this is a container \(started by an engine\)"),
    ({}, {("systemd-detect-virt", "--chroot"): (0, "", "")}, "bios", "this is a chroot"),
    ({}, {("systemd-detect-virt", "--container"): (0, "podman\n", "")}, "bios", r"container \(podman\)"),
]


@pytest.mark.parametrize(("files", "commands", "kind", "reason"), ELSEWHERE)
def test_elsewhere(files: dict[str, bytes], commands: dict[t.Any, t.Any], kind: str, reason: str) -> None:
    machine = Machine(uefi=False)
    machine.files.update(files)
    machine.commands.update(commands)
    seen = observe_firmware(machine)
    assert (seen.kind, seen.enabled, seen.checks_kernels) == (kind, None, False)
    assert reason.replace("\\", "") in seen.reason if reason else not seen.reason


def test_the_loader_of_a_boot_entry_is_found_whatever_its_case() -> None:
    machine = Machine()
    assert first_loader(machine) == LOADER, "without an entry, the one of removable media"
    path = "\\efi\\DEBIAN\\SHIMX64.efi".encode("utf-16-le") + b"\0\0"
    node = b"\x04\x04" + (4 + len(path)).to_bytes(2, "little") + path + b"\x7f\xff\x04\0"
    machine.set("BootCurrent", b"\x02\0")
    machine.set("Boot0002", b"\x01\0\0\0" + len(node).to_bytes(2, "little") + b"x\0\0\0" + node)
    assert first_loader(machine) == ""
    machine.files["/boot/efi/EFI/debian/shimx64.efi"] = samples.SHIM
    assert first_loader(machine) == "/boot/efi/EFI/debian/shimx64.efi"


REFUSALS: list[tuple[str, bytes, bool, str]] = [
    ("the distribution's", samples.KERNEL_OF_DISTRIBUTION, True, ""),
    ("nobody's", samples.KERNEL, True, "it is not signed"),
    ("own", samples.KERNEL_OF_OWN, True, "signed by own"),
    ("own, beside the distribution's", samples.KERNEL_OF_BOTH, True, ""),
    ("changed", samples.KERNEL_CHANGED, True, "not what was signed"),
    ("nobody's, and Secure Boot off", samples.KERNEL, False, ""),
    ("no image at all", b"\x1f\x8b", True, ""),
]


@pytest.mark.parametrize(("name", "data", "enabled", "reason"), REFUSALS)
def test_refusal(name: str, data: bytes, enabled: bool, reason: str) -> None:
    machine = Machine(enabled)
    machine.files[f"/boot/vmlinuz-{NEXT}"] = data
    found = kernel_refusal(machine, observe_firmware(machine), NEXT, RELEASE)
    assert reason in found if reason else not found, name


def test_without_the_partition_the_running_kernel_tells_whom_shim_trusts() -> None:
    machine = Machine()
    machine.set("MokListRT", b"")
    for path in [path for path in machine.files if path.startswith(ESP)]:
        del machine.files[path]
    machine.files[f"/boot/vmlinuz-{NEXT}"] = samples.KERNEL_OF_DISTRIBUTION
    assert kernel_refusal(machine, observe_firmware(machine), NEXT, RELEASE) == ""


def test_a_request_that_waits_is_said() -> None:
    machine = Machine()
    machine.files[f"/boot/vmlinuz-{NEXT}"] = samples.KERNEL_OF_OWN
    machine.set("MokNew", lists(samples.OWN))
    assert "confirm it in MokManager" in kernel_refusal(machine, observe_firmware(machine), NEXT, RELEASE)
    machine.set("MokListRT", lists(samples.OWN))
    assert kernel_refusal(machine, observe_firmware(machine), NEXT, RELEASE) == ""
