# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The engine's systemd units: what they are and what they shall be."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.settings import Settings

# Asked for by one call of systemctl show, for all units.
PROPERTIES = ("Id", "LoadState", "ActiveState", "UnitFileState", "NeedDaemonReload")
ENGINE_UNIT = {"docker": "docker.service", "podman": "podman.service"}
SOCKETS = {"docker": "/run/docker.sock", "podman": "/run/podman/podman.sock"}


@dataclass(frozen=True)
class Unit:
    """One unit as systemd sees it."""

    name: str
    loaded: bool
    active: bool
    file_state: str  # enabled, disabled, static, masked, ...; empty when there is no unit file
    needs_reload: bool

    @property
    def enabled(self) -> bool:
        """Whether it starts at boot."""
        return self.file_state in ("enabled", "enabled-runtime")


@dataclass(frozen=True)
class UnitGoal:
    """What a unit shall be; None leaves that side alone."""

    name: str
    enabled: t.Optional[bool]
    active: t.Optional[bool]


def parse_show(output: str) -> dict[str, Unit]:
    """Parse ``systemctl show --property=...``: blocks of key=value lines, an empty line between units."""
    found = {}
    for block in output.strip().split("\n\n"):
        values = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if "Id" in values:
            found[values["Id"]] = Unit(
                values["Id"],
                values.get("LoadState") not in ("not-found", None),
                values.get("ActiveState") in ("active", "reloading", "activating"),
                values.get("UnitFileState", ""),
                values.get("NeedDaemonReload") == "yes",
            )
    return found


def unit_goals(settings: Settings) -> tuple[UnitGoal, ...]:
    """The units of one engine, in the order in which they are started."""
    if settings.provider == "docker":
        return tuple(UnitGoal(name, True, True) for name in ("containerd.service", "docker.socket", "docker.service"))
    return (
        UnitGoal("podman.socket", settings.socket_enabled, settings.socket_enabled),
        # Activated by its socket; at boot there is nothing for it to do.
        UnitGoal("podman.service", False, None),
        # Workloads come back at boot by a unit of their own, in order of their dependencies.
        UnitGoal("podman-restart.service", False, None),
        # Images change by deployment only.
        UnitGoal("podman-auto-update.timer", False, False),
    )


def absent_goals(provider: str) -> tuple[UnitGoal, ...]:
    """The same units when the engine goes, in the order in which they are stopped."""
    goals = unit_goals(Settings(provider=provider))
    return tuple(UnitGoal(goal.name, False, False) for goal in reversed(goals))
