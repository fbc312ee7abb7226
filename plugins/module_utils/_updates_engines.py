# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The engines while packages change: what their daemons do to containers, and that none is left stopped."""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.settings import Settings
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.units import (
    ENGINE_UNIT,
    SOCKETS,
    Unit,
    unit_goals,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_facts import ENGINE_PACKAGES
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_observe import read_units
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
    from ansible_collections.anycloud.container_host.plugins.module_utils._packages.updates import Update

# Docker's daemon goes down with containerd, and the packages of either restart it.
DAEMON_PACKAGES = frozenset({*ENGINE_PACKAGES["docker"], "containerd", "containerd.io"})
DAEMON_UNITS = ("containerd.service", "docker.service")
UNIT_TIMEOUT_SECONDS = 300
ANSWER_TIMEOUT_SECONDS = 60
_POLL_SECONDS = 1.0
_ARCHITECTURE = re.compile(r"(?::\w+|\.(?:x86_64|aarch64|noarch|ppc64le|s390x))$")
_UNITS = {
    provider: [goal.name for goal in unit_goals(Settings(provider=provider)) if goal.active] for provider in SOCKETS
}


def engine_units(io: HostIO) -> dict[str, Unit]:
    """The engines' units there are, in the order in which they are started."""
    names = [name for units in _UNITS.values() for name in units]
    found = read_units(io, names)
    return {name: found[name] for name in names if name in found and found[name].loaded}


def wanted_units(units: t.Mapping[str, Unit]) -> list[str]:
    """Those that run, or are to run whenever the host does."""
    return [name for name, unit in units.items() if unit.active or unit.enabled]


def stops_containers(io: HostIO, units: t.Mapping[str, Unit]) -> bool:
    """Whether a restart of Docker's daemon would stop containers. Podman has none."""
    unit = units.get(ENGINE_UNIT["docker"])
    if unit is None or not unit.active:
        return False
    try:
        status, body = io.get_from_socket(SOCKETS["docker"], "/info")
        info = json.loads(body) if status == 200 else {}
    except (HostError, ValueError):
        return False
    # In a swarm the daemon takes its tasks along whatever live restore says.
    keeps = info.get("LiveRestoreEnabled") and (info.get("Swarm") or {}).get("LocalNodeState") in (None, "", "inactive")
    return bool(info.get("ContainersRunning")) and not keeps


def daemon_is_updated(updates: t.Sequence[Update]) -> bool:
    """Whether the updates restart Docker's daemon."""
    names = {_ARCHITECTURE.sub("", update.name) for update in updates if update.before}
    return bool(names & DAEMON_PACKAGES)


def start_engines(io: HostIO, wanted: t.Sequence[str]) -> list[str]:
    """Start what is not running any more of what shall run; returns what was started. Raises HostError.

    An engine counts as running once its socket answers.
    """
    units = engine_units(io)
    stopped = [name for name in wanted if name in units and not units[name].active]
    for name in stopped:
        # A unit that failed too often in a short time, as while packages were unpacked, refuses to start.
        io.run(["systemctl", "reset-failed", name])
        done = io.run(["systemctl", "start", name], timeout_seconds=UNIT_TIMEOUT_SECONDS)
        if done.rc != 0:
            words = " ".join(done.stderr.strip().splitlines()[-3:])
            log = io.run(["journalctl", "-o", "cat", "-n", "8", "--no-pager", "-u", name]).stdout
            last = " | ".join(line.strip() for line in log.splitlines() if line.strip())
            raise HostError(f"{name} does not start again: {words}; its last words: {last}")
    for provider, names in _UNITS.items():
        if any(name in wanted for name in names if name.startswith(provider)):
            _await_answer(io, provider)
    return stopped


def _await_answer(io: HostIO, provider: str) -> None:
    deadline = io.monotonic() + ANSWER_TIMEOUT_SECONDS
    while True:
        try:
            status, _body = io.get_from_socket(SOCKETS[provider], "/_ping")
            reason = f"it answers with {status}"
            if status == 200:
                return
        except HostError as error:
            reason = str(error)
        if io.monotonic() >= deadline:
            raise HostError(
                f"{provider} does not answer within {ANSWER_TIMEOUT_SECONDS} s: {reason}; "
                f"look at its journal (journalctl -u {provider})"
            )
        io.sleep(_POLL_SECONDS)
