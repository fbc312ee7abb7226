# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host must be after site.yml, read with the host's own tools."""

from __future__ import annotations

import json
import typing as t

import pytest

SYSCTLS = [
    ("kernel.dmesg_restrict", "1"),
    ("kernel.kptr_restrict", "2"),
    ("kernel.yama.ptrace_scope", "1"),
    ("fs.protected_hardlinks", "1"),
    ("fs.suid_dumpable", "0"),
    ("net.ipv4.conf.all.accept_redirects", "0"),
    ("net.ipv4.tcp_syncookies", "1"),
    ("vm.max_map_count", "1048576"),
]


@pytest.fixture
def engine(host: t.Any) -> str:
    """The engine the inventory asks for."""
    return str(host.ansible.get_variables()["engine_provider"])


@pytest.mark.parametrize(("key", "value"), SYSCTLS)
def test_kernel_parameters(host: t.Any, key: str, value: str) -> None:
    assert host.check_output(f"sysctl -n {key}").strip() == value


def test_forwarding_is_not_switched_off_by_a_file(host: t.Any) -> None:
    found = host.run("grep -rsE '^ *net.ipv4.ip_forward *= *0' /etc/sysctl.d /etc/sysctl.conf /run/sysctl.d")
    assert found.stdout == ""


@pytest.mark.parametrize("module", ["cramfs", "dccp", "rds", "tipc"])
def test_modules_that_cannot_be_loaded(host: t.Any, module: str) -> None:
    with host.sudo():
        tried = host.run(f"modprobe --dry-run --verbose {module}")
    # modules a refused one depends on may be named before it
    assert "/bin/false" in tried.stdout or f"/{module}.ko" not in tried.stdout


@pytest.mark.parametrize("module", ["overlay", "br_netfilter"])
def test_modules_containers_need_are_loaded(host: t.Any, module: str) -> None:
    assert host.file(f"/sys/module/{module}").exists


def test_sshd_takes_keys_only(host: t.Any) -> None:
    with host.sudo():
        settings = host.check_output("sshd -T").lower().splitlines()
    assert "passwordauthentication no" in settings
    assert "permitemptypasswords no" in settings


def test_engine_runs_and_starts_at_boot(host: t.Any, engine: str) -> None:
    unit = {"docker": "docker.service", "podman": "podman.socket"}[engine]
    assert host.service(unit).is_running
    assert host.service(unit).is_enabled


def test_engine_is_set_up_as_the_standard_says(host: t.Any, engine: str) -> None:
    with host.sudo():
        if engine == "docker":
            info = json.loads(host.check_output("docker info --format '{{json .}}'"))
            found = (info["CgroupDriver"], info["Driver"], info["LoggingDriver"], info["DefaultRuntime"])
            assert found == ("systemd", "overlay2", "journald", "runc")
            assert info["LiveRestoreEnabled"] is True
        else:
            info = json.loads(host.check_output("podman info --format json"))
            details = info["host"]
            found = (details["cgroupManager"], info["store"]["graphDriverName"], details["logDriver"])
            assert found == ("systemd", "overlay", "journald")
            assert details["ociRuntime"]["name"] == "runc"
            assert details["networkBackend"] == "netavark"


def test_nothing_but_ssh_listens_to_the_outside(host: t.Any) -> None:
    with host.sudo():
        lines = host.check_output("ss -Hltn").splitlines()
    outside = {line.split()[3] for line in lines} - {"127.0.0.53%lo:53", "127.0.0.54:53"}
    strangers = {where for where in outside if not where.startswith(("127.", "[::1]")) and not where.endswith(":22")}
    assert not {where for where in strangers if not where.endswith((":5355",))}


def test_no_unit_failed(host: t.Any) -> None:
    assert host.check_output("systemctl list-units --failed --no-legend --plain").strip() == ""


def test_the_kernel_that_runs_stays(host: t.Any) -> None:
    release = host.check_output("uname -r").strip()
    held = host.check_output("apt-mark showhold").split()
    assert f"linux-image-{release}" in held
    foretold = host.check_output("apt-get --simulate full-upgrade")
    assert "Inst linux-image" not in foretold
    with host.sudo():
        assert release in host.check_output("grub-editenv list")
