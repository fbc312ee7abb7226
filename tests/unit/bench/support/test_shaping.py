# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a shaped link does to packets, without a packet of a network."""

from __future__ import annotations

import argparse

import pytest
from support.shaping import BURST_BYTES, Line, Shape, add_options, payload_bytes, shape_of

PACKET = bytes(1000)
# 1000 bytes take 1 ms; the queue has 80,000 bytes.
SHAPE = Shape(round_trip_ms=80, mbit=8, loss_percent=0)
SAVED = BURST_BYTES // 1000
"""The packets that an idle line sends at once."""


def arrivals(line: Line) -> list[float]:
    """When each packet under way arrives."""
    times = []
    while (due := line.due()) is not None:
        assert not line.arrived(due - 1e-9)
        times += [due] * len(line.arrived(due))
    return times


def test_a_single_packet_is_late_by_half_a_round_trip() -> None:
    line = Line(SHAPE, 1)
    line.offer(PACKET, 5.0)
    assert line.due() == pytest.approx(5.040)
    assert line.arrived(5.039) == []
    assert line.arrived(5.041) == [PACKET]
    assert line.due() is None


def test_beyond_a_burst_packets_come_at_the_rate_in_order() -> None:
    line = Line(SHAPE, 1)
    sent = [number.to_bytes(2, "big") + bytes(998) for number in range(60)]
    for packet in sent:
        line.offer(packet, 5.0)
    assert line.arrived(99) == sent
    again = Line(SHAPE, 1)
    for packet in sent:
        again.offer(packet, 5.0)
    times = arrivals(again)
    assert times[:SAVED] == pytest.approx([5.040] * SAVED)
    # The bucket has 16,384 bytes: of the 17th packet, 616 bytes have to wait for the line.
    assert times[SAVED] == pytest.approx(5.040616)
    assert times[-1] - times[SAVED] == pytest.approx((60 - SAVED - 1) * 0.001)


def test_a_line_that_was_idle_for_long_has_saved_no_more_than_a_burst() -> None:
    line = Line(SHAPE, 1)
    line.offer(PACKET, 5.0)
    assert arrivals(line) == pytest.approx([5.040])
    for _number in range(SAVED + 2):
        line.offer(PACKET, 3600.0)
    times = arrivals(line)
    assert times[SAVED - 1] == pytest.approx(3600.040)
    assert times[-1] == pytest.approx(3600.041616)


def test_the_tail_is_dropped_when_the_queue_is_full() -> None:
    assert SHAPE.queue_bytes == 80_000
    line = Line(SHAPE, 1)
    for _number in range(120):
        line.offer(PACKET, 5.0)
    # 96,384 bytes: the burst, which is gone at once, and the queue.
    assert (len(line.arrived(99)), line.full, line.lost) == (96, 24, 0)
    # What was dropped took no time of the line: 10 ms later, 10 packets have room again.
    for _number in range(12):
        line.offer(PACKET, 5.010)
    assert (len(line.arrived(99)), line.full) == (10, 26)


def test_loss_is_a_share_and_the_same_for_the_same_seed() -> None:
    def run(seed: int, loss_percent: float) -> list[int]:
        line = Line(Shape(round_trip_ms=0, mbit=1000, loss_percent=loss_percent), seed)
        kept = []
        for number in range(20_000):
            line.offer(PACKET, float(number))
            kept += [number] if line.arrived(float(number)) else []
        assert line.lost == 20_000 - len(kept)
        return kept

    kept = run(1, 1.0)
    assert 140 <= 20_000 - len(kept) <= 260
    assert run(1, 1.0) == kept
    assert run(2, 1.0) != kept
    assert len(run(1, 0)) == 20_000


def test_loss_can_be_told_anew_and_uses_the_line() -> None:
    line = Line(SHAPE, 1)
    line.loss_share = 1.0
    for _number in range(SAVED):
        line.offer(PACKET, 5.0)
    line.loss_share = 0.0
    line.offer(PACKET, 5.0)
    assert arrivals(line) == pytest.approx([5.040616])


def test_the_queue_has_what_one_round_trip_carries() -> None:
    assert Shape().queue_bytes == 625_000
    assert Shape(round_trip_ms=1).queue_bytes == 65_536
    assert str(Shape()) == "50 ms, 100 Mbit/s, 0.1 % loss each way"


def test_all_that_is_wrong_with_a_link_is_told() -> None:
    with pytest.raises(ValueError, match=r"--round-trip-ms -1: .*; --link-mbit 0: .*; --loss-percent 100: .*100"):
        Shape(-1, 0, 100)


def ipv4(protocol: int, header: int, upper: bytes) -> bytes:
    total = (header + len(upper)).to_bytes(2, "big")
    return bytes([0x40 | header // 4, 0]) + total + bytes([0, 0, 0, 0, 64, protocol]) + bytes(header - 10) + upper


def tcp(header: int, payload: int) -> bytes:
    return bytes(12) + bytes([header // 4 << 4]) + bytes(header - 13 + payload)


@pytest.mark.parametrize(
    ("packet", "count"),
    [
        (ipv4(6, 20, tcp(20, 100)), 100),
        (ipv4(6, 24, tcp(32, 7)), 7),
        (ipv4(6, 20, tcp(20, 0)), 0),
        (ipv4(17, 20, bytes(108)), 0),
        (bytes([0x60]) + bytes(100), 0),
    ],
    ids=["plain", "with options", "acknowledgement", "udp", "ipv6"],
)
def test_payload(packet: bytes, count: int) -> None:
    assert payload_bytes(packet) == count


def parsed(*words: str) -> Shape | None:
    parser = argparse.ArgumentParser()
    add_options(parser, "over a link")
    return shape_of(parser, parser.parse_args(words))


def test_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert parsed() is None
    assert parsed("--shaped") == Shape(50, 100, 0.1)
    assert parsed("--shaped", "--round-trip-ms", "5", "--link-mbit", "0.5", "--loss-percent", "0") == Shape(5, 0.5, 0)
    with pytest.raises(SystemExit):
        parsed("--loss-percent", "1")
    assert "add --shaped" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        parsed("--shaped", "--link-mbit", "-1")
    assert "--link-mbit -1: must be more than 0" in capsys.readouterr().err
