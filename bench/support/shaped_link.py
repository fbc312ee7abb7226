# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A slow, lossy link to a second network namespace, for machines whose kernel has no tc-netem(8).

Two TUN devices, one at each end, and a process between them that passes their packets on as support.shaping says.
"""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import select
import struct
import subprocess
import sys
import time
import traceback
from pathlib import Path

from support.namespaces import run
from support.shaping import Line, Shape, payload_bytes

HERE, THERE = "198.18.0.1", "198.18.0.2"
NAMESPACE = "there"
MTU_BYTES = 1500
QUEUE_PACKETS = 10000
"""Of the devices: so many that packets are dropped in the process between them only, where they are counted."""

AT_ONCE = 64
LEAST_WAIT_SECONDS = 0.0005
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000  # linux/if_tun.h
LOSS, PACKETS, BYTES, PAYLOAD, LOST, FULL = range(6)

SETTINGS = """
cd /proc/sys/net
echo 1 >ipv6/conf/default/disable_ipv6
echo 1 >ipv4/tcp_no_metrics_save
(echo cubic >ipv4/tcp_congestion_control) 2>/dev/null || echo reno >ipv4/tcp_congestion_control
"""
"""No connection shall begin with what an earlier one has learned. cubic is what distributions' kernels have; where this
one has another, a namespace may only have reno, which cubic is as quick as on a link like this (RFC 9438, 4.3)."""


class Loopback:
    """No link at all: source and target are one host. The same seams as ShapedLink."""

    address = "127.0.0.1"
    settle_seconds = 0.05

    def at_target(self, *argv: str) -> list[str]:
        """The command that runs another one at the target's end."""
        return list(argv)

    def sent(self) -> tuple[int, int]:
        """Bytes that have gone over the wire so far, both ways: all of them, and TCP's payload alone.

        Packets on loopback are large: their headers are tenths of a percent, and in both numbers.
        """
        count = int(Path("/sys/class/net/lo/statistics/tx_bytes").read_text())
        return count, count


class ShapedLink:
    """The link. It ends with the benchmark. shape: may be told anew by ``set_loss``."""

    address = THERE

    def __init__(self, shape: Shape, seed: int = 1) -> None:
        """Inside namespaces of the benchmark's own. Raises SystemExit where there are no TUN devices."""
        self.shape = shape
        self.settle_seconds = 0.05 + 2 * shape.round_trip_ms / 1000
        self._shared = memoryview(mmap.mmap(-1, 8 * (FULL + 1))).cast("d")
        self.set_loss(shape.loss_percent)
        run("ip", "netns", "add", NAMESPACE)
        ends = (open_tun("here"), open_tun("there"))
        run("ip", "link", "set", "there", "netns", NAMESPACE)
        for name, address, inside in (("here", HERE, []), ("there", THERE, self.at_target())):
            run(*inside, "sh", "-ec", SETTINGS)
            run(*inside, "ip", "link", "set", "lo", "up")
            run(*inside, "ip", "link", "set", name, "mtu", str(MTU_BYTES), "txqueuelen", str(QUEUE_PACKETS))
            run(*inside, "ip", "address", "add", f"{address}/30", "dev", name)
            run(*inside, "ip", "link", "set", name, "up")
        sys.stdout.flush()
        self._process = os.fork()
        if self._process == 0:
            try:
                pass_on(ends, (Line(shape, seed), Line(shape, seed + 1)), self._shared)
            except BaseException:  # noqa: BLE001 - this process must not go on with what its parent was about to do
                traceback.print_exc()
            finally:
                os._exit(1)
        for end in ends:
            os.close(end)

    def at_target(self, *argv: str) -> list[str]:
        """The command that runs another one at the target's end."""
        return ["nsenter", f"--net=/run/netns/{NAMESPACE}", *argv]

    def start_at_target(self, *argv: str) -> subprocess.Popen[bytes]:
        """Start a program there; it ends with the benchmark."""
        return subprocess.Popen(self.at_target(*argv), stdin=subprocess.DEVNULL)

    @property
    def congestion_control(self) -> str:
        """What loss does to a connection depends on it."""
        return Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()

    def set_loss(self, percent: float) -> None:
        """Lose so many packets from now on."""
        self._shared[LOSS] = percent / 100

    def counts(self) -> dict[str, int]:
        """Both directions, since the beginning. A packet counts when it is sent, whatever becomes of it."""
        if os.waitpid(self._process, os.WNOHANG)[0]:
            raise SystemExit("the shaped link has come down, see above")
        names = {"packets": PACKETS, "bytes": BYTES, "payload_bytes": PAYLOAD, "lost": LOST, "queue_full": FULL}
        return {name: int(self._shared[place]) for name, place in names.items()}

    def sent(self) -> tuple[int, int]:
        """Bytes sent so far, both ways: whole IP packets, and TCP's payload alone. What was sent again counts again."""
        counts = self.counts()
        return counts["bytes"], counts["payload_bytes"]


def open_tun(name: str) -> int:
    """A TUN device of this name in this namespace (Documentation/networking/tuntap.rst). Raises SystemExit."""
    try:
        device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    except OSError as error:
        raise SystemExit(f"/dev/net/tun: {error.strerror}: the shaped link needs TUN devices") from error
    return device


def pass_on(ends: tuple[int, int], lines: tuple[Line, Line], shared: memoryview[float]) -> None:
    """Carry packets from each end to the other, for good."""
    ways = tuple(zip(ends, lines, reversed(ends)))
    while True:
        dues = [due for due in (line.due() for line in lines) if due is not None]
        wait = max(min(dues) - time.monotonic(), LEAST_WAIT_SECONDS) if dues else None
        ready = select.select(ends, (), (), wait)[0]
        for source, line, target in ways:
            if source in ready:
                line.loss_share = shared[LOSS]
                for packet in packets_of(source):
                    line.offer(packet, time.monotonic())
                    shared[PACKETS] += 1
                    shared[BYTES] += len(packet)
                    shared[PAYLOAD] += payload_bytes(packet)
            for packet in line.arrived(time.monotonic()):
                os.write(target, packet)
        shared[LOST] = sum(line.lost for line in lines)
        shared[FULL] = sum(line.full for line in lines)


def packets_of(end: int) -> list[bytes]:
    """The packets that wait at one end; some of them where there are many, so that the other end has its turn."""
    packets: list[bytes] = []
    with contextlib.suppress(BlockingIOError):
        while len(packets) < AT_ONCE:
            packets.append(os.read(end, MTU_BYTES))
    return packets
