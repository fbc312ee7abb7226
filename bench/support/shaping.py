# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a link does to packets: how long each is under way, which are lost. Times come in as values, nothing is read."""

from __future__ import annotations

import argparse
import collections
import random
import typing as t
from dataclasses import dataclass

BURST_BYTES = 16384
"""What an idle line may have saved up. It makes up for packets that were read late because the machine was busy."""

LEAST_QUEUE_BYTES = 65536
TCP = 6


@dataclass(frozen=True)
class Shape:
    """A link, each direction alike. Raises ValueError for what can't be one."""

    round_trip_ms: float = 50
    mbit: float = 100
    loss_percent: float = 0.1

    def __post_init__(self) -> None:
        wrong = [] if self.round_trip_ms >= 0 else [f"--round-trip-ms {self.round_trip_ms:g}: must be 0 or more"]
        wrong += [] if self.mbit > 0 else [f"--link-mbit {self.mbit:g}: must be more than 0"]
        wrong += [] if 0 <= self.loss_percent < 100 else [
            f"--loss-percent {self.loss_percent:g}: must be 0 or more and less than 100"
        ]  # fmt: skip
        if wrong:
            raise ValueError("; ".join(wrong))

    @property
    def bytes_per_second(self) -> float:
        """The rate, of IP packets with their headers."""
        return self.mbit * 125_000

    @property
    def queue_bytes(self) -> int:
        """What may wait before the line: as much as is under way in one round trip."""
        return max(LEAST_QUEUE_BYTES, round(self.bytes_per_second * self.round_trip_ms / 1000))

    def words(self) -> str:
        """The command line's words for it."""
        numbers = f"--link-mbit {self.mbit:g} --loss-percent {self.loss_percent:g}"
        return f"--shaped --round-trip-ms {self.round_trip_ms:g} {numbers}"

    def __str__(self) -> str:
        return f"{self.round_trip_ms:g} ms, {self.mbit:g} Mbit/s, {self.loss_percent:g} % loss each way"


def add_options(parser: argparse.ArgumentParser, meaning: str) -> None:
    """The options that say what a link is. meaning: what ``--shaped`` is for this benchmark."""
    usual = Shape()
    parser.add_argument("--shaped", action="store_true", help=meaning)
    parser.add_argument("--round-trip-ms", type=float, default=usual.round_trip_ms, help="default: %(default)s")
    parser.add_argument("--link-mbit", type=float, default=usual.mbit, help="default: %(default)s")
    parser.add_argument("--loss-percent", type=float, default=usual.loss_percent, help="default: %(default)s")


def shape_of(parser: argparse.ArgumentParser, options: argparse.Namespace) -> t.Optional[Shape]:
    """The link the command line asks for, None for none. Ends the program when there is no such link."""
    try:
        shape = Shape(options.round_trip_ms, options.link_mbit, options.loss_percent)
    except ValueError as error:
        parser.error(str(error))
    if shape != Shape() and not options.shaped:
        parser.error("--round-trip-ms, --link-mbit and --loss-percent are of a shaped link: add --shaped")
    return shape if options.shaped else None


class Line:
    """One direction: a token bucket with a bounded queue (the tail is dropped), then loss by chance, then the delay."""

    def __init__(self, shape: Shape, seed: int) -> None:
        self.loss_share = shape.loss_percent / 100
        self.lost = self.full = 0
        self._rate = shape.bytes_per_second
        self._delay = shape.round_trip_ms / 2000
        self._room = shape.queue_bytes
        self._chance = random.Random(seed)
        self._free = float("-inf")
        """When the line has sent all that waits; in the past by what an idle line has saved up."""
        self._under_way: collections.deque[tuple[float, bytes]] = collections.deque()

    def offer(self, packet: bytes, now: float) -> None:
        """A packet comes in. now: seconds, never less than the last time."""
        leaves = max(self._free, now - BURST_BYTES / self._rate) + len(packet) / self._rate
        if (leaves - now) * self._rate > self._room:
            self.full += 1
            return
        self._free = leaves
        # What is lost on its way has used the line.
        if self._chance.random() < self.loss_share:
            self.lost += 1
            return
        self._under_way.append((max(leaves, now) + self._delay, packet))

    def due(self) -> t.Optional[float]:
        """When the next packet arrives; None when none is under way."""
        return self._under_way[0][0] if self._under_way else None

    def arrived(self, now: float) -> list[bytes]:
        """What has arrived by now, in order."""
        packets = []
        while self._under_way and self._under_way[0][0] <= now:
            packets.append(self._under_way.popleft()[1])
        return packets


def payload_bytes(packet: bytes) -> int:
    """The bytes of TCP's payload in an IPv4 packet (RFC 791, RFC 9293), 0 for any other packet."""
    if packet[0] >> 4 != 4 or packet[9] != TCP:
        return 0
    header = (packet[0] & 15) * 4
    return int.from_bytes(packet[2:4], "big") - header - (packet[header + 12] >> 4) * 4
