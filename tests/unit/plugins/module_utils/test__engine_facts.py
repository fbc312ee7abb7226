# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from fake_engine_machine import Machine, run

from ansible_collections.anycloud.container_host.plugins.module_utils._engine_facts import engine_facts


def test_nothing_installed_is_said_to_be_absent() -> None:
    facts = engine_facts(Machine())
    assert set(facts) == {"docker", "podman"}
    for engine in facts.values():
        assert engine == {
            "installed": False, "package": None, "version": None, "held": False, "runtimes": {}, "running": False,
            "socket": None, "units": {}, "configuration": {}, "files": [],
        }  # fmt: skip


def test_it_reads_what_the_module_wrote() -> None:
    machine = Machine()
    run(machine, provider="podman")
    machine.ran.clear()
    facts = engine_facts(machine)
    assert machine.changes() == []
    assert facts["docker"]["installed"] is False
    podman = facts["podman"]
    assert (podman["package"], podman["version"], podman["held"]) == ("podman", "5.4.2-1", True)
    assert podman["units"]["podman.socket"] == {"enabled": True, "active": True}
    assert podman["configuration"]["oci_runtime"] == "runc"
    assert podman["runtimes"]["runc"] == {"version": "1.0-1", "held": True}
    assert "/etc/containers/storage.conf" in podman["files"]
