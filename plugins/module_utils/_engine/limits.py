# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a service may use of the host, as the body of the create call has it; the same on both engines."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Blkio, Limits

Json = dict[str, t.Any]

# 64 MiB; Podman's socket would make it 65536000 bytes.
SHM_SIZE_BYTES = 67_108_864


def limits_config(limits: Limits) -> Json:
    """The part of ``HostConfig`` with the limits."""
    config: Json = {
        "ShmSize": limits.shm_size_bytes or SHM_SIZE_BYTES,
        "Ulimits": [
            {"Name": name, "Soft": limit.soft, "Hard": limit.hard} for name, limit in sorted(limits.ulimits.items())
        ],
    }
    if limits.pids is not None:
        config["PidsLimit"] = limits.pids if limits.pids > 0 else -1
    if limits.memory_bytes:
        config["Memory"] = limits.memory_bytes
        # Memory and swap together: twice the memory is Docker's default, written out because Podman's has changed.
        config["MemorySwap"] = limits.memory_bytes * 2 if limits.memory_swap_bytes is None else limits.memory_swap_bytes
    if limits.memory_reservation_bytes:
        config["MemoryReservation"] = limits.memory_reservation_bytes
    if limits.cpus:
        config["NanoCpus"] = round(limits.cpus * 1_000_000_000)
    if limits.cpu_period_us:
        config["CpuPeriod"] = limits.cpu_period_us
    if limits.cpu_quota_us:
        config["CpuQuota"] = limits.cpu_quota_us
    if limits.blkio is not None:
        config.update(_blkio(limits.blkio))
    if limits.cpu_shares:
        config["CpuShares"] = limits.cpu_shares
    if limits.cpuset:
        config["CpusetCpus"] = limits.cpuset
    if limits.oom_score_adj is not None:
        config["OomScoreAdj"] = limits.oom_score_adj
    return config


def _blkio(blkio: Blkio) -> Json:
    rates = {
        "BlkioDeviceReadBps": blkio.device_read_bps,
        "BlkioDeviceWriteBps": blkio.device_write_bps,
        "BlkioDeviceReadIOps": blkio.device_read_iops,
        "BlkioDeviceWriteIOps": blkio.device_write_iops,
    }
    config: Json = {
        name: [{"Path": entry.path, "Rate": entry.rate} for entry in entries]
        for name, entries in rates.items()
        if entries
    }
    if blkio.weight:
        config["BlkioWeight"] = blkio.weight
    if blkio.weight_device:
        config["BlkioWeightDevice"] = [{"Path": entry.path, "Weight": entry.rate} for entry in blkio.weight_device]
    return config
