# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

import pytest
from fake_engine_machine import OFFERED, Machine, run

from ansible_collections.anycloud.container_host.plugins.module_utils._engine_places import (
    CONTAINERS_CONF,
    DAEMON_JSON,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import (
    ContainerHostError,
    HostError,
    InputError,
)

KEY = "-----BEGIN PGP PUBLIC KEY BLOCK-----\nx\n-----END PGP PUBLIC KEY BLOCK-----"


@pytest.mark.parametrize("provider", ["docker", "podman"])
def test_a_fresh_host_then_nothing_to_do(provider: str) -> None:
    machine = Machine()
    predicted = run(machine, check_mode=True, provider=provider)
    assert machine.changes() == []
    assert machine.written == {}
    outcome = run(machine, provider=provider)
    assert outcome.plan.difference.before_after() == predicted.plan.difference.before_after()
    assert outcome.version == OFFERED["docker.io" if provider == "docker" else "podman"]
    assert {"criu", "runc"} <= set(machine.installed) & machine.held
    again = run(machine, provider=provider)
    assert again.plan.actions() == []
    assert not again.plan.difference
    assert again.version == outcome.version


def test_podmans_units_and_drop_ins_are_settled_in_one_run() -> None:
    machine = Machine()
    run(machine, provider="podman")
    assert machine.active == {"podman.socket"}
    assert machine.enabled == {"podman.socket"}
    assert "/etc/containers/registries.conf.d/shortnames.conf" not in machine.files


def test_an_unchanged_host_is_asked_two_questions() -> None:
    machine = Machine()
    run(machine, provider="docker")
    machine.ran.clear()
    run(machine, provider="docker")
    assert [argv[0] for argv in machine.ran] == ["dpkg-query", "systemctl"]


def test_the_configuration_is_there_before_the_engine_first_starts() -> None:
    machine = Machine()
    seen: list[bool] = []
    install = machine._apt_get

    def watched(argv: tuple[str, ...], _input: t.Optional[str]) -> tuple[int, str, str]:
        if "install" in argv:
            seen.append(DAEMON_JSON in machine.files)
        return install(argv)

    machine.commands[("apt-get",)] = watched
    run(machine, provider="docker")
    assert seen == [True]


def test_packages_that_cannot_be_installed_leave_no_trace() -> None:
    machine = Machine(files={"/etc/default/docker": "mine\n"})
    machine.installation = (100, "", "E: Failed to fetch http://deb.example/x 503\n")
    before = dict(machine.files)
    with pytest.raises(HostError, match="Failed to fetch"):
        run(machine, provider="docker")
    remaining = {path: text for path, text in machine.files.items() if not path.startswith("/run/")}
    assert remaining == before


def test_an_unavailable_version_stops_before_anything_is_done() -> None:
    machine = Machine()
    with pytest.raises(InputError, match=r"docker.io 19.03 is not available; use one of: 26.1.5-9"):
        run(machine, provider="docker", version="19.03")
    assert machine.written == {}
    assert machine.installed == {}


def test_another_version_is_pinned() -> None:
    machine = Machine()
    run(machine, provider="docker")
    machine.offered.update({"docker.io": "27.0.1-1", "docker-cli": "27.0.1-1"})
    outcome = run(machine, provider="docker", version="27.0")
    assert [str(request.version) for request in outcome.plan.install] == ["27.0.1-1", "27.0.1-1"]
    assert machine.installed["docker.io"] == "27.0.1-1"
    assert not run(machine, provider="docker", version="27.0").plan.difference


def test_a_running_docker_is_reloaded_where_that_is_enough() -> None:
    machine = Machine()
    run(machine, provider="docker")
    machine.ran.clear()
    run(machine, provider="docker", registries=[{"location": "r.example:5000", "insecure": True}])
    assert ("systemctl", "reload", "docker.service") in machine.ran
    assert not any(argv[1] in ("restart", "try-restart") for argv in machine.changes())
    machine.ran.clear()
    run(machine, provider="docker", mtu=1400)
    assert ("systemctl", "try-restart", "docker.service") in machine.ran
    validation = next(index for index, argv in enumerate(machine.ran) if argv[0] == "dockerd")
    assert validation < machine.ran.index(("systemctl", "try-restart", "docker.service"))


def test_a_refused_configuration_is_not_put_in_place() -> None:
    machine = Machine()
    run(machine, provider="docker")
    before = machine.files[DAEMON_JSON]
    machine.commands[("dockerd",)] = (1, "", "unable to configure the Docker daemon: mtu\n")
    with pytest.raises(HostError, match=r"dockerd refuses the new configuration.*mtu"):
        run(machine, provider="docker", mtu=1400)
    assert machine.files[DAEMON_JSON] == before


def test_podman_judges_its_files_where_they_wait() -> None:
    machine = Machine()
    run(machine, provider="podman")
    machine.commands[("podman", "info", "--format", "{{.Host.OCIRuntime.Name}}")] = (125, "", "toml: line 3\n")
    before = machine.files[CONTAINERS_CONF]
    with pytest.raises(HostError, match="toml: line 3"):
        run(machine, provider="podman", pids_limit=5)
    assert machine.files[CONTAINERS_CONF] == before


def test_a_run_that_died_before_the_restart_is_finished_by_the_next() -> None:
    machine = Machine()
    run(machine, provider="docker")
    machine.files["/run/container-host/engine-docker.pending"] = b'["restart"]\n'
    outcome = run(machine, provider="docker")
    assert outcome.plan.actions() == ["restart engine"]
    assert "/run/container-host/engine-docker.pending" not in machine.files
    assert not run(machine, provider="docker").plan.difference


def test_an_engine_that_does_not_start_gives_its_last_words() -> None:
    machine = Machine()
    machine.unstartable = {"docker.service"}
    with pytest.raises(HostError, match=r"Job failed.*its last words: something broke"):
        run(machine, provider="docker")


def test_the_vendors_repository_replaces_the_distributions_packages() -> None:
    machine = Machine(
        files={"/etc/apt/sources.list.d/docker.list": "deb https://download.docker.com/linux/debian trixie stable\n"}
    )
    run(machine, provider="docker")
    outcome = run(machine, provider="docker", package_source="vendor", vendor_key=KEY)
    assert outcome.version == "5:28.1.1-1~x"
    assert "docker-ce" in machine.installed
    assert not {"docker.io", "containerd"} & set(machine.installed)
    assert "/etc/apt/sources.list.d/docker.list" not in machine.files
    assert "Signed-By" in machine.files["/etc/apt/sources.list.d/container-host-engine.sources"].decode()
    assert not run(machine, provider="docker", package_source="vendor", vendor_key=KEY).plan.difference


def test_a_vendors_repository_without_the_version_is_taken_back() -> None:
    legacy = {"/etc/apt/sources.list.d/docker.list": "deb https://download.docker.com/linux/debian trixie stable\n"}
    machine = Machine(files=legacy)
    with pytest.raises(InputError, match="is not available"):
        run(machine, provider="docker", package_source="vendor", vendor_key=KEY, version="27.0")
    assert [path for path in machine.files if path.startswith("/etc/apt")] == list(legacy)


@pytest.mark.parametrize("remove_data", [False, True])
def test_absent(remove_data: bool) -> None:
    machine = Machine()
    run(machine, provider="docker")
    machine.directories.add("/var/lib/docker")
    outcome = run(machine, provider="docker", state="absent", remove_data=remove_data)
    assert ("docker", "stop", "c1", "c2") in machine.ran
    assert not {"docker.io", "containerd"} & set(machine.installed)
    assert {"runc", "criu"} <= set(machine.installed)
    assert machine.held == set()
    assert DAEMON_JSON not in machine.files
    assert outcome.version is None
    assert (("rm", "-rf", "--one-file-system", "/var/lib/docker") in machine.ran) is remove_data
    machine.directories.discard("/var/lib/docker")
    machine.unit_files.clear()
    assert run(machine, provider="docker", state="absent").plan.actions() == []


def test_a_folder_that_others_have_closed_is_opened_to_engines_without_privileges() -> None:
    machine = Machine()
    run(machine, provider="podman")
    machine.directories.add("/etc/container-host")
    machine.modes["/etc/container-host"] = 0o700
    outcome = run(machine, provider="podman")
    assert outcome.plan.actions() == ["set mode of /etc/container-host"]
    assert machine.modes["/etc/container-host"] == 0o755
    assert run(machine, provider="podman").plan.actions() == []


def test_absent_where_no_daemon_runs_and_storage_is_mounted() -> None:
    mounts = """\
22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
90 22 254:1 /var/lib/containers/storage/overlay /var/lib/containers/storage/overlay rw - ext4 /dev/vda1 rw
91 90 0:50 / /var/lib/containers/storage/overlay/ab/merged rw - overlay overlay rw
92 22 254:16 / /var/lib/containers/storage/volumes rw - ext4 /dev/vdb rw
93 22 0:51 / /var/lib/docker/shm rw - tmpfs shm rw
"""
    machine = Machine(files={"/proc/self/mountinfo": mounts}, commands={("podman", "ps", "-q"): (0, "c3\n", "")})
    run(machine, provider="podman")
    machine.directories.add("/var/lib/containers")
    machine.files["/run/podman/podman.sock"] = b""
    assert "podman.service" not in machine.active
    run(machine, provider="podman", state="absent", remove_data=True)
    assert ("podman", "stop", "c3") in machine.ran
    assert [argv[1].removeprefix("/var/lib/containers/storage/") for argv in machine.ran if argv[0] == "umount"] == [
        "overlay/ab/merged",
        "overlay",
    ]
    assert "/run/podman/podman.sock" not in machine.files


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"/proc/self/status": "Uid:\t1000\t1000\t1000\t1000\n"}, "no privileges.*become"),
        ({"/run/systemd/container": "lxc\n"}, r"this is a container \(lxc\)"),
        ({"/etc/os-release": "ID=plan9\n"}, "plan9: unsupported distribution; use one of"),
    ],
)
def test_hosts_that_are_none(files: dict[str, str], words: str) -> None:
    with pytest.raises(ContainerHostError, match=words):
        run(Machine(files=files), provider="docker")


def test_a_host_without_systemd() -> None:
    machine = Machine()
    machine.directories.clear()
    with pytest.raises(HostError, match="systemd does not run here"):
        run(machine, provider="docker")


def test_the_file_fits_the_version_that_will_be_installed() -> None:
    machine = Machine(files={"/etc/os-release": 'ID=debian\nVERSION_ID="12"\n'})
    machine.offered["docker.io"] = "20.10.24+dfsg1-1"
    run(machine, provider="docker")
    assert "features" not in json.loads(machine.files[DAEMON_JSON])
    assert not any(argv[0] == "dockerd" for argv in machine.ran)
