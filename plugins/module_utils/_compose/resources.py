# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a service may use: limits from the service's own keys and from ``deploy.resources``."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose import scalars
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.blkio import read_blkio
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Limits, Ulimit
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.reader import Reader
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import BadValueError, Path

# getrlimit(2), without RLIMIT_
ULIMITS = (
    "as",
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    "nofile",
    "nproc",
    "rss",
    "rtprio",
    "rttime",
    "sigpending",
    "stack",
)
# Below this no engine starts a container.
_MINIMUM_MEMORY_BYTES = 6 * 1024 * 1024


def read_limits(reader: Reader, keys: t.Mapping[str, t.Any], path: Path) -> Limits:
    """The limits of one service."""
    deploy = (*path, "deploy")
    swarm = reader.section(keys.get("deploy"), deploy, "service.deploy")
    _check_update(reader, swarm.get("update_config"), (*deploy, "update_config"))
    place = (*deploy, "resources")
    resources = reader.section(swarm.get("resources"), place, "service.deploy.resources")
    limits = reader.section(resources.get("limits"), (*place, "limits"), "service.deploy.resources.limits")
    reserved = reader.section(
        resources.get("reservations"), (*place, "reservations"), "service.deploy.resources.reservations"
    )

    def either(own: str, other: t.Any, where: Path, read: t.Callable[[t.Any, Path], t.Any]) -> t.Any:
        first, second = read(keys.get(own), (*path, own)), read(other, where)
        if first is not None and second is not None and first != second:
            reader.report.add((*path, own), f"contradicts {'.'.join(map(str, where[2:]))}", "keep one of them")
        return second if first is None else first

    def cpus(value: t.Any, where: Path) -> t.Optional[float]:
        return reader.scalar(value, where, scalars.parse_cpus, None, "a number of CPUs")

    memory = either("mem_limit", limits.get("memory"), (*place, "limits", "memory"), reader.size)
    result = Limits(
        memory_bytes=memory or None,
        memory_reservation_bytes=either(
            "mem_reservation", reserved.get("memory"), (*place, "reservations", "memory"), reader.size
        )
        or None,
        memory_swap_bytes=_swap(reader, keys.get("memswap_limit"), (*path, "memswap_limit")),
        cpus=either("cpus", limits.get("cpus"), (*place, "limits", "cpus"), cpus),
        cpu_shares=reader.integer(keys.get("cpu_shares"), (*path, "cpu_shares")),
        cpuset=reader.scalar(keys.get("cpuset"), (*path, "cpuset"), _cpuset, ""),
        pids=either("pids_limit", limits.get("pids"), (*place, "limits", "pids"), _pids(reader)),
        shm_size_bytes=reader.size(keys.get("shm_size"), (*path, "shm_size")),
        oom_score_adj=_oom_score(reader, keys.get("oom_score_adj"), (*path, "oom_score_adj")),
        ulimits=_ulimits(reader, keys.get("ulimits"), (*path, "ulimits")),
        cpu_period_us=_microseconds(reader, keys.get("cpu_period"), (*path, "cpu_period")),
        cpu_quota_us=_microseconds(reader, keys.get("cpu_quota"), (*path, "cpu_quota")),
        blkio=read_blkio(reader, keys.get("blkio_config"), (*path, "blkio_config")),
    )
    _check(reader, result, path)
    return result


def _check_update(reader: Reader, value: t.Any, path: Path) -> None:
    """``update_config`` may only say what is done anyway."""
    keys = reader.section(value, path, "service.deploy.update_config")
    for key, only in (("parallelism", ("1",)), ("order", ("stop-first",)), ("failure_action", ("rollback", "pause"))):
        text = reader.text(keys.get(key), (*path, key), only[0])
        if text not in only:
            done = "containers are replaced one by one, and the first failure ends the run, what ran before put back"
            remedy = f"use {' or '.join(only)}: {done}"
            reader.report.add((*path, key), f"{text!r} isn't supported", remedy)


def _microseconds(reader: Reader, value: t.Any, path: Path) -> t.Optional[int]:
    """A number of microseconds, or a duration."""
    if isinstance(value, str) and not value.strip().lstrip("+-").isdigit():
        nanoseconds = reader.duration_ns(value, path)
        return None if nanoseconds is None else nanoseconds // 1000
    return reader.integer(value, path, minimum=1000)


def _pids(reader: Reader) -> t.Callable[[t.Any, Path], t.Optional[int]]:
    return lambda value, where: reader.integer(value, where, minimum=-1)


def _swap(reader: Reader, value: t.Any, path: Path) -> t.Optional[int]:
    return -1 if str(value).strip() == "-1" else reader.size(value, path)


def _cpuset(value: t.Any) -> str:
    text = str(value).replace(" ", "")
    if not re.fullmatch(r"\d+(-\d+)?(,\d+(-\d+)?)*", text):
        raise BadValueError(f"{value!r} isn't a set of CPUs", 'write it like "0-3" or "0,2"')
    return text


def _oom_score(reader: Reader, value: t.Any, path: Path) -> t.Optional[int]:
    score = reader.integer(value, path, minimum=-1000)
    if score is not None and score > 1000:
        reader.report.add(path, f"{score} is too large", "write a number from -1000 to 1000")
    return score


def _ulimits(reader: Reader, value: t.Any, path: Path) -> dict[str, Ulimit]:
    result = {}
    for name, entry in reader.mapping(value, path).items():
        place = (*path, name)
        if name not in ULIMITS:
            reader.report.add(place, "isn't a limit of the kernel", f"use one of {', '.join(ULIMITS)}")
            continue
        if isinstance(entry, dict):
            keys = reader.section(entry, place, "service.ulimits")
            for key in ("soft", "hard"):
                if keys.get(key) is None:
                    reader.report.add(place, f"has no {key} limit", "give both soft and hard")
            soft = reader.integer(keys.get("soft"), (*place, "soft"), minimum=-1)
            hard = reader.integer(keys.get("hard"), (*place, "hard"), minimum=-1)
        else:
            soft = hard = reader.integer(entry, place, minimum=-1)
        if soft is None or hard is None:
            continue
        if hard != -1 and (soft > hard or soft == -1):
            reader.report.add(place, f"soft limit {soft} is above hard limit {hard}", "lower soft or raise hard")
        result[name] = Ulimit(soft, hard)
    return result


def _check(reader: Reader, limits: Limits, path: Path) -> None:
    if limits.cpus and (limits.cpu_quota_us or limits.cpu_period_us):
        reader.report.add((*path, "cpus"), "says the same as cpu_quota and cpu_period", "keep one of them")
    memory, swap = limits.memory_bytes, limits.memory_swap_bytes
    if memory and memory < _MINIMUM_MEMORY_BYTES:
        reader.report.add(path, f"{memory} bytes of memory are too few", "allow at least 6m")
    if memory and limits.memory_reservation_bytes and limits.memory_reservation_bytes > memory:
        reader.report.add(path, "more memory is reserved than allowed", "lower the reservation or raise the limit")
    if swap and swap != -1 and not memory:
        reader.report.add((*path, "memswap_limit"), "needs a memory limit", "set mem_limit as well")
    if swap and swap != -1 and memory and swap < memory:
        remedy = "memswap_limit is memory and swap together: make it at least mem_limit"
        reader.report.add((*path, "memswap_limit"), "is below the memory limit", remedy)
