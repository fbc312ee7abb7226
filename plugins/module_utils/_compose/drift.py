# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What someone changed by hand on a container that exists: the container as it is, against the service.

Only what an engine lets change afterwards (``docker update``, ``podman update``, networks) is compared: for everything
else the container's digest says what it was made from.
"""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Attachment, Limits, Service
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.observed import (
    Endpoint,
    ObservedContainer,
    Settings,
)

# Engines keep CPUs as microseconds in a tenth of a second: finer differences get lost.
_NANO_CPUS_STEP = 10_000
_UNLIMITED = (0, -1)
_UNITS = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


def deviations(service: Service, container: ObservedContainer, engine_restarts: bool) -> list[str]:
    """One phrase for each deviation, in a fixed order; none when the container is as it was made.

    engine_restarts: whether the restart policy is compared as the engine's, where ``always`` and ``unless-stopped`` are
    one (Podman); without it the policy is set in place and no deviation here.
    """
    found = [*_networks(service, container)]
    if container.settings is not None:
        found.extend(_limits(service.limits, container.settings))
        if engine_restarts:
            found.extend(_compare("restart policy", _merged(service.restart), _merged(container.settings.restart)))
    return found


def restart_deviation(service: Service, container: ObservedContainer) -> str:
    """The deviation of the restart policy of a container that runs; "" when there is none."""
    if container.settings is None or not container.running:
        return ""
    wanted = (service.restart, service.restart_max_retries if service.restart == "on-failure" else 0)
    there = (container.settings.restart, container.settings.restart_max_retries)
    return next(iter(_compare("restart policy", _policy(*wanted), _policy(*there))), "")


def _policy(name: str, times: int) -> str:
    return f"{name}:{times}" if times else name


def _merged(name: str) -> str:
    return "always" if name == "unless-stopped" else name


def _compare(what: str, wanted: str, there: str) -> list[str]:
    return [] if wanted == there else [f"{what} {there} instead of {wanted}"]


def _limits(wanted: Limits, there: Settings) -> list[str]:
    found = _compare("memory", _size(wanted.memory_bytes), _size(there.memory_bytes))
    if wanted.memory_bytes and there.memory_swap_bytes not in _UNLIMITED:
        # Kernels without accounting of swap turn every limit into none.
        swap = wanted.memory_bytes * 2 if wanted.memory_swap_bytes is None else wanted.memory_swap_bytes
        found.extend(_compare("memory and swap", _size(swap), _size(there.memory_swap_bytes)))
    reservation = _size(wanted.memory_reservation_bytes), _size(there.memory_reservation_bytes)
    found.extend(_compare("memory reservation", *reservation))
    cpus = _nano_cpus(wanted)
    if abs(cpus - there.nano_cpus) >= _NANO_CPUS_STEP:
        found.append(f"{_cpus(there.nano_cpus)} CPUs instead of {_cpus(cpus)}")
    found.extend(_compare("CPU set", wanted.cpuset or "of all", there.cpuset or "of all"))
    if wanted.cpu_shares:
        found.extend(_compare("CPU shares", str(wanted.cpu_shares), str(there.cpu_shares)))
    if wanted.pids is not None:
        # Without a wish the engine's own default stands, which isn't known here.
        found.extend(_compare("limit of processes", _count(wanted.pids), _count(there.pids)))
    return found


def _nano_cpus(limits: Limits) -> int:
    if limits.cpus:
        return round(limits.cpus * 1_000_000_000)
    if limits.cpu_quota_us:
        return limits.cpu_quota_us * 1_000_000_000 // (limits.cpu_period_us or 100_000)
    return 0


def _cpus(nano: int) -> str:
    return f"{nano / 1_000_000_000:g}" if nano else "all"


def _count(number: int) -> str:
    return str(number) if number > 0 else "none"


def _size(size_bytes: t.Optional[int]) -> str:
    if not size_bytes or size_bytes < 0:
        return "unlimited"
    for factor, unit in _UNITS:
        if size_bytes % factor == 0:
            return f"{size_bytes // factor} {unit}"
    return f"{size_bytes} bytes"


def _networks(service: Service, container: ObservedContainer) -> list[str]:
    # An inspection always names the networks; without one, none is only not known.
    if not service.networks or (not container.networks and container.settings is None):
        return []
    missing = [name for name in service.networks if name not in container.networks]
    extra = [name for name in container.networks if name not in service.networks]
    found = [*(f"not on network {name}" for name in missing), *(f"also on network {name}" for name in extra)]
    for name, attachment in service.networks.items():
        endpoint = container.endpoints.get(name)
        if endpoint is not None:
            found.extend(_endpoint(name, attachment, endpoint))
    return found


def _endpoint(name: str, wanted: Attachment, there: Endpoint) -> list[str]:
    lost = [alias for alias in wanted.aliases if there.aliases and alias not in there.aliases]
    found = [f"without alias {alias} on network {name}" for alias in lost]
    for address, own in ((wanted.ipv4_address, there.ipv4_address), (wanted.ipv6_address, there.ipv6_address)):
        if address and own and address != own:
            found.append(f"address {own} instead of {address} on network {name}")
    return found
