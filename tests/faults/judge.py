# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges what was seen after a move: one live copy, every acknowledged record once, and nothing left behind. Pure."""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import asdict, dataclass, field

SOURCE, TARGET = "source", "target"
SIDES = (SOURCE, TARGET)
OTHER = {SOURCE: TARGET, TARGET: SOURCE}
UNFINISHED = ("active", "rolling_back")
SHOWN = 10

Json = t.Mapping[str, t.Any]


@dataclass
class Verdict:
    """What was seen. live: the side the workload lives on, "" for none or both. recovered: by which run. problems: what
    is wrong, a sentence each; none when all is well.
    """

    live: str = ""
    recovered: str = ""
    lost: list[int] = field(default_factory=list)
    doubled: list[int] = field(default_factory=list)
    acknowledged: int = 0
    unanswered: int = 0
    longest_silence_seconds: float = 0
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def as_dict(self) -> dict[str, t.Any]:
        """As plain values."""
        return {"ok": self.ok, **asdict(self)}


def shown(values: t.Sequence[t.Any]) -> str:
    """The first few of many."""
    text = ", ".join(str(value) for value in values[:SHOWN])
    return f"{text} and {len(values) - SHOWN} more" if len(values) > SHOWN else text


def judge(client: Json, hosts: t.Mapping[str, Json], runs: t.Sequence[Json] = (), injected: t.Optional[Json] = None,
          ) -> Verdict:  # fmt: skip
    """The verdict over one move.

    client: what client.py wrote. hosts: side -> what host.py observed, after all runs. runs: in their order, each with
    ``rc``, ``changed``, ``name`` and ``counts`` (false for one of which nothing is demanded). injected: ``seen`` (whether the fault took place) and ``why``; None for a move
    without a fault.
    """
    verdict = Verdict(
        acknowledged=len(client["acknowledged"]),
        unanswered=len(client["unanswered"]),
        longest_silence_seconds=round(client["longest_silence_seconds"], 1),
    )
    verdict.live = _live(hosts, verdict.problems)
    if injected is not None and not injected["seen"]:
        verdict.problems.append(f"the fault did not take place: {injected['why']}")
    verdict.recovered = _recovered(runs, verdict.problems)
    _records(client, hosts, verdict)
    _journals(hosts, verdict)
    _boots(hosts, verdict)
    for side in SIDES:
        _left(side, hosts[side], verdict.live == side, verdict.problems)
    return verdict


def _running(host: Json) -> list[str]:
    return [container["name"] for container in host["containers"] if container["running"]]


def _live(hosts: t.Mapping[str, Json], problems: list[str]) -> str:
    running = {side: _running(hosts[side]) for side in SIDES if _running(hosts[side])}
    if len(running) == 1:
        return next(iter(running))
    if running:
        both = "; ".join(f"{side}: {shown(names)}" for side, names in running.items())
        problems.append(f"two copies live: {both}")
    else:
        problems.append("no copy lives on either host")
    return ""


def _recovered(runs: t.Sequence[Json], problems: list[str]) -> str:
    """Which run finished the move. A run after that has to find it there and change nothing."""
    if not runs:
        return ""
    done = next((index for index, run in enumerate(runs) if run["rc"] == 0 and run.get("counts", True)), None)
    if done is None:
        words = ", ".join(f"{run['name']} ended with {run['rc']}" for run in runs)
        problems.append(f"no run finished the move: {words}")
        return "not at all"
    for run in runs[done + 1 :]:
        if not run.get("counts", True):
            continue  # of a second control node: it is refused, or finds the move done
        if run["rc"] != 0:
            problems.append(f"{run['name']}, after the move was finished, ended with {run['rc']}")
        elif run["changed"]:
            problems.append(f"{run['name']}, after the move was finished, changed {run['changed']} more")
    return "by itself" if done == 0 else f"by run {done + 1}"


def _records(client: Json, hosts: t.Mapping[str, Json], verdict: Verdict) -> None:
    problems = verdict.problems
    if client["two_alive"]:
        problems.append(f"two copies answered at {shown([round(at, 1) for at in client['two_alive']])}")
    if client["odd"]:
        problems.append(f"answers that fit no question: {shown(client['odd'])}")
    if not client.get("answers_at_the_end", True):
        problems.append("the workload did not answer after the move")
    if not client["acknowledged"]:
        problems.append("the client was not answered once, so nothing was shown")
    if not verdict.live:
        return
    volume = hosts[verdict.live]["volume"]
    if volume is None:
        problems.append(f"the live copy on the {verdict.live} has no volume")
        return
    numbers = volume["numbers"]
    verdict.lost = sorted(set(client["acknowledged"]) - set(numbers))
    verdict.doubled = sorted(number for number, times in Counter(numbers).items() if times > 1)
    strangers = sorted(set(numbers) - set(client["acknowledged"]) - set(client["unanswered"]))
    if verdict.lost:
        problems.append(f"{len(verdict.lost)} acknowledged records are lost: {shown(verdict.lost)}")
    if verdict.doubled:
        problems.append(f"{len(verdict.doubled)} records are there twice: {shown(verdict.doubled)}")
    if strangers:
        problems.append(f"{len(strangers)} records nobody asked for: {shown(strangers)}")
    if not volume["ballast_whole"]:
        problems.append(f"the large file on the {verdict.live} is not as it was made")
    kept = hosts[OTHER[verdict.live]]["volume"]
    # What is kept elsewhere ended before the live one went on, so it is its beginning.
    if kept is not None and kept["numbers"] != numbers[: len(kept["numbers"])]:
        beyond = [number for number in kept["numbers"] if number not in set(numbers)]
        problems.append(f"the kept copy has records the live one hasn't: {shown(beyond) or 'in another order'}")


def _journals(hosts: t.Mapping[str, Json], verdict: Verdict) -> None:
    problems = verdict.problems
    for side in SIDES:
        for journal in hosts[side]["journals"]:
            if journal["outcome"] in UNFINISHED:
                problems.append(
                    f"the move {journal['id']} is {journal['outcome']} on the {side}, after {journal['phase']}"
                    f"{', in ' + journal['intent'] if journal['intent'] else ''}, held by {journal['lease']['holder']}"
                )
    last = {side: hosts[side]["journals"][-1]["outcome"] if hosts[side]["journals"] else "" for side in SIDES}
    # A target that was never reached has no journal of a move that was rolled back.
    right = {TARGET: {("released", "released")}, SOURCE: {("rolled_back", "rolled_back"), ("rolled_back", "")}}
    found = (last[SOURCE], last[TARGET])
    if verdict.live and found not in right[verdict.live]:
        problems.append(
            f"the workload lives on the {verdict.live}, and the journals say {found[0] or 'nothing'} on the source, "
            f"{found[1] or 'nothing'} on the target"
        )


def _boots(hosts: t.Mapping[str, Json], verdict: Verdict) -> None:
    back = [side for side in SIDES if hosts[side]["comes_back"]]
    if verdict.live and back != [verdict.live]:
        words = " and ".join(f"the {side}" for side in back) or "none of them"
        verdict.problems.append(f"the workload lives on the {verdict.live}, and {words} would start it at boot")


def _left(side: str, host: Json, lives_here: bool, problems: list[str]) -> None:
    names = (("keys", "keys let in"), ("left", "files are left"), ("processes", "processes still run"))
    problems += [f"on the {side} {words}: {shown(host[name])}" for name, words in names if host[name]]
    fence = host["fence"]
    if lives_here and fence:
        problems.append(f"the copy on the {side} lives and is fenced by {fence}")
    if lives_here and not host["defined"]:
        problems.append(f"the copy on the {side} lives and its definition is not kept")
    if lives_here or side == TARGET:
        if not lives_here:
            _gone(host, problems)
        return
    if not fence:
        problems.append("the copy kept on the source is not fenced")


def _gone(host: Json, problems: list[str]) -> None:
    """A target that does not run the workload has nothing of it."""
    if host["containers"]:
        problems.append(f"on the target containers are left: {shown([entry['name'] for entry in host['containers']])}")
    if host["volume"] is not None:
        problems.append("on the target the volume is left")
    if host["fence"]:
        problems.append(f"on the target a fence is left: {host['fence']}")
    if host["defined"]:
        problems.append("on the target the definition is left")


# What a fault's log has to show of it: a word, and a number that must not be 0.
EVIDENCE: dict[str, tuple[str, str]] = {
    "control_cut": ("whole again", "dropped"),
    "peer_cut": ("whole again", "dropped"),
    "bad_link": ("good link", "dropped"),
    "disk_full": ("disk full", ""),
    "engine_kill": ("killed", ""),
    "bit_flip": ("flipped", ""),
    # It has to have come as far as to read the journals.
    "second_control": ("second run", "action"),
}


def evidence(act: str, reached: bool, alive: bool, log: t.Sequence[Json]) -> dict[str, t.Any]:
    """Whether a fault took place: a move that was never disturbed proves nothing.

    reached: whether the phase was seen under way. alive: whether the run still was when the fault came. log: what the
    fault left word of on its host.
    """
    if not reached or not alive:
        why = "the phase was over before it was seen" if not alive else "the phase was not reached in time"
        return {"seen": False, "why": why}
    if act not in EVIDENCE:
        return {"seen": True, "why": ""}
    word, number = EVIDENCE[act]
    if any(entry["what"] == word and (not number or entry.get(number)) for entry in log):
        return {"seen": True, "why": ""}
    return {"seen": False, "why": f"its log on the host has {shown([dict(entry) for entry in log]) or 'nothing'}"}
