# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The firmware of local virtual machines: OVMF's files, and QEMU's arguments for them. Pure."""

from __future__ import annotations

import typing as t

BIOS, UEFI, SECURE_BOOT, SETUP_MODE = "bios", "uefi", "uefi_secure_boot", "uefi_setup_mode"
FIRMWARE = (BIOS, UEFI, SECURE_BOOT, SETUP_MODE)
_FOLDER = "/usr/share/OVMF"
_FILES: t.Mapping[str, tuple[str, str]] = {
    UEFI: (f"{_FOLDER}/OVMF_CODE_4M.fd", f"{_FOLDER}/OVMF_VARS_4M.fd"),
    SECURE_BOOT: (f"{_FOLDER}/OVMF_CODE_4M.secboot.fd", f"{_FOLDER}/OVMF_VARS_4M.ms.fd"),
    SETUP_MODE: (f"{_FOLDER}/OVMF_CODE_4M.secboot.fd", f"{_FOLDER}/OVMF_VARS_4M.fd"),
}


def firmware_files(firmware: str) -> tuple[str, ...]:
    """The firmware's code and the variables a new host begins with; none for the BIOS that QEMU brings itself."""
    return _FILES.get(firmware, ())


def firmware_arguments(firmware: str, folder: str) -> list[str]:
    """The machine with its firmware. folder: the host's, with its own variables."""
    files = firmware_files(firmware)
    if not files:
        return ["-machine", "q35"]
    arguments = ["-machine", "q35"]
    if firmware in (SECURE_BOOT, SETUP_MODE):
        # Variables can only be protected from the system by a mode of the processor that the system has no part in.
        arguments = ["-machine", "q35,smm=on", "-global", "driver=cfi.pflash01,property=secure,value=on"]
        arguments += ["-global", "ICH9-LPC.disable_s3=1"]
    arguments += ["-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={files[0]}"]
    return [*arguments, "-drive", f"if=pflash,format=qcow2,unit=1,file={folder}/firmware_variables.qcow2"]
