# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A slow, lossy link between two hosts, by tc-netem(8) on both; the control node's connections are left alone."""

from __future__ import annotations

import contextlib
import json
import math
import sys
import typing as t

from support.move_hosts import HandsError, Hosts
from support.shaping import Shape

PACKET_BYTES = 1500


def netem_words(shape: Shape) -> list[str]:
    """What tc-netem(8) is told on either host: half of the round trip, and room for what is under way or waits."""
    under_way = shape.bytes_per_second * shape.round_trip_ms / 2000
    packets = math.ceil((under_way + shape.queue_bytes) / PACKET_BYTES)
    rate = f"{round(shape.mbit * 1000)}kbit"
    delay = f"{round(shape.round_trip_ms * 500)}us"
    return ["limit", str(packets), "delay", delay, "loss", f"{shape.loss_percent:g}%", "rate", rate]


@contextlib.contextmanager
def shaped(hosts: Hosts, shape: t.Optional[Shape]) -> t.Iterator[dict[str, t.Any]]:
    """Have the link between the hosts be like this; nothing is done without a shape. Yields facts for the results.

    However this ends, both hosts are told to leave the link as it was. That one can't be is said on standard error,
    and hides neither what went wrong before nor what was measured. Raises HandsError, as where a kernel can't.
    """
    if shape is None:
        yield {}
        return
    names = hosts.sides["source"], hosts.sides["target"]
    peers = {one: hosts.known[other].peer_address for one, other in (names, names[::-1])}
    seen = hosts.output.resolve() / "link.json"
    values = {"bench_peers": peers, "bench_netem": netem_words(shape), "bench_seen": str(seen)}
    try:
        hosts.play("move_link", "link-on", bench_link="on", **values)
        yield {"link": str(shape), **json.loads(seen.read_text())}
    finally:
        try:
            hosts.play("move_link", "link-off", bench_link="off", **values)
        except HandsError as error:
            print(f"The link may be shaped still; another run takes it back, or a reboot: {error}", file=sys.stderr)
