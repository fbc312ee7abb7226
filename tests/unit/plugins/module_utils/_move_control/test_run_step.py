# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps of a move on two made-up hosts: there, back, and there with the journals on the disk."""

from __future__ import annotations

import typing as t

import pytest
from fake_engine import FakeEngine, image
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import (
    Mount,
    Project,
    Service,
    Volume,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.deploy import Deployment, Settings
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import journal as journals
from ansible_collections.anycloud.container_host.plugins.module_utils._move import names
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import Journal, MoveRefusedError
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.acts import Acts
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.definition import (
    Definition,
    Definitions,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.fence import Fence
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.run_step import Done, run_step
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.store import Store

REFERENCE = "docker.io/library/x:1"
PROJECT = Project(
    "shop",
    {"web": Service("web", "shop-web-1", REFERENCE, restart="always", mounts=(Mount("volume", "/data", "shop_data"),))},
    volumes={"data": Volume("shop_data")},
)


class Host:
    """One host with Docker; ``step`` does one step of the move on it."""

    def __init__(self, side: str) -> None:
        self.engine, self.io = FakeEngine(images={REFERENCE: image()}), FakeHostIO()
        self.store = Store(self.io)
        self.side = side
        self.store.write(Journal("shop-1", "shop", side, "alpha", "bravo"))

    def deploy(self) -> None:
        deployment = Deployment(self.engine, self.io, PROJECT, Settings(wait=False))  # type: ignore[arg-type]
        deployment.apply(deployment.plan(check_mode=False))
        Definitions(self.io).keep(Definition(PROJECT))

    def step(self, name: str, check_mode: bool = False) -> Done:
        journal = self.store.get("shop-1")
        acts = Acts(self.engine, self.io, journal, 5, Definition(PROJECT))  # type: ignore[arg-type]
        return run_step(self.store, acts, journal, name, lambda: 7.0, 100.0, check_mode)

    def foretold_and_done(self, name: str) -> Done:
        """The step, after check mode said the same and changed nothing, and before it changes nothing again."""
        files, calls = dict(self.io.files), list(self.engine.calls)
        foretold = self.step(name, check_mode=True)
        assert (self.io.files, self.engine.calls) == (files, calls)
        done = self.step(name)
        assert (done.after, done.changed) == (foretold.after, foretold.changed)
        assert set(done.actions) == set(foretold.actions)
        return done

    def note(self, phase: str) -> None:
        self.store.write(journals.complete(self.store.get("shop-1"), phase, 1))

    @property
    def state(self) -> tuple[str, str]:
        """The container's state and its restart policy; empty words when it isn't there."""
        found = self.engine.by_name.get("shop-web-1")
        if found is None:
            return "", ""
        return found["State"]["Status"], found["HostConfig"]["RestartPolicy"]["Name"]


@pytest.fixture(name="hosts")
def fixture_hosts() -> tuple[Host, Host]:
    source = Host("source")
    source.deploy()
    return source, Host("target")


def to_started(source: Host, target: Host) -> None:
    target.foretold_and_done("stage")
    assert not target.step("stage").changed
    made = target.foretold_and_done("ready")
    assert [line.partition(" ")[0] for line in made.actions] == ["create_container"]
    assert target.state == ("created", "no"), "nothing may start it but the move"
    assert not target.step("ready").changed
    source.foretold_and_done("freeze")
    assert not source.step("freeze").changed
    target.note("final_delta")
    source.step("hand_over")
    target.foretold_and_done("start")
    assert not target.step("start").changed


def test_there(hosts: tuple[Host, Host]) -> None:
    source, target = hosts
    assert source.state == ("running", "always")
    to_started(source, target)
    assert source.state == ("exited", "no")
    assert target.state == ("running", "no"), "a copy that may still be withdrawn must not come back with a boot"
    target.step("verify")
    source.step("commit")
    target.foretold_and_done("settle")
    assert target.state == ("running", "always")
    assert not target.step("settle").changed
    released = source.foretold_and_done("release").after
    assert (released.outcome, released.kept_until) == (journals.RELEASED, 100.0)
    assert target.step("release").after.outcome == journals.RELEASED
    with pytest.raises(HostError, match="has moved to bravo"):
        Fence(source.io).demand_none("shop")
    Fence(target.io).demand_none("shop")
    source.foretold_and_done("clean")
    assert (source.state, source.engine.volume_labels) == (("", ""), {})
    assert not source.step("clean").changed


def test_and_back(hosts: tuple[Host, Host]) -> None:
    source, target = hosts
    to_started(source, target)
    source.step("abandon")
    with pytest.raises(MoveRefusedError, match="known to be down"):
        source.step("restore")
    assert source.state == ("exited", "no")
    target.foretold_and_done("withdraw")
    assert (target.state, target.engine.volume_labels) == (("", ""), {})
    assert Fence(target.io).mark("shop") is None
    with pytest.raises(MoveRefusedError):
        target.step("start")
    source.step("note_target_is_down")
    source.foretold_and_done("restore")
    assert source.state == ("running", "always")
    Fence(source.io).demand_none("shop")


def test_a_target_that_was_not_made_ready_starts_all_the_same(hosts: tuple[Host, Host]) -> None:
    source, target = hosts
    target.step("stage")
    source.step("freeze")
    target.note("final_delta")
    source.step("hand_over")
    assert [line.partition(" ")[0] for line in target.step("start").actions] == ["create_container", "start_container"]
    assert target.state == ("running", "no")


def test_what_was_made_ready_goes_when_the_move_is_withdrawn(hosts: tuple[Host, Host]) -> None:
    source, target = hosts
    target.step("stage")
    target.step("ready")
    source.step("abandon")
    target.foretold_and_done("withdraw")
    assert (target.state, target.engine.volume_labels) == (("", ""), {})
    with pytest.raises(MoveRefusedError, match="rolled_back"):
        target.step("ready")


STAGING = "/volumes/shop_data/._data.move-shop-1"


def test_snapshots_go_before_the_volume_beside_them(hosts: tuple[Host, Host]) -> None:
    source, target = hosts
    target.step("stage")
    target.io.directories |= {STAGING, f"{STAGING}/7", "/volumes/shop_data/._data.move-other"}

    def delete(argv: tuple[str, ...], _text: t.Optional[str]) -> tuple[int, str, str]:
        assert target.engine.volume_labels, "its engine can't remove a volume with a snapshot beside it"
        target.io.directories.remove(argv[-1])
        return 0, "", ""

    target.io.commands["btrfs",] = delete
    source.step("abandon")
    target.step("withdraw")
    assert target.io.ran == [("btrfs", "subvolume", "delete", f"{STAGING}/7")]
    assert not target.io.exists(STAGING)
    assert target.io.exists("/volumes/shop_data/._data.move-other"), "another move's are not this one's to remove"
    assert target.engine.volume_labels == {}


def test_only_the_target_is_made_ready(hosts: tuple[Host, Host]) -> None:
    source, _target = hosts
    with pytest.raises(MoveRefusedError, match="only the target"):
        source.step("ready")


@pytest.mark.parametrize("restarts", [False, True])
def test_nothing_is_made_ready_where_a_boot_would_start_it(restarts: bool) -> None:
    target = Host("target")
    target.engine = FakeEngine("podman", images={REFERENCE: image()})
    if restarts:
        target.io.links["/etc/systemd/system/default.target.wants/podman-restart.service"] = "/lib/x"
    target.step("stage")
    target.foretold_and_done("ready")
    assert target.state[0] == ("" if restarts else "created")


def test_what_keeps_the_source_down_is_on_the_disk_before_it_stops(hosts: tuple[Host, Host]) -> None:
    source, _target = hosts
    found: list[tuple[str, str, bool]] = []

    def sync(argv: tuple[str, ...], _text: t.Optional[str]) -> tuple[int, str, str]:
        assert argv == ("sync", "--file-system", "/var/lib/docker")
        body = source.engine.by_name["shop-web-1"]
        found.append(
            (source.store.get("shop-1").phase, body["HostConfig"]["RestartPolicy"]["Name"], body["State"]["Running"])
        )
        return (1, "", "Input/output error") if len(found) == 1 else (0, "", "")

    source.io.commands[("sync",)] = sync
    with pytest.raises(HostError, match="Input/output error"):
        source.step("freeze")
    # The next run has no policy to change any more.
    source.step("freeze")
    assert found == [("planned", "no", True)] * 2
    assert source.store.get("shop-1").phase == "frozen"


def test_a_workload_of_the_target_is_not_taken_for_ones_own(hosts: tuple[Host, Host]) -> None:
    _source, target = hosts
    target.deploy()
    with pytest.raises(HostError, match="is on this host already"):
        target.step("stage")
    assert target.state == ("running", "always")


def test_the_target_can_not_start_before_it_has_the_data(hosts: tuple[Host, Host]) -> None:
    _source, target = hosts
    target.step("stage")
    with pytest.raises(MoveRefusedError, match="before final_delta"):
        target.step("start")
    assert target.state == ("", "")


@pytest.mark.parametrize("text", ["{", "{}", '{"schema_version": 9}'])
def test_a_broken_journal_is_named(text: str) -> None:
    io = FakeHostIO(files={"/var/lib/container-host/moves/shop-1.json": text})
    with pytest.raises(HostError, match=r"/var/lib/container-host/moves/shop-1\.json"):
        Store(io).all()


def test_a_journal_is_read_as_it_was_written() -> None:
    host = Host("source")
    journal: t.Any = journals.take_lease(host.store.get("shop-1"), "me", 1, 60)
    host.store.write(journal)
    assert host.store.get("shop-1") == journal
    assert "/var/lib/container-host/moves" in host.io.synced


@pytest.mark.parametrize("step", ["start", "withdraw"])
def test_nothing_is_done_to_the_copy_while_data_come(hosts: tuple[Host, Host], step: str) -> None:
    source, target = hosts
    target.step("stage")
    source.step("freeze")
    target.note("final_delta")
    target.io.locked.add(names.gate_lock_path("shop-1"))
    before = (target.state, dict(target.engine.volume_labels))
    assert "end a copy of data that an earlier run began" in target.step(step, check_mode=True).actions
    with pytest.raises(HostError, match="shop-1: a copy of an earlier run still writes here"):
        target.step(step)
    assert (target.state, target.engine.volume_labels) == before
    # the journal lets no further copy in already
    journal = target.store.get("shop-1")
    assert journal.intent == "started" or journal.outcome == journals.ROLLING_BACK
    target.io.locked.clear()
    assert target.step(step).changed
    assert target.state == (("running", "no") if step == "start" else ("", ""))


def test_what_has_come_back_is_not_cleaned(hosts: tuple[Host, Host]) -> None:
    source, target = hosts
    to_started(source, target)
    target.step("verify")
    source.step("commit")
    target.step("settle")
    source.step("release")
    # Another move has brought it back: its fence is lifted, and it lives.
    Fence(source.io).lift("shop")
    source.engine.start_container("shop-web-1")
    cleaned = source.step("clean")
    assert cleaned.actions == ()
    assert cleaned.after.outcome == journals.CLEANED
    assert source.state[0] == "running"
    assert source.engine.volume_labels
