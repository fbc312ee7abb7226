# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""How much a move would send and for how long the workload would stand still, from what was measured. Pure.

Rounds follow :mod:`rounds`: each sends what was written while the one before it ran, so each is the last one times the
ratio of the rates.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._move import layers, rounds
from ansible_collections.anycloud.container_host.plugins.module_utils._move.verdict_codes import COLD, PRECOPY
from ansible_collections.anycloud.container_host.plugins.module_utils._move.verdict_facts import Facts, Finding

MAX_ROUNDS = 8


@dataclass(frozen=True)
class Estimate:
    """volume_bytes: what the volumes take. image_bytes: the layers the target lacks, not compressed, so at most that.
    total_bytes: all that is sent, None while a rate is not known. rounds: of pre-copy. downtime_ms: how long
    the last copy takes, stopping and starting included where known; None while not known. unknown: the inputs that were
    not given.
    """

    rung: str
    volume_bytes: int
    image_bytes: int
    total_bytes: t.Optional[int]
    rounds: int
    downtime_ms: t.Optional[int]
    unknown: tuple[str, ...]

    def as_dict(self) -> dict[str, t.Any]:
        """As plain values."""
        return {
            "rung": self.rung,
            "volume_bytes": self.volume_bytes,
            "image_bytes": self.image_bytes,
            "total_bytes": self.total_bytes,
            "rounds": self.rounds,
            "downtime_ms": self.downtime_ms,
            "unknown": list(self.unknown),
        }


def missing_images(facts: Facts) -> list[t.Mapping[str, t.Any]]:
    """The source's images whose id the target has under no name asked for, each once."""
    there = {image["id"] for image in facts.target.images.values() if image["exists"]}
    lacking = {image["id"]: image for image in facts.source.images.values() if image["exists"]}
    return [image for key, image in lacking.items() if key not in there]


def lacking_bytes(facts: Facts) -> tuple[int, int]:
    """What the target lacks of images, not compressed, and the largest layer of that; at most."""
    return layers.lacking_bytes(missing_images(facts), layers.Held(chains=facts.target.chains))


def outpaced(facts: Facts) -> bool:
    """Whether rounds would not shrink: the workload writes about as fast as the link takes."""
    link, changed = facts.wishes.link_bytes_per_second, facts.wishes.changed_bytes_per_second
    return bool(link) and changed is not None and changed >= rounds.SHRINKS * (link or 0)


def estimate(facts: Facts, rung: str) -> Estimate:
    """The estimate for a rung. A rate of 0 for the link counts as not known."""
    wishes = facts.wishes
    volumes = sum(entry["allocated_bytes"] for entry in facts.source.volumes.values() if entry["exists"])
    images, _largest = lacking_bytes(facts)
    link = wishes.link_bytes_per_second or None
    needed = {
        "link_bytes_per_second": link if volumes else 0,
        "changed_bytes_per_second": wishes.changed_bytes_per_second if volumes and rung == PRECOPY else 0,
        "restart_ms": wishes.restart_ms,
    }
    unknown = tuple(name for name, value in needed.items() if value is None)
    if {"link_bytes_per_second", "changed_bytes_per_second"} & set(unknown):
        return Estimate(rung, volumes, images, None, 0, None, unknown)
    restart_ms = wishes.restart_ms or 0
    if not volumes or link is None:
        return Estimate(rung, volumes, images, volumes + images, 0, restart_ms, unknown)
    if rung == COLD:
        return Estimate(rung, volumes, images, volumes + images, 0, round(1000 * volumes / link) + restart_ms, unknown)
    ratio = (wishes.changed_bytes_per_second or 0) / link
    sent, last, count = float(volumes), float(volumes), 1
    while count < MAX_ROUNDS and ratio < rounds.SHRINKS and last * ratio >= 1:
        fits = wishes.downtime_budget_ms and count > 1
        if fits and 1000 * last * ratio / link + restart_ms <= wishes.downtime_budget_ms:
            break
        last *= ratio
        sent += last
        count += 1
    final = last * ratio
    downtime_ms = round(1000 * final / link) + restart_ms
    return Estimate(rung, volumes, images, round(sent + final) + images, count, downtime_ms, unknown)


def pace(facts: Facts) -> t.Iterator[Finding]:
    """A finding where copying ahead would gain nothing."""
    if outpaced(facts) and facts.source.volumes:
        wishes = facts.wishes
        yield facts.finding("changes_outpace_link", wishes.changed_bytes_per_second, wishes.link_bytes_per_second)


def budget(facts: Facts, made: Estimate) -> t.Iterator[Finding]:
    """Findings about the budget; none without one."""
    allowed = facts.wishes.downtime_budget_ms
    if not allowed:
        return
    if made.downtime_ms is None and made.rung == PRECOPY:
        # What the role holds the rounds against, once they have measured it.
        yield facts.finding("budget_measured", list(made.unknown), f"{allowed} ms")
    elif made.downtime_ms is None:
        subject = " and ".join(f"move_{name}" for name in made.unknown if name != "restart_ms")
        yield facts.finding("budget_unknown", list(made.unknown), f"{allowed} ms", subject=subject)
    elif made.downtime_ms > allowed:
        yield facts.finding("over_budget", f"{made.downtime_ms} ms", f"{allowed} ms", subject=made.downtime_ms)
