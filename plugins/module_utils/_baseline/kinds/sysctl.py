# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Kernel parameters: the running values through /proc/sys, the values at boot by one drop-in (sysctl.d(5))."""

from __future__ import annotations

import fnmatch
import posixpath
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.comparison import WAYS, holds, is_number
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
    NOT_APPLICABLE,
    PASSED,
    UNKEPT,
    Finding,
    Kept,
    KindPlan,
    PlanBuilder,
    Restoration,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import WriteValue
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.uplinks import announced_uplinks

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

# After 99-sysctl.conf, the link to /etc/sysctl.conf some distributions have.
DROP_IN = "/etc/sysctl.d/99-zz-container-host.conf"
# In falling precedence: a file hides those of the same name in later folders (sysctl.d(5)).
FOLDERS = ("/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d")
LAST_FILE = "/etc/sysctl.conf"
UPLINK = "{uplink}"
"""In a key: each interface the kernel has its IPv6 default route on from an announcement."""


@dataclass(frozen=True)
class Parameters:
    """values: what shall hold. forbidden: what no file may set at boot. compare: how values compare.

    module: the kernel module that brings the keys. one_way: the kernel takes it back only by a reboot.
    """

    values: tuple[tuple[str, str], ...]
    forbidden: tuple[tuple[str, str], ...]
    compare: str
    if_missing: str
    module: str
    one_way: bool


@dataclass(frozen=True)
class Assignment:
    """One line of a sysctl.d file."""

    key: str
    value: str
    path: str
    line: int


@dataclass(frozen=True)
class Seen:
    """values: running values by key, None for keys the kernel lacks. assignments: those at boot, in order."""

    values: t.Mapping[str, t.Optional[str]]
    assignments: tuple[Assignment, ...]
    drop_in: str | None
    uplinks: tuple[str, ...] = ()

    def at_boot(self, key: str, without: str = "") -> Assignment | None:
        """The assignment that decides a key at boot: the last one that names it, else the last pattern over it.

        A key named outright is left out of patterns (sysctl.d(5)). ``without``: a file to look past.
        """
        lines = [entry for entry in self.assignments if entry.path != without]
        named = [entry for entry in lines if entry.key == key]
        patterns = [entry for entry in lines if "*" in entry.key and fnmatch.fnmatchcase(key, entry.key)]
        return named[-1] if named else patterns[-1] if patterns else None

    def overriding(self, key: str) -> Assignment | None:
        """The line after our drop-in that decides a key, or None."""
        entry = self.at_boot(key)
        paths = [line.path for line in self.assignments]
        if entry is None or entry.path == DROP_IN or "*" in entry.key:
            return None
        ours = paths.index(DROP_IN) if DROP_IN in paths else None
        if ours is None:
            later = posixpath.basename(entry.path) > posixpath.basename(DROP_IN) or entry.path == LAST_FILE
        else:
            later = self.assignments.index(entry) > ours
        return entry if later else None


def path_of(key: str) -> str:
    """The file of a key. With slashes first, dots belong to names, as in net/ipv4/conf/eth0.1/forwarding."""
    slash, dot = key.find("/"), key.find(".")
    if slash >= 0 and (dot < 0 or slash < dot):
        return f"/proc/sys/{key}"
    return "/proc/sys/" + key.translate(str.maketrans("./", "/."))


def normal_key(key: str) -> str:
    """A key as written with dots."""
    return key.replace("/", ".") if 0 <= key.find("/") < (key.find(".") if "." in key else len(key)) else key


def parse_file(text: str, path: str) -> list[Assignment]:
    """The assignments of one file; a leading minus (errors don't matter) is taken off, lone exclusions are left out."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            continue
        key, equals, value = stripped.partition("=")
        if equals:
            found.append(Assignment(normal_key(key.strip().lstrip("-")), " ".join(value.split()), path, number))
    return found


def read_assignments(io: HostIO) -> tuple[Assignment, ...]:
    """Every assignment made at boot, in the order it is made: by file name over all folders, then sysctl.conf."""
    chosen: dict[str, str] = {}
    for folder in FOLDERS:
        for name in io.list_directory(folder):
            if name.endswith(".conf"):
                chosen.setdefault(name, f"{folder}/{name}")
    paths = [chosen[name] for name in sorted(chosen)]
    if io.exists(LAST_FILE):
        paths.append(LAST_FILE)
    return tuple(entry for path in paths for entry in parse_file(io.read_text(path) or "", path))


def spelled_out(items: t.Sequence[Item[Parameters]], uplinks: t.Sequence[str]) -> list[Item[Parameters]]:
    """The controls with a key for each uplink in place of those for any."""

    def values(item: Item[Parameters]) -> t.Iterator[tuple[str, str]]:
        for key, value in item.parameters.values:
            for name in uplinks if UPLINK in key else ("",):
                yield key.replace(UPLINK, name), value

    return [Item(item.id, replace(item.parameters, values=tuple(values(item)))) for item in items]


class Sysctl(Kind[Parameters, Seen]):
    """Kind ``sysctl``."""

    name = "sysctl"

    def parse(self, reader: Reader) -> Parameters:
        parameters = Parameters(
            values=tuple((key, " ".join(value.split())) for key, value in reader.scalars("values", required=False)),
            forbidden=reader.scalars("forbidden", required=False),
            compare=reader.choice("compare", WAYS, "equal"),
            if_missing=reader.choice("if_missing", (FAILED, NOT_APPLICABLE), FAILED),
            module=reader.text("module", ""),
            one_way=reader.boolean("one_way", False),
        )
        if not reader.given.get("values") and not reader.given.get("forbidden"):
            reader.wrong("values", "is missing", "give values, or forbidden ones")
        for key, value in parameters.values:
            if parameters.compare != "equal" and not is_number(value):
                reader.wrong(f"values.{key}", f"is {value!r}", f"give a whole number to compare {parameters.compare}")
        return parameters

    def observe(self, scope: Scope[Parameters]) -> Seen:
        has_uplink_keys = any(UPLINK in key for item in scope.items for key, _value in item.parameters.values)
        uplinks = announced_uplinks(scope.io) if has_uplink_keys else ()
        keys = {key for item in spelled_out(scope.items, uplinks) for key, _value in item.parameters.values}
        keys |= {key.partition(":")[2] for key in scope.kept if key.startswith("value:")}
        values = {key: scope.io.read_text(path_of(key)) for key in sorted(keys)}
        running = {key: None if value is None else " ".join(value.split()) for key, value in values.items()}
        return Seen(running, read_assignments(scope.io), scope.io.read_text(DROP_IN), uplinks)

    def compare(self, items: t.Sequence[Item[Parameters]], seen: Seen, kept: Record) -> KindPlan:
        builder = PlanBuilder(kept)
        items = spelled_out(items, seen.uplinks)
        ours = {entry.key: entry.value for entry in parse_file(seen.drop_in or "", DROP_IN)}
        lines: dict[str, str] = {}
        writers: list[str] = []
        values: list[WriteValue] = []
        for item in items:
            self._compare_one(item, seen, ours, lines, builder, values)
            if any(key in lines for key, _value in item.parameters.values):
                writers.append(item.id)
        text = [f"{key} = {value}" for key, value in lines.items()]
        plan_drop_in(builder, DROP_IN, seen.drop_in, text, tuple(writers))
        builder.steps.extend(values)
        self._restore(builder, seen, {key for item in items for key, _value in item.parameters.values})
        return builder.plan()

    def _compare_one(
        self,
        item: Item[Parameters],
        seen: Seen,
        ours: t.Mapping[str, str],
        lines: dict[str, str],
        builder: PlanBuilder,
        values: list[WriteValue],
    ) -> None:
        wants = item.parameters
        forbidden = self._forbidden(item, seen)
        present = [(key, value) for key, value in wants.values if seen.values[key] is not None or wants.module]
        missing = [key for key, _value in wants.values if seen.values[key] is None and not wants.module]
        if forbidden is not None:
            builder.findings.append(forbidden)
        elif missing and (wants.if_missing == FAILED or not present):
            reason = f"this kernel does not have {', '.join(missing)}"
            builder.findings.append(Finding(item.id, wants.if_missing, reason=reason))
        elif not wants.values:
            builder.findings.append(Finding(item.id, PASSED))
        else:
            before: dict[str, str | None] = {}
            after: dict[str, str | None] = {}
            is_kept = True
            for key, value in present:
                running = seen.values[key]
                right_now = holds(running, value, wants.compare)
                at_boot = seen.at_boot(key)
                right_at_boot = at_boot is None or holds(at_boot.value, value, wants.compare)
                before[key] = running if right_at_boot or at_boot is None else f"{running}, at boot {at_boot.value}"
                after[key] = running if right_now else value
                elsewhere = seen.at_boot(key, without=DROP_IN)
                weaker_elsewhere = elsewhere is not None and not holds(elsewhere.value, value, wants.compare)
                weaker_before = self._was_weaker(builder.kept.get(f"value:{key}"), value, wants.compare)
                if wants.compare == "equal" or not right_now or key in ours or weaker_elsewhere or weaker_before:
                    lines[key] = value
                    is_kept = is_kept and ours.get(key) == value
                if not right_now:
                    builder.remember(f"value:{key}", item.id, {"value": running, "one_way": wants.one_way})
                    values.append(WriteValue((item.id,), path_of(key), value))
            builder.findings.append(self._judge(item, seen, before, after, is_kept))

    @staticmethod
    def _was_weaker(kept: Kept | None, value: str, compare: str) -> bool:
        """Whether the host did not meet a bound by itself before: then it needs our line, whatever runs now."""
        return kept is not None and not holds(kept.before["value"], value, compare)

    @staticmethod
    def _forbidden(item: Item[Parameters], seen: Seen) -> Finding | None:
        for key, value in item.parameters.forbidden:
            entry = seen.at_boot(key)
            if entry is not None and entry.value == value:
                reason = f"{entry.path} line {entry.line} sets {key} to {value} at boot: take that line away"
                return Finding(item.id, FAILED, {key: value}, {key: None}, reason)
        return None

    @staticmethod
    def _judge(
        item: Item[Parameters],
        seen: Seen,
        before: dict[str, str | None],
        after: dict[str, str | None],
        is_kept: bool,
    ) -> Finding:
        for key, value in item.parameters.values:
            entry = seen.overriding(key)
            if entry is not None and not holds(entry.value, value, item.parameters.compare):
                reason = f"{entry.path} line {entry.line} sets {key} to {entry.value} at boot, after ours: take it away"
                return Finding(item.id, FAILED, before, after, reason)
        if before != after:
            return Finding(item.id, DEVIATES, before, after)
        if is_kept:
            return Finding(item.id, PASSED, before, after)
        return Finding(item.id, UNKEPT, before, after, "holds now; written down to hold at every boot")

    @staticmethod
    def _restore(builder: PlanBuilder, seen: Seen, wanted: set[str]) -> None:
        for name, kept in builder.kept.items():
            key = name.partition(":")[2]
            if not name.startswith("value:") or key in wanted:
                continue
            value = kept.before["value"]
            running = seen.values.get(key)
            reason = ""
            if kept.before["one_way"] and running != value:
                reason = "the kernel takes this back at the next boot"
            elif running is not None and value is not None and running != value:
                builder.steps.append(WriteValue((kept.control,), path_of(key), value))
            # A key that was not there came with its module, which stays loaded.
            back = running if value is None else value
            builder.restorations.append(Restoration(name, kept.control, {key: running}, {key: back}, reason))
