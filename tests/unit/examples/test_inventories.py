# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example inventories give every host the variables that name it in reports."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
INVENTORIES = sorted((EXAMPLES / "inventories").glob("*.yml"))
# the plugin itself calls the zone "zone"
NAMED_BY_THE_PLUGIN = {"gcp_compute": {"zone"}}


def named(inventory: dict[str, t.Any], file: str) -> list[set[str]]:
    """The variables of each host, or of all hosts a plugin finds."""
    if "plugin" in inventory:
        variables = set(inventory.get("compose") or inventory["hostvar_expressions"])
        return [variables | NAMED_BY_THE_PLUGIN.get(file, set())]
    groups = inventory["all"]["children"].values()
    return [set(group["vars"]) | set(host) for group in groups for host in group["hosts"].values()]


def test_there_are_inventories() -> None:
    assert len(INVENTORIES) == 6


@pytest.mark.parametrize("path", INVENTORIES, ids=lambda path: path.stem)
def test_hosts_are_named(path: Path) -> None:
    for variables in named(yaml.safe_load(path.read_text()), path.stem):
        assert {"provider", "region", "zone"} <= variables


@pytest.mark.parametrize("path", INVENTORIES, ids=lambda path: path.stem)
def test_the_readme_lists_it(path: Path) -> None:
    assert f"`inventories/{path.name}`" in (EXAMPLES / "README.md").read_text()


def test_the_standard_names_no_host_and_no_provider() -> None:
    standard = yaml.safe_load((EXAMPLES / "inventories/group_vars/all.yml").read_text())
    assert not {"provider", "region", "zone", "engine_provider"} & set(standard)
