# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Owner, group and permission bits of files and directories."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.connection import (
    read_accounts,
    read_groups,
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
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import SetStatus

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import FileStatus


@dataclass(frozen=True)
class Parameters:
    """paths: paths or patterns. mode: bits that may be set; with exact, those that must be. groups: any will do.

    other_owners: may stay as they are.
    """

    paths: tuple[str, ...]
    mode: int
    owner: str
    other_owners: tuple[str, ...]
    groups: tuple[str, ...]
    exact: bool
    if_missing: str


@dataclass(frozen=True)
class Seen:
    """matches: pattern -> paths found. status: by path. users and groups: name -> id."""

    matches: t.Mapping[str, tuple[str, ...]]
    status: t.Mapping[str, t.Optional[FileStatus]]
    users: t.Mapping[str, int]
    groups: t.Mapping[str, int]

    def words(self, mode: int, uid: int, gid: int) -> str:
        """Mode, owner and group as a person writes them."""
        user = next((name for name, number in self.users.items() if number == uid), str(uid))
        group = next((name for name, number in self.groups.items() if number == gid), str(gid))
        return f"{mode:04o} {user}:{group}"


def is_pattern(path: str) -> bool:
    """Whether a path stands for several."""
    return any(character in path for character in "*?[")


class FileMode(Kind[Parameters, Seen]):
    """Kind ``file_mode``."""

    name = "file_mode"

    def parse(self, reader: Reader) -> Parameters:
        parameters = Parameters(
            paths=reader.texts("paths"),
            mode=reader.mode("mode"),
            owner=reader.text("owner", "root"),
            other_owners=reader.texts("other_owners", ()),
            groups=reader.texts("groups", ("root",)),
            exact=reader.boolean("exact", False),
            if_missing=reader.choice("if_missing", (FAILED, NOT_APPLICABLE), NOT_APPLICABLE),
        )
        for index, path in enumerate(parameters.paths):
            if not path.startswith("/"):
                reader.wrong(f"paths[{index}]", f"is {path!r}", "give an absolute path")
        return parameters

    def observe(self, scope: Scope[Parameters]) -> Seen:
        patterns = {path for item in scope.items for path in item.parameters.paths}
        matches = {path: tuple(scope.io.glob(path)) if is_pattern(path) else (path,) for path in sorted(patterns)}
        paths = {path for found in matches.values() for path in found} | set(scope.kept)
        return Seen(
            matches,
            {path: scope.io.status(path) for path in sorted(paths)},
            {name: account.uid for name, account in read_accounts(scope.io).items()},
            read_groups(scope.io),
        )

    def compare(self, items: t.Sequence[Item[Parameters]], seen: Seen, kept: Record) -> KindPlan:
        builder = PlanBuilder(kept)
        wanted: set[str] = set()
        for item in items:
            builder.findings.append(self._compare_one(item, seen, builder, wanted))
        for path, entry in kept.items():
            status = seen.status[path]
            if path in wanted or status is None:
                continue
            was = (entry.before["mode"], entry.before["uid"], entry.before["gid"])
            now = (status.mode, status.uid, status.gid)
            if was != now:
                builder.steps.append(SetStatus((entry.control,), path, *was))
            builder.restorations.append(
                Restoration(path, entry.control, {path: seen.words(*now)}, {path: seen.words(*was)})
            )
        return builder.plan()

    @staticmethod
    def _compare_one(item: Item[Parameters], seen: Seen, builder: PlanBuilder, wanted: set[str]) -> Finding:
        wants = item.parameters
        uid = seen.users.get(wants.owner)
        uids = [seen.users[name] for name in wants.other_owners if name in seen.users]
        gids = [seen.groups[name] for name in wants.groups if name in seen.groups]
        if uid is None or not gids:
            lacking = f"user {wants.owner}" if uid is None else f"group {' or '.join(wants.groups)}"
            return Finding(item.id, FAILED, reason=f"this host has no {lacking}; exempt the control or override it")
        before, after, links = {}, {}, []
        missing = []
        for path in (path for pattern in wants.paths for path in seen.matches[pattern]):
            status = seen.status[path]
            if status is None:
                missing.append(path)
                continue
            if status.kind == "link":
                links.append(path)
                continue
            mode = wants.mode if wants.exact else status.mode & wants.mode
            gid = status.gid if status.gid in gids else gids[0]
            owner = status.uid if status.uid in uids else uid
            wanted.add(path)
            before[path] = seen.words(status.mode, status.uid, status.gid)
            after[path] = seen.words(mode, owner, gid)
            if before[path] != after[path]:
                builder.remember(path, item.id, {"mode": status.mode, "uid": status.uid, "gid": status.gid})
                builder.steps.append(SetStatus((item.id,), path, mode, owner, gid))
        if not before and not links:
            reason = f"not there: {', '.join(missing or wants.paths)}"
            return Finding(item.id, wants.if_missing, reason=reason)
        changed = {path: words for path, words in before.items() if words != after[path]}
        shown = changed or before
        shown_after = {path: after[path] for path in shown}
        if missing and wants.if_missing == FAILED:
            return Finding(item.id, FAILED, shown, shown_after, f"not there: {', '.join(missing)}")
        if links and any(not is_pattern(path) for path in wants.paths if path in links):
            reason = f"{', '.join(links)} is a link, which is not followed; override the control with what it points to"
            return Finding(item.id, FAILED, shown, shown_after, reason)
        return Finding(item.id, DEVIATES if changed else PASSED, shown, shown_after)
