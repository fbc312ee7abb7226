# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue of controls as the benchmarks use it: read by the product's own code."""

from __future__ import annotations

import datetime
import importlib
import json
import sys
import typing as t
from pathlib import Path

from support.hosts import Host, LightHosts, make_modules_built_in
from support.playbook import ROOT, play

PROFILE = "strict"
REASON = "a light host has no running systemd, and shares its kernel"
ROUNDS = 3


def product(name: str) -> t.Any:
    """A module of the collection, from the checkout."""
    collections = str(ROOT / ".cache" / "collections")
    if collections not in sys.path:
        sys.path.insert(0, collections)
    return importlib.import_module(f"ansible_collections.anycloud.container_host.plugins.{name}")


def arguments(**given: t.Any) -> dict[str, t.Any]:
    """The options of the module with their defaults, the benchmarks' profile, and what is given."""
    options = product("module_utils._baseline.arguments").selection_arguments()
    return {**{name: option["default"] for name, option in options.items()}, "profile": PROFILE, **given}


def selected(**given: t.Any) -> list[t.Any]:
    """The controls that hold, resolved as for a run."""
    chosen = product("plugin_utils._baseline").resolve(arguments(**given), datetime.date.today())  # noqa: DTZ011
    return [entry for entry in chosen if entry.status == "enforce"]


def wire(chosen: t.Iterable[t.Any]) -> str:
    """Controls as the action plugin sends them."""
    to_wire = product("module_utils._baseline.select").to_wire
    return json.dumps([to_wire(entry) for entry in chosen], separators=(",", ":"))


def kernel_parameters(chosen: t.Iterable[t.Any]) -> list[str]:
    """The paths under /proc/sys of all kernel parameters of these controls."""
    path_of = product("module_utils._baseline.kinds.sysctl").path_of
    keys = [key for entry in chosen if entry.control.kind == "sysctl" for key in entry.parameters.get("values", {})]
    return [path_of(key).removeprefix("/proc/sys/") for key in keys]


def loaded_modules(chosen: t.Iterable[t.Any]) -> list[str]:
    """The kernel modules these controls want loaded."""
    kinds = [entry.parameters for entry in chosen if entry.control.kind == "kernel_module"]
    return [name for wants in kinds if wants["state"] == "loaded" for name in wants["names"]]


def light_hosts(folder: Path, extra_keys: t.Iterable[str] = ()) -> LightHosts:
    """Light hosts on which the catalogue's kernel parameters and modules are there."""
    chosen = selected()
    lights = LightHosts(folder, [*kernel_parameters(chosen), *extra_keys])
    make_modules_built_in(lights.stand_in, loaded_modules(chosen))
    return lights


def converge(lights: LightHosts, host: Host, **variables: t.Any) -> tuple[dict[str, t.Any], dict[str, str]]:
    """Apply the product until nothing changes; what can't hold on a light host is exempted.

    Returns the role's variables and the status of each control. Raises SystemExit when it does not come to rest.
    """
    given: dict[str, t.Any] = {"baseline_profile": PROFILE, "baseline_exemptions": [], **variables}
    for _round in range(ROUNDS):
        run = play(lights, [host], "baseline", given, allow_failures=True)
        statuses: dict[str, str] = run.recap[host.name]["controls"]
        failed = [name for name, status in statuses.items() if status == "failed"]
        if not failed and not run.changed:
            return given, statuses
        given["baseline_exemptions"] += [{"id": name, "reason": REASON} for name in failed]
    changed = [name for name, status in statuses.items() if status == "changed"]
    raise SystemExit(f"the baseline does not come to rest on a light host: {failed} failed, {changed} changed")
