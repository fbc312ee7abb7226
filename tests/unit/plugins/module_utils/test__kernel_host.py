# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pinning on a whole machine: from options to what the host starts next."""

from __future__ import annotations

import re
import typing as t

import pytest
import secure_boot_samples as samples
from fake_kernel_machine import (
    CLOUD,
    GRUB_CFG,
    META,
    MIDDLE,
    NEW,
    NEWEST,
    OLD,
    SETTINGS,
    Machine,
    pin,
    release,
    version_of,
)

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel import record, trial
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.packages_apt import (
    CONFIGURATION,
    PREFERENCES,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_boot.grub import DROP_IN
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_host import LOCK, KernelHost

INTENTS: list[tuple[dict[str, t.Any], str]] = [
    ({}, NEWEST),
    ({"release": "running"}, NEW),
    ({"release": NEWEST}, NEWEST),
    ({"release": OLD}, OLD),
    ({"pattern": "6.12.*"}, NEWEST),
    ({"pattern": "6.12.4[0-4]*"}, NEW),
    ({"pattern": "6.12.*", "upgrade": False}, NEW),
    ({"flavour": "cloud-amd64"}, CLOUD),
    ({"release": CLOUD}, CLOUD),
]


@pytest.mark.parametrize(("options", "meant"), INTENTS)
def test_each_intent_is_foretold_done_and_kept(options: dict[str, t.Any], meant: str) -> None:
    machine = Machine()
    before = machine.state()
    foretold = pin(machine, check_mode=True, **options)
    assert machine.state() == before
    done = pin(machine, **options)
    assert done.plan.difference.before_after() == foretold.plan.difference.before_after()
    assert done.plan.actions() == foretold.plan.actions()
    assert done.plan.difference
    assert {f"linux-image-{meant}", META} <= machine.held
    assert machine.packages[f"linux-image-{meant}"] == version_of(meant)
    again = pin(machine, **options)
    assert not again.plan.difference
    assert again.plan.actions() == []
    assert machine.reboot() == meant
    assert pin(machine, **options).reasons == ()


def test_a_new_kernel_is_not_started_before_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine()
    seen: list[str] = []
    install = machine._apt_get

    def watched(argv: tuple[str, ...], text: t.Optional[str]) -> tuple[int, str, str]:
        answer = install(argv, text)
        if any(word.startswith("linux-image") for word in argv):
            copy = Machine()
            copy.files = dict(machine.files)
            seen.append(copy.reboot())
        return answer

    machine.commands[("apt-get",)] = watched
    pin(machine, release=NEWEST)
    assert seen == [NEW]
    assert machine.reboot() == NEWEST


def test_up_down_and_released() -> None:
    machine = Machine()
    pin(machine, release=NEWEST)
    machine.reboot()
    down = pin(machine, release=OLD)
    assert f"let go of linux-image-{NEWEST}" in down.plan.actions()
    assert f"linux-image-{NEWEST}" not in machine.held
    assert machine.reboot() == OLD
    assert release(machine, check_mode=True).plan.actions() == release(machine).plan.actions()
    assert machine.held == set()
    for path in (PREFERENCES, CONFIGURATION, DROP_IN, record.PATH):
        assert not machine.exists(path)
    assert not release(machine).plan.difference
    assert machine.reboot() == NEWEST  # GRUB_DEFAULT=0 of the host's own settings is back


def test_what_others_hold_stays_theirs() -> None:
    machine = Machine()
    machine.held |= {META, "bash"}
    done = pin(machine, release="running")
    assert f"hold {META}" not in done.plan.actions()
    release(machine)
    assert machine.held == {META, "bash"}


def test_parameters_are_a_set() -> None:
    machine = Machine()
    options = {"release": "running", "parameters_present": ["panic=30"], "parameters_absent": ["quiet"]}
    done = pin(machine, **options)
    change = done.plan.difference.before_after()
    assert "quiet" in change["before"]["kernel parameters"]
    assert "quiet" not in change["after"]["kernel parameters"]
    assert done.reasons == ("the kernel was started without panic=30", "the kernel was started with quiet")
    assert not pin(machine, **options).plan.difference
    machine.reboot()
    command_line = (machine.read_text("/proc/cmdline") or "").split()
    assert "panic=30" in command_line
    assert "quiet" not in command_line
    assert "console=ttyS0" in command_line
    assert pin(machine, **options).reasons == ()
    undone = pin(machine, release="running")
    assert undone.plan.actions() == [
        f"write {DROP_IN}",
        "add kernel parameter quiet",
        "remove kernel parameter panic=30",
    ]
    machine.reboot()
    assert "panic" not in (machine.read_text("/proc/cmdline") or "")
    assert "quiet" in (machine.read_text("/proc/cmdline") or "")


def test_parameters_of_others_are_kept_where_that_is_asked() -> None:
    machine = Machine()
    before = KernelHost(machine).observe().boot.parameters
    pin(machine, release="running", parameters_present=["panic=5", "security=selinux"], parameters_absent=["quiet"])
    kept = {"release": "running", "parameters_present": ["panic=30", "psi=1"], "parameters_keep": True}
    pin(machine, **kept)
    state = KernelHost(machine).observe()
    for entry in state.boot.parameters:
        assert {"panic=30", "psi=1", "security=selinux"} <= set(entry)
        assert not {"panic=5", "quiet"} & set(entry)
    assert not pin(machine, **kept).plan.difference
    other = {"parameters_present": ["security=apparmor"], "parameters_absent": ["security=selinux"]}
    pin(machine, release="running", parameters_keep=True, **other)
    for entry in KernelHost(machine).observe().boot.parameters:
        assert {"panic=30", "psi=1", "security=apparmor"} <= set(entry)
        assert "security=selinux" not in entry
    release(machine)
    assert KernelHost(machine).observe().boot.parameters == before


def test_a_rebuilt_kernel_of_the_same_release_asks_for_a_reboot() -> None:
    machine = Machine()
    machine.files["/proc/version"] = b"Linux version x #1 SMP PREEMPT_DYNAMIC Debian 6.12.43-1 (2025-08-27)\n"
    assert pin(machine, release="running").reasons == ()
    machine.offered[f"linux-image-{NEW}"].insert(0, "6.12.43-2")
    done = pin(machine, pattern="6.12.43*")
    assert done.reasons == (f"{NEW} runs as it was built for 6.12.43-1, and 6.12.43-2 is installed",)
    assert f"linux-image-{NEW}" in machine.held


# --- on trial ---------------------------------------------------------------------------------------------------------


def on_trial(machine: Machine) -> None:
    done = pin(machine, release=NEWEST, boot="once")
    assert done.reasons
    assert not done.plan.waits
    assert not pin(machine, release=NEWEST, boot="once").plan.difference
    assert KernelHost(machine).observe().trial.status == trial.PREPARED


def test_a_trial_keeps_others_out_of_its_own_folder_only() -> None:
    machine = Machine()
    on_trial(machine)
    above = trial.FOLDER.rpartition("/")[0]
    assert machine.made.index(above) < machine.made.index(trial.FOLDER)
    assert (machine.modes[above], machine.modes[trial.FOLDER]) == (0o755, 0o700)


def test_a_trial_is_confirmed() -> None:
    machine = Machine()
    on_trial(machine)
    assert machine.reboot() == NEWEST
    waiting = pin(machine, release=NEWEST, boot="once")
    assert waiting.plan.waits
    assert not waiting.plan.difference
    assert KernelHost(machine).observe().trial.status == trial.WAITING
    confirmed = pin(machine, release=NEWEST)
    assert confirmed.plan.actions() == [f"start {NEWEST} by default", "confirm the running kernel"]
    assert KernelHost(machine).observe().trial.status == trial.NONE
    assert not any(machine.exists(path) for path in (trial.FOLDER, *trial.UNITS))
    assert machine.reboot() == NEWEST


@pytest.mark.parametrize("there", [False, True])
def test_a_trial_leaves_the_folder_around_it_to_everybody(there: bool) -> None:
    machine = Machine()
    around = trial.FOLDER.rpartition("/")[0]
    if there:
        machine.directories.add(around)
        machine.modes[around] = 0o700
    on_trial(machine)
    assert (machine.modes[around], machine.modes[trial.FOLDER]) == (0o755, 0o700)


@pytest.mark.parametrize("way", ["panics", "is not confirmed"])
def test_a_trial_that_fails_comes_back(way: str) -> None:
    machine = Machine()
    on_trial(machine)
    if way == "panics":
        machine.panics.add(NEWEST)
        assert machine.reboot() == NEW
    else:
        assert machine.reboot() == NEWEST
        machine.rename(trial.ARMED, trial.RETURNING)  # what the host does when its time is over
        assert machine.reboot() == NEW
    told = KernelHost(machine).observe().trial
    assert told.status == (trial.CAME_BACK if way == "panics" else trial.NOT_CONFIRMED)
    assert told.release == NEWEST
    on_trial(machine)


def test_a_trial_is_armed_again_when_the_boot_loader_did_not_see_it() -> None:
    # A boot loader reads no journal: after a power cut it may miss what the host finds written once it is up.
    machine = Machine()
    on_trial(machine)
    machine.panics.add(NEWEST)
    told = machine.environment
    machine.reboot()
    machine.save_environment(told)
    machine.panics.clear()
    on_trial(machine)
    assert machine.reboot() == NEWEST
    assert KernelHost(machine).observe().trial.status == trial.WAITING


def test_a_trial_that_is_going_back_is_not_confirmed() -> None:
    machine = Machine()
    on_trial(machine)
    machine.reboot()
    machine.rename(trial.ARMED, trial.RETURNING)
    outcome = KernelHost(machine).observe().trial
    assert outcome.status == trial.NOT_CONFIRMED
    with pytest.raises(HostError, match="going back"):
        pin(machine, release=NEWEST)
    assert machine.reboot() == NEW


def test_a_trial_that_came_back_does_not_restart_a_host_that_is_told_to_start_its_kernel_by_default() -> None:
    machine = Machine()
    on_trial(machine)
    machine.panics.add(NEWEST)
    machine.reboot()
    machine.panics.clear()
    pin(machine, release=NEWEST)
    assert not any(machine.exists(path) for path in (trial.FOLDER, *trial.UNITS))


def test_a_trial_that_is_prepared_stays_so_while_something_else_changes() -> None:
    machine = Machine()
    on_trial(machine)
    machine.held.discard(META)
    pin(machine, release=NEWEST, boot="once")
    assert KernelHost(machine).observe().trial.status == trial.PREPARED
    assert machine.exists(trial.AT_BOOT)


def test_the_host_was_a_moment_faster() -> None:
    machine = Machine()
    on_trial(machine)
    machine.reboot()
    host = KernelHost(machine, check_mode=False)
    plan = host.pin({"release": NEWEST, "boot": "once"}).plan
    assert plan.waits
    ready = machine.commands[("apt-get",)]

    def late(argv: tuple[str, ...], text: t.Optional[str]) -> tuple[int, str, str]:
        machine.rename(trial.ARMED, trial.RETURNING)
        assert callable(ready)
        answer = ready(argv, text)
        assert isinstance(answer, tuple)
        return answer

    machine.commands[("apt-get",)] = late
    machine.held.discard(META)
    with pytest.raises(HostError, match="nobody confirmed in time"):
        pin(machine, release=NEWEST)
    assert machine.reboot() == NEW


def test_a_trial_is_given_up() -> None:
    machine = Machine()
    on_trial(machine)
    release(machine)
    assert machine.environment.get("next_entry") is None
    assert not machine.exists(trial.AT_BOOT)


# --- refused, before anything is changed ------------------------------------------------------------------------------


def held_by_somebody(machine: Machine) -> None:
    machine.packages[f"linux-image-{NEWEST}"] = "6.12.48-0"
    machine.held.add(f"linux-image-{NEWEST}")


def without_image(machine: Machine) -> None:
    del machine.files[f"/boot/vmlinuz-{OLD}"]


def no_room(machine: Machine) -> None:
    machine.free = 1


def unknown_loader(machine: Machine) -> None:
    del machine.files[GRUB_CFG]


def on_a_volume(machine: Machine) -> None:
    machine.commands[("grub-probe",)] = (0, "lvm\n", "")


def alone(machine: Machine) -> None:
    machine.files["/proc/version"] = b"#1 SMP Debian 6.12.43-0 (2025-08-27)\n"
    for name in (f"/boot/vmlinuz-{OLD}", f"/boot/initrd.img-{OLD}"):
        del machine.files[name]
    del machine.packages[f"linux-image-{OLD}"]
    machine._generate((GRUB_CFG,), None)


def in_a_chroot(machine: Machine) -> None:
    machine.commands[("systemd-detect-virt",)] = (0, "", "")


def in_a_container(machine: Machine) -> None:
    machine.files["/run/systemd/container"] = b"podman\n"


def without_rights(machine: Machine) -> None:
    machine.files["/proc/self/status"] = b"Uid:\t1000\t1000\t1000\t1000\n"


def hardened(machine: Machine) -> None:
    machine.files["/var/lib/container-host/baseline.json"] = (
        b'{"schema_version": 1, "kinds": {"kernel_command_line":'
        b' {"parameter:slab_nomerge": {"control": "x", "before": {"was": ""}}}}}'
    )


def untouched(_machine: Machine) -> None:
    pass


REFUSED: list[tuple[t.Callable[[Machine], None], dict[str, t.Any], str]] = [
    (untouched, {"release": "5.10.0-1-amd64"}, rf"release: .* there are {NEWEST}, .*{OLD}".replace("+", r"\+")),
    (untouched, {"pattern": "5.*"}, "pattern: a kernel like 5.* of flavour amd64"),
    (untouched, {"flavour": "rt"}, "flavour: a kernel of flavour rt is neither installed nor available"),
    (untouched, {"release": NEW, "pattern": "6.*", "fallbacks": -1}, "pattern: .*\nfallbacks: is -1"),
    (untouched, {"release": "running", "parameters_present": ["a b"]}, r"parameters_present\[0\]: is 'a b'"),
    (untouched, {"release": "running", "headers": True}, f"headers: linux-headers-{NEW}".replace("+", r"\+")),
    (
        untouched,
        {"release": "running", "parameters_present": ["console=ttyS1", "x=1"], "parameters_absent": ["x=1"]},
        "x=1",
    ),
    (held_by_somebody, {"pattern": "6.12.48*"}, "is held by somebody else; let go of it first"),
    (without_image, {"release": OLD}, "is installed and lacks its image in /boot; install it again"),
    (no_room, {"release": NEWEST}, r"/boot has 0 MiB left, and kernel \S+ takes about 1 MiB"),
    (unknown_loader, {"release": "running"}, "neither GRUB"),
    (on_a_volume, {"release": NEWEST, "boot": "once"}, "GRUB can't write its environment block on a logical volume"),
    (alone, {"release": NEW, "boot": "once"}, "there is no other one to come back to"),
    (in_a_chroot, {"release": "running"}, "this is a chroot"),
    (in_a_container, {"release": "running"}, "this is a container"),
    (without_rights, {"release": "running"}, "no privileges"),
    (hardened, {"release": "running", "parameters_absent": ["slab_nomerge"]}, "the baseline holds slab_nomerge"),
]


@pytest.mark.parametrize(("prepare", "options", "message"), REFUSED)
def test_refused(prepare: t.Callable[[Machine], None], options: dict[str, t.Any], message: str) -> None:
    machine = Machine()
    prepare(machine)
    before = machine.state()
    with pytest.raises((InputError, HostError), match=message):
        pin(machine, **options)
    assert machine.state() == before


def test_another_package_manager_that_holds_the_lock() -> None:
    machine = Machine()
    locked = (100, "", "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (apt)\n")
    machine.commands[("apt-get",)] = locked
    before = machine.state()
    with pytest.raises(HostError, match="another package manager has held its lock"):
        pin(machine, release="running")
    assert machine.state() == before


def test_another_run_at_the_same_time() -> None:
    machine = Machine()
    with machine.lock(LOCK, "x"):
        pin(machine, check_mode=True, release="running")
        for run in (lambda: pin(machine, release="running"), lambda: release(machine)):
            with pytest.raises(HostError, match="another run is changing this host's kernel"):
                run()


# --- trouble in between -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("boot", ["default", "once"])
@pytest.mark.parametrize("failing", ["apt-get", "dpkg", "env", "grub-editenv", "systemctl"])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_run_that_dies_leaves_a_host_that_starts_and_is_finished_by_the_next(
    boot: str, failing: str, after: int
) -> None:
    machine = Machine()
    works = machine.commands[(failing,)]
    calls = 0

    def dies(argv: tuple[str, ...], text: t.Optional[str]) -> tuple[int, str, str]:
        nonlocal calls
        if argv[1:2] == ("--get-selections",):
            return machine._dpkg(argv, text)
        calls += 1
        if calls > after:
            return 1, "", "cut"
        answer = works(argv, text) if callable(works) else works
        assert isinstance(answer, tuple)
        return answer

    machine.commands[(failing,)] = dies
    try:
        pin(machine, release=NEWEST, boot=boot)
    except HostError:
        copy = Machine()
        copy.files = dict(machine.files)
        assert copy.reboot() in (NEW, NEWEST)
    machine.commands[(failing,)] = works
    pin(machine, release=NEWEST, boot=boot)
    assert not pin(machine, release=NEWEST, boot=boot).plan.difference
    assert machine.reboot() == NEWEST
    pin(machine, release=NEWEST)
    release(machine)
    assert machine.held == set()


def test_a_kernel_without_its_ram_disk_is_not_started() -> None:
    machine = Machine()
    pin(machine, release="running")
    install = machine._apt_get

    def half(argv: tuple[str, ...], text: t.Optional[str]) -> tuple[int, str, str]:
        answer = install(argv, text)
        machine.files.pop(f"/boot/initrd.img-{NEWEST}", None)
        return answer

    machine.commands[("apt-get",)] = half
    with pytest.raises(HostError, match="lacks its initial RAM disk"):
        pin(machine, release=NEWEST)
    assert machine.reboot() == NEW


def test_a_hold_that_does_not_come_true_is_told() -> None:
    machine = Machine()
    works = machine._dpkg
    machine.commands[("dpkg",)] = lambda argv, text: works(argv, "" if text else text)
    with pytest.raises(HostError, match=f"{META}: not held, although apt was told otherwise"):
        pin(machine, release="running")


def test_a_grub_without_drop_ins_has_a_block_in_its_settings() -> None:
    machine = Machine()
    machine.files["/usr/bin/grub-mkconfig"] = b"no such folder"
    before = machine.read_text(SETTINGS)
    pin(machine, release=OLD)
    assert (machine.read_text(SETTINGS) or "").startswith(before or "x")
    assert not pin(machine, release=OLD).plan.difference
    assert machine.reboot() == OLD
    release(machine)
    assert machine.read_text(SETTINGS) == before


def test_fallbacks_are_kept_from_cleanups() -> None:
    machine = Machine(installed=(NEW, MIDDLE, OLD))
    pin(machine, release=NEW, fallbacks=1)
    text = machine.read_text(CONFIGURATION) or ""
    assert "6[.]12[.]43[+]deb13-amd64" in text
    assert "6[.]12[.]41[+]deb13-amd64" in text
    assert "6[.]12[.]38" not in text


# --- Secure Boot, and kernels that have to be signed first ---


def secure(machine: Machine) -> Machine:
    """Secure Boot is on, and the running kernel is the distribution's."""
    machine.files.update(samples.variable("SecureBoot", b"\x01"))
    machine.files[f"/boot/vmlinuz-{NEW}"] = samples.KERNEL_OF_DISTRIBUTION
    return machine


class UnsignedMachine(Machine):
    """The kernels its repositories have are not signed."""

    def _unpack(self, name: str, version: str) -> None:
        super()._unpack(name, version)
        path = f"/boot/vmlinuz-{name.removeprefix('linux-image-')}"
        if path in self.files:
            self.files[path] = samples.KERNEL


def test_a_kernel_is_had_without_being_started() -> None:
    machine = Machine()
    before = machine.state()
    foretold = pin(machine, check_mode=True, release=NEWEST, boot="keep")
    assert machine.state() == before
    done = pin(machine, release=NEWEST, boot="keep")
    assert done.plan.actions() == foretold.plan.actions()
    assert f"linux-image-{NEWEST}" in machine.held
    assert done.reasons
    assert not pin(machine, release=NEWEST, boot="keep").plan.difference
    assert machine.reboot() == NEW
    pin(machine, release=NEWEST)
    assert machine.reboot() == NEWEST


@pytest.mark.parametrize("rebooted", [False, True])
def test_a_trial_is_left_as_it_is(rebooted: bool) -> None:
    machine = Machine()
    pin(machine, release=NEWEST, boot="once")
    if rebooted:
        machine.reboot()
    before = machine.state()
    result = pin(machine, release=NEWEST, boot="keep")
    assert not result.plan.difference
    assert result.plan.waits is rebooted
    assert machine.state() == before


REFUSED_IMAGES = [(samples.KERNEL, "it is not signed"), (samples.KERNEL_OF_OWN, "it is signed by own")]


@pytest.mark.parametrize("boot", ["default", "once"])
@pytest.mark.parametrize(("image", "reason"), REFUSED_IMAGES)
def test_what_secure_boot_would_refuse_is_never_started(boot: str, image: bytes, reason: str) -> None:
    machine = secure(Machine())
    pin(machine, release=NEWEST, boot="keep")
    machine.files[f"/boot/vmlinuz-{NEWEST}"] = image
    before = machine.state()
    with pytest.raises(HostError, match=rf"kernel {re.escape(NEWEST)} would not start with Secure Boot on: {reason}"):
        pin(machine, release=NEWEST, boot=boot)
    assert machine.state() == before
    machine.files[f"/boot/vmlinuz-{NEWEST}"] = samples.KERNEL_OF_BOTH
    pin(machine, release=NEWEST, boot=boot)
    assert machine.reboot() == NEWEST


def test_a_kernel_that_comes_unsigned_is_installed_and_not_started() -> None:
    machine = secure(UnsignedMachine())
    with pytest.raises(HostError, match=r"it is not signed.* It is installed, and what was started before stays"):
        pin(machine, release=NEWEST)
    assert machine.reboot() == NEW


def test_without_secure_boot_nothing_is_refused() -> None:
    machine = UnsignedMachine()
    pin(machine, release=NEWEST)
    assert machine.reboot() == NEWEST
