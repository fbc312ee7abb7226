# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Rules about the accounts of a host. What a person has to decide is reported with its remedy, the rest is mended."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.account_rules import (
    RULES,
    Limits,
    SetField,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.accounts import (
    FIELDS,
    Facts,
    parse_groups,
    parse_users,
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
    PASSED,
    Finding,
    KindPlan,
    PlanBuilder,
    Restoration,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import Run, SetStatus

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import FileStatus, HostIO

SECONDS_PER_DAY = 86400
CHAGE = {"min": "--mindays", "max": "--maxdays", "warn": "--warndays", "inactive": "--inactive"}
PATH_FILES = ("/etc/environment", "/root/.profile", "/root/.bash_profile", "/root/.bashrc")
PATH_LINES = re.compile(r"^\s*(?:export\s+)?PATH=[\"']?([^\"'\s;]*)", re.MULTILINE)
SUPATH = re.compile(r"^\s*ENV_SUPATH\s+(?:PATH=)?(\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Parameters:
    """rule: a name of account_rules.RULES."""

    rule: str
    limits: Limits


@dataclass(frozen=True)
class Seen:
    """facts: of the accounts. paths: the status of paths changed earlier."""

    facts: Facts
    paths: t.Mapping[str, t.Optional[FileStatus]]


def _days(reader: Reader, name: str) -> dict[str, int]:
    days = {}
    for key, value in reader.scalars(name, required=False):
        if key not in FIELDS:
            reader.wrong(f"{name}.{key}", "is no ageing field", f"use one of {', '.join(FIELDS)}")
        elif not value.isdigit():
            reader.wrong(f"{name}.{key}", f"is {value!r}", "give a number of days")
        else:
            days[key] = int(value)
    return days


def _today(io: HostIO) -> int:
    """Days since 1970, from the kernel's time of boot and time since (proc(5))."""
    boot = re.search(r"^btime (\d+)", io.read_text("/proc/stat") or "", re.MULTILINE)
    uptime = (io.read_text("/proc/uptime") or "0").split()[0]
    return (int(boot.group(1)) + int(float(uptime))) // SECONDS_PER_DAY if boot else 0


def _root_path(io: HostIO, login_defs: str) -> list[str]:
    found = SUPATH.findall(login_defs)
    for path in PATH_FILES:
        found += PATH_LINES.findall(io.read_text(path) or "")
    folders = [folder for value in found for folder in value.split(":")]
    # $PATH in it stands for what is judged anyway.
    return [folder for folder in dict.fromkeys(folders) if not folder.startswith(("$", "~"))]


class AccountRule(Kind[Parameters, Seen]):
    """Kind ``account_rule``."""

    name = "account_rule"

    def parse(self, reader: Reader) -> Parameters:
        return Parameters(
            reader.choice("rule", tuple(RULES)),
            Limits(
                _days(reader, "at_most"),
                _days(reader, "at_least"),
                reader.mode("mode", "0750"),
                reader.texts("exclude", ()),
            ),
        )

    def observe(self, scope: Scope[Parameters]) -> Seen:
        io = scope.io
        login_defs = io.read_text("/etc/login.defs") or ""
        users = parse_users(io.read_text("/etc/passwd") or "", io.read_text("/etc/shadow") or "")
        minimum = re.search(r"^\s*UID_MIN\s+(\d+)", login_defs, re.MULTILINE)
        facts = Facts(
            users,
            parse_groups(io.read_text("/etc/group") or ""),
            scope.connection.user if scope.connection else "",
            int(minimum.group(1)) if minimum else 1000,
            _today(io),
        )
        homes = {user.home: io.status(user.home) for user in facts.people}
        dot_files = {}
        for home in (*homes, "/root"):
            for name in io.list_directory(home):
                status = io.status(f"{home}/{name}") if name.startswith(".") else None
                if status is not None:
                    dot_files[f"{home}/{name}"] = status
        folders = {folder: io.status(folder) for folder in _root_path(io, login_defs)}
        paths = {key.partition(":")[2] for key in scope.kept if key.startswith("path:")}
        return Seen(
            Facts(facts.users, facts.groups, facts.user, facts.uid_min, facts.today, homes, dot_files, folders),
            {path: io.status(path) for path in paths},
        )

    def compare(self, items: t.Sequence[Item[Parameters]], seen: Seen, kept: Record) -> KindPlan:
        builder = PlanBuilder(kept)
        changed: set[str] = set()
        for item in items:
            builder.findings.append(self._compare_one(item, seen.facts, builder, changed))
        rules = {item.parameters.rule for item in items}
        for key, entry in kept.items():
            if entry.before["rule"] not in rules:
                _restore(builder, key, seen)
        return builder.plan()

    @staticmethod
    def _compare_one(item: Item[Parameters], facts: Facts, builder: PlanBuilder, changed: set[str]) -> Finding:
        rule = item.parameters.rule
        verdict = RULES[rule](facts, item.parameters.limits)
        before: dict[str, t.Any] = {}
        after: dict[str, t.Any] = {}
        for change in verdict.changes:
            if isinstance(change, SetField):
                key, title = f"field:{change.user}:{change.name}", f"{change.user} {change.name}"
                hidden = change.name == "password"
                before[title] = "open" if hidden else change.before
                after[title] = "locked" if hidden else change.after
                # A hash is not copied: to lock puts a mark before it, to unlock takes the mark away.
                kept = "" if not change.before else None if hidden else change.before
                builder.remember(key, item.id, {"rule": rule, "value": kept})
                steps: t.Sequence[t.Any] = [_set(item.id, change)]
            else:
                key, title = f"path:{change.path}", change.path
                status = change.before
                before[title] = f"{status.mode:04o} {status.uid}:{status.gid}"
                after[title] = f"{change.mode:04o} {change.uid}:{change.gid}"
                keep = {"rule": rule, "mode": status.mode, "uid": status.uid, "gid": status.gid}
                builder.remember(key, item.id, keep)
                steps = [SetStatus((item.id,), change.path, change.mode, change.uid, change.gid)]
            if key not in changed:
                builder.steps.extend(steps)
            changed.add(key)
        if verdict.problems:
            return Finding(item.id, FAILED, before, after, "; ".join(verdict.problems))
        return Finding(item.id, DEVIATES if verdict.changes else PASSED, before, after, verdict.note)


def _run(control: str, *argv: str) -> Run:
    return Run((control,), argv, touches=("/etc/passwd", "/etc/shadow"))


def _set(control: str, change: SetField) -> Run:
    if change.name == "shell":
        return _run(control, "usermod", "--shell", change.after, change.user)
    if change.name == "password":
        return _run(control, "usermod", "--lock", change.user)
    return _run(control, "chage", CHAGE[change.name], change.after, change.user)


def _restore(builder: PlanBuilder, key: str, seen: Seen) -> None:
    entry = builder.kept[key]
    kind, _colon, thing = key.partition(":")
    if kind == "path":
        was, status = entry.before, seen.paths[thing]
        old = f"{was['mode']:04o} {was['uid']}:{was['gid']}"
        now = None if status is None else f"{status.mode:04o} {status.uid}:{status.gid}"
        if now is not None and now != old:
            builder.steps.append(SetStatus((entry.control,), thing, was["mode"], was["uid"], was["gid"]))
        builder.restorations.append(Restoration(key, entry.control, {thing: now}, {thing: now and old}))
        return
    name, _colon, field = thing.rpartition(":")
    user = next((user for user in seen.facts.users if user.name == name), None)
    title, value = f"{name} {field}", entry.before["value"]
    if user is None:
        builder.restorations.append(Restoration(key, entry.control, {title: None}, {title: None}))
    elif field == "password":
        if user.is_locked:
            undo = ("usermod", "--unlock", name) if value is None else ("passwd", "--delete", name)
            builder.steps.append(_run(entry.control, *undo))
        words = "locked" if user.is_locked else "open"
        builder.restorations.append(Restoration(key, entry.control, {title: words}, {title: "open"}))
    else:
        now = user.shell if field == "shell" else user.ages[field]
        if now != value:
            # -1 empties an ageing field (chage(1)).
            argv = ("usermod", "--shell", value) if field == "shell" else ("chage", CHAGE[field], value or "-1")
            builder.steps.append(_run(entry.control, *argv, name))
        builder.restorations.append(Restoration(key, entry.control, {title: now}, {title: value}))
