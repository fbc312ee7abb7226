# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The part of the model that says what a service may use of the host."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

# Fields that later versions added: as long as they have their default, digests are what they were before.
ADDED = {"added": True}


@dataclass(frozen=True)
class Ulimit:
    """A resource limit of setrlimit(2); -1 is unlimited."""

    soft: int
    hard: int


@dataclass(frozen=True)
class DeviceRate:
    """A block device and what it may do: bytes or operations per second, or its weight."""

    path: str
    rate: int


@dataclass(frozen=True)
class Blkio:
    """``blkio_config``: weights from 10 to 1000, rates per second and device."""

    weight: t.Optional[int] = None
    weight_device: tuple[DeviceRate, ...] = ()
    device_read_bps: tuple[DeviceRate, ...] = ()
    device_write_bps: tuple[DeviceRate, ...] = ()
    device_read_iops: tuple[DeviceRate, ...] = ()
    device_write_iops: tuple[DeviceRate, ...] = ()


@dataclass(frozen=True)
class Limits:
    """What the service may use. ``memory_swap_bytes`` is memory and swap together (-1: as much as there is).

    cpu_period_us, cpu_quota_us: the same as ``cpus``, in microseconds; never together with it.
    """

    memory_bytes: t.Optional[int] = None
    memory_reservation_bytes: t.Optional[int] = None
    memory_swap_bytes: t.Optional[int] = None
    cpus: t.Optional[float] = None
    cpu_shares: t.Optional[int] = None
    cpuset: str = ""
    pids: t.Optional[int] = None
    shm_size_bytes: t.Optional[int] = None
    oom_score_adj: t.Optional[int] = None
    ulimits: dict[str, Ulimit] = field(default_factory=dict)
    cpu_period_us: t.Optional[int] = field(default=None, metadata=ADDED)
    cpu_quota_us: t.Optional[int] = field(default=None, metadata=ADDED)
    blkio: t.Optional[Blkio] = field(default=None, metadata=ADDED)
