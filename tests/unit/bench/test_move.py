# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the benchmarks of moves make of what they saw."""

from __future__ import annotations

import typing as t

import move
import move_many
import pytest
from support import move_hosts
from support.move_hosts import MOVE, HandsError, Hosts, MeasuredError, Taken, definition, judge, parts_in

if t.TYPE_CHECKING:
    from pathlib import Path

CLIENT: dict[str, t.Any] = {
    "acknowledged": [1, 2], "by_address": {"source": 1, "target": 1}, "longest_silence_seconds": 4.321, "two_alive": [],
}  # fmt: skip


def test_the_ratio_is_that_of_the_medians() -> None:
    taken = {
        "move": [Taken(2.0, 100, 50), Taken(9.0, 120, 60), Taken(4.0, 110, 70)],
        "plain": [Taken(60.0, 62, 5), Taken(40.0, 42, 5), Taken(20.0, 22, 5)],
    }
    goals, figures = move.outcome(taken)
    assert (goals[0].value, goals[0].met) == (10.0, True)
    assert figures["arms"]["move"]["silence_seconds"] == {"min": 2.0, "median": 4.0}
    assert figures["arms"]["plain"]["acknowledged"] == 15
    taken["move"][2] = Taken(4.1, 110, 70)
    assert not move.outcome(taken)[0][0].met


LOG = """
TASK [anycloud.container_host.move : Report | Tell] ****************************
ok: [localhost] =>
    move_report:
        downtime_ms: 9000
        rung: precopy
        seconds_of:
            compare: 0.021
            copy: 0.208
            freeze: 3.5
            manifests: 0.016
            start: '0.5'
            stop: 1.1
        stood_still_ms: 1890
        volumes_equal: true
"""


def test_where_the_time_of_a_move_went() -> None:
    parts = parts_in(LOG)
    assert parts == {
        "stop": 1.1,
        "copy": 0.208,
        "manifests": 0.016,
        "compare": 0.021,
        "start": 0.5,
        "stood_still": 1.89,
    }
    assert parts_in("start: 3") == {}
    taken = {"move": [Taken(2.0, 9, 5, parts), Taken(2.0, 9, 5)], "plain": [Taken(20.0, 9, 5)]}
    arms = move.outcome(taken)[1]["arms"]
    assert arms["move"]["parts_seconds"]["stop"] == {"min": 1.1, "median": 1.1}
    assert "parts_seconds" not in arms["plain"]


def test_a_way_that_kept_everything() -> None:
    assert judge(CLIENT, "[1]\n[2]\n[3]\n", 77.77) == Taken(4.32, 77.8, 2)


@pytest.mark.parametrize(
    ("client", "records", "words"),
    [
        ({}, "[2]\n", "1 lost: \\[1\\]"),
        ({}, "[1]\n[1]\n[2]\n", "1 doubled: \\[1\\]"),
        ({"acknowledged": []}, "", "nothing was acknowledged"),
        ({"by_address": {"source": 2}}, "[1]\n[2]\n", "nothing was acknowledged at the target"),
        ({"two_alive": [1.0]}, "[1]\n[2]\n", "two copies answered"),
    ],
)
def test_a_way_that_did_not_measures_nothing(client: dict[str, t.Any], records: str, words: str) -> None:
    with pytest.raises(MeasuredError, match=words):
        judge({**CLIENT, **client}, records, 1)


def test_each_arm_goes_in_each_direction_equally_often() -> None:
    runs = move_many.order(4)
    assert [side for _arm, side in runs] == ["source", "target"] * 4
    for side in ("source", "target"):
        arms = [arm for arm, begins in runs if begins == side]
        assert sorted(arms) == [move_many.ALL, move_many.ALL, move_many.ONE, move_many.ONE]


def test_many_at_once() -> None:
    goals, figures = move_many.outcome({move_many.ONE: [30, 20], move_many.ALL: [10, 15]}, 10)
    assert (goals[0].value, goals[0].met) == (2.0, True)
    assert figures["workloads"] == 10


def test_the_writer_of_a_benchmark() -> None:
    assert definition(0)["services"]["writer"]["ports"] == []
    made = definition(8080)["services"]["writer"]
    assert (made["ports"], made["environment"]) == (["8080:8080"], {"BALLAST_MIB": "1"})
    assert not any("bandwidth" in name for name in MOVE), "neither arm is held back"


class FakeClient:
    """The client, which is answered, unless nobody is there."""

    stopped = 0
    answered = True

    def __init__(self, addresses: dict[str, str], _folder: Path) -> None:
        assert set(addresses) == {"source", "target"}

    def wait_for_more(self, _count: int, _seconds: float) -> bool:
        return self.answered

    def known(self) -> dict[str, t.Any]:
        return CLIENT

    def stop(self) -> None:
        FakeClient.stopped += 1


@pytest.fixture
def hosts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Hosts:
    """Two hosts of which only the playbooks are noted; one of the name in ``failing`` fails."""
    monkeypatch.setattr(move_hosts, "read_inventory", lambda _path: {"a": {}, "b": {"ansible_user": "admin"}})
    monkeypatch.setattr(move_hosts, "ClientProcess", FakeClient)
    monkeypatch.setattr(FakeClient, "stopped", 0)
    made = Hosts(tmp_path / "inventory.yml", "a", "b", tmp_path / "output")
    played: list[tuple[str, dict[str, t.Any]]] = []

    def play(playbook: str, log: str, **values: t.Any) -> float:
        played.append((playbook, values))
        (made.output / f"{log}.log").write_text(LOG)
        if "bench_records" in values:
            (made.output / log.replace("-finish", "") / "records").write_text("[1]\n[2]\n")
        if playbook in vars(made)["failing"]:
            raise HandsError(f"{playbook} failed")
        return 60.0

    monkeypatch.setattr(made, "play", play)
    vars(made).update(played=played, failing=set())
    return made


def names_of(hosts: Hosts) -> list[str]:
    return [playbook for playbook, _values in vars(hosts)["played"]]


@pytest.mark.parametrize(("arm", "way"), [("move", "move"), ("plain", "move_plain")])
def test_what_went_over_is_removed_once(hosts: Hosts, arm: str, way: str) -> None:
    assert hosts.carry(arm, 8).seconds == 60.0
    assert names_of(hosts) == ["move_prepare", way, "move_finish"]
    assert FakeClient.stopped == 1


@pytest.mark.parametrize("failing", ["move_prepare", "move_plain", "move_finish"])
def test_a_way_that_fails_leaves_nothing(hosts: Hosts, failing: str, capsys: pytest.CaptureFixture[str]) -> None:
    vars(hosts)["failing"].update([failing, "move_sweep"])
    with pytest.raises(HandsError, match=f"{failing} failed"):
        hosts.carry("plain", 8)
    playbook, values = vars(hosts)["played"][-1]
    assert playbook == "move_sweep"
    assert values["bench_projects"] == [vars(hosts)["played"][0][1]["bench_project"]]
    assert FakeClient.stopped == (failing != "move_prepare")
    assert "Not all could be removed from the hosts: move_sweep failed" in capsys.readouterr().err


def test_a_client_that_hears_nothing_ends_the_run(hosts: Hosts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeClient, "answered", False)
    with pytest.raises(MeasuredError, match="does not answer before"):
        hosts.carry("move", 8)
    assert (names_of(hosts), FakeClient.stopped) == (["move_prepare", "move_sweep"], 1)


def test_many_begin_alike_each_time(hosts: Hosts) -> None:
    taken = move_many.measure(hosts, ["x", "y"], 2)
    assert {arm: len(seconds) for arm, seconds in taken.items()} == {move_many.ONE: 2, move_many.ALL: 2}
    played = vars(hosts)["played"]
    assert names_of(hosts) == ["move_many", "move_many", *["move_many_clean", "move_many"] * 4]
    assert [values["bench_to"] for _name, values in played[2::2]] == ["b", "a", "b", "a"]
    counted = [values for _name, values in played[3::2]]
    assert [values["move_parallel"] for values in counted] == [1, 2, 2, 1]
    assert [values["move_many"][1]["target"] for values in counted] == ["b", "a", "b", "a"]
    assert [len(values["move_many"]) for _name, values in played[:2]] == [1, 1]
