# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys on a whole machine: from options to what firmware and shim hold."""

from __future__ import annotations

import typing as t

import pytest
import secure_boot_samples as samples
from fake_secure_boot_machine import CERTIFICATE, KEY, MOK_MANAGER, NEXT, RELEASE, Machine, lists

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_host import LOCK
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot_key_host import (
    KeyResult,
    SecureBootKeyHost,
    key_facts,
)

OPTIONS = {
    "state": "present",
    "certificate": CERTIFICATE,
    "method": "mok",
    "password": None,
    "private_key": KEY,
    "vendor_keys": True,
}


def apply(machine: Machine, check_mode: bool = False, **options: t.Any) -> KeyResult:
    return SecureBootKeyHost(machine, check_mode).apply({**OPTIONS, **options})


def foretell_and_do(machine: Machine, **options: t.Any) -> KeyResult:
    before = machine.state()
    foretold = apply(machine, check_mode=True, **options)
    assert machine.state() == before
    done = apply(machine, **options)
    assert done.plan.difference.before_after() == foretold.plan.difference.before_after()
    assert (done.plan.actions, done.pending) == (foretold.plan.actions, foretold.pending)
    again = apply(machine, **options)
    assert not again.plan.difference
    assert (again.password, again.pending) == ("", done.pending)
    assert not [path for path in machine.files if path.startswith("/run/container-host/secure-boot")]
    return done


def test_a_machine_owner_key_waits_for_the_console() -> None:
    machine = Machine()
    done = foretell_and_do(machine)
    assert machine.get("MokNew") == ["own"]
    assert (done.pending, done.password) == ("enrol", "34567890")
    assert "34567890" not in " ".join(word for argv in machine.ran for word in argv), "no password on a command line"
    assert key_facts(machine, CERTIFICATE)["machine_owner_key"] == "waits to be enrolled"
    machine.set("MokListRT", lists(samples.OWN))
    del machine.files[f"{samples.EFIVARS}/MokNew-{samples.SHIM_GUID}"]
    facts = key_facts(machine, CERTIFICATE)
    assert (facts["machine_owner_key"], facts["enrolled_in"], facts["trusted_for_images"]) == (
        "enrolled",
        ["MokListRT"],
        True,
    )
    assert foretell_and_do(machine, state="absent", password="typed").pending == "remove"
    assert foretell_and_do(machine).plan.mokutil == "--revoke-delete"


def test_a_key_stays_that_the_running_kernel_needs() -> None:
    machine = Machine()
    machine.set("MokListRT", lists(samples.OWN))
    machine.files[f"/boot/vmlinuz-{RELEASE}"] = samples.KERNEL_OF_OWN
    before = machine.state()
    with pytest.raises(HostError, match=r"not start any more without the key: /boot/vmlinuz-.*: it is signed by own"):
        apply(machine, state="absent")
    assert machine.state() == before
    machine.set("SecureBoot", b"\0")
    assert apply(machine, state="absent").pending == "remove"


def test_a_request_is_taken_back() -> None:
    machine = Machine()
    apply(machine)
    assert foretell_and_do(machine, state="absent").plan.actions == ["take back the request to enrol it"]
    assert machine.get("MokNew") == []


def test_keys_of_the_firmware() -> None:
    machine = Machine(enabled=False, setup_mode=True)
    foretell_and_do(machine, method="firmware")
    assert (machine.get("PK"), machine.get("KEK"), machine.get("db")) == (["own"], ["own"], ["own", "vendor CA"])
    foretell_and_do(machine, method="firmware", state="absent")
    assert (machine.get("PK"), machine.get("KEK"), machine.get("db")) == ([], [], ["vendor CA"])


def test_what_is_no_signature_is_not_written() -> None:
    machine = Machine(enabled=False, setup_mode=True)
    openssl = machine.commands["openssl",]

    def no_signature(argv: tuple[str, ...], text: t.Optional[str]) -> t.Any:
        if argv[1] != "smime":
            return openssl(argv, text)
        machine.files[argv[-1]] = b""
        return 0, "", ""

    machine.commands["openssl",] = no_signature
    with pytest.raises(HostError, match="openssl made no signature for db; nothing has been written"):
        apply(machine, method="firmware")
    assert (machine.get("PK"), machine.get("db")) == ([], [])


def test_protected_variables_are_made_writable() -> None:
    machine = Machine(enabled=False, setup_mode=True)
    machine.set("db", lists(samples.VENDOR_CA))
    apply(machine, method="firmware")
    assert [argv[2] for argv in machine.ran if argv[0] == "chattr"] == [f"{samples.EFIVARS}/db-{samples.DATABASE}"]


def boot_default(machine: Machine) -> None:
    """GRUB starts the kernel nobody signed."""
    menu = f"menuentry 'x' $menuentry_id_option 'gnulinux-{NEXT}' {{\n\tlinux\t/boot/vmlinuz-{NEXT} ro\n}}\n"
    machine.files["/boot/grub/grub.cfg"] = ('set default="0"\n' + menu).encode()
    machine.available.add("grub-mkconfig")
    machine.commands[("grub-probe",)] = (0, "ext2\n", "")


REFUSED: list[tuple[str, t.Callable[[Machine], t.Any], dict[str, t.Any], type[Exception], str]] = [
    ("another key", lambda m: None, {"private_key": "/etc/other.key"}, InputError, "does not belong to"),
    ("no key", lambda m: None, {"private_key": None}, InputError, "private_key: is missing"),
    ("no certificate", lambda m: None, {"certificate": "/x"}, InputError, "certificate: /x can't be read"),
    ("not in setup mode", lambda m: m.set("SetupMode", b"\0"), {}, HostError, "not in setup mode"),
    ("no tools", lambda m: m.commands.pop(("chattr",)), {}, HostError, "chattr: not found; install e2fsprogs"),
    ("own keys alone", lambda m: None, {"vendor_keys": False}, HostError, "BOOTX64.EFI: it is signed by Vendor"),
    ("unsigned default", boot_default, {}, HostError, f"/boot/vmlinuz-{NEXT}: it is not signed"),
    (
        "unsigned kernel",
        lambda m: m.files.update({f"/boot/vmlinuz-{RELEASE}": samples.KERNEL}),
        {},
        HostError,
        f"/boot/vmlinuz-{RELEASE}: it is not signed",
    ),
    ("a container", lambda m: m.files.update({"/run/systemd/container": b"lxc"}), {}, HostError, "this is a container"),
    ("a run", lambda m: m.locked.add(LOCK), {}, HostError, "another run"),
    ("MokManager", lambda m: m.files.pop(MOK_MANAGER), {"method": "mok"}, HostError, "MokManager .* is not on"),
    ("no shim", lambda m: [m.files.pop(p) for p in list(m.files) if samples.SHIM_GUID in p], {"method": "mok"}, HostError,
     "shim did not start this host"),
    ("password", lambda m: None, {"method": "mok", "password": "\u00e9"}, InputError, "can't be typed in MokManager"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "change", "options", "error", "message"), REFUSED)
def test_refused_before_anything_is_touched(
    name: str, change: t.Callable[[Machine], t.Any], options: dict[str, t.Any], error: type[Exception], message: str
) -> None:
    machine = Machine(enabled=False, setup_mode=True)
    change(machine)
    before = machine.state()
    with pytest.raises(error, match=message):
        apply(machine, **{"method": "firmware", **options})
    assert machine.state() == before, name


@pytest.mark.parametrize(
    ("commands", "message"),
    [
        ({("systemd-detect-virt", "--chroot"): (0, "", "")}, "this is a chroot"),
        ({}, "started by a BIOS, not by UEFI"),
    ],
)
def test_not_here(commands: dict[t.Any, t.Any], message: str) -> None:
    machine = Machine(uefi=False)
    machine.commands.update(commands)
    with pytest.raises(HostError, match=message):
        apply(machine)


def test_firmware_that_takes_nothing_is_said() -> None:
    machine = Machine(enabled=False, setup_mode=True)
    machine.commands[("dd",)] = (0, "", "")
    with pytest.raises(HostError, match="firmware did not take db"):
        apply(machine, method="firmware")


def test_where_nothing_can_be_enrolled_the_info_module_says_why() -> None:
    facts = key_facts(Machine(uefi=False), CERTIFICATE)
    assert (facts["firmware"], facts["enrolled_in"], facts["trusted_for_images"]) == ("bios", [], False)
