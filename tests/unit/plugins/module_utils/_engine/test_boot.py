# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import subprocess

import pytest
from fake_engine import FakeEngine, image
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Project, Service
from ansible_collections.anycloud.container_host.plugins.module_utils._engine import boot, observe
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.arguments import container_payload

REFERENCE = "docker.io/library/x:1"
LINK = "/etc/systemd/system/multi-user.target.wants/container-host-workload@shop.service"
ENVIRONMENT = "/var/lib/container-host/workloads/shop.env"


def project(**restarts):
    services = {
        name: Service(name, f"shop-{name}-1", REFERENCE, restart=policy.replace("_", "-"))
        for name, policy in restarts.items()
    }
    return Project("shop", services)


SHOP = project(db="always", job="no", mail="on_failure", web="unless_stopped")
ORDER = ["db", "job", "mail", "web"]
WANTED = boot.wanted_setup(SHOP, ORDER)


def test_wanted_setup_leaves_out_what_is_not_to_be_restarted():
    assert boot.BootSetup(("shop-db-1", "shop-mail-1", "shop-web-1"), ("shop-mail-1",)) == WANTED
    assert WANTED.render().splitlines() == [
        'CONTAINERS_START="shop-db-1 shop-mail-1 shop-web-1"',
        'CONTAINERS_STOP="shop-web-1 shop-mail-1 shop-db-1"',
        'CONTAINERS_ON_FAILURE="shop-mail-1"',
    ]


def host(enabled, active=True, **changes):
    files = {ENVIRONMENT: WANTED.render(), boot.UNIT_PATH: boot.UNIT} if enabled else {}
    commands = {("systemctl", "is-active"): (0, "", ""), ("systemctl",): (0, "", "")}
    commands["systemctl", "is-active", "--quiet", "container-host-workload@shop.service"] = (0 if active else 3, "", "")
    return FakeHostIO({**files, **changes}, commands, {LINK: boot.UNIT_PATH} if enabled else {})


@pytest.mark.parametrize(
    ("io", "state", "expected"),
    [
        (host(False), "present", False),
        (host(True), "present", True),
        (host(True, active=False), "present", False),
        (host(True, **{ENVIRONMENT: "old"}), "present", False),
        (host(True, **{boot.UNIT_PATH: "old"}), "present", False),
        (host(True), "stopped", True),
        (host(True, **{ENVIRONMENT: "old"}), "absent", True),
        (host(False), "stopped", False),
        (FakeHostIO({ENVIRONMENT: "left"}), "stopped", True),
    ],
)
def test_unit_enabled(io, state, expected):
    assert boot.UnitBoot(io).enabled(SHOP, state, WANTED) is expected


def test_unit_enabled_without_containers_to_restart():
    nothing = boot.BootSetup()
    assert boot.UnitBoot(host(False)).enabled(SHOP, "present", nothing) is True
    assert boot.UnitBoot(host(True)).enabled(SHOP, "present", nothing) is False


def test_unit_enable():
    io = host(False)
    boot.UnitBoot(io).enable(SHOP, WANTED)
    assert io.written == {boot.UNIT_PATH: boot.UNIT, ENVIRONMENT: WANTED.render()}
    unit = "container-host-workload@shop.service"
    # the first one reads the new template as well
    assert io.ran == [("systemctl", "enable", unit), ("systemctl", "start", unit)]
    second = host(False, **{boot.UNIT_PATH: boot.UNIT})
    boot.UnitBoot(second).enable(SHOP, WANTED)
    assert second.ran == [("systemctl", "enable", "--no-reload", unit), ("systemctl", "start", unit)]


def test_unit_disable_removes_the_template_with_the_last_project():
    io = host(True)
    boot.UnitBoot(io).disable(SHOP)
    assert sorted(io.removed) == sorted([ENVIRONMENT, LINK, boot.UNIT_PATH])
    other = host(True, **{"/var/lib/container-host/workloads/other.env": "x"})
    boot.UnitBoot(other).disable(SHOP)
    assert boot.UNIT_PATH in other.files
    assert ("systemctl", "daemon-reload") in io.ran
    assert ("systemctl", "daemon-reload") not in other.ran


GROUP = "/system.slice/container-host-workload.slice/container-host-workload@shop.service"


@pytest.mark.parametrize(("group", "killed"), [(GROUP, False), (GROUP, True), ("", False)])
def test_unit_hold_stops_nothing_that_runs(group, killed):
    io = host(True, **{"/sys/fs/cgroup/cgroup.procs": "1\n"})
    seen = []

    def systemctl(argv, _input):
        if argv[1] == "show":
            return 0, f"{group}\n", ""
        seen.append((argv[1], io.read_text(ENVIRONMENT), LINK in io.links))
        return 0, "", ""

    io.commands["systemctl",] = systemctl
    if killed:
        io.files[f"/sys/fs/cgroup{GROUP}/cgroup.procs"] = b"12\n"
    boot.UnitBoot(io).hold(SHOP)
    # what the unit reads when it is told to stop, and that no boot would have started it by then
    assert seen[0] == ("stop", WANTED.render() if killed else boot.BootSetup().render(), False)
    assert [call[0] for call in seen] == ["stop", "disable", "daemon-reload"]
    assert not boot.UnitBoot(io).enabled(SHOP, "stopped", WANTED)
    assert boot.UNIT_PATH not in io.files
    boot.UnitBoot(io).hold(SHOP)


def test_unit_hold_is_on_the_disk_afterwards():
    io = host(True, **{"/var/lib/container-host/workloads/other.env": "x", f"{boot.WANTS_PATH}/other": "x"})
    boot.UnitBoot(io).hold(SHOP)
    assert io.synced == [boot.ENVIRONMENT_PATH, boot.WANTS_PATH]
    assert boot.BootSetup().render() == 'CONTAINERS_START=""\nCONTAINERS_STOP=""\nCONTAINERS_ON_FAILURE=""\n'


def test_the_unit_never_lets_systemd_expand_the_shell_s_variables():
    lines = [line for line in boot.UNIT.splitlines() if "$" in line]
    assert lines
    assert all(line.count("$") == 2 * line.count("$$") for line in lines)


PODMAN = """#!/bin/sh
echo "$@" >> "$LOG"
case "$1 $*" in
    ps*) printf 'shop-db-1\\nother\\n';;
    inspect*shop-mail-1*) echo exited 0 true;;
    start*shop-web-1) exit 125;;
esac
"""


@pytest.mark.parametrize(("runs", "code"), [("shop-db-1", 1), ("shop-db-1 shop-web-1", 0)])
def test_the_unit_starts_what_does_not_run_and_has_not_ended_well(tmp_path, runs, code):
    (tmp_path / "podman").write_text(PODMAN.replace("shop-db-1\\nother", runs.replace(" ", "\\n")))
    (tmp_path / "podman").chmod(0o755)
    unit = boot.UNIT.replace("\\\n", "\n").replace("$$", "$")
    script = unit.partition("ExecStart=/bin/sh -c '")[2].partition("'\nExecStop")[0]
    environment = dict(line.split("=", 1) for line in WANTED.render().replace('"', "").splitlines())
    environment |= {"PATH": f"{tmp_path}:/usr/bin:/bin", "LOG": str(tmp_path / "log")}
    done = subprocess.run(["/bin/sh", "-c", script.replace("\n", " ")], env=environment, check=False)
    started = [line.split()[1] for line in (tmp_path / "log").read_text().splitlines() if line.startswith("start")]
    assert started == [name for name in ("shop-web-1",) if name not in runs]
    assert done.returncode == code


def engine(**policies):
    made = FakeEngine("docker", {REFERENCE: image()})
    for name, service in SHOP.services.items():
        made.create_container(service.container_name, container_payload("shop", service, "docker"))
        if name in policies:
            made.set_restart_policy(service.container_name, {"Name": policies[name]})
    made.calls.clear()
    return made


def policy_boot(made):
    return boot.PolicyBoot(made, observe.observe(made, SHOP).containers)


@pytest.mark.parametrize(
    ("policies", "state", "expected"),
    [
        ({}, "present", True),
        ({"db": "no"}, "present", False),
        ({"db": "no"}, "stopped", True),
        ({"db": "no", "mail": "no", "web": "no"}, "stopped", False),
    ],
)
def test_policy_enabled(policies, state, expected):
    assert policy_boot(engine(**policies)).enabled(SHOP, state, WANTED) is expected


def test_policy_disable_and_enable():
    made = engine()
    policy_boot(made).hold(SHOP)
    off = [("set_restart_policy", f"shop-{name}-1", "no") for name in ("db", "mail", "web")]
    assert made.calls == off
    made.calls.clear()
    policy_boot(made).enable(SHOP, WANTED)
    names = [call[1:] for call in made.calls]
    assert names == [("shop-db-1", "always"), ("shop-mail-1", "on-failure"), ("shop-web-1", "unless-stopped")]
