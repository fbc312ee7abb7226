# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole machine with dnf and entries kept by grubby, from options to what it starts next."""

from __future__ import annotations

import typing as t

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.bls import with_options
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.grub import parse_environment
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.packages_dnf import SYSCONFIG
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_boot.bls import ENTRIES, LAYOUT
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_host import KernelHost, Result
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.rpm import DNF4_LOCKS

NAMES = ("kernel", "kernel-core", "kernel-modules", "kernel-modules-core")
OLD, NEW = "5.14.0-362.el9", "5.14.0-427.el9"
ENTRY = "title Linux\nversion {0}.x86_64\nlinux /vmlinuz-{0}.x86_64\noptions root=/dev/vda1 ro\n"

Answer = tuple[int, str, str]


class Machine(FakeHostIO):
    """dnf 4 with its plugin versionlock: a lock on a version hides all other versions of the name."""

    def __init__(self) -> None:
        super().__init__(
            files={
                "/proc/self/status": "Uid:\t0\t0\t0\t0\n",
                "/proc/sys/kernel/osrelease": f"{OLD}.x86_64\n",
                "/proc/sys/kernel/random/boot_id": "boot-1\n",
                "/proc/cmdline": "root=/dev/vda1 ro\n",
                LAYOUT.cfg: 'set default="${next_entry}"\nset default="${saved_entry}"\n',
                SYSCONFIG: "UPDATEDEFAULT=yes\nDEFAULTKERNEL=kernel-core\n",
                LAYOUT.environment: "# GRUB Environment Block\n",
            },
            directories=["/run/systemd/system"],
            commands={
                ("rpm",): self._rpm,
                ("dnf",): self._dnf,
                ("grub2-editenv",): self._editenv,
                ("grub2-probe",): (0, "xfs\n", ""),
                ("grubby",): self._grubby,
                ("sync",): (0, "", ""),
                ("systemctl",): (0, "", ""),
                ("systemd-detect-virt",): (1, "", ""),
                ("uname", "-m"): (0, "x86_64\n", ""),
            },
        )
        self.packages: set[tuple[str, str]] = set()
        self._install(OLD, NAMES)

    def _install(self, version: str, names: t.Iterable[str]) -> None:
        self.packages |= {(name, version) for name in names}
        self.files[f"{ENTRIES}/id-{version}.conf"] = ENTRY.format(version).encode()
        for name in ("vmlinuz-{}.x86_64", "initramfs-{}.x86_64.img"):
            self.files[f"/boot/{name.format(version)}"] = b"x"

    def _rpm(self, argv: tuple[str, ...], _text: t.Optional[str]) -> Answer:
        assert argv[1] == "-qa"
        return 0, "".join(f"{name}\t0:{version}\n" for name, version in sorted(self.packages)), ""

    def _dnf(self, argv: tuple[str, ...], _text: t.Optional[str]) -> Answer:
        if "repoquery" in argv:
            names = [name for name in argv if name in NAMES]
            return 0, "".join(f"{name}\t0:{version}\n" for name in names for version in (OLD, NEW)), ""
        if "versionlock" in argv:
            self._lock(argv)
        elif {"install", "reinstall"} & set(argv):
            for word in argv:
                name = next((name for name in NAMES if word == f"{name}-{NEW}"), None)
                if name:
                    assert not any(lock.startswith(f"{name}-0:") and NEW not in lock for lock in self.locks), (
                        "locked out"
                    )
                    self._install(NEW, [name])
        return 0, "", ""

    def _lock(self, argv: tuple[str, ...]) -> None:
        locks = self.locks
        for word in argv[argv.index("versionlock") + 2 :]:
            name = next(name for name in sorted(NAMES, key=len, reverse=True) if word.startswith(f"{name}-5"))
            line = f"{name}-0:{word.removeprefix(name + '-')}.*"
            locks = [lock for lock in locks if lock != line] if "delete" in argv else [*locks, line]
        self.files[DNF4_LOCKS] = "".join(f"{lock}\n" for lock in locks).encode()

    @property
    def locks(self) -> list[str]:
        return (self.read_text(DNF4_LOCKS) or "").splitlines()

    def _editenv(self, argv: tuple[str, ...], _text: t.Optional[str]) -> Answer:
        environment = self.environment
        name, _equals, value = argv[3].partition("=")
        environment.pop(name, None)
        if argv[2] == "set":
            environment[name] = value
        self.files[LAYOUT.environment] = "".join(f"{n}={v}\n" for n, v in environment.items()).encode()
        return 0, "", ""

    @property
    def environment(self) -> dict[str, str]:
        return parse_environment(self.read_text(LAYOUT.environment))

    def _grubby(self, argv: tuple[str, ...], _text: t.Optional[str]) -> Answer:
        words = {key: value.split() for key, _equals, value in (word.partition("=") for word in argv[2:])}
        for path in self.glob(f"{ENTRIES}/*.conf"):
            text = with_options(self.read_text(path) or "", words.get("--args", []), words.get("--remove-args", []))
            self.files[path] = text.encode()
        return 0, "", ""


def pin(machine: Machine, check_mode: bool = False, **options: t.Any) -> Result:
    return KernelHost(machine, check_mode).pin(options)


def test_pinned_and_released() -> None:
    machine = Machine()
    foretold = pin(machine, check_mode=True, parameters_present=["panic=30"])
    assert machine.written == {}
    done = pin(machine, parameters_present=["panic=30"])
    assert done.plan.actions() == foretold.plan.actions()
    assert {(name, NEW) for name in NAMES} <= machine.packages
    assert machine.locks == [f"{name}-0:{NEW}.*" for name in sorted(NAMES)]
    assert machine.environment == {"saved_entry": f"id-{NEW}"}
    assert "UPDATEDEFAULT=no" in (machine.read_text(SYSCONFIG) or "")
    assert all("panic=30" in (machine.read_text(path) or "") for path in machine.glob(f"{ENTRIES}/*.conf"))
    assert not pin(machine, parameters_present=["panic=30"]).plan.difference
    KernelHost(machine, False).release()
    assert machine.locks == []
    assert "UPDATEDEFAULT=yes" in (machine.read_text(SYSCONFIG) or "")
    assert not any("panic" in (machine.read_text(path) or "") for path in machine.glob(f"{ENTRIES}/*.conf"))
    assert not KernelHost(machine, False).release().plan.difference


@pytest.mark.parametrize("lost", [f"/boot/initramfs-{NEW}.x86_64.img", f"{ENTRIES}/id-{NEW}.conf"])
def test_an_installation_that_was_cut_off_is_done_again(lost: str) -> None:
    machine = Machine()
    pin(machine)
    del machine.files[lost]
    machine.files[LAYOUT.environment] = f"saved_entry=id-{OLD}\n".encode()
    machine.ran.clear()
    done = pin(machine)
    assert f"install kernel-core {NEW}" in done.plan.actions()
    assert [argv[-1] for argv in machine.ran if "reinstall" in argv] == [f"kernel-core-{NEW}"]
    assert lost in machine.files
    assert machine.environment == {"saved_entry": f"id-{NEW}"}
    assert machine.locks == [f"{name}-0:{NEW}.*" for name in sorted(NAMES)]
    assert not pin(machine).plan.difference


def test_up_and_down_on_trial() -> None:
    machine = Machine()
    pin(machine, boot="once")
    assert machine.environment == {"saved_entry": f"id-{OLD}", "next_entry": f"id-{NEW}"}
    down = pin(machine, release=f"{OLD}.x86_64")
    assert [name for name in down.plan.unhold if NEW in name] == list(down.plan.unhold)
    assert machine.locks == [f"{name}-0:{OLD}.*" for name in sorted(NAMES)]
    assert machine.environment == {"saved_entry": f"id-{OLD}"}


def test_a_lock_of_somebody_else_and_too_many_fallbacks() -> None:
    machine = Machine()
    machine.files[DNF4_LOCKS] = f"kernel-core-0:{OLD}.*\n".encode()
    with pytest.raises(Exception, match=f"kernel-core-{OLD} is held by somebody else") as error:
        pin(machine, fallbacks=5)
    assert "dnf keeps 3 kernels in all" in str(error.value)
    assert machine.written == {}


def test_a_default_that_is_not_the_saved_entry() -> None:
    machine = Machine()
    machine.files[LAYOUT.cfg] = b'set default="${next_entry}"\nset default="0"\n'
    with pytest.raises(HostError, match=r"GRUB_DEFAULT is 0: make it saved"):
        pin(machine)
    assert machine.written == {}


def test_without_the_command_that_locks() -> None:
    machine = Machine()
    works = machine._dnf

    def lacks(argv: tuple[str, ...], text: t.Optional[str]) -> Answer:
        return (1, "", "No such command: versionlock.") if "versionlock" in argv else works(argv, text)

    machine.commands[("dnf",)] = lacks
    with pytest.raises(HostError, match="python3-dnf-plugin-versionlock"):
        pin(machine)
    assert machine.written == {}
