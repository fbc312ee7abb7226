# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways of sending data, and what they come to: what was sent over what had to be, and how long that took."""

from __future__ import annotations

import statistics
import typing as t
from dataclasses import dataclass, field

from support.measure import spread
from support.move_world import MoveWorld, Sent


@dataclass
class Arm:
    """One way of sending one thing, as often as it was done. had_to: bytes that had to move; what was sent for them."""

    had_to: list[int] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)

    def add(self, sent: Sent, had_to: int) -> None:
        """It was done once more."""
        self.sent.append(sent)
        self.had_to.append(had_to)

    def payload_ratio(self) -> float:
        """The median of what was sent over what had to be, without the headers of TCP and IP."""
        return statistics.median(sent.payload_bytes / had_to for sent, had_to in zip(self.sent, self.had_to))

    def figures(self) -> dict[str, t.Any]:
        """For the proof and the page made of it."""
        wire = spread((sent.wire_bytes / had_to for sent, had_to in zip(self.sent, self.had_to)), 4)
        payload = spread((sent.payload_bytes / had_to for sent, had_to in zip(self.sent, self.had_to)), 4)
        return {
            "wire_over_needed": wire,
            **({"payload_over_needed": payload} if payload != wire else {}),
            "seconds": spread((sent.seconds for sent in self.sent), 2),
        }


def plain_over_move(plain: Arm, move: Arm) -> float:
    """The seconds of the plain way over those of the move, medians: more than 1 where the move is quicker."""
    seconds = [statistics.median(sent.seconds for sent in arm.sent) for arm in (plain, move)]
    return round(seconds[0] / seconds[1], 2)


class Arms:
    """The arms of a run, by name, as they are taken."""

    def __init__(self, world: MoveWorld) -> None:
        self.world = world
        self.arms: dict[str, Arm] = {}

    def take(
        self,
        name: str,
        action: t.Callable[[], t.Any],
        needed: t.Optional[int] = None,
        is_equal: t.Optional[t.Callable[[], bool]] = None,
    ) -> int:
        """Send something; returns how many bytes had to move. Raises SystemExit when it did not arrive whole.

        needed: how many those were; without it, the action answers that.
        """
        answer, sent = self.world.counted(action)
        if is_equal and not is_equal():
            raise SystemExit(f"{name}: the copy differs, so this measured something else")
        needed = int(answer) if needed is None else needed
        self.arms.setdefault(name, Arm()).add(sent, needed)
        wire, payload = sent.wire_bytes / needed, sent.payload_bytes / needed
        headers = f", {wire:.4f} with headers" if wire != payload else ""
        print(f"  {name}: {payload:.4f}{headers} ({sent.seconds:.2f} s)", flush=True)
        return needed
