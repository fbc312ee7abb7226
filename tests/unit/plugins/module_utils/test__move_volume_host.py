# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_volume_host as _host
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_stream import Watched
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key, rounds
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import (
    Journal,
    Lease,
    MoveRefusedError,
    take_lease,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.store import Store
from ansible_collections.anycloud.container_host.plugins.module_utils._move_send import Sender

FILES = key.Files("/m", "m1")
RANGE = {"source": 0, "target": 5, "count": 0}

BAD: list[tuple[list[dict[str, t.Any]], list[str]]] = [
    ([{"name": "a"}, {"name": "a"}], ["volumes[0].name", "volumes[1].name"]),
    ([{"name": "a/b"}], ["volumes.a/b"]),
    ([{"name": "a", "path": "relative"}], ["volumes.a"]),
    ([{"name": "a", "uid_map": [RANGE], "gid_map": [RANGE]}], ["volumes[0].uid_map[0]", "volumes[0].gid_map[0]"]),
]


@pytest.mark.parametrize(("values", "places"), BAD)
def test_volumes_that_mean_nothing_are_refused(values: list[dict[str, t.Any]], places: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        _host.read_volumes(values)
    assert [problem.path for problem in caught.value.problems] == places


def test_a_volume_kept_elsewhere_is_refused() -> None:
    volumes = _host.read_volumes([{"name": "a"}, {"name": "b"}, {"name": "c"}, {"name": "d"}])
    known: list[dict[str, t.Any]] = [
        {"Name": "a", "Driver": "local", "Mountpoint": "/v/a", "Options": None},
        {"Name": "b", "Driver": "local", "Mountpoint": "/v/b", "Options": {"type": "nfs", "device": ":/export"}},
        {"Name": "c", "Driver": "rexray", "Mountpoint": "/v/c"},
    ]
    with pytest.raises(InputError) as caught:
        _host.mountpoints(known, volumes)
    assert [problem.path for problem in caught.value.problems] == ["volumes.b", "volumes.c"]
    assert _host.mountpoints(known[:1], volumes) == {"a": "/v/a"}


def test_volumes_that_are_not_there_are_named_together() -> None:
    volumes = _host.read_volumes([{"name": "a"}, {"name": "b", "path": "/none"}, {"name": "c", "path": "/v"}])
    with pytest.raises(InputError) as caught:
        _host.all_there(FakeHostIO(directories=["/v"]), volumes, {"b": "/none", "c": "/v"})
    assert [problem.path for problem in caught.value.problems] == ["volumes.a", "volumes.b"]


def report(moved: int, items: int) -> str:
    lines = [">f..t......"] * items
    return "\n".join([*lines, f"Literal data: {moved} bytes", f"Total bytes sent: {moved}", ""])


class Wire(FakeHostIO):
    """A host whose rsync answers from a list: exit code, output, errors."""

    def __init__(self, answers: list[tuple[int, str, str]], opened: bool = True) -> None:
        check = (0 if opened else 255, "", "")
        commands: dict[tuple[str, ...], t.Any] = {("ssh",): check, ("rsync",): (0, "rsync  version 3.2.7", "")}
        super().__init__(files={FILES.ssh_config: "x"}, commands=commands, directories=["/v"])
        self.answers, self.sent = answers, []  # type: ignore[var-annotated]

    def watch(
        self, argv: t.Sequence[str], on_text: t.Any = None, silence_seconds: float = 0, input_text: t.Any = None
    ) -> Watched:
        self.sent.append(list(argv))
        self.slept_seconds += 10
        rc, stdout, stderr = self.answers.pop(0)
        on_text(stdout)
        return Watched(rc, stdout, stderr)


def sender(io: Wire, **manner: t.Any) -> _host.VolumeSender:
    volumes = _host.read_volumes([{"name": "data", "path": "/v"}])
    return _host.VolumeSender(io, FILES, volumes, {"data": "/v"}, _host.Manner(**manner), Sender(io, FILES, 2, 60))


def test_a_cut_is_gone_on_from() -> None:
    cut = (12, report(50, 1), "rsync: connection unexpectedly closed")
    io = Wire([cut, (0, report(7, 1), ""), (0, report(0, 0), "")])
    done, why = sender(io).precopy()
    assert why == rounds.UNCHANGED
    assert [(entry.moved_bytes, entry.changed_files, entry.attempts) for entry in done] == [(57, 2, 2), (0, 0, 1)]


def test_too_many_cuts_and_other_failures() -> None:
    cut = (255, "", "Connection reset by peer")
    with pytest.raises(HostError, match="volume data: could not be sent: Connection reset"):
        sender(Wire([cut] * 3)).precopy()
    with pytest.raises(HostError, match="free space"):
        sender(Wire([(11, "", "No space left on device")])).precopy()


def test_a_connection_that_was_opened_is_not_looked_for_until_it_is_cut() -> None:
    cut = (12, report(50, 1), "rsync: connection unexpectedly closed")
    io = Wire([(0, report(1, 1), ""), cut, (0, report(1, 1), "")])
    made = sender(io)
    made.get_ready()
    looked = len(io.ran)
    made.round(in_use=False)
    assert len(io.ran) == looked
    made.round(in_use=False)
    assert [call[3:5] for call in io.ran[looked:]] == [("-O", "exit"), ("-O", "check")]


def test_what_vanishes_is_fine_while_in_use_only() -> None:
    vanished = (24, report(1, 1), "file has vanished")
    assert sender(Wire([vanished])).round(in_use=True).moved_bytes == 1
    with pytest.raises(HostError, match="vanished"):
        sender(Wire([vanished])).round(in_use=False)


def test_compression_follows_the_wire() -> None:
    slow, quick = (0, report(20 << 20, 1), ""), (0, report(1 << 30, 1), "")
    for answer, compresses in ((slow, True), (quick, False)):
        io = Wire([answer, (0, report(0, 0), "")])
        sender(io).precopy()
        assert "--compress" not in io.sent[0]  # nothing is known yet
        assert ("--compress" in io.sent[1]) is compresses
    io = Wire([(0, report(0, 0), "")] * 2)
    sender(io, bandwidth_limit_kib_per_second=1000).precopy()
    assert "--compress" in io.sent[0]
    io = Wire([(0, report(0, 0), "")] * 2)
    sender(io, compress="never", bandwidth_limit_kib_per_second=1000).precopy()
    assert "--compress" not in io.sent[0]


def test_rounds_are_remembered_for_the_estimate() -> None:
    io = Wire([(0, report(100 << 20, 5), ""), (0, report(0, 0), ""), (0, report(1, 1), "")])
    sender(io).precopy()
    sender(io).round(in_use=False)
    assert [entry.moved_bytes for entry in sender(io).remembered()] == [100 << 20, 0]
    assert sender(io).estimate().milliseconds == 10_000


def test_a_run_that_was_taken_over_does_not_try_again() -> None:
    io = Wire([(12, "", "connection unexpectedly closed"), (0, report(1, 1), "")])
    store = Store(io)
    store.write(Journal("m1", "shop", "source", "alpha", "bravo", lease=Lease("first", 1, 0)))
    volumes = _host.read_volumes([{"name": "data", "path": "/v"}])
    manner = _host.Manner(target_generation=5)
    work = _host.VolumeSender(io, FILES, volumes, {"data": "/v"}, manner, Sender(io, FILES, 2, 60, 1))

    def sleep(seconds: float) -> None:  # between two attempts
        store.write(take_lease(store.get("m1"), "second", 0, 60, ["*"]))

    io.sleep = sleep  # type: ignore[method-assign]
    with pytest.raises(MoveRefusedError, match="is in generation 2, and this run has generation 1"):
        work.round(in_use=True)
    assert len(io.sent) == 1
    assert "--rsync-path=generation=5 rsync" in io.sent[0]


def test_manifests_are_sent_for_the_same_run() -> None:
    io = Wire([(0, report(1, 1), ""), (0, report(1, 1), "")])
    sender(io, target_generation=5).final()
    assert ["--rsync-path=generation=5 rsync" in argv for argv in io.sent] == [True, True]
    io = Wire([(0, report(1, 1), "")])
    sender(io).round(in_use=False)
    assert not any("--rsync-path" in word for word in io.sent[0])
