# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a host is to be rebooted, reason by reason."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._packages.updates import Update
from ansible_collections.anycloud.container_host.plugins.module_utils._patch import reboot
from ansible_collections.anycloud.container_host.plugins.module_utils._patch.processes import Process

OLD, NEW = "6.1.0-39-amd64", "6.1.0-40-amd64"


def kernel(**changes: t.Any) -> dict[str, t.Any]:
    """What kernel_pin_info tells of a host that runs the old kernel and would start the new one."""
    boot = {"default": NEW, "once": None, **changes.pop("boot", {})}
    told = {
        "running": OLD,
        "pinned": None,
        "reboot_reason": "",
        "installed": [
            {"release": NEW, "flavour": "amd64", "version": "6.1.153-1", "bootable": True},
            {"release": OLD, "flavour": "amd64", "version": "6.1.148-1", "bootable": True},
        ],
        "trial": {"status": "none", "message": ""},
        "boot": boot,
    }
    return {**told, **changes}


KERNELS: list[tuple[dict[str, t.Any], str, list[str]]] = [
    (kernel(), "", [f"kernel {OLD} runs, and {NEW} is installed"]),
    (kernel(boot={"default": None}), "", [f"kernel {OLD} runs, and {NEW} is installed"]),
    (kernel(boot={"default": OLD}), "", []),
    (kernel(running=NEW), "6.1.153-1", []),
    (
        kernel(running=NEW),
        "6.1.150-1",
        [f"kernel {NEW} runs as it was built for 6.1.150-1, and 6.1.153-1 is installed"],
    ),
    (kernel(running=NEW, boot={"default": OLD}), "", []),
    (kernel(pinned=OLD), "", []),
    (kernel(pinned=NEW, reboot_reason=f"{OLD} runs, and {NEW} is pinned"), "", [f"{OLD} runs, and {NEW} is pinned"]),
    (kernel(running="6.99-own", installed=[], boot={"default": None}), "", []),
]


@pytest.mark.parametrize(("told", "built", "expected"), KERNELS)
def test_kernel(told: dict[str, t.Any], built: str, expected: list[str]) -> None:
    assert reboot.kernel_reasons(told, built) == expected


REFUSALS: list[tuple[dict[str, t.Any], str]] = [
    (kernel(), ""),
    (kernel(pinned=NEW), ""),
    (kernel(pinned=NEW, boot={"default": None}), ""),
    (kernel(pinned=OLD), f"the boot loader would start {NEW}, and {OLD} is pinned; pin it again (role kernel)"),
    (
        kernel(trial={"status": "prepared", "message": f"kernel {NEW} is started at the next boot, once"}),
        f"kernel {NEW} is started at the next boot, once; confirm it or leave it first (role kernel)",
    ),
    (kernel(trial={"status": "came_back", "message": "x"}), ""),
]


@pytest.mark.parametrize(("told", "expected"), REFUSALS)
def test_a_reboot_into_another_kernel_than_the_pinned_one_is_refused(told: dict[str, t.Any], expected: str) -> None:
    assert reboot.reboot_refused(told) == expected


def process(pid: int, unit: str, *files: str) -> Process:
    return Process(pid, "x", unit, files or ("/usr/lib/libz.so.1",))


LIBC, SSL = "/usr/lib/x86_64-linux-gnu/libc.so.6", "/usr/lib64/libssl.so.3.0.7"
PROCESSES: list[tuple[list[Process], list[str], list[str]]] = [
    ([], [], []),
    ([process(7, "cron.service")], [], ["cron.service"]),
    ([process(7, "cron.service"), process(8, "cron.service"), process(9, "")], [], ["cron.service"]),
    ([process(1, "init.scope")], ["PID 1 runs files that have been replaced"], []),
    (
        [process(7, "cron.service", LIBC), process(8, "ssh.service", LIBC, SSL)],
        ["replaced libraries are in use: libc.so.6 (2 processes), libssl.so.3.0.7 (1 processes)"],
        ["cron.service", "ssh.service"],
    ),
    # What a session runs ends with it.
    ([process(7, "session-3.scope", LIBC), process(8, "user@0.service", SSL)], [], []),
    (
        [process(7, "dbus.service")],
        ["dbus.service runs files that have been replaced, and can't be restarted alone"],
        [],
    ),
    (
        [process(7, "docker.service")],
        ["docker.service runs files that have been replaced, and its restart would stop containers"],
        [],
    ),
    ([process(7, "libpod-conmon-0123456789abcdef.scope")], [], []),
]


@pytest.mark.parametrize(("processes", "reasons", "services"), PROCESSES)
def test_processes(processes: list[Process], reasons: list[str], services: list[str]) -> None:
    kept = ("docker.service", "containerd.service")
    assert reboot.process_reasons(processes, kept) == reasons
    assert reboot.services_to_restart(processes, kept) == services


def test_an_engine_that_keeps_its_containers_is_only_restarted() -> None:
    processes = [process(7, "docker.service")]
    assert reboot.process_reasons(processes) == []
    assert reboot.services_to_restart(processes) == ["docker.service"]


@pytest.mark.parametrize(
    ("required", "packages", "expected"),
    [
        (None, None, []),
        ("*** System restart required ***\n", None, ["a package asks for it"]),
        ("", "linux-base\nlibc6\nlibc6\n", ["packages ask for it: libc6, linux-base"]),
    ],
)
def test_files(required: t.Optional[str], packages: t.Optional[str], expected: list[str]) -> None:
    assert reboot.file_reasons(required, packages) == expected


def test_packages() -> None:
    assert reboot.package_reasons(()) == []
    assert reboot.package_reasons(("glibc", "systemd")) == ["updated since the last boot: glibc, systemd"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("linux-image-6.1.0-40-amd64", True),
        ("kernel-core.x86_64", True),
        ("libc6:i386", True),
        ("glibc.x86_64", True),
        ("libssl3", True),
        ("libssl3t64", True),
        ("openssl-libs.x86_64", True),
        ("systemd", True),
        ("systemd-timesyncd", False),
        ("libc6-dev", False),
        ("bash", False),
    ],
)
def test_foretold(name: str, expected: bool) -> None:
    assert bool(reboot.foretold_reasons([Update(name, "1", "2")])) is expected
