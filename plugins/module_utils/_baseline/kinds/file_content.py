# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Files of our own, mostly drop-ins: written whole, accepted by their program before use, announced to their unit."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.connection import (
    read_accounts,
    read_groups,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.announce import (
    ANNOUNCEMENTS,
    is_untold,
    plan_announcements,
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
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import WriteFile

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import FileStatus


@dataclass(frozen=True)
class Parameters:
    """content: the whole file, None for a file that shall not be there. requires_path: without it, no object.
    package: the one that brings it.

    announce: how its unit learns of the change. unit: the unit. validate: the command that accepts the file (``%s``).
    """

    path: str
    content: str | None
    mode: int
    owner: str
    group: str
    validate: tuple[str, ...]
    unit: str
    announce: str
    requires_path: str
    package: str


@dataclass(frozen=True)
class SeenFile:
    """A file as it is; content and status are None when it is not there."""

    content: str | None
    status: FileStatus | None


@dataclass(frozen=True)
class Seen:
    """files: by path. existing: which of the required paths are there. users and groups: name -> id. untold: units an
    earlier run changed files of and did not tell. arriving: packages about to be installed.
    """

    files: t.Mapping[str, SeenFile]
    existing: frozenset[str]
    users: t.Mapping[str, int]
    groups: t.Mapping[str, int]
    untold: frozenset[str] = frozenset()
    arriving: frozenset[str] = frozenset()


def _describe(content: str | None, mode: int, uid: int, gid: int) -> dict[str, t.Any]:
    if content is None:
        return {"content": None}
    return {"content": content, "mode": f"{mode:04o}", "owner": f"{uid}:{gid}"}


class FileContent(Kind[Parameters, Seen]):
    """Kind ``file_content``."""

    name = "file_content"

    def parse(self, reader: Reader) -> Parameters:
        state = reader.choice("state", ("present", "absent"), "present")
        content = reader.text("content", "" if state == "absent" else None)
        parameters = Parameters(
            path=reader.text("path"),
            content=None if state == "absent" else content.rstrip("\n") + "\n",
            mode=reader.mode("mode", "0644"),
            owner=reader.text("owner", "root"),
            group=reader.text("group", "root"),
            validate=reader.texts("validate", ()),
            unit=reader.text("unit", ""),
            announce=reader.choice("announce", ANNOUNCEMENTS, "reload-or-restart"),
            requires_path=reader.text("requires_path", ""),
            package=reader.text("package", ""),
        )
        if parameters.path and not parameters.path.startswith("/"):
            reader.wrong("path", f"is {parameters.path!r}", "give an absolute path")
        if parameters.validate and not any("%s" in word for word in parameters.validate):
            reader.wrong("validate", "does not name the new file", "put %s where its path belongs")
        return parameters

    def observe(self, scope: Scope[Parameters]) -> Seen:
        paths = {item.parameters.path for item in scope.items} | set(scope.kept)
        required = {item.parameters.requires_path for item in scope.items if item.parameters.requires_path}
        units = {item.parameters.unit for item in scope.items if item.parameters.unit}
        units |= {entry.before["unit"] for entry in scope.kept.values() if entry.before["unit"]}
        return Seen(
            {path: SeenFile(scope.io.read_text(path), scope.io.status(path)) for path in sorted(paths)},
            frozenset(path for path in required if scope.io.exists(path)),
            {name: account.uid for name, account in read_accounts(scope.io).items()},
            read_groups(scope.io),
            frozenset(unit for unit in units if is_untold(scope.io, unit)),
            scope.arriving,
        )

    def compare(self, items: t.Sequence[Item[Parameters]], seen: Seen, kept: Record) -> KindPlan:
        builder = PlanBuilder(kept)
        units: dict[str, tuple[str, tuple[str, ...]]] = {}
        for item in items:
            finding = self._compare_one(item, seen, builder)
            builder.findings.append(finding)
            unit = item.parameters.unit
            if unit and (finding.status == DEVIATES or (finding.status == PASSED and unit in seen.untold)):
                _how, ids = units.get(unit, ("", ()))
                units[unit] = (item.parameters.announce, (*ids, item.id))
        wanted = {item.parameters.path for item in items}
        for path, entry in kept.items():
            if path in wanted:
                continue
            was = entry.before
            now = seen.files[path]
            if now.content != was["content"]:
                builder.steps.append(
                    WriteFile((entry.control,), path, was["content"], was["mode"], was["uid"], was["gid"])
                )
                if was.get("unit"):
                    units.setdefault(was["unit"], (was["announce"], (entry.control,)))
            builder.restorations.append(
                Restoration(path, entry.control, {"content": now.content}, {"content": was["content"]})
            )
        plan_announcements(builder, units)
        return builder.plan()

    @staticmethod
    def _compare_one(item: Item[Parameters], seen: Seen, builder: PlanBuilder) -> Finding:
        wants = item.parameters
        is_there = wants.requires_path in seen.existing or wants.package in seen.arriving
        if wants.requires_path and not is_there:
            return Finding(item.id, NOT_APPLICABLE, reason=f"{wants.requires_path} is not there")
        uid, gid = seen.users.get(wants.owner), seen.groups.get(wants.group)
        if uid is None or gid is None:
            lacking = f"user {wants.owner}" if uid is None else f"group {wants.group}"
            return Finding(item.id, FAILED, reason=f"this host has no {lacking}; override the control")
        file = seen.files[wants.path]
        status = file.status
        if status is not None and status.kind != "file":
            reason = f"{wants.path} is a {status.kind}, not a file; remove it or exempt the control"
            return Finding(item.id, FAILED, reason=reason)
        before: dict[str, t.Any] = {"content": None}
        if status is not None:
            before = _describe(file.content, status.mode, status.uid, status.gid)
        after = _describe(wants.content, wants.mode, uid, gid)
        if before == after:
            return Finding(item.id, PASSED, before, after)
        kept = {
            "content": file.content,
            "mode": status.mode if status else wants.mode,
            "uid": status.uid if status else uid,
            "gid": status.gid if status else gid,
            "unit": wants.unit,
            "announce": wants.announce,
        }
        builder.remember(wants.path, item.id, kept)
        builder.steps.append(WriteFile((item.id,), wants.path, wants.content, wants.mode, uid, gid, wants.validate))
        return Finding(item.id, DEVIATES, before, after)
