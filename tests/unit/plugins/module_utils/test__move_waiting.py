# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A source that talks with the one who waits on the target: two hosts in memory, and a conversation that may break."""

from __future__ import annotations

import typing as t

import move_pairs
import pytest
from fake_engine import FakeEngine
from fake_host_io import FakeHostIO
from fake_talk import FakeTalk

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_cutover_host as _cutover
from ansible_collections.anycloud.container_host.plugins.module_utils import _move_gate as gate
from ansible_collections.anycloud.container_host.plugins.module_utils import _move_volume_host, _move_waiting
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.deploy import Deployment, Settings
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, TalkEndedError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_stream import Watched
from ansible_collections.anycloud.container_host.plugins.module_utils._move import journal as journals
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import (
    Journal,
    Lease,
    MoveRefusedError,
    take_lease,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal_text import render
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.definition import (
    Definition,
    Definitions,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.store import Store
from ansible_collections.anycloud.container_host.plugins.modules import move_cutover, move_workload

FILES = key.Files("/var/lib/container-host/moves", "m1")
WRITER = _cutover.Writer("m1", "node", 1, 60)
SENT = ">f..t......\nLiteral data: 7 bytes\nTotal bytes sent: 9\n"
Json = dict[str, t.Any]


class Host(FakeHostIO):
    """One side of the move, with an engine. Whoever waits is kept, not left behind in a process."""

    def __init__(self, side: str) -> None:
        commands: dict[tuple[str, ...], t.Any] = {("ssh",): (0, "", ""), ("rsync",): (0, "rsync  version 3.2.7", "")}
        super().__init__(files={FILES.ssh_config: "x", "/v/a": "1"}, commands=commands, directories=["/v"])
        self.engine = FakeEngine(images={move_pairs.IMAGE: {"Id": "sha256:" + "1" * 64, "RepoDigests": []}})
        self.other: t.Optional[Host] = None
        self.talks: list[FakeTalk] = []
        self.copies: list[str] = []
        self.fails_to_copy = False
        Store(self).write(Journal("m1", "shop", side, "alpha", "bravo", lease=Lease("node", 1, 0)))

    def watch(self, argv: t.Sequence[str], on_text: t.Any = None, silence_seconds: float = 0, input_text: t.Any = None) -> Watched:  # fmt: skip
        self.copies.append(argv[-1])
        if self.fails_to_copy:
            return Watched(11, "", "No space left on device")
        if self.other is not None:
            try:
                gate.admit(render(self.other.journal), 1)
            except gate.RefusedError as error:
                return Watched(1, "", f"refused: {error}")
            names = ["/v/a"] if argv[-1].endswith("shop_data/") else [f"{FILES.manifests}/shop_data"]
            self.other.files.update({name: self.files[name] for name in names})
        on_text(SENT)
        return Watched(0, SENT, "")

    def converse(self, argv: t.Sequence[str]) -> FakeTalk:
        assert argv[-1] == "generation=1 cutover"
        if not self.talks:
            raise HostError("nobody waits here for the source's word")
        return self.talks.pop(0)

    @property
    def journal(self) -> Journal:
        return Store(self).get("m1")

    @property
    def lives(self) -> bool:
        return any(body["State"]["Running"] for body in self.engine.by_name.values())


class Listener:
    """One at whose socket one talk after the other comes in."""

    def __init__(self, talks: t.Sequence[t.Any] = (), there: bool = True) -> None:
        self.talks, self.there, self.closed = list(talks), there, False

    def is_there(self) -> bool:
        return self.there

    def accept(self, _seconds: float) -> t.Any:
        return self.talks.pop(0) if self.talks else None

    def close(self) -> None:
        self.closed = True


def waiting(target: Host) -> _move_waiting.Waiting:
    volumes = _move_volume_host.read_volumes([{"name": "shop_data", "path": "/v"}])
    engine: t.Any = lambda: target.engine  # noqa: E731
    io: t.Any = target
    return _move_waiting.Waiting(io, FILES, WRITER, volumes, {"shop_data": "/v"}, engine, 5, lambda: 7.0)


def arguments(**changes: t.Any) -> Json:
    return {
        "move_id": "m1", "directory": "/var/lib/container-host/moves", "generation": 1, "target_generation": 1,
        "holder": "node", "lease_seconds": 60, "engine": "auto", "socket": None, "checksum": False, "timeout_seconds": 5,
        "volumes": [{"name": "shop_data", "path": "/v"}], "ready": False, "direct": True, **changes,
    }  # fmt: skip


class Pair(t.NamedTuple):
    source: Host
    target: Host

    def connect(self, **faults: t.Any) -> FakeTalk:
        """The next conversation that the source begins."""
        talk = FakeTalk(waiting(self.target).answer, **faults)
        self.source.talks.append(talk)
        return talk

    def carry(self, **changes: t.Any) -> Json:
        return move_cutover.on_source(arguments(**changes), self.source, False)  # type: ignore[arg-type]

    def go_on(self) -> None:
        """What the runs that come next do, for what is left."""
        steps = [
            (self.target, lambda: move_cutover.on_target(arguments(direct=False), self.target, False)),  # type: ignore[arg-type]
            (self.source, lambda: self.step(self.source, "hand_over")),
            (self.target, lambda: self.step(self.target, "start")),
        ]
        for _host, step in steps[1 if self.target.journal.reached >= journals.rank("final_delta") else 0 :]:
            step()

    @staticmethod
    def step(host: Host, name: str) -> None:
        params = {**arguments(), "id": "m1", "step": name, "keep_seconds": 1, "definition": None}
        move_workload.run(params, host, lambda: 8.0, False)


@pytest.fixture(name="pair")
def fixture_pair(monkeypatch: pytest.MonkeyPatch) -> Pair:
    source, target = Host("source"), Host("target")
    source.other = target
    deployment = Deployment(source.engine, source, move_pairs.SHOP, Settings(wait=False))  # type: ignore[arg-type]
    deployment.apply(deployment.plan(check_mode=False))
    Definitions(source).keep(Definition(move_pairs.SHOP))
    Definitions(target).keep(Definition(move_pairs.SHOP, "m1"))
    target.engine.create_volume("shop_data", {"labels": {"com.docker.compose.project": "shop"}})

    def connect(io: t.Any, *_more: t.Any) -> FakeEngine:
        return t.cast("FakeEngine", io.engine)

    monkeypatch.setattr(move_cutover, "connect", connect)
    monkeypatch.setattr(move_workload, "connect", connect)
    source.files["/v/a"] = b"2"
    return Pair(source, target)


def demand_there(pair: Pair) -> None:
    assert (pair.source.lives, pair.target.lives) == (False, True)
    assert pair.target.files["/v/a"] == b"2"
    assert (pair.source.journal.reached, pair.target.journal.phase) == (journals.rank("started"), "started")
    policies = {body["HostConfig"]["RestartPolicy"]["Name"] for body in pair.target.engine.by_name.values()}
    assert policies == {"no"}


def test_one_run_of_the_source_is_enough(pair: Pair) -> None:
    talk = pair.connect()
    done = pair.carry()
    demand_there(pair)
    assert [entry["do"] for entry in talk.asked] == ["compare", "start"]
    assert not talk.open
    assert (done["equal"], done["handed_over"], done["started"], done["why_not"]) == (True, True, True, "")
    assert done["stood_still_seconds"] >= 0
    assert set(done["seconds_of"]) == {"get_ready", "freeze", "stop", "copy", "manifests", "compare", "start"}
    # manifests that are known to be equal are not sent
    assert pair.source.copies == ["target:shop_data/"]
    assert (done["journal"]["intent"], done["diff"]["after"]["intent"]) == ("started", "started")


BREAKS: list[tuple[str, Json, dict[str, t.Any]]] = [
    ("nobody waits", {}, {"equal": None, "handed_over": False, "started": False}),
    ("compare is not heard", {"cut": ["compare"]}, {"equal": None, "handed_over": False, "started": False}),
    ("its answer is not heard", {"lost": ["compare"]}, {"equal": None, "handed_over": False, "started": False}),
    ("start is not heard", {"cut": ["start"]}, {"equal": True, "handed_over": True, "started": False}),
    ("that it started is not heard", {"lost": ["start"]}, {"equal": True, "handed_over": True, "started": False}),
]


@pytest.mark.parametrize(("faults", "told"), [case[1:] for case in BREAKS], ids=[case[0] for case in BREAKS])
def test_wherever_the_conversation_breaks_the_next_runs_go_on(pair: Pair, faults: Json, told: Json) -> None:
    if faults:
        pair.connect(**faults)
    done = pair.carry()
    assert {name: done[name] for name in told} == told
    assert done["why_not"]
    assert pair.source.journal.phase == "frozen"
    assert not (pair.source.lives and pair.target.lives)
    # the target starts only what the source has handed over by its journal
    assert not pair.target.lives or pair.source.journal.intent == "started"
    pair.go_on()
    demand_there(pair)


@pytest.mark.parametrize("word", ["cut", "lost"])
def test_a_conversation_that_was_cut_off_by_the_copy_is_begun_again(pair: Pair, word: str) -> None:
    pair.connect(**{word: ["compare"]})
    pair.connect()
    done = pair.carry()
    assert done["started"]
    demand_there(pair)


def test_a_target_that_has_something_else_neither_notes_it_nor_starts(pair: Pair) -> None:
    talk = pair.connect()
    pair.source.other = None  # nothing arrives
    done = pair.carry()
    assert (done["equal"], done["handed_over"], done["why_not"]) == (False, False, "")
    assert [entry["do"] for entry in talk.asked] == ["compare"]
    assert (pair.target.journal.phase, pair.source.journal.reached) == ("planned", journals.rank("frozen"))
    # the next run says what differs, so it gets the manifests
    assert pair.source.copies[-1] == "target:.manifests/"
    assert not pair.target.lives


def test_what_is_not_on_the_targets_disk_is_not_handed_over(pair: Pair) -> None:
    pair.connect()
    pair.target.commands[("sync",)] = (1, "", "Input/output error")
    done = pair.carry()
    assert (done["equal"], done["handed_over"]) == (None, False)
    assert "Input/output error" in done["why_not"]
    assert (pair.target.journal.phase, pair.target.lives) == ("planned", False)


def test_what_can_not_be_copied_is_not_handed_over(pair: Pair) -> None:
    talk = pair.connect()
    pair.source.fails_to_copy = True
    with pytest.raises(HostError, match="free space"):
        pair.carry()
    assert not talk.open
    assert not talk.asked
    assert (pair.source.journal.phase, pair.target.lives) == ("frozen", False)


def taken_over(host: Host) -> None:
    Store(host).write(take_lease(host.journal, "other", 0, 60, ["*"]))


def rolled_back(host: Host) -> None:
    Store(host).write(journals.roll_back(host.journal, 1))


@pytest.mark.parametrize("change", [taken_over, rolled_back])
@pytest.mark.parametrize("before", ["compare", "start"])
def test_one_who_waits_for_a_run_that_is_over_does_nothing(
    pair: Pair, change: t.Callable[[Host], None], before: str
) -> None:
    one = waiting(pair.target)
    pair.target.files["/v/a"] = b"2"
    digests = _cutover.digests(pair.target, FILES, one.volumes, {"shop_data": "/v"})
    if before == "start":
        assert one.answer({"do": "compare", "manifests": digests})["equal"]
    listener: t.Any = Listener()
    assert one.is_wanted(listener)
    change(pair.target)
    asked = {"do": before, "manifests": digests}
    assert "error" in one.answer(asked)
    assert not one.is_wanted(listener)
    assert (pair.target.lives, one.through) == (False, False)


def test_the_source_does_not_hand_over_once_another_run_has_taken_the_move_over(pair: Pair) -> None:
    answer = waiting(pair.target).answer

    def taking_over(asked: Json) -> Json:
        told = answer(asked)
        taken_over(pair.source)
        return told

    pair.source.talks.append(FakeTalk(taking_over))
    with pytest.raises(MoveRefusedError, match="was taken over"):
        pair.carry()
    assert pair.source.journal.reached == journals.rank("frozen")
    assert not pair.target.lives


def test_what_was_not_compared_is_not_started(pair: Pair) -> None:
    one = waiting(pair.target)
    assert "before final_delta" in one.answer({"do": "start"})["error"]
    assert "not known here" in one.answer({"do": "else"})["error"]
    assert one.answer({"do": "compare", "manifests": None})["equal"] is False
    assert one.answer({"do": "compare"})["equal"] is False
    assert pair.target.journal.phase == "planned"


def test_it_ends_with_what_it_waits_for(pair: Pair) -> None:
    one, listener = waiting(pair.target), Listener(there=False)
    one.serve(t.cast("t.Any", listener))
    assert listener.closed  # its folder is gone
    pair.target.engine.failures["wake", ""] = "gone"
    one, listener = waiting(pair.target), Listener()
    accept = listener.accept

    def accept_until(_seconds: float) -> t.Any:
        pair.target.sleep(2)
        return accept(2)

    listener.accept = accept_until  # type: ignore[method-assign]
    one.serve(t.cast("t.Any", listener))
    assert 60 <= pair.target.monotonic() < 65  # nobody has come


class Asking:
    """A source that asks for what it is told to, and looks at something whenever it is answered."""

    def __init__(self, look: t.Callable[[], int], *asked: t.Optional[Json]) -> None:
        self.look, self.asked, self.open = look, list(asked), True
        self.said: list[Json] = []
        self.seen: list[int] = []

    def say(self, document: Json) -> None:
        self.said.append(document)
        self.seen.append(self.look())

    def hear(self, _seconds: float) -> t.Optional[Json]:
        if not self.asked:
            raise TalkEndedError("gone")
        return self.asked.pop(0)

    def close(self) -> str:
        self.open = False
        return ""


def test_what_there_is_to_be_started_is_known_by_then(pair: Pair) -> None:
    _move_waiting.make_ready(pair.target, pair.target.engine, WRITER, 5, lambda: 1.0, False)  # type: ignore[arg-type]
    assert [body["State"]["Status"] for body in pair.target.engine.by_name.values()] == ["created", "created"]
    pair.target.files["/v/a"] = b"2"
    one = waiting(pair.target)
    digests = _cutover.digests(pair.target, FILES, one.volumes, {"shop_data": "/v"})
    engine, listed = pair.target.engine, []
    containers = engine.containers
    engine.containers = lambda: (listed.append(1), containers())[1]  # type: ignore[method-assign]
    gone = Asking(lambda: len(listed))
    asking = Asking(lambda: len(listed), None, {"do": "compare", "manifests": digests}, {"do": "start"})
    one.serve(t.cast("t.Any", Listener([gone, asking])))
    assert asking.said[0] == {"ready": True}
    assert [next(iter(entry)) for entry in asking.said] == ["ready", "equal", "started"]
    assert asking.said[2]["actions"] == ["start_container shop-db-1", "start_container shop-web-1"]
    assert (one.through, gone.open, asking.open, pair.target.lives) == (True, False, False, True)
    # the engine is asked before the first talk, and for none of what comes after it
    assert len({*gone.seen, *asking.seen}) == 1


def test_one_who_comes_anew_takes_the_place_of_one_who_is_silent(pair: Pair) -> None:
    """Its connection may have been cut without a word, and the source has begun another one."""
    pair.target.files["/v/a"] = b"2"
    one = waiting(pair.target)
    digests = _cutover.digests(pair.target, FILES, one.volumes, {"shop_data": "/v"})
    silent = Asking(lambda: 0, *[None] * 1000)
    again = Asking(lambda: 0, {"do": "compare", "manifests": digests}, {"do": "start"})
    listener = Listener([silent])
    heard = silent.hear

    def hear(seconds: float) -> t.Optional[Json]:
        if len(silent.asked) == 997:
            listener.talks.append(again)
        return heard(seconds)

    silent.hear = hear  # type: ignore[method-assign]
    one.serve(t.cast("t.Any", listener))
    assert one.through
    assert (silent.open, len(silent.asked)) == (False, 996)
    assert [next(iter(entry)) for entry in again.said] == ["ready", "equal", "started"]


def test_a_start_that_fails_is_told_and_not_tried_again_from_an_old_plan(pair: Pair) -> None:
    one = waiting(pair.target)
    pair.target.files["/v/a"] = b"2"
    one.answer({"do": "compare", "manifests": _cutover.digests(pair.target, FILES, one.volumes, {"shop_data": "/v"})})
    pair.target.engine.failures["start_container", "shop-web-1"] = "port is already allocated"
    assert "port is already allocated" in one.answer({"do": "start"})["error"]
    assert pair.target.journal.intent == "started"
    assert not one.is_wanted(t.cast("t.Any", Listener()))
    del pair.target.engine.failures["start_container", "shop-web-1"]
    pair.step(pair.target, "start")
    assert pair.target.lives
