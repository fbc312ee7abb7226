# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""When to stop copying a volume in use and stand still for the rest: rounds of pre-copy, as values. Pure.

Each round sends what was written while the one before it ran. So a round is as large as its predecessor was long, and
rounds shrink as long as the workload writes slower than the wire takes.
"""

from __future__ import annotations

import typing as t
from dataclasses import asdict, dataclass

FITS = "fits"
UNCHANGED = "unchanged"
NOT_SHRINKING = "not_shrinking"
MAX_ROUNDS = "max_rounds"
SHRINKS = 0.8
"""A round that is no smaller than this part of the one before it is no progress worth another one."""

RATE_COUNTS_FROM_BYTES = 1 << 20
"""Less than this tells how long a round trip takes, not how fast the wire is."""


@dataclass(frozen=True)
class Round:
    """One round, all volumes together. moved_bytes: content that had to be sent; wire_bytes: what was, both ways.

    changed_files: all that was made, changed or deleted, attributes alone included.
    """

    wire_bytes: int
    moved_bytes: int
    total_bytes: int
    changed_files: int
    seconds: float
    attempts: int = 1

    def as_dict(self) -> dict[str, t.Any]:
        """As plain values for a module's result."""
        return {
            "wire_bytes": self.wire_bytes,
            "moved_bytes": self.moved_bytes,
            "total_bytes": self.total_bytes,
            "changed_files": self.changed_files,
            "seconds": round(self.seconds, 3),
            "attempts": self.attempts,
        }


@dataclass(frozen=True)
class Estimate:
    """What a further round would take, and what rounds have measured. None: not known.

    link_bytes_per_second: what went over the wire. changed_bytes_per_second: what the workload has written meanwhile.
    """

    bytes: int
    milliseconds: t.Optional[int]
    link_bytes_per_second: t.Optional[int] = None
    changed_bytes_per_second: t.Optional[int] = None

    def as_dict(self) -> dict[str, t.Any]:
        """As plain values for a module's result."""
        return asdict(self)


def bytes_per_second(rounds: t.Sequence[Round]) -> float:
    """The best rate of the rounds: a small one tells how long looking takes, not how fast the wire is."""
    return max((entry.wire_bytes / entry.seconds for entry in rounds if entry.seconds > 0), default=0.0)


def estimate(rounds: t.Sequence[Round]) -> Estimate:
    """The next round, from those before it.

    It has what is written while the last one ran, at the pace at which the last one's content was written while the one
    before it ran; with one round alone nothing is known of the pace, and it counts as large again. Looking through the
    files takes what the last round took beside its bytes.
    """
    if not rounds:
        return Estimate(0, None)
    last = rounds[-1]
    rate = bytes_per_second(rounds)
    expected, changed = float(last.wire_bytes), None
    if len(rounds) > 1 and rounds[-2].seconds > 0:
        expected = last.wire_bytes * min(1.0, last.seconds / rounds[-2].seconds)
        changed = round(last.moved_bytes / rounds[-2].seconds)
    large = [entry for entry in rounds if entry.wire_bytes >= RATE_COUNTS_FROM_BYTES]
    looking_seconds = max(0.0, last.seconds - last.wire_bytes / rate) if rate else last.seconds
    seconds = looking_seconds + (expected / rate if rate else 0.0)
    return Estimate(round(expected), round(1000 * seconds), round(bytes_per_second(large)) or None, changed)


def stop(rounds: t.Sequence[Round], budget_ms: int, max_rounds: int) -> str:
    """Why no further round is to be made: one of the names above, or empty when one is. Without rounds, one is."""
    if not rounds:
        return ""
    last = rounds[-1]
    expected = estimate(rounds).milliseconds
    # The first round's estimate says "as much again": it may only end the rounds by there being nothing.
    if budget_ms and len(rounds) > 1 and expected is not None and expected <= budget_ms:
        return FITS
    if last.moved_bytes == 0 and last.changed_files == 0:
        return UNCHANGED
    if len(rounds) >= max_rounds:
        return MAX_ROUNDS
    if len(rounds) > 1 and last.wire_bytes >= SHRINKS * rounds[-2].wire_bytes:
        return NOT_SHRINKING
    return ""


def worth_compressing(rate_bytes_per_second: float, compressor_bytes_per_second: float = 60e6) -> bool:
    """Whether a wire is slow enough for compression to pay: zstd at rsync's level does this much on a small machine.

    Where the wire is quicker than the compressor, compressing makes the move longer, whatever it saves.
    """
    return 0 < rate_bytes_per_second < compressor_bytes_per_second
