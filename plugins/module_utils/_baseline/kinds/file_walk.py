# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Files and directories that everybody can write to, and those that belong to nobody, wherever they are.

Finding them takes a walk over all local file systems: seconds to minutes, where everything else takes a fraction of a
second. So it is taken only when it is asked for. What belongs to nobody is for a person to give to somebody.
"""

from __future__ import annotations

import stat
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.file_walk import (
    Findings,
    Sort,
    Walk,
    secured,
    take_walk,
)
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
    Finding,
    KindPlan,
    PlanBuilder,
    Restoration,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import Step

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import FileStatus, HostIO
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_walk import Walked

WORLD_WRITABLE, UNOWNED = "world_writable", "unowned"
NOT_ASKED = "the walk over all files was not asked for (walk, baseline_walk)"
NAMED = 10
"""As many are named where all of them would be too many to read."""


@dataclass(frozen=True)
class Parameters:
    """find: what is looked for. asked: whether the walk is taken; the option ``walk`` says so."""

    find: str
    walk: Walk
    asked: bool


@dataclass(frozen=True)
class SeenPath:
    """A path changed earlier, as it is now."""

    status: FileStatus
    identity: tuple[int, int]


@dataclass(frozen=True)
class Seen:
    """walks: what each walk found. changed: the paths changed earlier, None for those that are gone."""

    walks: t.Mapping[Walk, Findings]
    changed: t.Mapping[str, t.Optional[SeenPath]]


@dataclass(frozen=True)
class SetModeOf(Step):
    """Set the permission bits of one file, if it is still the one that was seen."""

    path: str
    identity: tuple[int, int]
    mode: int

    def apply(self, io: HostIO) -> None:
        io.set_mode_of(self.path, self.identity, self.mode)


def _number(reader: Reader, name: str, default: int) -> int:
    text = reader.text(name, str(default))
    if text.isdigit() and int(text) > 0:
        return int(text)
    reader.wrong(name, f"is {text!r}", "give a whole number above 0")
    return default


def _readable(path: str) -> str:
    """A path for a report, whatever bytes are in it."""
    return path.encode("utf-8", "backslashreplace").decode()


def _some(sort: Sort) -> str:
    named = ", ".join(_readable(path) for path in sorted(sort.first)[:NAMED])
    return named if sort.count <= NAMED else f"{named} and {sort.count - NAMED} more"


class FileWalk(Kind[Parameters, Seen]):
    """Kind ``file_walk``."""

    name = "file_walk"

    def parse(self, reader: Reader) -> Parameters:
        return Parameters(
            find=reader.choice("find", (WORLD_WRITABLE, UNOWNED)),
            walk=Walk(
                filesystems=reader.texts("filesystems"),
                exclude=reader.texts("exclude", ()),
                max_entries=_number(reader, "max_entries", 1_000_000),
                max_seconds=_number(reader, "max_seconds", 60),
                max_found=_number(reader, "max_found", 200),
            ),
            asked=reader.boolean("asked", False),
        )

    def observe(self, scope: Scope[Parameters]) -> Seen:
        walks = dict.fromkeys(item.parameters.walk for item in scope.items if item.parameters.asked)
        held = {item.id for item in scope.items}
        left = [path for path, entry in scope.kept.items() if entry.control not in held]
        return Seen(
            {walk: take_walk(scope.io, walk) for walk in walks},
            {path: _look(scope.io, path) for path in left},
        )

    def compare(self, items: t.Sequence[Item[Parameters]], seen: Seen, kept: Record) -> KindPlan:
        builder = PlanBuilder(kept)
        for item in items:
            wants = item.parameters
            if not wants.asked:
                builder.findings.append(Finding(item.id, NOT_APPLICABLE, reason=NOT_ASKED))
            elif wants.find == UNOWNED:
                builder.findings.append(_judge_unowned(item, seen.walks[wants.walk]))
            else:
                builder.findings.append(_judge_writable(item, seen.walks[wants.walk], builder))
        for path, now in seen.changed.items():
            _restore(builder, path, now)
        return builder.plan()


def _look(io: HostIO, path: str) -> SeenPath | None:
    status, identity = io.status(path), io.identity(path)
    return None if status is None or identity is None else SeenPath(status, identity)


def _bound_words(found: Findings) -> str:
    """What to say of a walk that came to no end."""
    if not found.cut:
        return ""
    return f"only {found.entries} files were looked at ({found.cut}): raise that, or exclude what need not be looked at"


def _judge_unowned(item: Item[Parameters], found: Findings) -> Finding:
    problems = [_bound_words(found)] if found.cut else []
    if found.unowned.count:
        problems.append(
            f"belong to nobody this host knows: {_some(found.unowned)}; give them to somebody with chown, or exclude"
            " the place where an image decides whose its files are"
        )
    before = {_readable(path): f"{entry.uid}:{entry.gid}" for path, entry in sorted(found.unowned.first.items())}
    return Finding(item.id, FAILED if problems else PASSED, before, before, "; ".join(problems))


def _judge_writable(item: Item[Parameters], found: Findings, builder: PlanBuilder) -> Finding:
    sort = found.world_writable
    modes = {path: (stat.S_IMODE(entry.mode), secured(entry.mode)) for path, entry in sorted(sort.first.items())}
    before = {_readable(path): f"{now:04o}" for path, (now, _then) in modes.items()}
    after = {_readable(path): f"{then:04o}" for path, (_now, then) in modes.items()}
    if sort.count > len(sort.first):
        # So many are no oversight: some program works like that, and would stop working.
        reason = f"everybody can write to {_some(sort)}; more than {item.parameters.walk.max_found} are left to you"
        return Finding(item.id, FAILED, before, before, reason)
    for path, (now, then) in modes.items():
        _secure(item, path, sort.first[path], (now, then), builder)
    if found.cut:
        return Finding(item.id, FAILED, before, after, _bound_words(found))
    return Finding(item.id, DEVIATES if modes else PASSED, before, after)


def _secure(item: Item[Parameters], path: str, entry: Walked, modes: tuple[int, int], builder: PlanBuilder) -> None:
    now, then = modes
    builder.remember(path, item.id, {"mode": now, "set": then, "device": entry.device, "inode": entry.inode})
    builder.steps.append(SetModeOf((item.id,), path, (entry.device, entry.inode), then))


def _restore(builder: PlanBuilder, path: str, now: SeenPath | None) -> None:
    """Put a mode back, on the file it was taken from and as it was left: by now the name may be something else's."""
    entry = builder.kept[path]
    was = entry.before
    identity = (was["device"], was["inode"])
    title, mode = _readable(path), None if now is None else now.status.mode
    words = None if mode is None else f"{mode:04o}"
    then = words
    if now is not None and now.identity == identity and mode == was["set"]:
        builder.steps.append(SetModeOf((entry.control,), path, identity, was["mode"]))
        then = f"{was['mode']:04o}"
    builder.restorations.append(Restoration(path, entry.control, {title: words}, {title: then}))
