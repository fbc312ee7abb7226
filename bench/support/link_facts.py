# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a shaped link is like, measured before anything is measured over it."""

from __future__ import annotations

import socket
import statistics
import sys
import time
import typing as t
from pathlib import Path

from support.hosts import wait_for
from support.shaped_link import ShapedLink
from support.shaping import Shape

PORT = 42023
CONNECTIONS = 20
SECONDS = 8.0
PATIENCE_SECONDS = 60


def link_facts(link: ShapedLink) -> dict[str, t.Any]:
    """Round-trip time (of TCP's handshake, the median) and the throughput of one connection, with loss and without.

    Raises SystemExit when nothing gets over the link.
    """
    try:
        return measured(link)
    except OSError as error:
        link.counts()
        raise SystemExit(f"nothing gets over the shaped link: {error}") from error


def measured(link: ShapedLink) -> dict[str, t.Any]:
    """The facts. Raises OSError."""
    sink = link.start_at_target(sys.executable, str(Path(__file__).with_name("sink.py")), link.address, str(PORT))
    link.set_loss(0)
    wait_for(link.address, PORT)
    round_trip = statistics.median(handshake_seconds(link) for _number in range(CONNECTIONS))
    without = throughput_mbit(link)
    link.set_loss(link.shape.loss_percent)
    before = link.counts()
    having = throughput_mbit(link)
    after = link.counts()
    sink.kill()
    sink.wait()
    packets, lost = after["packets"] - before["packets"], after["lost"] - before["lost"]
    taken = {
        "link": f"{link.shape}, a queue of {link.shape.queue_bytes} bytes, {link.congestion_control}",
        "link_round_trip_ms": round(1000 * round_trip, 1),
        "link_mbit_without_loss": round(without, 1),
        "link_mbit_with_loss": round(having, 1),
        "link_packets_then": packets,
        "link_packets_then_lost": lost,
        "link_as_asked": "yes" if as_asked(link.shape, 1000 * round_trip, without) else "no, the machine was too busy",
    }
    for name, value in taken.items():
        print(f"  {name.replace('_', ' ')}: {value}", flush=True)
    return taken


def as_asked(shape: Shape, round_trip_ms: float, mbit_without_loss: float) -> bool:
    """Whether what was measured is the link that was asked for; if not, nothing that took time over it tells anything.

    Of the bytes, 1448 in 1500 are no headers, and a connection begins slowly.
    """
    return round_trip_ms <= 1.2 * shape.round_trip_ms + 2 and mbit_without_loss >= 0.8 * shape.mbit


def handshake_seconds(link: ShapedLink) -> float:
    """How long one connection takes to be there: one round trip."""
    started = time.monotonic()
    with socket.create_connection((link.address, PORT), PATIENCE_SECONDS):
        return time.monotonic() - started


def throughput_mbit(link: ShapedLink) -> float:
    """What one connection carries that sends for some seconds, headers not counted."""
    piece = bytes(65536)
    with socket.create_connection((link.address, PORT), PATIENCE_SECONDS) as connection:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            connection.sendall(piece)
        connection.shutdown(socket.SHUT_WR)
        total, seconds = connection.recv(100).split()
    return int(total) * 8 / 1e6 / float(seconds)
