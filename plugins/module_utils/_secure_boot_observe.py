# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Reads what firmware, shim and the kernel tell of Secure Boot, with the HostIO handed in. Changes nothing."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot import efi
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.pe import Image, parse_image
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.signature_list import (
    parse_signature_lists,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.trust import (
    BIOS,
    UEFI,
    Anchors,
    Firmware,
    anchors_of,
    refusal,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

SYSTEM_PARTITIONS = ("/boot/efi", "/efi", "/boot")
"""Where distributions mount the EFI system partition."""
REMOVABLE = {"x86_64": "bootx64.efi", "aarch64": "bootaa64.efi", "i686": "bootia32.efi", "riscv64": "bootriscv64.efi"}
"""What firmware starts from a disk it has no boot entry for (UEFI 2.10, 3.5.1.1)."""
_LISTS = ("PK", "KEK", "db", "dbx", "MokListRT", "MokListXRT", "MokNew", "MokDel")


def observe_firmware(io: HostIO) -> Firmware:
    """What firmware and shim tell."""
    inside = _inside(io)
    if inside:
        return Firmware(UEFI if io.exists("/sys/firmware/efi") else BIOS, inside)
    if not io.exists("/sys/firmware/efi"):
        return Firmware(BIOS)
    if not io.list_directory(efi.FOLDER):
        return Firmware(UEFI, f"efivarfs is not mounted at {efi.FOLDER}, or firmware has no variables at run time")
    enabled = efi.flag(_read(io, "SecureBoot"))
    mok_state = _read(io, "MokSBStateRT")
    lists = {name: _read(io, name) for name in _LISTS}
    return Firmware(
        kind=UEFI,
        reason=""
        if io.read_bytes(efi.path_of("SecureBoot")) or not _is_there(io, "SecureBoot")
        else "use become: true",
        enabled=enabled or False,
        setup_mode=efi.flag(_read(io, "SetupMode")),
        shim=any(_is_there(io, name) for name in ("MokListRT", "MokListXRT", "SbatLevelRT"))
        or bool(io.list_directory(efi.MOK_FOLDER)),
        shim_checks=not efi.flag(mok_state),
        sbat_level=(_read(io, "SbatLevelRT") or b"").rstrip(b"\0").decode("utf-8", "replace").strip(),
        lists={name: parse_signature_lists(data) for name, data in lists.items() if data is not None},
    )


def kernel_path(io: HostIO, release: str) -> str:
    """Where a kernel's image is; empty when it is nowhere known."""
    places = (f"/boot/vmlinuz-{release}", f"/usr/lib/modules/{release}/vmlinuz", f"/lib/modules/{release}/vmlinuz")
    return next((path for path in places if io.exists(path)), "")


def read_image(io: HostIO, path: str) -> t.Optional[Image]:
    """An image, or None when it is absent or none that firmware starts."""
    return parse_image(io.read_bytes(path)) if path else None


def read_loaders(io: HostIO) -> dict[str, t.Optional[Image]]:
    """The boot loaders on the EFI system partition, by path."""
    paths = [f"{root}/{name}" for root in _system_partitions(io) for name in _files(io, root)]
    return {path: read_image(io, path) for path in paths}


def first_loader(io: HostIO) -> str:
    """The path of the boot loader firmware started, or would start from this disk; empty when it isn't seen."""
    entry = efi.boot_entry(_read(io, "BootCurrent"))
    named = efi.loader_path(_read(io, entry)) if entry else ""
    machine = io.run(["uname", "-m"]).stdout.strip()
    wanted = (named or f"/EFI/BOOT/{REMOVABLE.get(machine, '')}").lower().lstrip("/")
    for root in _system_partitions(io):
        for name in _files(io, root):
            if name.lower() == wanted:
                return f"{root}/{name}"
    return ""


def read_anchors(io: HostIO, firmware: Firmware, running: str) -> Anchors:
    """What this host trusts. running: the release of the kernel that runs."""
    return anchors_of(firmware, read_loaders(io).values(), read_image(io, kernel_path(io, running)))


def kernel_refusal(io: HostIO, firmware: Firmware, release: str, running: str) -> str:
    """Why a kernel would not be started at the next boot; empty when it would, or when it can't be told."""
    if not firmware.checks_kernels:
        return ""
    reason = refusal(read_image(io, kernel_path(io, release)), read_anchors(io, firmware, running))
    if reason and firmware.list_of("MokNew").certificates:
        reason += " (a certificate waits to be enrolled: reboot into the kernel that runs and confirm it in MokManager)"
    return reason


def _inside(io: HostIO) -> str:
    """Where this runs, when that is no machine of its own."""
    container = (io.read_text("/run/systemd/container") or "").strip()
    if not container and (io.exists("/.dockerenv") or io.exists("/run/.containerenv")):
        container = "started by an engine"
    if not container:
        done = io.run(["systemd-detect-virt", "--container"])
        container = done.stdout.strip() if done.rc == 0 else ""
    if container:
        return f"this is a container ({container}): what the host was started with can't be proved here"
    if io.run(["systemd-detect-virt", "--chroot"]).rc == 0:
        return "this is a chroot: what the host was started with can't be proved here"
    return ""


def _is_there(io: HostIO, name: str) -> bool:
    return io.exists(efi.path_of(name)) or io.exists(f"{efi.MOK_FOLDER}/{name}")


def _read(io: HostIO, name: str) -> t.Optional[bytes]:
    """A variable's data. Shim's are taken in whole where the kernel has them."""
    if efi.GUIDS.get(name) == efi.SHIM:
        whole = io.read_bytes(f"{efi.MOK_FOLDER}/{name}")
        if whole is not None:
            return whole
    return efi.data_of(io.read_bytes(efi.path_of(name)))


def _system_partitions(io: HostIO) -> list[str]:
    return [root for root in SYSTEM_PARTITIONS if any(name.lower() == "efi" for name in _folders(io, root))]


def _folders(io: HostIO, root: str) -> list[str]:
    names = [name for name in io.list_directory(root) if name.lower() == "efi"]
    # /boot/efi is a mount point of its own, and no folder of the partition.
    return [name for name in names if f"{root}/{name}" not in SYSTEM_PARTITIONS]


def _files(io: HostIO, root: str) -> list[str]:
    """The images below EFI, as paths from the root of the partition; the file system does not mind their case."""
    found = []
    for top in _folders(io, root):
        for folder in io.list_directory(f"{root}/{top}"):
            names = io.list_directory(f"{root}/{top}/{folder}")
            found += [f"{top}/{folder}/{name}" for name in names if name.lower().endswith(".efi")]
    return found
