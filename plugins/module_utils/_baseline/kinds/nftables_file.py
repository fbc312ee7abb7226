# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The system's own firewall file: loading it makes its own tables anew and leaves those of engines and ours alone.

``flush ruleset`` at its top takes away translation and publishing of every running container until its engine is
started anew. In its place come the same words for the tables the file itself declares, so that it means what it meant.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

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
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import WriteFile

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import FileStatus, HostIO

FLUSH = re.compile(r"^[ \t]*flush[ \t]+ruleset[ \t]*;?[ \t]*(?:#.*)?$", re.MULTILINE)
DECLARED = re.compile(r"^[ \t]*(?:add[ \t]+)?table[ \t]+(?:(ip6?|inet|arp|bridge|netdev)[ \t]+)?(\w+)", re.MULTILINE)
INCLUDE = re.compile(r'^[ \t]*include[ \t]+["\']([^"\']+)["\']', re.MULTILINE)
PACKAGE = "nftables"
FOLDER = "/etc"
"""Where nft looks for includes without a path on most systems (nft(8), -I)."""


@dataclass(frozen=True)
class Parameters:
    """paths: the files, as far as they are there."""

    paths: tuple[str, ...]


@dataclass(frozen=True)
class Seen:
    """files: path -> text. included: path -> texts of the files it includes. is_arriving: the package that brings the
    file comes with this run.
    """

    files: t.Mapping[str, str]
    statuses: t.Mapping[str, FileStatus]
    included: t.Mapping[str, tuple[str, ...]]
    is_arriving: bool = False


def without_flush(text: str, included: t.Iterable[str] = ()) -> str:
    """The file with its own tables made anew in place of all tables flushed; the same when it flushes nothing."""
    tables: dict[tuple[str, str], None] = {}
    for source in (text, *included):
        for family, name in DECLARED.findall(source):
            tables[family or "ip", name] = None
    lines = [line for family, name in tables for line in (f"table {family} {name}", f"delete table {family} {name}")]
    found = FLUSH.split(text)
    return text if len(found) == 1 else found[0] + "\n".join(lines) + "".join(found[1:])


def _included(io: HostIO, text: str) -> tuple[str, ...]:
    patterns = (path if path.startswith("/") else f"{FOLDER}/{path}" for path in INCLUDE.findall(text))
    return tuple(io.read_text(path) or "" for pattern in patterns for path in io.glob(pattern))


class NftablesFile(Kind[Parameters, Seen]):
    """Kind ``nftables_file``."""

    name = "nftables_file"

    def parse(self, reader: Reader) -> Parameters:
        paths = reader.texts("paths")
        for index, path in enumerate(paths):
            if not path.startswith("/"):
                reader.wrong(f"paths[{index}]", f"is {path!r}", "give an absolute path")
        return Parameters(paths)

    def observe(self, scope: Scope[Parameters]) -> Seen:
        io = scope.io
        files = {}
        statuses = {}
        for path in sorted({path for item in scope.items for path in item.parameters.paths} | set(scope.kept)):
            text, status = io.read_text(path), io.status(path)
            if text is not None and status is not None:
                files[path], statuses[path] = text, status
        included = {path: _included(io, text) for path, text in files.items()}
        return Seen(files, statuses, included, PACKAGE in scope.arriving)

    def compare(self, items: t.Sequence[Item[Parameters]], seen: Seen, kept: Record) -> KindPlan:
        builder = PlanBuilder(kept)
        for item in items:
            builder.findings.append(self._compare_one(item, seen, builder))
        wanted = {path for item in items for path in item.parameters.paths}
        for path, entry in kept.items():
            if path in wanted:
                continue
            now, was = seen.files.get(path), entry.before
            if now is not None and now == without_flush(was, seen.included[path]) and now != was:
                builder.steps.append(self._write(entry.control, path, was, seen))
                builder.restorations.append(Restoration(path, entry.control, {path: now}, {path: was}))
            else:
                # Gone, or written by somebody else since: theirs now.
                builder.restorations.append(Restoration(path, entry.control, {}, {}))
        return builder.plan()

    def _compare_one(self, item: Item[Parameters], seen: Seen, builder: PlanBuilder) -> Finding:
        paths = [path for path in item.parameters.paths if path in seen.files]
        if not paths and seen.is_arriving:
            path = item.parameters.paths[0]
            return Finding(item.id, DEVIATES, {path: None}, {path: "flushes no tables of others"})
        if not paths:
            return Finding(item.id, NOT_APPLICABLE, reason="the system has no firewall file of its own")
        before = {path: seen.files[path] for path in paths}
        after = {path: without_flush(text, seen.included[path]) for path, text in before.items()}
        changing = [path for path in paths if before[path] != after[path]]
        links = [path for path in changing if seen.statuses[path].kind != "file"]
        if links:
            return Finding(
                item.id, FAILED, before, after, f"{links[0]} is a {seen.statuses[links[0]].kind}, not a file"
            )
        for path in changing:
            builder.remember(path, item.id, before[path])
            builder.steps.append(self._write(item.id, path, after[path], seen))
        return Finding(item.id, DEVIATES if changing else PASSED, before, after)

    @staticmethod
    def _write(control: str, path: str, text: str, seen: Seen) -> WriteFile:
        status = seen.statuses[path]
        check = ("nft", "-c", "-f", "%s")
        return WriteFile((control,), path, text, status.mode, status.uid, status.gid, check)
