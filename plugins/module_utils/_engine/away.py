# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""How long a container was away: from the moment it stopped until it was up and healthy again, by its engine's word."""

from __future__ import annotations

import datetime
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._engine.observe import parse_health

Json = t.Mapping[str, t.Any]

ENGINE, BOOT = "engine", "boot"
"""Where the moment it stopped comes from: the engine noted it, or it was not later than the host's start."""


@dataclass(frozen=True)
class Away:
    """seconds: None when it can't be told. measured_from: see above, empty when it was not away."""

    seconds: t.Optional[float]
    measured_from: str = ""


def parse_time(text: t.Any) -> t.Optional[float]:
    """Seconds of the epoch of a time as engines write it (RFC 3339, nanoseconds); None for none, which is year 1."""
    found = re.match(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$", str(text or ""))
    if not found or found.group(1).startswith("0001-"):
        return None
    offset = "+00:00" if found.group(3) == "Z" else found.group(3)
    whole = datetime.datetime.fromisoformat(found.group(1) + offset)
    return whole.timestamp() + float(found.group(2) or 0)


def back_at(inspected: Json) -> t.Optional[float]:
    """When a running container was up, and healthy where it has a health check; None while it isn't."""
    state = inspected["State"]
    started = parse_time(state.get("StartedAt"))
    health = parse_health(state)
    if started is None or not health:
        return started
    if health != "healthy":
        return None
    log = (state.get("Health") or {}).get("Log") or []
    good = [parse_time(entry.get("End")) for entry in log if entry.get("ExitCode") == 0]
    # Engines keep the last few checks alone; the first good one after the start is among them when asked in time.
    return min((when for when in good if when is not None and when >= started), default=started)


def away(before_started_at: str, inspected: Json, boot_seconds: int) -> Away:
    """before_started_at: StartedAt before. boot_seconds: when the host started, in seconds of the epoch."""
    state = inspected["State"]
    started, before = parse_time(state.get("StartedAt")), parse_time(before_started_at)
    if started is not None and started == before:
        return Away(0.0)
    back = back_at(inspected)
    if back is None or started is None:
        return Away(None)
    stopped = parse_time(state.get("FinishedAt"))
    rebooted = bool(boot_seconds) and (before or 0) <= boot_seconds <= started
    # Docker with live restore, or after a power cut, notes the end after the boot, when it finds the container gone.
    if stopped is not None and (before or 0) <= stopped <= (boot_seconds if rebooted else started):
        return Away(round(back - stopped, 1), ENGINE)
    return Away(round(back - boot_seconds, 1), BOOT) if rebooted else Away(None)
