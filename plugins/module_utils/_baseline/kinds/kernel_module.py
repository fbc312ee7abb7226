# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Kernel modules: kept from being loaded (modprobe.d(5)), or loaded now and at boot (modules-load.d(5))."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.drop_in import plan_drop_in
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.protocol import (
    Item,
    Kind,
    Record,
    Scope,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import (
    DEVIATES,
    FAILED,
    PASSED,
    UNKEPT,
    Finding,
    KindPlan,
    PlanBuilder,
    Restoration,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import Run

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

MODPROBE_DROP_IN = "/etc/modprobe.d/container-host.conf"
LOAD_DROP_IN = "/etc/modules-load.d/container-host.conf"
MODPROBE_FOLDERS = ("/etc/modprobe.d", "/run/modprobe.d", "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d")
LOAD_FOLDERS = tuple(folder.replace("modprobe.d", "modules-load.d") for folder in MODPROBE_FOLDERS)
REFUSALS = ("/bin/false", "/usr/bin/false", "/bin/true", "/usr/bin/true")

LOADED, DISABLED = "loaded", "disabled"


@dataclass(frozen=True)
class Parameters:
    """Names of modules and what they shall be: ``loaded`` or ``disabled``. written: the names as they were given."""

    names: tuple[str, ...]
    state: str
    written: tuple[str, ...]


@dataclass(frozen=True)
class Seen:
    """Modules by name, with underscores. in_use: loaded ones something depends on. available: None if not looked up."""

    loaded: frozenset[str]
    in_use: frozenset[str]
    built_in: frozenset[str]
    available: frozenset[str] | None
    refused: frozenset[str]
    load_at_boot: frozenset[str]
    modprobe_drop_in: str | None
    load_drop_in: str | None


def normal(name: str) -> str:
    """The kernel's own spelling: underscores."""
    return name.replace("-", "_")


def parse_proc_modules(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Loaded modules, and those in use, out of /proc/modules: name, size, use count, ... (proc(5))."""
    fields = [line.split() for line in text.splitlines() if line.strip()]
    return (
        frozenset(row[0] for row in fields),
        frozenset(row[0] for row in fields if len(row) > 2 and row[2] not in ("0", "-")),
    )


def parse_module_paths(text: str) -> frozenset[str]:
    """Module names out of modules.builtin or modules.dep: a path at the start of each line."""
    names = (line.partition(":")[0].strip().rpartition("/")[2].partition(".ko")[0] for line in text.splitlines())
    return frozenset(normal(name) for name in names if name)


def parse_modprobe(text: str) -> frozenset[str]:
    """Modules whose install command refuses to load them."""
    rows = (line.split() for line in text.splitlines())
    return frozenset(normal(row[1]) for row in rows if len(row) >= 3 and row[0] == "install" and row[2] in REFUSALS)


def parse_load_list(text: str) -> frozenset[str]:
    """Modules of a modules-load.d file: one per line."""
    lines = (line.strip() for line in text.splitlines())
    return frozenset(normal(line) for line in lines if line and line[0] not in "#;")


def _read_all(io: HostIO, folders: t.Iterable[str], parse: t.Callable[[str], frozenset[str]]) -> frozenset[str]:
    names: set[str] = set()
    for folder in folders:
        for name in io.list_directory(folder):
            if name.endswith(".conf"):
                names |= parse(io.read_text(f"{folder}/{name}") or "")
    return frozenset(names)


class KernelModule(Kind[Parameters, Seen]):
    """Kind ``kernel_module``."""

    name = "kernel_module"

    def parse(self, reader: Reader) -> Parameters:
        written = reader.texts("names")
        return Parameters(
            names=tuple(normal(name) for name in written),
            state=reader.choice("state", (LOADED, DISABLED)),
            written=written,
        )

    def observe(self, scope: Scope[Parameters]) -> Seen:
        loaded, in_use = parse_proc_modules(scope.io.read_text("/proc/modules") or "")
        release = (scope.io.read_text("/proc/sys/kernel/osrelease") or "").strip()
        built_in = parse_module_paths(scope.io.read_text(f"/lib/modules/{release}/modules.builtin") or "")
        wanted = {name for item in scope.items if item.parameters.state == LOADED for name in item.parameters.names}
        available = None
        if wanted - loaded - built_in:
            available = parse_module_paths(scope.io.read_text(f"/lib/modules/{release}/modules.dep") or "")
        return Seen(
            loaded=loaded,
            in_use=in_use,
            built_in=built_in,
            available=available,
            refused=_read_all(scope.io, MODPROBE_FOLDERS, parse_modprobe),
            load_at_boot=_read_all(scope.io, LOAD_FOLDERS, parse_load_list),
            modprobe_drop_in=scope.io.read_text(MODPROBE_DROP_IN),
            load_drop_in=scope.io.read_text(LOAD_DROP_IN),
        )

    def compare(self, items: t.Sequence[Item[Parameters]], seen: Seen, kept: Record) -> KindPlan:
        builder = PlanBuilder(kept)
        disabled = [item for item in items if item.parameters.state == DISABLED]
        loaded = [item for item in items if item.parameters.state == LOADED]
        refusals = [
            line
            for item in disabled
            # In the spelling given: modprobe takes both, other readers of the file only the usual one.
            for name in item.parameters.written
            for line in (f"install {name} /bin/false", f"blacklist {name}")
        ]
        ids = tuple(item.id for item in disabled)
        plan_drop_in(builder, MODPROBE_DROP_IN, seen.modprobe_drop_in, refusals, ids)
        wanted = [name for item in loaded for name in item.parameters.names if name not in seen.built_in]
        ids = tuple(item.id for item in loaded)
        plan_drop_in(builder, LOAD_DROP_IN, seen.load_drop_in, wanted, ids)
        ours = parse_modprobe(seen.modprobe_drop_in or "")
        our_load_list = parse_load_list(seen.load_drop_in or "")
        for item in items:
            if item.parameters.state == DISABLED:
                self._compare_disabled(item, seen, ours, builder)
            else:
                self._compare_loaded(item, seen, our_load_list, builder)
        self._restore(builder, seen, {name for item in disabled for name in item.parameters.names})
        return builder.plan()

    @staticmethod
    def _compare_disabled(item: Item[Parameters], seen: Seen, ours: frozenset[str], builder: PlanBuilder) -> None:
        names = item.parameters.names
        before = {
            name: "built in" if name in seen.built_in
            else "loaded" if name in seen.loaded
            else "disabled" if name in seen.refused
            else "loadable"
            for name in names
        }  # fmt: skip
        after = dict.fromkeys(names, "disabled")
        built_in = [name for name in names if name in seen.built_in]
        in_use = [name for name in names if name in seen.in_use]
        if built_in:
            reason = f"{', '.join(built_in)} is built into this kernel and can't be kept out; exempt the control"
            builder.findings.append(Finding(item.id, FAILED, before, after, reason))
            return
        for name in names:
            if name in seen.loaded and name not in seen.in_use:
                builder.remember(f"loaded:{name}", item.id, True)
                builder.steps.append(Run((item.id,), ("modprobe", "-r", name)))
        if in_use:
            reason = f"{', '.join(in_use)} is in use; stop what uses it or reboot, then run again"
            builder.findings.append(Finding(item.id, FAILED, before, after, reason))
        elif before != after:
            builder.findings.append(Finding(item.id, DEVIATES, before, after))
        else:
            status = PASSED if set(names) <= ours else UNKEPT
            builder.findings.append(Finding(item.id, status, before, after))

    @staticmethod
    def _compare_loaded(item: Item[Parameters], seen: Seen, ours: frozenset[str], builder: PlanBuilder) -> None:
        names = item.parameters.names
        present = seen.loaded | seen.built_in
        before = {
            name: "built in" if name in seen.built_in
            else "absent" if name not in seen.loaded
            else "loaded" if name in seen.load_at_boot
            else "loaded, not at boot"
            for name in names
        }  # fmt: skip
        after = {name: "built in" if name in seen.built_in else "loaded" for name in names}
        lacking = [name for name in names if seen.available is not None and name not in present | seen.available]
        if lacking:
            reason = f"this kernel has no module {', '.join(lacking)}; use a kernel that has it, or exempt the control"
            builder.findings.append(Finding(item.id, FAILED, before, after, reason))
            return
        builder.steps.extend(Run((item.id,), ("modprobe", name)) for name in names if name not in present)
        if before != after:
            builder.findings.append(Finding(item.id, DEVIATES, before, after))
        else:
            status = PASSED if all(name in ours or name in seen.built_in for name in names) else UNKEPT
            builder.findings.append(Finding(item.id, status, before, after))

    @staticmethod
    def _restore(builder: PlanBuilder, seen: Seen, wanted: set[str]) -> None:
        """Load again what was unloaded. What was loaded stays: something may have come to need it."""
        for key, kept in builder.kept.items():
            name = key.partition(":")[2]
            if not key.startswith("loaded:") or name in wanted:
                continue
            was = "loaded" if name in seen.loaded else "not loaded"
            if name not in seen.loaded:
                builder.steps.append(Run((kept.control,), ("modprobe", name)))
            builder.restorations.append(Restoration(key, kept.control, {name: was}, {name: "loaded"}))
