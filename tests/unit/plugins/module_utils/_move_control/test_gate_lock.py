# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of a move that outlive their run, with the real rsync, the real program of the target and real locks."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
import typing as t

import pytest
from move_wire import World

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_key_host
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._move import journal as journals
from ansible_collections.anycloud.container_host.plugins.module_utils._move import names, rsync
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import Journal
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control import gate_lock
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.gate_lock import GateLock
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.store import Store
from ansible_collections.anycloud.container_host.plugins.modules import move_journal

if t.TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.skipif(shutil.which("rsync") is None, reason="rsync is not installed"),
    pytest.mark.skipif(os.geteuid() != 0, reason="owners and devices need root"),
]

SLOW = rsync.Options(bandwidth_limit_kib_per_second=200, generation=1)


def until(condition: t.Callable[[], t.Any], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


def take(holder: str, state: str = "leased") -> dict[str, t.Any]:
    """A run takes the target's lease, whoever has it."""
    params = {
        "state": state, "id": "m1", "project_name": "shop", "side": "target", "source": "alpha", "target": "bravo",
        "rung": None, "holder": holder, "lease_seconds": 60, "taken_over_from": ["*"],
    }  # fmt: skip
    return move_journal.run(params, HostIO(), time.time(), False)


@pytest.fixture(autouse=True)
def fixture_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_lock, "GRACE_SECONDS", 0.5)
    monkeypatch.setattr(gate_lock, "TERMINATE_SECONDS", 1.0)
    monkeypatch.setattr(gate_lock, "KILL_SECONDS", 5.0)


@pytest.fixture(name="world")
def fixture_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A move in the hands of its first run, with a megabyte to copy that takes some seconds."""
    monkeypatch.setattr(names, "FOLDER", str(tmp_path))
    made = World(tmp_path)
    (made.source / "a").write_bytes(os.urandom(1 << 20))
    assert take("first", "begun")["journal"]["lease"]["generation"] == 1
    return made


@pytest.fixture(name="copy")
def fixture_copy(world: World) -> t.Iterator[subprocess.Popen[str]]:
    """A copy of the first run, that has begun to write and is not told that the run is over."""
    process = world.begin(SLOW)
    until(lambda: any(world.target.iterdir()))
    yield process
    process.kill()
    process.wait()


def contents(world: World) -> bytes:
    return (world.target / "a").read_bytes()


def writes_no_more(world: World) -> bool:
    before = contents(world)
    time.sleep(0.7)  # more than three pieces of a copy this slow
    return contents(world) == before


def test_a_copy_writes_until_another_run_takes_over(world: World, copy: subprocess.Popen[str]) -> None:
    before = contents(world)
    until(lambda: contents(world) != before)  # slow enough to be caught at it, however busy the machine is
    lock = GateLock(HostIO(), "m1")
    assert not lock.is_free()
    group = int(world.lock.read_text())
    assert len(lock.holders(group)) >= 2, "rsync's children hold the lock, too"
    assert take("second")["journal"]["lease"]["generation"] == 2
    assert lock.is_free()
    assert lock.holders(group) == []
    assert writes_no_more(world)
    assert copy.wait(20) != 0


def test_what_is_left_when_the_first_process_dies_alone_is_ended_too(world: World, copy: subprocess.Popen[str]) -> None:
    group = int(world.lock.read_text())
    os.kill(group, signal.SIGKILL)
    GateLock(HostIO(), "m1").close()
    assert GateLock(HostIO(), "m1").holders(group) == []
    assert copy.wait(20) != 0


def test_the_older_run_is_refused_and_the_present_one_is_let_in(world: World) -> None:
    take("second")
    old = world.send(rsync.Options(generation=1))
    assert "refused: another run has taken over: the copy is of run 1, the present one is 2" in old.stderr
    assert not rsync.is_cut_off(old.returncode, old.stderr), "it would be tried again"
    assert rsync.explain(old.returncode, old.stderr).endswith("the other one carries on")
    assert "another run has taken over" in world.send(rsync.Options()).stderr  # one that names no generation
    assert list(world.target.iterdir()) == []
    new = world.send(rsync.Options(generation=2))
    assert (new.returncode, new.stderr) == (0, "")
    assert world.different() == []


def test_a_dry_run_is_told_the_same(world: World) -> None:
    take("second")
    assert "taken over" in world.send(rsync.Options(generation=1, dry_run=True)).stderr


def change_journal(change: t.Callable[[Journal], Journal]) -> None:
    store = Store(HostIO())
    store.write(change(store.get("m1")))


def test_nothing_is_let_in_once_all_data_are_there(world: World) -> None:
    assert world.send(rsync.Options(generation=1)).returncode == 0
    change_journal(lambda journal: journals.complete(journal, "final_delta", 1))
    refused = world.send(rsync.Options(generation=1)).stderr
    assert "takes no more data here: it is active, on the target, in final_delta" in refused
    change_journal(lambda journal: journals.attempt(journal, "started", 2))
    assert "in final_delta started" in world.send(rsync.Options(generation=1)).stderr
    change_journal(lambda journal: journals.roll_back(journal, 3))
    assert "it is rolling_back" in world.send(rsync.Options(generation=1)).stderr


def test_the_journal_is_read_after_the_lock_was_got(world: World) -> None:
    with HostIO().lock(str(world.lock)):
        process = world.begin(rsync.Options(generation=1))
        time.sleep(0.7)
        assert process.poll() is None  # it waits for its turn
        change_journal(lambda journal: journals.take_lease(journal, "second", 1, 60, ["*"]))
    assert process.wait(20) != 0
    assert process.stderr is not None
    assert "taken over" in process.stderr.read()
    assert list(world.target.iterdir()) == []


def test_one_copy_at_a_time(world: World, copy: subprocess.Popen[str]) -> None:
    text = world.program.read_text()
    world.program.write_text(text.replace("PATIENCE_SECONDS = 30", "PATIENCE_SECONDS = 0.2"))
    second = world.send(rsync.Options(generation=1))
    assert f"busy: another copy of this move still writes here, process group {int(world.lock.read_text())}" in (
        second.stderr
    )
    assert rsync.is_cut_off(second.returncode, second.stderr), "it is tried again"
    assert copy.poll() is None


def test_taking_the_key_away_ends_a_copy_and_turns_away_who_waits(world: World, copy: subprocess.Popen[str]) -> None:
    waiting = world.begin(rsync.Options(generation=1))
    until(lambda: len(list(openers(world))) > len(GateLock(HostIO(), "m1").holders(int(world.lock.read_text()))))
    who = _move_key_host.Account("/root", 0, 0, str(world.lock.parent / "authorized_keys"))
    plan = _move_key_host.plan_target(HostIO(), world.files, _move_key_host.Door(), who, False)
    _move_key_host.apply_target(HostIO(), world.files, who, plan, False)
    assert not os.path.exists(world.files.folder)
    assert world.lock.exists()
    assert copy.wait(20) != 0
    assert waiting.wait(20) != 0
    assert waiting.stderr is not None
    assert "refused: the way was closed meanwhile" in waiting.stderr.read()
    assert GateLock(HostIO(), "m1").is_free()
    assert writes_no_more(world)


def openers(world: World) -> t.Iterator[int]:
    """The processes that have the gate's lock open."""
    for entry in os.listdir("/proc"):
        try:
            links = [os.readlink(f"/proc/{entry}/fd/{name}") for name in os.listdir(f"/proc/{entry}/fd")]
        except OSError:
            continue
        if str(world.lock) in links:
            yield int(entry)


HOLDER = """
import fcntl, os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
handle = open(sys.argv[1], "a")
fcntl.flock(handle, fcntl.LOCK_EX)
if sys.argv[2] == "tells":
    os.setpgid(0, 0)
    os.truncate(sys.argv[1], 0)
    handle.write(str(os.getpid()) + "\\n")
    handle.flush()
print("held", flush=True)
time.sleep(60)
"""


def hold(path: str, tells: str) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", HOLDER, path, tells]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_one_that_does_not_end_when_told_is_killed(world: World) -> None:
    process = hold(str(world.lock), "tells")
    GateLock(HostIO(), "m1").close()
    assert process.wait(5) == -signal.SIGKILL


def test_one_that_left_no_word_is_not_guessed_at(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_lock, "KILL_SECONDS", 0.5)
    bystander = subprocess.Popen(["sleep", "60"], start_new_session=True)
    world.lock.write_text(f"{bystander.pid}\n")  # a number that was used again
    process = hold(str(world.lock), "says nothing")
    try:
        with pytest.raises(
            HostError, match=r"move m1: a copy of an earlier run still writes here: a process that left"
        ):
            take("second")
        assert bystander.poll() is None
        assert process.poll() is None
        # what was decided stays: the next run finds the gate shut to the first one
        assert Store(HostIO()).get("m1").lease.generation == 2
    finally:
        for each in (bystander, process):
            each.kill()
            each.wait()


def test_one_that_can_not_be_ended_is_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_lock, "KILL_SECONDS", 0.3)
    process = hold(str(world.lock), "tells")

    class Powerless(HostIO):
        def signal_group(self, leader: int, number: int) -> bool:
            return True

    try:
        with pytest.raises(
            HostError, match=rf"the process {process.pid} of group {process.pid} holds .*m1\.gate\.lock"
        ):
            GateLock(Powerless(), "m1").close()
    finally:
        process.kill()
        process.wait()


def test_the_same_run_may_take_its_lease_again_after_it_could_not_close(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TERMINATE_SECONDS", "KILL_SECONDS"):
        monkeypatch.setattr(gate_lock, name, 0.1)
    with open(world.lock, "a", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(HostError):
            take("second")
        with pytest.raises(HostError):
            take("second")  # the generation is the same now, and the gate is closed all the same
    assert take("second")["journal"]["lease"]["generation"] == 2
