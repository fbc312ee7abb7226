# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module move_cutover and what it is made of, on a host in memory whose rsync takes everything."""

from __future__ import annotations

import typing as t

import move_pairs
import pytest
from fake_engine import FakeEngine
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_cutover_host as _cutover
from ansible_collections.anycloud.container_host.plugins.module_utils import _move_manifest_host, _move_volume_host
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.deploy import Deployment, Settings
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_stream import Watched
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import (
    Journal,
    Lease,
    MoveRefusedError,
    take_lease,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.definition import (
    Definition,
    Definitions,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.store import Store
from ansible_collections.anycloud.container_host.plugins.modules import move_cutover

FILES = key.Files("/var/lib/container-host/moves", "m1")
LOG = f"{FILES.folder}/connection.log"
SENT = ">f..t......\nLiteral data: 7 bytes\nTotal bytes sent: 9\n"


class Host(FakeHostIO):
    """One side of the move. running: whether each copy of data found the workload running."""

    def __init__(self, side: str, files: t.Mapping[str, str]) -> None:
        commands: dict[tuple[str, ...], t.Any] = {("ssh",): (0, "", ""), ("rsync",): (0, "rsync  version 3.2.7", "")}
        super().__init__(files={FILES.ssh_config: "x", **files}, commands=commands, directories=["/v"])
        self.engine = FakeEngine(images={move_pairs.IMAGE: {"Id": "sha256:" + "1" * 64, "RepoDigests": []}})
        self.running: list[bool] = []
        self.answers: list[tuple[int, str, str]] = [(0, SENT, ""), (0, SENT, "")]
        Store(self).write(Journal("m1", "shop", side, "alpha", "bravo", lease=Lease("node", 1, 0)))

    def watch(
        self, argv: t.Sequence[str], on_text: t.Any = None, silence_seconds: float = 0, input_text: t.Any = None
    ) -> Watched:
        self.running.append(any(body["State"]["Running"] for body in self.engine.by_name.values()))
        rc, stdout, stderr = self.answers.pop(0)
        on_text(stdout)
        return Watched(rc, stdout, stderr)

    @property
    def journal(self) -> Journal:
        return Store(self).get("m1")


@pytest.fixture(name="source")
def fixture_source(monkeypatch: pytest.MonkeyPatch) -> Host:
    io = Host("source", {"/v/a": "1"})
    deployment = Deployment(io.engine, io, move_pairs.SHOP, Settings(wait=False))  # type: ignore[arg-type]
    deployment.apply(deployment.plan(check_mode=False))
    Definitions(io).keep(Definition(move_pairs.SHOP))
    monkeypatch.setattr(move_cutover, "connect", lambda *_arguments: io.engine)
    return io


def arguments(**changes: t.Any) -> dict[str, t.Any]:
    return {
        "move_id": "m1", "directory": FILES.folder.rpartition("/")[0], "generation": 1, "target_generation": 3,
        "holder": "node", "lease_seconds": 60, "engine": "auto", "socket": None, "checksum": False, "timeout_seconds": 5,
        "ready": False, "direct": False,
        "volumes": [{"name": "shop_data", "path": "/v"}], **changes,
    }  # fmt: skip


def test_the_workload_stands_still_before_the_first_byte_goes(source: Host) -> None:
    foretold = move_cutover.on_source(arguments(), source, True)
    assert (source.journal.phase, source.running) == ("planned", [])
    done = move_cutover.on_source(arguments(), source, False)
    assert foretold["actions"] == done["actions"]
    assert any(action.startswith("stop_container") for action in done["actions"])
    assert source.running == [False, False]  # the volume and its manifest
    assert (done["wire_bytes"], done["moved_bytes"], list(done["manifests"])) == (9, 7, ["shop_data"])
    assert source.journal.phase == "frozen"

    nothing = "Literal data: 0 bytes\n"
    source.answers = [(0, nothing, ""), (0, nothing, "")]
    again = move_cutover.on_source(arguments(), source, False)
    assert (again["changed"], again["actions"]) == (False, [])
    assert again["diff"]["before"]["phase"] == again["diff"]["after"]["phase"] == "frozen"


def test_nothing_is_stopped_for_what_can_not_be_sent(source: Host) -> None:
    source.commands[("ssh",)] = (255, "", "")
    source.commands[("setsid",)] = lambda _argv, _text: (source.files.update({LOG: b"timed out"}), (0, "", ""))[1]
    with pytest.raises(HostError, match="the target can't be reached"):
        move_cutover.on_source(arguments(), source, False)
    with pytest.raises(InputError, match="no directory"):
        move_cutover.on_source(arguments(volumes=[{"name": "shop_data", "path": "/none"}]), source, False)
    with pytest.raises(MoveRefusedError, match="was taken over"):
        move_cutover.on_source(arguments(generation=2), source, False)
    assert source.journal.phase == "planned"
    assert all(body["State"]["Running"] for body in source.engine.by_name.values())


def test_a_copy_that_fails_leaves_the_workload_stopped_and_that_written_down(source: Host) -> None:
    source.answers = [(11, "", "No space left on device")]
    with pytest.raises(HostError, match="free space"):
        move_cutover.on_source(arguments(), source, False)
    assert source.journal.phase == "frozen"


def test_no_more_is_sent_once_another_run_has_taken_over(source: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    freeze = _cutover.freeze

    def taken_over_then(*values: t.Any) -> t.Any:
        done = freeze(*values)
        Store(source).write(take_lease(source.journal, "other", 0, 60, ["*"]))
        return done

    monkeypatch.setattr(_cutover, "freeze", taken_over_then)
    with pytest.raises(MoveRefusedError, match="is in generation 2, and this run has generation 1"):
        move_cutover.on_source(arguments(), source, False)
    assert source.running == []


def target(content: str) -> Host:
    """The target with a file of this content, and the manifest of one that has 1 in it."""
    io = Host("target", {"/v/a": "1"})
    volume = _move_volume_host.read_volumes([{"name": "shop_data", "path": "/v"}])[0]
    sent = _move_manifest_host.make(io, FILES, volume.name, "/v")
    io.files[f"{FILES.manifests}/{volume.name}"] = sent.canonical().encode()
    io.files["/v/a"] = content.encode()
    return io


def test_what_is_equal_is_written_down_once() -> None:
    io = target("1")
    foretold = move_cutover.on_target(arguments(), io, True)
    assert (foretold["equal"], foretold["changed"], io.journal.phase) == (True, True, "planned")
    done = move_cutover.on_target(arguments(), io, False)
    assert (done["equal"], done["changed"], done["volumes"][0]["differences"]) == (True, True, [])
    assert (io.journal.phase, io.journal.lease.generation) == ("final_delta", 1)
    assert io.journal.lease.expires_at > 60
    assert not move_cutover.on_target(arguments(), io, False)["changed"]


def test_what_a_cut_of_the_power_could_take_back_is_neither_kept_nor_written_down() -> None:
    io = target("1")
    kept = f"{FILES.kept}/shop_data"
    io.files.pop(kept)
    found: list[tuple[str, bool]] = []

    def sync(argv: tuple[str, ...], _text: t.Optional[str]) -> tuple[int, str, str]:
        assert argv == ("sync", "--file-system", "/v")
        found.append((io.journal.phase, kept in io.files))
        return (1, "", "Input/output error") if len(found) == 1 else (0, "", "")

    io.commands[("sync",)] = sync
    with pytest.raises(HostError, match="Input/output error"):
        move_cutover.on_target(arguments(), io, False)
    assert move_cutover.on_target(arguments(), io, False)["equal"]
    assert found == [("planned", False)] * 2
    assert (io.journal.phase, kept in io.files) == ("final_delta", True)


def test_what_differs_is_not_written_down() -> None:
    io = target("22")
    done = move_cutover.on_target(arguments(), io, False)
    assert (done["equal"], done["changed"]) == (False, False)
    assert done["volumes"][0]["differences"][0].startswith("a: ")
    assert io.journal.phase == "planned"


def test_an_old_run_writes_nothing_down() -> None:
    io = target("1")
    with pytest.raises(MoveRefusedError, match="was taken over"):
        move_cutover.on_target(arguments(generation=2), io, False)
    assert io.journal.phase == "planned"
