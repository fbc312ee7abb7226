# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runner's hands on the control node: what a log says, what is killed, and a host that answers from this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import typing as t
from pathlib import Path

import pytest
from faults import hands, remote
from faults.hands import Lab, Run, last_words
from faults.remote import HandsError, Host

LOG = """
PLAY [Move the workload] *******

TASK [anycloud.container_host.move : Say what this run does] *******
ok: [localhost] =>
    msg: 'resume: the move goes on after the phase frozen'

TASK [anycloud.container_host.move : Verdict | Refuse] *******
[ERROR]: Task failed: Action failed: writer can't be moved
Origin: /somewhere

fatal: [localhost]: FAILED! =>
    msg: writer can't be moved
...ignoring

PLAY RECAP *******
localhost                  : ok=5    changed=2    unreachable=0    failed=1    skipped=3
"""


def test_a_log_is_read() -> None:
    assert last_words(LOG).splitlines()[:2] == [
        "anycloud.container_host.move : Verdict | Refuse",
        "[ERROR]: Task failed: Action failed: writer can't be moved",
    ]
    assert last_words("ERROR! no such file") == "before the first task\nERROR! no such file"
    assert last_words("nothing of that kind") == "nothing of that kind"
    assert hands.ACTION.findall(LOG) == ["resume"]
    assert hands.RECAP.findall(LOG) == ["2"]


@pytest.fixture(name="programs")
def fixture_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs in the place of Ansible's."""
    monkeypatch.setattr(hands, "program", lambda name: str(tmp_path / name))
    return tmp_path


def write_program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_a_run_is_told_of(programs: Path) -> None:
    write_program(programs / "ansible-playbook", f"cat <<'END'\n{LOG}\nEND\nexit 2")
    run = Run("run 1", programs / "inventory", {"workload": "writer"}, programs / "log")
    found = run.finish(60)
    assert {key: found[key] for key in ("name", "rc", "changed", "action")} == {
        "name": "run 1", "rc": 2, "changed": 2, "action": "resume",
    }  # fmt: skip
    assert "can't be moved" in found["last_words"]
    assert not Path(run.sockets).exists()


def test_a_control_node_dies_with_its_connections(programs: Path) -> None:
    # A held connection has a session of its own, so it outlives the run unless it is looked for.
    write_program(
        programs / "ansible-playbook", 'setsid sh -c "sleep 60; : $ANSIBLE_SSH_CONTROL_PATH_DIR/mux" & sleep 60'
    )
    run = Run("run 1", programs / "inventory", {}, programs / "log")

    def connections() -> list[str]:
        listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
        return [line for line in listed.splitlines() if f"{run.sockets}/mux" in line]

    for _ in range(100):
        if any(line.startswith("sh -c") for line in connections()):
            break
        hands.time.sleep(0.05)
    assert connections()
    run.kill()
    assert not run.alive
    for _ in range(100):  # a signal sent is not yet a process gone
        if not connections():
            break
        hands.time.sleep(0.05)
    assert not connections()
    assert run.finish(1)["rc"] == -signal.SIGKILL


def test_what_a_run_starts_in_a_session_of_its_own_ends_with_it(programs: Path) -> None:
    write_program(programs / "ansible-playbook", f"setsid sleep 60 & echo $! > {programs}/worker; wait")
    run = Run("run 1", programs / "inventory", {}, programs / "log")

    def worker() -> bytes:
        written = programs / "worker"
        pid = written.read_text().strip() if written.exists() else ""
        return Path(f"/proc/{pid}/cmdline").read_bytes() if pid and Path(f"/proc/{pid}").exists() else b""

    for _ in range(100):
        if worker().startswith(b"sleep"):  # by then it has its session
            break
        hands.time.sleep(0.05)
    assert worker()
    run.kill()
    assert not worker()
    run.finish(1)


def test_a_run_that_hangs_is_ended(programs: Path) -> None:
    write_program(programs / "ansible-playbook", "sleep 60")
    found = Run("run 1", programs / "inventory", {}, programs / "log").finish(0)
    assert (found["rc"], found["name"]) == (124, "run 1 (killed, it hung)")


def test_a_program_that_fails_is_named(programs: Path) -> None:
    write_program(programs / "ansible", "echo no such lab; exit 4")
    with pytest.raises(HandsError, match=r"(?s)ansible localhost.* ended with 4 .*no such lab"):
        hands.ansible(programs / "log", "ansible", "localhost")


class LocalHost(Host):
    """A host that is this machine."""

    def _ssh(self) -> list[str]:
        return ["env", "SSH_CONNECTION=192.0.2.1 4711 192.0.2.2 22", "sh", "-c"]


@pytest.fixture(name="local")
def fixture_local(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> t.Iterator[Host]:
    write_program(tmp_path / "sudo", 'shift; exec "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(remote, "HOST_FOLDER", str(hands.ROOT / "tests"))
    host = LocalHost("alpha", {})
    yield host
    host.close()


def test_a_host_answers_and_says_what_is_wrong(local: Host) -> None:
    assert local.ask("wait", project="none", word="x", seconds=0) == {"reached": False}
    with pytest.raises(HandsError, match="alpha: dance: KeyError"):
        local.ask("dance")
    assert local.ask("wait", project="none", word="x", seconds=0) == {"reached": False}


def test_a_host_that_is_silent_is_given_up_and_asked_anew(local: Host) -> None:
    with pytest.raises(HandsError, match="alpha: no answer to wait: it took too long"):
        local.ask("wait", timeout_seconds=0.2, project="none", word="x", seconds=5)
    assert local.ask("wait", project="none", word="x", seconds=0) == {"reached": False}


def test_where_a_host_is() -> None:
    lab = Host("a", {"ansible_host": "127.0.0.1", "provision_address": "10.77.0.11", "ansible_port": 42200,
                     "provision_forwarded_ports": {"8080": 42201}})  # fmt: skip
    assert (lab.workload_address, lab.peer_address) == ("127.0.0.1:42201", "10.77.0.11")
    cloud = Host("b", {"ansible_host": "192.0.2.7"})
    assert (cloud.workload_address, cloud.peer_address) == ("192.0.2.7:8080", "192.0.2.7")


def test_the_power_of_something_else_is_not_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    (tmp_path / "lab.yml").write_text("provision_lab: demo\n")
    lab = Lab(tmp_path / "lab.yml", "ready", "tcg", tmp_path)
    folder = tmp_path / ".cache" / "container-host" / "labs" / "demo" / "hosts" / "alpha"
    folder.mkdir(parents=True)
    (folder / "pid").write_text(str(os.getpid()))
    with pytest.raises(HandsError, match=f"{os.getpid()} is not the virtual machine alpha"):
        lab.cut_power("alpha")
    with pytest.raises(HandsError, match="bravo: its power can't be cut"):
        lab.cut_power("bravo")


def test_the_power_of_a_machine_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    (tmp_path / "lab.yml").write_text("provision_lab: demo\n")
    lab = Lab(tmp_path / "lab.yml", "ready", "tcg", tmp_path)
    folder = tmp_path / ".cache" / "container-host" / "labs" / "demo" / "hosts" / "alpha"
    folder.mkdir(parents=True)
    machine = subprocess.Popen(["sh", "-c", "sleep 60; :", f"file={folder}/disk.qcow2,cache=unsafe"])
    while not Path(f"/proc/{machine.pid}/cmdline").read_bytes():
        time.sleep(0.01)  # a process that has just begun has none
    (folder / "pid").write_text(str(machine.pid))
    lab.cut_power("alpha")
    assert machine.wait() == -signal.SIGKILL
