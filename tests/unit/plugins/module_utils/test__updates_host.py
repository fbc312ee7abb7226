# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Updates on a whole machine: from options to what the host runs."""

from __future__ import annotations

import typing as t

import pytest
from fake_kernel_machine import NEW, NEWEST, pin
from fake_updates_machine import SECURITY, STABLE, Machine

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._updates_host import (
    LOCK,
    Outcome,
    UpdatesHost,
    as_result,
)

IMAGE = f"linux-image-{NEWEST}"


def update(machine: Machine, state: str = "all", check_mode: bool = False) -> Outcome:
    return UpdatesHost(machine, check_mode).update(state)


@pytest.mark.parametrize(("state", "names"), [("all", ["bash", "linux-base"]), ("security", ["linux-base"])])
def test_each_kind_is_foretold_done_and_then_nothing_is_left(state: str, names: list[str]) -> None:
    machine = Machine()
    before = machine.state()
    foretold = update(machine, state, check_mode=True)
    assert machine.state() == before
    done = update(machine, state)
    assert done.plan.difference.before_after() == foretold.plan.difference.before_after()
    assert done.plan.actions() == foretold.plan.actions()
    assert [one.name for one in done.plan.updates] == names
    assert {name: machine.packages[name] for name in names} == {name: machine.newer[name][0] for name in names}
    again = update(machine, state)
    assert not again.plan.difference
    assert again.reasons == ()
    assert again.started == ()


def test_the_result() -> None:
    machine = Machine()
    machine.held.add("bash")
    told = as_result(update(machine))
    assert told["updates"] == [
        {"name": "linux-base", "before": "4.12", "after": "4.13", "origins": [SECURITY], "security": True}
    ]
    assert told["held"] == [{"name": "bash", "version": "5.2", "offered": "5.3"}]
    assert machine.packages["bash"] == "5.2"
    assert (told["reboot_required"], told["reboot_reasons"], told["services_to_restart"]) == (False, [], [])


def test_a_new_kernel_asks_for_a_reboot_and_is_foretold_to() -> None:
    machine = Machine()
    machine.newer[IMAGE] = ("6.12.48-1", STABLE)
    assert update(machine, check_mode=True).reasons == (f"updates will ask for it: {IMAGE}",)
    assert UpdatesHost(machine).read("all").reasons == ()
    assert update(machine).reasons == (f"kernel {NEW} runs, and {NEWEST} is installed",)
    machine.reboot()
    assert UpdatesHost(machine).read("all").reasons == ()


def test_a_pinned_kernel_stays() -> None:
    machine = Machine()
    pin(machine, release="running")
    assert update(machine).reasons == ()
    pin(machine, release=NEWEST)
    assert update(machine).reasons == (f"{NEW} runs, and {NEWEST} is pinned",)
    assert UpdatesHost(machine).boot()["reboot_refused"] == ""
    machine.files["/boot/grub/grubenv"] = machine.files["/boot/grub/grubenv"].replace(NEWEST.encode(), NEW.encode())
    assert "is pinned; pin it again" in UpdatesHost(machine).boot()["reboot_refused"]


def test_a_kernel_on_trial_is_refused_before_anything_is_changed() -> None:
    machine = Machine()
    pin(machine, release=NEWEST, boot="once")
    before = machine.state()
    for check_mode in (True, False):
        with pytest.raises(HostError, match="is started at the next boot, once; confirm it or leave it first"):
            update(machine, check_mode=check_mode)
    assert machine.state() == before
    assert "confirm it" in UpdatesHost(machine).boot()["reboot_refused"]


def test_what_was_interrupted_is_finished_first() -> None:
    machine = Machine()
    machine.unsettled.add("bash")
    foretold = update(machine, check_mode=True)
    assert foretold.plan.actions() == ["finish the interrupted installation of bash"]
    assert machine.unsettled == {"bash"}
    done = update(machine)
    assert done.plan.actions()[0] == "finish the interrupted installation of bash"
    assert len(done.plan.updates) == 2
    assert not update(machine).plan.difference


def test_what_can_not_be_finished_is_an_error() -> None:
    machine = Machine()
    machine.unsettled.add("bash")
    machine.commands[("dpkg", "--configure", "--force-confdef", "--force-confold", "-a")] = (0, "", "")
    machine.commands[("apt-get",)] = (0, "", "")
    with pytest.raises(HostError, match="an interrupted installation can't be finished: bash"):
        update(machine)


BROKEN = "dpkg: error processing package bash (--configure):\n installed bash package post-installation script failed\n"


def test_a_package_that_can_not_be_configured_gives_way_to_its_next_version() -> None:
    machine = Machine()
    machine.unsettled.add("bash")
    machine.finish_error = BROKEN
    done = update(machine)
    assert done.plan.actions()[0] == "finish the interrupted installation of bash"
    assert machine.unsettled == set()
    assert machine.packages["bash"] == "5.3"
    assert not update(machine).plan.difference


def test_a_package_that_can_not_be_configured_and_has_no_next_version_is_named_and_engines_run() -> None:
    machine = Machine()
    machine.unsettled.add("bash")
    machine.finish_error = BROKEN
    machine.newer.pop("bash")
    machine.units["docker.service"] = False
    with pytest.raises(HostError, match=r"bash: installed bash package .* failed; mend it first$"):
        update(machine)
    assert machine.packages["linux-base"] == "4.12"
    assert machine.units["docker.service"]


@pytest.mark.parametrize("stopped", ["docker.service", "containerd.service", "docker.socket"])
def test_no_engine_is_left_stopped(stopped: str) -> None:
    machine = Machine()
    machine.stops.add(stopped)
    done = update(machine)
    assert done.started == (stopped,)
    assert machine.units[stopped]


def test_an_engine_is_started_after_an_update_that_failed_as_well() -> None:
    machine = Machine()
    machine.stops.add("docker.service")
    machine.update_error = "E: Sub-process /usr/bin/dpkg returned an error code (1)\n"
    with pytest.raises(HostError, match="updating packages: apt-get failed with 100: E: Sub-process"):
        update(machine)
    assert machine.units["docker.service"]
    machine = Machine()
    machine.stops.add("docker.service")
    machine.dead.add("docker.service")
    machine.update_error = "E: Sub-process\n"
    with pytest.raises(HostError, match=r"E: Sub-process; docker.service does not start again"):
        update(machine)


def test_an_engine_that_does_not_start_or_answer_is_a_failure() -> None:
    machine = Machine()
    machine.stops.add("docker.service")
    machine.dead.add("docker.service")
    with pytest.raises(
        HostError, match=r"docker.service does not start again: Job for .*; its last words: level=fatal"
    ):
        update(machine)
    machine = Machine()
    machine.silent.add("/run/docker.sock")
    with pytest.raises(HostError, match="docker does not answer within 60 s"):
        update(machine)


def test_a_host_without_engines_is_updated() -> None:
    machine = Machine()
    machine.units.clear()
    assert len(update(machine).plan.updates) == 2


@pytest.mark.parametrize(
    ("info", "name", "warned"),
    [
        ({"LiveRestoreEnabled": False, "ContainersRunning": 2}, "docker.io", True),
        ({"LiveRestoreEnabled": False, "ContainersRunning": 2}, "containerd", True),
        ({"LiveRestoreEnabled": False, "ContainersRunning": 2}, "linux-base", False),
        ({"LiveRestoreEnabled": False, "ContainersRunning": 0}, "docker.io", False),
        ({"LiveRestoreEnabled": True, "ContainersRunning": 2}, "docker.io", False),
        (
            {"LiveRestoreEnabled": True, "ContainersRunning": 2, "Swarm": {"LocalNodeState": "active"}},
            "docker.io",
            True,
        ),
    ],
)
def test_a_daemon_that_takes_containers_along_is_told(info: dict[str, t.Any], name: str, warned: bool) -> None:
    machine = Machine()
    machine.info = info
    machine.packages[name] = "1"
    machine.newer = {name: ("2", STABLE)}
    assert bool(update(machine, check_mode=True).warnings) == warned
    assert bool(update(machine).warnings) == warned


def test_processes_with_replaced_files() -> None:
    machine = Machine()
    machine.run_process(7, "cron.service", "/usr/lib/libz.so.1")
    machine.run_process(8, "docker.service", "/usr/bin/dockerd")
    outcome = UpdatesHost(machine).read("all")
    assert outcome.services == ("cron.service", "docker.service")
    machine.info = {"LiveRestoreEnabled": False, "ContainersRunning": 2}
    outcome = UpdatesHost(machine).read("all")
    assert outcome.services == ("cron.service",)
    assert outcome.reasons == (
        "docker.service runs files that have been replaced, and its restart would stop containers",
    )
    machine.files["/run/reboot-required"] = b"*** System restart required ***\n"
    machine.files["/run/reboot-required.pkgs"] = b"dbus\n"
    assert "packages ask for it: dbus" in UpdatesHost(machine).read("all").reasons


def test_kexec_starts_what_the_boot_loader_would() -> None:
    machine = Machine()
    assert "install kexec-tools" in UpdatesHost(machine).boot()["kexec"]["refused"]
    machine.available.add("kexec")
    told = UpdatesHost(machine).boot()["kexec"]
    assert told["release"] == NEW
    assert told["argv"][2:4] == [f"/boot/vmlinuz-{NEW}", f"--initrd=/boot/initrd.img-{NEW}"]
    assert told["argv"][4] == "--command-line=root=UUID=1 ro console=ttyS0 quiet"


def test_lists_are_fetched_only_where_that_is_asked_for_and_never_in_check_mode() -> None:
    def fetched(machine: Machine) -> bool:
        return any(argv[0] == "apt-get" and argv[-1] == "update" for argv in machine.ran)

    for check_mode, refresh, expected in ((True, True, False), (False, True, True), (False, False, False)):
        machine = Machine()
        machine.commands[("find",)] = (0, "", "")
        UpdatesHost(machine, check_mode).read("all", refresh)
        assert fetched(machine) is expected


def test_two_runs_at_once_are_refused() -> None:
    machine = Machine()
    machine.locked.add(LOCK)
    with pytest.raises(HostError, match="another run is updating this host"):
        update(machine)
