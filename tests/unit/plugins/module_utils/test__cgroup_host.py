# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

import pytest
from fake_cgroup_machine import ROOT, Machine

from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup_facts import host_facts
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup_host import CgroupHost, Outcome
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, InputError

OPTIONS: dict[str, t.Any] = {
    "system": {"memory_min_mib": 128},
    "workload": {"memory_max_mib": 1024, "cpu_quota_percent": 150},
    "tenants": [{"name": "acme", "tasks_max": 64, "devices": [{"device": "/dev/vda", "write_bytes_per_second": 1000}]}],
}
DROP_IN = "/etc/systemd/system/{}.d/60-container-host-cgroups.conf"
TENANT = f"{ROOT}/machine.slice/machine-acme.slice"
CONTAINER = "ab" * 32


def run(machine: Machine, check_mode: bool = False, **options: t.Any) -> Outcome:
    return CgroupHost(machine, {**OPTIONS, **options}, check_mode).run()


def test_a_fresh_host_then_nothing_to_do() -> None:
    machine = Machine()
    predicted = run(machine, check_mode=True)
    assert machine.written == {}
    assert machine.changes() == []
    outcome = run(machine)
    assert outcome.plan.difference.before_after() == predicted.plan.difference.before_after()
    assert [argv[1] for argv in machine.changes()] == ["daemon-reload", "start"]
    limits = outcome.slices["machine-acme.slice"]["limits"]
    assert limits["tasks_max"] == 64
    assert limits["devices"]["254:0"]["wbps"] == 1000
    assert outcome.slices["machine.slice"]["limits"]["memory_max_bytes"] == 1 << 30
    again = run(machine)
    assert again.plan.actions() == []
    assert not again.plan.difference


def test_engines_move_only_when_told() -> None:
    machine = Machine()
    assert run(machine).plan.restart_required == ["containerd.service", "docker.service"]
    outcome = run(machine, restart_engines=True)
    assert outcome.plan.actions() == ["restart containerd.service", "restart docker.service"]
    assert machine.slice_of["docker.service"] == "engine.slice"
    again = run(machine, restart_engines=True)
    assert again.plan.actions() == []
    assert again.plan.restart_required == []


def test_what_somebody_wrote_into_the_kernel_is_set_right() -> None:
    machine = Machine()
    run(machine)
    machine.files[f"{TENANT}/pids.max"] = b"max\n"
    outcome = run(machine)
    assert outcome.plan.difference.before_after()["before"] == {"machine-acme.slice tasks_max": None}
    assert outcome.plan.actions() == ["reload systemd"]
    assert machine.files[f"{TENANT}/pids.max"] == b"64\n"


def test_a_run_that_died_before_the_reload_is_finished() -> None:
    machine = Machine()
    run(machine)
    machine.unread = True
    assert run(machine).plan.actions() == ["reload systemd"]
    assert run(machine).plan.actions() == []


def test_a_disk_that_is_limited_no_more_is_let_go_of() -> None:
    machine = Machine()
    run(machine)
    outcome = run(machine, tenants=[{"name": "acme", "tasks_max": 64}])
    assert "write 254:0 wbps=max to io.max of machine-acme.slice" in outcome.plan.actions()
    assert machine.files[f"{TENANT}/io.max"] == b"254:0 wbps=max"


@pytest.mark.parametrize("gone", [{"tenants": []}, {"state": "absent"}])
def test_a_tenant_in_use_is_not_taken_away(gone: dict[str, t.Any]) -> None:
    machine = Machine()
    run(machine)
    machine.files[f"{TENANT}/docker-{CONTAINER}.scope/cgroup.events"] = b"populated 1\n"
    machine.files[f"{TENANT}/libpod-{'cd' * 32}.scope/cgroup.events"] = b"populated 1\n"
    machine.files[f"{TENANT}/libpod-conmon-{'cd' * 32}.scope/cgroup.events"] = b"populated 1\n"
    machine.files[f"{TENANT}/cgroup.procs"] = b"77\n"
    machine.files[f"/var/lib/docker/containers/{CONTAINER}/config.v2.json"] = json.dumps({"Name": "/web"}).encode()
    before = dict(machine.files)
    with pytest.raises(InputError) as caught:
        run(machine, **gone)
    assert str(caught.value) == (
        "tenants: the slice machine-acme.slice of tenant 'acme' is in use by container web, container cdcdcdcdcdcd, "
        "1 processes of its own; stop or move these first, or keep the tenant"
    )
    assert machine.files == before


def test_podman_says_names_in_a_file_of_its_own() -> None:
    machine = Machine()
    run(machine)
    machine.files[f"{TENANT}/libpod-{CONTAINER}.scope/cgroup.events"] = b"populated 1\n"
    machine.files["/var/lib/containers/storage/overlay-containers/containers.json"] = json.dumps(
        [{"id": CONTAINER, "names": ["db"]}]
    ).encode()
    with pytest.raises(InputError, match="in use by container db;"):
        run(machine, tenants=[])


def test_absent_leaves_nothing() -> None:
    machine = Machine()
    before = set(machine.files)
    run(machine, restart_engines=True)
    outcome = run(machine, state="absent", restart_engines=True)
    assert "stop machine-acme.slice" in outcome.plan.actions()
    assert not [path for path in machine.files if path.startswith("/etc/systemd")]
    assert machine.slice_of["docker.service"] == "system.slice"
    left = {path for path in machine.files if "machine.slice" not in path}
    assert left == before
    assert machine.files[f"{ROOT}/machine.slice/memory.max"] == b"max\n"
    assert run(machine, state="absent", restart_engines=True).plan.actions() == []


def test_the_engines_slice_stays_while_an_engine_is_in_it() -> None:
    machine = Machine()
    run(machine, restart_engines=True)
    outcome = run(machine, state="absent")
    assert "stop engine.slice" not in outcome.plan.actions()
    assert outcome.plan.restart_required == ["containerd.service", "docker.service"]
    assert run(machine, state="absent", restart_engines=True).plan.actions() == [
        "restart containerd.service",
        "restart docker.service",
        "stop engine.slice",
    ]
    assert run(machine, state="absent", restart_engines=True).plan.actions() == []


def test_limits_the_kernel_does_not_keep_are_an_error() -> None:
    machine = Machine()
    machine.deaf.add("machine-acme.slice")
    with pytest.raises(HostError, match=r"machine-acme\.slice tasks_max is None, not 64"):
        run(machine)
    assert machine.slept_seconds >= 30


def test_nothing_is_touched_when_the_machine_is_too_small() -> None:
    machine = Machine()
    with pytest.raises(InputError, match="4096 is more than this machine has"):
        run(machine, workload={"memory_max_mib": 4096})
    assert machine.written == {}


def test_an_old_hierarchy_is_refused() -> None:
    machine = Machine()
    del machine.files[f"{ROOT}/cgroup.controllers"]
    with pytest.raises(InputError, match="legacy cgroup hierarchy"):
        run(machine)
    machine.files[f"{ROOT}/unified/cgroup.controllers"] = b""
    with pytest.raises(InputError, match="hybrid cgroup hierarchy"):
        run(machine, state="absent")


def test_facts() -> None:
    machine = Machine()
    machine.files["/proc/pressure/cpu"] = b"some avg10=2.50 avg60=0.00 avg300=0.00 total=9\n"
    facts = host_facts(machine)
    assert facts["hierarchy"] == "unified"
    assert facts["pressure"] == {
        "cpu": {"some": {"avg10": 2.5, "avg60": 0.0, "avg300": 0.0, "total": 9}},
        "memory": None,
        "io": None,
    }
    found = run(machine).slices["machine-acme.slice"]
    assert found["tenant"] == "acme"
    assert found["cpu_seconds"] == 1.5
    assert found["pressure"]["cpu"]["some"]["total"] == 5
