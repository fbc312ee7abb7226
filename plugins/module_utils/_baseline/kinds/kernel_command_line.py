# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Parameters the kernel is started with: compared with the running kernel's and with those of the next boot.

What is written takes effect at the next boot, which is left to the operator.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.boot_loader import (
    BLS,
    DROP_IN,
    GRUB,
    UNKNOWN,
    BootLoader,
    GenerateGrub,
    parse_drop_in,
    read_boot_loader,
    render_drop_in,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.comparison import WAYS, holds, is_number
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.drop_in import BANNER
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.protocol import (
    Item,
    Kind,
    Record,
    Scope,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import (
    AT_NEXT_BOOT,
    DEVIATES,
    FAILED,
    PASSED,
    PENDING,
    Finding,
    KindPlan,
    PlanBuilder,
    Restoration,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import Run
from ansible_collections.anycloud.container_host.plugins.module_utils._grub_generator import GENERATE_SECONDS

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader
    from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.grub import BootEntry

SET = "set"
"""How a parameter without a value is shown."""

CHARACTERS = frozenset("\"'`$\\ \t\n")
"""What neither a shell file nor a command line carries unharmed."""


@dataclass(frozen=True)
class Parameters:
    """present, absent: as on the command line, ``name=value`` or ``name``. compare: how values of present compare."""

    present: tuple[str, ...]
    absent: tuple[str, ...]
    compare: str


@dataclass(frozen=True)
class Seen:
    """running: what the kernel was started with. loader: what it will be started with."""

    running: tuple[str, ...]
    loader: BootLoader


def split(word: str) -> tuple[str, str]:
    """Name and value; the kernel takes dashes for underscores in names."""
    name, equals, value = word.partition("=")
    return name.replace("-", "_"), value if equals else SET


def value_in(words: t.Iterable[str], name: str) -> str | None:
    """The value a parameter has in a command line: the last one, None without it."""
    return next((value for found, value in reversed([split(word) for word in words]) if found == name), None)


def is_set_at_boot(word: str, compare: str, entries: t.Sequence[BootEntry]) -> bool:
    """Whether every way to start the host sets a parameter."""
    name, value = split(word)
    return bool(entries) and all(holds(value_in(entry.parameters, name), value, compare) for entry in entries)


class KernelCommandLine(Kind[Parameters, Seen]):
    """Kind ``kernel_command_line``."""

    name = "kernel_command_line"

    def parse(self, reader: Reader) -> Parameters:
        parameters = Parameters(
            present=reader.texts("present", ()),
            absent=reader.texts("absent", ()),
            compare=reader.choice("compare", WAYS, "equal"),
        )
        if not reader.given.get("present") and not reader.given.get("absent"):
            reader.wrong("present", "is missing", "give parameters that shall be present, or absent")
        for field, words in (("present", parameters.present), ("absent", parameters.absent)):
            for index, word in enumerate(words):
                if CHARACTERS & set(word) or word.startswith("="):
                    reader.wrong(
                        f"{field}[{index}]", f"is {word!r}", "give name or name=value, without spaces or quotes"
                    )
                elif field == "present" and parameters.compare != "equal" and not is_number(split(word)[1]):
                    remedy = f"give a whole number to compare {parameters.compare}"
                    reader.wrong(f"{field}[{index}]", f"is {word!r}", remedy)
        return parameters

    def observe(self, scope: Scope[Parameters]) -> Seen:
        running = (scope.io.read_text("/proc/cmdline") or "").split()
        return Seen(tuple(running), read_boot_loader(scope.io))

    def compare(self, items: t.Sequence[Item[Parameters]], seen: Seen, kept: Record) -> KindPlan:
        builder = PlanBuilder(kept)
        wanted: dict[str, str] = {}
        for item in items:
            builder.findings.append(self._compare_one(item, seen, kept, wanted))
        gone = [key for key in kept if key.startswith("parameter:") and key.partition(":")[2] not in wanted]
        for key in gone:
            self._restore(key, seen, builder)
        if seen.loader.kind == GRUB:
            self._plan_grub(seen, builder, wanted, gone)
        elif seen.loader.kind == BLS:
            self._plan_bls(seen, builder, wanted, gone)
        return builder.plan()

    @staticmethod
    def _compare_one(item: Item[Parameters], seen: Seen, kept: Record, wanted: dict[str, str]) -> Finding:
        """The finding; the parameters that are ours to write are added to wanted (parameter -> control)."""
        wants, entries = item.parameters, seen.loader.entries
        ours = parse_drop_in(seen.loader.drop_in)
        before: dict[str, t.Any] = {}
        after: dict[str, t.Any] = {}
        must_boot, lacking, refused = False, [], []
        for word in wants.absent:
            name, value = split(word)
            if any(value_in(entry.parameters, name) == value for entry in entries):
                before[name], after[name] = value, None
                refused.append(word)
            elif value_in(seen.running, name) == value:
                before[name] = after[name] = f"{value}, until the next boot"
                must_boot = True
        for word in wants.present:
            name, value = split(word)
            running = value_in(seen.running, name)
            now = holds(running, value, wants.compare)
            then = is_set_at_boot(word, wants.compare, entries)
            kept_by_us = f"parameter:{word}" in kept
            if then and kept_by_us and seen.loader.kind == GRUB:
                # Without its line in our drop-in it would go when the configuration is next generated.
                then = word in ours
            if kept_by_us or word in ours or not then:
                wanted[word] = item.id
            shown = running if now else value
            if then or (now and seen.loader.kind == UNKNOWN):
                before[name] = after[name] = shown if now else f"{shown}, from the next boot on"
            else:
                before[name], after[name] = (f"{running}, not at the next boot" if now else running), shown
                lacking.append(word)
            must_boot = must_boot or not now
        if refused:
            places = " or ".join(_sources(seen))
            reason = f"the boot loader is told {', '.join(refused)}: take it away where it is written, {places}"
            return Finding(item.id, FAILED, before, after, reason)
        if lacking and seen.loader.kind == UNKNOWN:
            reason = "what starts this kernel is neither GRUB with drop-ins nor known to grubby: set it there"
            return Finding(item.id, FAILED, before, after, reason)
        status = DEVIATES if lacking else PENDING if must_boot else PASSED
        return Finding(item.id, status, before, after, AT_NEXT_BOOT if must_boot else "")

    @staticmethod
    def _restore(key: str, seen: Seen, builder: PlanBuilder) -> None:
        name, value = split(key.partition(":")[2])
        kept = builder.kept[key]
        is_running = value_in(seen.running, name) == value
        was = split(kept.before["was"])[1] if kept.before["was"] else None
        builder.restorations.append(
            Restoration(key, kept.control, {name: value}, {name: was}, AT_NEXT_BOOT if is_running else "")
        )

    @staticmethod
    def _plan_grub(seen: Seen, builder: PlanBuilder, wanted: t.Mapping[str, str], gone: t.Sequence[str]) -> None:
        text = render_drop_in(BANNER, tuple(wanted)) if wanted else None
        is_generated = all(word in entry.parameters for word in wanted for entry in seen.loader.entries)
        if (text == seen.loader.drop_in and is_generated) or not (wanted or gone):
            return
        for word, control in wanted.items():
            builder.remember(f"parameter:{word}", control, {"was": ""})
        controls = [*wanted.values(), *(builder.kept[key].control for key in gone)]
        builder.steps.append(GenerateGrub(tuple(dict.fromkeys(controls)), text, tuple(wanted)))

    @staticmethod
    def _plan_bls(seen: Seen, builder: PlanBuilder, wanted: t.Mapping[str, str], gone: t.Sequence[str]) -> None:
        entries = seen.loader.entries
        lacking = {w: c for w, c in wanted.items() if any(w not in entry.parameters for entry in entries)}
        for word, control in lacking.items():
            name = split(word)[0]
            there = [old for entry in entries[:1] for old in entry.parameters if split(old)[0] == name]
            builder.remember(f"parameter:{word}", control, {"was": there[-1] if there else ""})
        if lacking:
            builder.steps.append(_grubby(tuple(dict.fromkeys(lacking.values())), f"--args={' '.join(lacking)}"))
        for key in gone:
            word, kept = key.partition(":")[2], builder.kept[key]
            if any(word in entry.parameters for entry in entries):
                builder.steps.append(_grubby((kept.control,), f"--remove-args={word}"))
                if kept.before["was"]:
                    builder.steps.append(_grubby((kept.control,), f"--args={kept.before['was']}"))


def _grubby(controls: tuple[str, ...], change: str) -> Run:
    return Run(controls, ("grubby", "--update-kernel=ALL", change), GENERATE_SECONDS)


def _sources(seen: Seen) -> tuple[str, ...]:
    return ("grubby --remove-args",) if seen.loader.kind == BLS else ("/etc/default/grub", DROP_IN.rpartition("/")[0])
