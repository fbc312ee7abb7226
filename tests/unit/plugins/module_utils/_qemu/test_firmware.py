# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The firmware of local virtual machines: which files, which arguments, and what is said when they are missing."""

from __future__ import annotations

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._qemu import firmware
from ansible_collections.anycloud.container_host.plugins.module_utils._qemu.host import HostSpec
from ansible_collections.anycloud.container_host.plugins.module_utils._qemu.lab import Lab, observe

CODE = "if=pflash,format=raw,unit=0,readonly=on,file=/usr/share/OVMF/"
OWN = "if=pflash,format=qcow2,unit=1,file=/h/firmware_variables.qcow2"
SECURE = ["-global", "driver=cfi.pflash01,property=secure,value=on", "-global", "ICH9-LPC.disable_s3=1"]
ARGUMENTS: list[tuple[str, list[str], list[str]]] = [
    ("bios", ["-machine", "q35"], []),
    (
        "uefi",
        ["-machine", "q35", "-drive", f"{CODE}OVMF_CODE_4M.fd", "-drive", OWN],
        ["OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd"],
    ),
    (
        "uefi_secure_boot",
        ["-machine", "q35,smm=on", *SECURE, "-drive", f"{CODE}OVMF_CODE_4M.secboot.fd", "-drive", OWN],
        ["OVMF_CODE_4M.secboot.fd", "OVMF_VARS_4M.ms.fd"],
    ),
    (
        "uefi_setup_mode",
        ["-machine", "q35,smm=on", *SECURE, "-drive", f"{CODE}OVMF_CODE_4M.secboot.fd", "-drive", OWN],
        ["OVMF_CODE_4M.secboot.fd", "OVMF_VARS_4M.fd"],
    ),
]


@pytest.mark.parametrize(("name", "arguments", "files"), ARGUMENTS)
def test_each_firmware(name: str, arguments: list[str], files: list[str]) -> None:
    assert firmware.firmware_arguments(name, "/h") == arguments
    assert [path.rpartition("/")[2] for path in firmware.firmware_files(name)] == files


def test_all_are_covered() -> None:
    assert tuple(name for name, _arguments, _files in ARGUMENTS) == firmware.FIRMWARE


def lab(*files: str) -> Lab:
    return Lab(FakeHostIO({f"/usr/share/OVMF/{name}": "x" for name in files}), "/lab", "lab", "admin", "tcg", "qemu")


def test_missing_firmware_is_said_before_anything_is_made() -> None:
    specs = [HostSpec("alpha", "/i"), HostSpec("beta", "/i", firmware="uefi_secure_boot")]
    lab("OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd", "OVMF_CODE_4M.secboot.fd", "OVMF_VARS_4M.ms.fd").check_firmware(specs)
    with pytest.raises(HostError, match=r"host beta: .*OVMF_CODE_4M.secboot.fd, which is not there; install .* ovmf"):
        lab("OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd").check_firmware(specs)
    lab().check_firmware([HostSpec("gamma", "/i", firmware="bios")])


def test_hosts_made_before_there_was_a_choice_have_uefi() -> None:
    state = (
        '{"shape": {"image": "/i"}, "variables": {}, "ssh_port": 1, "forwarded_ports": {}, "address": "10.77.0.11",'
        ' "mac_suffix": "00:00"}'
    )
    found = observe(FakeHostIO({"/lab/hosts/alpha/host.json": state}), "/lab")
    assert found["alpha"].shape["firmware"] == "uefi"
