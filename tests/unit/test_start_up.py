# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is loaded before any work is done: paid on every host, or once in a run, so it is held down."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = "ansible_collections.anycloud.container_host.plugins"

# Each takes 5 to 30 ms to import and brings no part of what a module needs to start.
HEAVY = {"asyncio", "email", "http.client", "importlib.metadata", "inspect", "urllib.request", "xml", "yaml"}


def ask(program: str) -> object:
    """What a program prints as JSON, run in a Python of its own."""
    path = [str(ROOT / ".cache" / "collections"), *sys.path]
    program = f"import json, sys; sys.path[:] = {path!r}; {program}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_baseline_starts_without_heavy_libraries() -> None:
    before = "import ansible.module_utils.basic; before = set(sys.modules)"
    both = f"import {PLUGINS}.modules.baseline, {PLUGINS}.module_utils._baseline.run"
    loaded = ask(f"{before}; {both}; print(json.dumps(sorted(set(sys.modules) - before)))")
    assert isinstance(loaded, list)
    assert f"{PLUGINS}.module_utils._packages.apt" in loaded
    others = {
        f"{PLUGINS}.module_utils.{name}" for name in ("_packages.rpm", "_engine_config.settings", "_contract.schema")
    }
    assert not (others | HEAVY) & set(loaded)


def test_catalogue_is_read_before_workers_are_forked() -> None:
    program = f"from {PLUGINS}.action.baseline import ActionModule; from {PLUGINS}.plugin_utils import _baseline"
    assert ask(f"{program}; print(json.dumps(_baseline.catalogue.cache_info().currsize))") == 1


@pytest.mark.parametrize("name", ["action.baseline", "modules.baseline"])
def test_control_node_and_confirmation_do_without_the_kinds(name: str) -> None:
    loaded = ask(f"import {PLUGINS}.{name}; print(json.dumps(sorted(sys.modules)))")
    assert isinstance(loaded, list)
    kinds = f"{PLUGINS}.module_utils._baseline.kinds."
    assert [name for name in loaded if name.startswith(kinds)] == [f"{kinds}names"]


def test_a_workload_that_was_read_on_the_control_node_is_not_read_again() -> None:
    before = "import ansible.module_utils.basic; before = set(sys.modules)"
    loaded = ask(f"{before}; import {PLUGINS}.modules.workload; print(json.dumps(sorted(set(sys.modules) - before)))")
    assert isinstance(loaded, list)
    names = ("build", "grants", "keys", "load", "reader", "scalars", "service", "validate")
    reading = {f"{PLUGINS}.module_utils._compose.{name}" for name in names}
    assert f"{PLUGINS}.module_utils._compose.model" in loaded
    assert not (reading | HEAVY | {"difflib", "shlex"}) & set(loaded)


@pytest.mark.parametrize("name", ["move_cutover", "move_journal", "move_workload"])
def test_what_only_writes_a_journal_does_without_the_machinery_of_workloads(name: str) -> None:
    loaded = ask(f"import {PLUGINS}.modules.{name}; print(json.dumps(sorted(sys.modules)))")
    assert isinstance(loaded, list)
    assert f"{PLUGINS}.module_utils._move.journal" in loaded
    heavy = ("_compose.", "_engine.deploy", "_move_control.acts")
    assert [
        entry for entry in loaded if entry.startswith(tuple(f"{PLUGINS}.module_utils.{part}" for part in heavy))
    ] == []
