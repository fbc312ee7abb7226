# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing on a whole machine: from options to files."""

from __future__ import annotations

import typing as t

import pytest
import secure_boot_samples as samples
from fake_secure_boot_machine import CERTIFICATE, KEY, MODULE, MODULES, NEXT, RELEASE, SIGN_FILE, Machine

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_sign_host import (
    KernelSignHost,
    SignResult,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.module_signature import (
    compress,
    decompress,
)

IMAGE = f"/boot/vmlinuz-{NEXT}"
KEPT = f"/var/lib/container-host/kernel-originals/{NEXT}/vmlinuz"
OPTIONS = {"release": NEXT, "private_key": KEY, "certificate": CERTIFICATE, "modules": False}


def sign(machine: Machine, check_mode: bool = False, **options: t.Any) -> SignResult:
    return KernelSignHost(machine, check_mode).sign({**OPTIONS, **options})


def foretell_and_do(machine: Machine, **options: t.Any) -> SignResult:
    before = machine.state()
    foretold = sign(machine, check_mode=True, **options)
    assert machine.state() == before
    done = sign(machine, **options)
    assert done.plan == foretold.plan
    assert not sign(machine, **options).plan.difference
    assert not [path for path in machine.files if ".container-host" in path or path.startswith("/run/container-host/s")]
    return done


def test_an_image_is_signed_and_kept_as_it_was() -> None:
    machine = Machine()
    foretell_and_do(machine)
    assert machine.files[IMAGE] == samples.KERNEL_OF_OWN
    assert machine.modes[IMAGE] == 0o600
    assert machine.files[KEPT] == samples.KERNEL
    verified = next(index for index, argv in enumerate(machine.ran) if argv[0] == "sbverify")
    assert [argv[0] for argv in machine.ran[verified:]][:3] == ["sbverify", "sync", "sync"]


def test_the_vendors_signature_stays() -> None:
    machine = Machine()
    foretell_and_do(machine, release=None)
    assert machine.files[f"/boot/vmlinuz-{RELEASE}"] == samples.KERNEL_OF_BOTH


def test_modules_are_signed_however_they_are_compressed() -> None:
    machine = Machine()
    machine.files[f"{MODULES}/b.ko.xz"] = compress("b.ko.xz", MODULE)
    machine.files[f"{MODULES}/c.ko.gz"] = compress("c.ko.gz", MODULE)
    machine.files[f"{MODULES}/d.ko.xz"] = compress("d.ko.xz", MODULE + samples.MODULE_BY_OWN)
    done = foretell_and_do(machine, modules=True)
    assert [path.rpartition("/")[2] for path in done.plan.modules] == ["a.ko", "b.ko.xz", "c.ko.gz"]
    for name in ("a.ko", "b.ko.xz", "c.ko.gz", "d.ko.xz"):
        assert decompress(name, machine.files[f"{MODULES}/{name}"]) == MODULE + samples.MODULE_BY_OWN
    assert machine.ramdisk[f"{MODULES}/a.ko"] == MODULE + samples.MODULE_BY_OWN
    told = KernelSignHost(machine).facts({**OPTIONS, "modules": True})
    assert told["modules"] == {"signed": 4, "unsigned": 0, "unreadable": 0, "signed_by_certificate": 4}


def test_modules_only_kmod_decompresses() -> None:
    machine = Machine()
    path = f"{MODULES}/z.ko.zst"
    machine.files[path] = b"zstd" + MODULE
    machine.commands[("modinfo",)] = lambda argv, _text: (
        (0, "sig_id: PKCS#7\n", "") if machine.files[argv[1]] != b"zstd" + MODULE else (0, "filename: x\n", "")
    )
    foretell_and_do(machine, modules=True)
    assert machine.files[path] == b"zstd" + MODULE + samples.MODULE_BY_OWN
    del machine.commands[("modinfo",)]
    with pytest.raises(HostError, match="modinfo: not found; install kmod"):
        sign(machine, modules=True)


def test_modules_below_a_merged_usr() -> None:
    machine = Machine()
    for path in [path for path in machine.files if path.startswith("/lib/")]:
        machine.files[f"/usr{path}"] = machine.files.pop(path)
    machine.links["/lib"] = "usr/lib"
    result = sign(machine, check_mode=True, modules=True)
    assert result.plan.modules == (f"/usr{MODULES}/a.ko",)


def test_an_interrupted_run_is_finished() -> None:
    machine = Machine()
    works = machine.commands[("update-initramfs",)]
    machine.commands[("update-initramfs",)] = (1, "", "no space left")
    with pytest.raises(HostError, match="no space left"):
        sign(machine, modules=True)
    assert machine.files[IMAGE] == samples.KERNEL, "the image comes last"
    assert machine.is_signed(f"{MODULES}/a.ko")
    machine.commands[("update-initramfs",)] = works
    done = foretell_and_do(machine, modules=True)
    assert done.plan.make_ramdisk
    assert machine.ramdisk[f"{MODULES}/a.ko"] == MODULE + samples.MODULE_BY_OWN


@pytest.mark.parametrize("command", ["sbsign", "sbverify", "sync", "cp"])
def test_a_failure_leaves_an_image_that_starts(command: str) -> None:
    machine = Machine()
    machine.commands[(command,)] = (1, "", "failed")
    with pytest.raises(HostError, match="failed"):
        sign(machine)
    assert machine.files[IMAGE] == samples.KERNEL
    assert not [path for path in machine.files if ".container-host" in path]


def no_room(machine: Machine) -> None:
    machine.free = 1000


REFUSED: list[tuple[str, t.Callable[[Machine], t.Any], dict[str, t.Any], type[Exception], str]] = [
    ("another key", lambda m: None, {"private_key": "/etc/other.key"}, InputError, "does not belong to"),
    ("no kernel", lambda m: None, {"release": "1"}, InputError, "release: 1 has no image at /boot/vmlinuz-1"),
    ("a path", lambda m: None, {"release": "../x"}, InputError, "has no image"),
    ("no room", no_room, {}, HostError, "/boot has 0 MiB left"),
    ("no tool", lambda m: m.commands.pop(("sbsign",)), {}, HostError, "sbsign: not found; install sbsigntool"),
    ("no EFI image", lambda m: m.files.update({IMAGE: b"gzip"}), {}, HostError, "build the kernel with CONFIG_EFI_STUB"),
    ("no headers", lambda m: m.files.pop(SIGN_FILE), {"modules": True}, HostError, "sign-file: not found; install the headers"),
    ("no ramdisk", lambda m: m.commands.pop(("update-initramfs",)), {"modules": True}, HostError, "dracut: not found"),
    ("unchecked", lambda m: m.files.update({f"/boot/config-{NEXT}": b"CONFIG_HZ=1\n"}), {"modules": True}, HostError,
     "CONFIG_MODULE_SIG is not set"),
    ("FIPS", lambda m: m.files.update({"/proc/sys/crypto/fips_enabled": b"1\n", f"/boot/.vmlinuz-{NEXT}.hmac": b""}), {},
     HostError, "checked against its HMAC in FIPS mode"),
    ("a container", lambda m: m.files.update({"/run/systemd/container": b"lxc"}), {}, HostError, "this is a container"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "change", "options", "error", "message"), REFUSED)
def test_refused_before_anything_is_touched(
    name: str, change: t.Callable[[Machine], t.Any], options: dict[str, t.Any], error: type[Exception], message: str
) -> None:
    machine = Machine()
    change(machine)
    before = machine.state()
    with pytest.raises(error, match=message):
        sign(machine, **options)
    assert machine.state() == before, name


def test_not_on_a_host_without_uefi() -> None:
    with pytest.raises(HostError, match="started by a BIOS, not by UEFI"):
        sign(Machine(uefi=False))


def test_put_back() -> None:
    machine = Machine(enabled=False)
    sign(machine)
    done = KernelSignHost(machine, check_mode=False).restore({"release": NEXT})
    assert done.plan.restore_image
    assert machine.files[IMAGE] == samples.KERNEL
    assert not machine.exists(KEPT)
    assert not KernelSignHost(machine, check_mode=False).restore({"release": NEXT}).plan.difference


def test_not_put_back_where_it_would_not_start() -> None:
    machine = Machine()
    sign(machine)
    before = machine.state()
    with pytest.raises(HostError, match="would not be started with Secure Boot on: it is not signed"):
        KernelSignHost(machine, check_mode=False).restore({"release": NEXT})
    assert machine.state() == before


def test_facts() -> None:
    machine = Machine()
    told = KernelSignHost(machine).facts({"release": NEXT, "certificate": None, "modules": False})
    assert (told["signatures"], told["signed_by_certificate"], told["modules"]) == ([], None, None)
    assert told["refused"] == "it is not signed"
    sign(machine)
    told = KernelSignHost(machine).facts(OPTIONS)
    assert (told["signed_by_certificate"], told["original_kept"]) == (True, True)
    assert "signed by own, whom neither firmware nor shim trusts" in told["refused"]
