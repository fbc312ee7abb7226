# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example workloads can be deployed, and their commands for moves can be read."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Project
from ansible_collections.anycloud.container_host.plugins.module_utils._move import hooks
from ansible_collections.anycloud.container_host.plugins.plugin_utils._compose_file import Source, read_project

WORKLOADS = Path(__file__).resolve().parents[3] / "examples" / "workloads"
VARIABLES = {"REGISTRY": "registry.example.org", "POSTGRES_PASSWORD": "x"}


def read(path: Path) -> Project:
    source = Source(compose_file=str(path), environment=VARIABLES)
    return read_project(source, lambda name: Path(name).read_text() if Path(name).exists() else None)


@pytest.mark.parametrize("path", sorted(WORKLOADS.glob("*/compose.yml")), ids=lambda path: path.parent.name)
def test_it_can_be_deployed(path: Path) -> None:
    assert read(path).name == path.parent.name


def test_commands_for_moves() -> None:
    services = read(WORKLOADS / "stateful" / "compose.yml").services
    found = {name: hooks.from_labels(service.labels, name) for name, service in services.items()}
    assert found["database"].before == (("psql", "--username=postgres", "--command=CHECKPOINT"),)
    assert found["cache"] == hooks.Hooks(before=(("redis-cli", "SAVE"),))
    readme = (WORKLOADS / "stateful" / "README.md").read_text()
    option = yaml.safe_load(readme.partition("```yaml\n")[2].partition("```")[0])["move_hooks"]
    assert {name: entry.before for name, entry in hooks.read_hooks(option).items()} == {
        name: entry.before for name, entry in found.items()
    }
