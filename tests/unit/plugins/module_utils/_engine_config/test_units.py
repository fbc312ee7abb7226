# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.settings import Settings
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.units import (
    absent_goals,
    parse_show,
    unit_goals,
)

SHOW = """Id=docker.service
LoadState=loaded
ActiveState=active
UnitFileState=enabled
NeedDaemonReload=yes

Id=podman.service
LoadState=not-found
ActiveState=inactive
UnitFileState=
NeedDaemonReload=no

Id=podman.socket
LoadState=masked
ActiveState=failed
UnitFileState=masked-runtime
NeedDaemonReload=no
"""


def test_parse_show() -> None:
    units = parse_show(SHOW)
    assert list(units) == ["docker.service", "podman.service", "podman.socket"]
    docker, absent, masked = units.values()
    assert (docker.loaded, docker.active, docker.enabled, docker.needs_reload) == (True, True, True, True)
    assert (absent.loaded, absent.active, absent.enabled) == (False, False, False)
    assert (masked.loaded, masked.active, masked.enabled, masked.file_state) == (True, False, False, "masked-runtime")
    assert parse_show("") == {}


def test_dockers_socket_is_started_before_its_service() -> None:
    names = [goal.name for goal in unit_goals(Settings("docker"))]
    assert names.index("docker.socket") < names.index("docker.service")
    assert [goal.name for goal in absent_goals("docker")] == names[::-1]


def test_podman_at_boot() -> None:
    goals = {goal.name: goal for goal in unit_goals(Settings("podman"))}
    assert goals["podman.socket"].enabled is True
    assert goals["podman-restart.service"].enabled is False
    without = {goal.name: goal for goal in unit_goals(Settings("podman", socket_enabled=False))}
    assert (without["podman.socket"].enabled, without["podman.socket"].active) == (False, False)
