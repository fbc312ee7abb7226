# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Reads everything the slices' plan depends on, with the HostIO handed in. Changes nothing."""

from __future__ import annotations

import json
import posixpath
import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.check import Disk, Machine
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.files import parse_keyed
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.intent import (
    ENGINE_SLICE,
    ENGINE_UNITS,
    Intent,
    cgroup_path,
    tenant_of,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.live import FILES
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.plan import Observed, UnitState
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.unit import OWNED, unit_of

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

ROOT = "/sys/fs/cgroup"
PROPERTIES = ("Id", "LoadState", "ActiveState", "NeedDaemonReload", "ControlGroup")
PODMAN_CONTAINERS = "/var/lib/containers/storage/overlay-containers/containers.json"
DOCKER_CONTAINER = "/var/lib/docker/containers/{}/config.v2.json"
_SCOPE = re.compile(r"(?P<engine>docker|libpod)-(?P<id>[0-9a-f]{64})\.scope")
OOMD_UNIT = "/lib/systemd/system/systemd-oomd.service"


def read_hierarchy(io: HostIO) -> str:
    """Which hierarchy of control groups is mounted: unified, hybrid or legacy (systemd's names for them)."""
    if io.exists(f"{ROOT}/cgroup.controllers"):
        return "unified"
    return "hybrid" if io.exists(f"{ROOT}/unified/cgroup.controllers") else "legacy"


def _meminfo(io: HostIO) -> dict[str, int]:
    """Sizes of /proc/meminfo in bytes."""
    found = {}
    for line in (io.read_text("/proc/meminfo") or "").splitlines():
        words = line.replace(":", " ").split()
        if len(words) > 1 and words[1].isdigit():
            found[words[0]] = int(words[1]) * 1024
    return found


def read_disk(io: HostIO, path: str) -> Disk:
    """The device behind a path in /dev, links followed."""
    seen = []
    while path not in seen:
        seen.append(path)
        target = io.read_link(path)
        if target:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    folder = f"/sys/class/block/{path.removeprefix('/dev/').replace('/', '!')}"
    number = (io.read_text(f"{folder}/dev") or "").strip()
    return Disk(number, io.exists(f"{folder}/partition"))


def read_machine(io: HostIO, devices: t.Iterable[str]) -> Machine:
    """What there is to share."""
    memory = _meminfo(io)
    processors = re.findall(r"^cpu\d+ ", io.read_text("/proc/stat") or "", re.MULTILINE)
    pid_max = (io.read_text("/proc/sys/kernel/pid_max") or "").strip()
    return Machine(
        hierarchy=read_hierarchy(io),
        controllers=tuple((io.read_text(f"{ROOT}/cgroup.controllers") or "").split()),
        processors=len(processors) or 1,
        memory_bytes=memory.get("MemTotal", 0),
        swap_bytes=memory.get("SwapTotal", 0),
        pid_max=int(pid_max) if pid_max.isdigit() else 32768,
        has_oomd=io.exists(OOMD_UNIT) or io.exists(f"/usr{OOMD_UNIT}"),
        disks={device: read_disk(io, device) for device in devices},
    )


def devices_of(intent: Intent) -> list[str]:
    """Every device the intent names, once."""
    return list(dict.fromkeys(one.device for limits in intent.slices().values() for one in limits.devices))


def read_slice(io: HostIO, unit: str) -> t.Optional[dict[str, t.Optional[str]]]:
    """The files of a slice's control group by name; None while there is no such group."""
    folder = f"{ROOT}/{cgroup_path(unit)}"
    if not io.exists(f"{folder}/cgroup.events"):
        return None
    return {name: io.read_text(f"{folder}/{name}") for name in FILES}


def parse_units(output: str) -> dict[str, UnitState]:
    """Parse ``systemctl show`` of PROPERTIES: blocks of key=value lines, an empty line between units."""
    found = {}
    for block in output.strip().split("\n\n"):
        values = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if "Id" in values:
            slices = [part for part in values.get("ControlGroup", "").split("/") if part.endswith(".slice")]
            found[values["Id"]] = UnitState(
                loaded=values.get("LoadState") == "loaded",
                active=values.get("ActiveState") in ("active", "reloading"),
                needs_reload=values.get("NeedDaemonReload") == "yes",
                slice=slices[-1] if slices else "",
            )
    return found


def read_container_names(io: HostIO, scopes: t.Iterable[str]) -> dict[str, str]:
    """Scopes of containers to ``container NAME``, from the engines' own files; scopes of other things are left out."""
    names = {}
    podman: t.Optional[dict[str, str]] = None
    for scope in scopes:
        found = _SCOPE.fullmatch(scope)
        if found and found["engine"] == "docker":
            name = _mapping(io.read_text(DOCKER_CONTAINER.format(found["id"]))).get("Name")
        elif found:
            podman = _podman_names(io) if podman is None else podman
            name = podman.get(found["id"])
        else:
            continue
        names[scope] = f"container {str(name).lstrip('/')}" if name else f"container {found['id'][:12]}"
    return names


def _mapping(text: t.Optional[str]) -> dict[str, t.Any]:
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _podman_names(io: HostIO) -> dict[str, str]:
    try:
        entries = json.loads(io.read_text(PODMAN_CONTAINERS) or "[]")
    except ValueError:
        return {}
    return {entry["id"]: entry["names"][0] for entry in entries if entry.get("id") and entry.get("names")}


def read_users(io: HostIO, unit: str) -> list[str]:
    """Who runs in a slice: containers by their names, other units by theirs, processes of the slice itself."""
    folder = f"{ROOT}/{cgroup_path(unit)}"
    busy = []
    for name in io.list_directory(folder):
        events = io.read_text(f"{folder}/{name}/cgroup.events")
        # conmon watches over a container of Podman, which is named itself.
        if parse_keyed(events).get("populated") and not name.startswith("libpod-conmon-"):
            busy.append(name)
    names = read_container_names(io, busy)
    own = len((io.read_text(f"{folder}/cgroup.procs") or "").split())
    return [*(names.get(name, name) for name in busy), *([f"{own} processes of its own"] if own else [])]


def observe(io: HostIO, intent: Intent, disks: t.Mapping[str, Disk]) -> Observed:
    """Everything at once: one question to systemd, the rest are file reads."""
    files = {path: io.read_text(path) or "" for path in io.glob(OWNED)}
    slices = dict.fromkeys([*intent.slices(), *(unit_of(path) for path in files if tenant_of(unit_of(path)))])
    units = [*slices, *ENGINE_UNITS, "slices.target"]
    shown = io.run(["systemctl", "show", f"--property={','.join(PROPERTIES)}", *units], check=True)
    live = {unit: read_slice(io, unit) for unit in slices}
    return Observed(
        files=files,
        live={unit: found for unit, found in live.items() if found is not None},
        units=parse_units(shown.stdout),
        users={unit: read_users(io, unit) for unit in slices if tenant_of(unit) or unit == ENGINE_SLICE},
        numbers={device: disk.number for device, disk in disks.items()},
    )
