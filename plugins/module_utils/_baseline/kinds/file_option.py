# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Options in configuration files that others own: set one by one, the rest of the file left as it is.

For files without a folder of drop-ins, such as login.defs, faillock.conf, pwquality.conf, auditd.conf. Where an option
is set twice, most programs take the last (the shadow tools, libpwquality, systemd, shells); pam_umask(8) takes the
first.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.comparison import WAYS, holds, is_number
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
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.option_text import (
    FIRST,
    FORMATS,
    LAST,
    OptionText,
    Place,
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
class Option:
    """One option; value "" is one without value, None one that shall not be set."""

    place: Place
    value: str | None


@dataclass(frozen=True)
class Parameters:
    """refuse: values that don't count although their size would, such as 0 for "never".

    create: whether a missing file is made. requires_path: without it, no object. package: the one that brings the file.
    unit, announce: who is told of the change, and how.
    """

    path: str
    options: tuple[Option, ...]
    compare: str
    refuse: tuple[str, ...]
    create: bool
    mode: int
    requires_path: str
    package: str
    unit: str
    announce: str

    def accepts(self, current: str | None, option: Option) -> bool:
        """Whether a value that is does for the option."""
        if option.value is None or current is None:
            return current == option.value
        return current not in self.refuse and holds(current, option.value, self.compare)


@dataclass(frozen=True)
class SeenFile:
    """A file as it is; both None when it is not there."""

    text: str | None
    status: FileStatus | None


@dataclass(frozen=True)
class Seen:
    """files: by path. existing: which of the required paths are there. untold: units not told of an earlier change."""

    files: t.Mapping[str, SeenFile]
    existing: frozenset[str]
    untold: frozenset[str] = frozenset()
    arriving: frozenset[str] = frozenset()


@dataclass
class Draft:
    """A file's text while the controls set its options. writers: the controls that changed it."""

    text: OptionText
    created: bool
    writers: list[str] = field(default_factory=list)
    holders: dict[Place, tuple[str, Parameters, Option]] = field(default_factory=dict)


def _key(path: str, place: Place) -> str:
    return f"{path}:{place.section}:{place.name}"


Values = t.Mapping[str, t.Optional[str]]


def _without_object(item: Item[Parameters], seen: Seen, before: Values, after: Values) -> Finding | None:
    """The finding when there is no file the options could be in, or none that can be used."""
    wants = item.parameters
    file = seen.files[wants.path]
    missing = wants.requires_path if wants.requires_path and wants.requires_path not in seen.existing else ""
    if file.status is None and not wants.create:
        missing = missing or wants.path
    if missing and wants.package in seen.arriving:
        return Finding(item.id, DEVIATES if before != after else PASSED, before, after)
    if missing:
        return Finding(item.id, NOT_APPLICABLE, reason=f"{missing} is not there")
    if file.status is not None and (file.status.kind != "file" or file.text is None):
        words = "can't be read" if file.status.kind == "file" else f"is a {file.status.kind}, not a file"
        return Finding(item.id, FAILED, reason=f"{wants.path} {words}; mend it or exempt the control")
    return None


def _conflict(item: Item[Parameters], draft: Draft, before: Values, after: Values) -> Finding | None:
    """The finding when another control wants an option to be something else; else the options are this control's."""
    for option in item.parameters.options:
        other, theirs, their_option = draft.holders.setdefault(option.place, (item.id, item.parameters, option))
        if other != item.id and not theirs.accepts(after[option.place.name], their_option):
            reason = f"{other} wants {option.place.name} to be {their_option.value}; override one of the two"
            return Finding(item.id, FAILED, before, after, reason)
    return None


def _keep(wants: Parameters, place: Place, file: SeenFile) -> dict[str, t.Any]:
    """What is needed to put an option back."""
    text = OptionText(file.text or "")
    return {
        "path": wants.path,
        "section": place.section,
        "name": place.name,
        "form": place.form,
        "comment": place.comment,
        "wins": place.wins,
        "line": text.line(place),
        "created": file.text is None,
        "section_added": not text.has_section(place.section),
        "unit": wants.unit,
        "announce": wants.announce,
    }


class FileOption(Kind[Parameters, Seen]):
    """Kind ``file_option``."""

    name = "file_option"

    def parse(self, reader: Reader) -> Parameters:
        section = reader.text("section", "")
        form = reader.choice("format", tuple(FORMATS), "key = value")
        comment = reader.text("comment", "#")
        wins = reader.choice("wins", (LAST, FIRST), LAST)
        compare = reader.choice("compare", WAYS, "equal")
        options = []
        for name, value in reader.mapping("options", required=True).items():
            if not isinstance(name, str) or not name or any(letter.isspace() for letter in name):
                reader.wrong("options", f"has the name {name!r}", "give names without spaces")
            elif isinstance(value, (list, dict)) or "\n" in str(value):
                remedy = "give a text, a number, true for an option without value, or null for one not to be set"
                reader.wrong(f"options.{name}", "is not one value", remedy)
            else:
                plain = None if value is None or value is False else "" if value is True else str(value)
                if plain and compare != "equal" and not is_number(plain):
                    remedy = f"give a whole number to compare {compare}"
                    reader.wrong(f"options.{name}", f"is {value!r}", remedy)
                options.append(Option(Place(name, section, form, comment, wins), plain))
        parameters = Parameters(
            path=reader.text("path"),
            options=tuple(options),
            compare=compare,
            refuse=reader.texts("refuse", ()),
            create=reader.boolean("create", False),
            mode=reader.mode("mode", "0644"),
            requires_path=reader.text("requires_path", ""),
            package=reader.text("package", ""),
            unit=reader.text("unit", ""),
            announce=reader.choice("announce", ANNOUNCEMENTS, "reload-or-restart"),
        )
        if parameters.path and not parameters.path.startswith("/"):
            reader.wrong("path", f"is {parameters.path!r}", "give an absolute path")
        return parameters

    def observe(self, scope: Scope[Parameters]) -> Seen:
        wanted = [item.parameters for item in scope.items]
        paths = {wants.path for wants in wanted} | {entry.before["path"] for entry in scope.kept.values()}
        units = {wants.unit for wants in wanted} | {entry.before["unit"] for entry in scope.kept.values()}
        required = {wants.requires_path for wants in wanted}
        return Seen(
            {path: SeenFile(scope.io.read_text(path), scope.io.status(path)) for path in sorted(paths)},
            frozenset(path for path in required if path and scope.io.exists(path)),
            frozenset(unit for unit in units if unit and is_untold(scope.io, unit)),
            scope.arriving,
        )

    def compare(self, items: t.Sequence[Item[Parameters]], seen: Seen, kept: Record) -> KindPlan:
        builder = PlanBuilder(kept)
        drafts = {path: Draft(OptionText(file.text or ""), file.text is None) for path, file in seen.files.items()}
        units: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._restore(builder, items, drafts, seen, units)
        for item in items:
            wants = item.parameters
            finding = self._compare_one(item, seen, drafts[wants.path], builder)
            builder.findings.append(finding)
            is_told = finding.status == DEVIATES or (finding.status == PASSED and wants.unit in seen.untold)
            if wants.unit and is_told:
                _how, ids = units.get(wants.unit, ("", ()))
                units[wants.unit] = (wants.announce, (*ids, item.id))
        modes = {item.parameters.path: item.parameters.mode for item in reversed(items)}
        for path, draft in drafts.items():
            file = seen.files[path]
            content = draft.text.text or (None if draft.created else "")
            if draft.writers and content != file.text:
                owner = (file.status.uid, file.status.gid) if file.status else (0, 0)
                mode = file.status.mode if file.status else modes.get(path, 0o644)
                builder.steps.append(WriteFile(tuple(dict.fromkeys(draft.writers)), path, content, mode, *owner))
        plan_announcements(builder, units)
        return builder.plan()

    @staticmethod
    def _compare_one(item: Item[Parameters], seen: Seen, draft: Draft, builder: PlanBuilder) -> Finding:
        wants = item.parameters
        before, after = {}, {}
        for option in wants.options:
            name, now = option.place.name, draft.text.value(option.place)
            before[name] = now
            after[name] = now if wants.accepts(now, option) else option.value
        settled = _without_object(item, seen, before, after) or _conflict(item, draft, before, after)
        if settled is not None:
            return settled
        for option in wants.options:
            place = option.place
            if before[place.name] == after[place.name]:
                continue
            builder.remember(_key(wants.path, place), item.id, _keep(wants, place, seen.files[wants.path]))
            draft.writers.append(item.id)
            if option.value is None:
                draft.text.unset(place)
            else:
                draft.text.set(place, option.value)
        return Finding(item.id, DEVIATES if before != after else PASSED, before, after)

    @staticmethod
    def _restore(
        builder: PlanBuilder,
        items: t.Sequence[Item[Parameters]],
        drafts: t.Mapping[str, Draft],
        seen: Seen,
        units: dict[str, tuple[str, tuple[str, ...]]],
    ) -> None:
        wanted = {_key(item.parameters.path, option.place) for item in items for option in item.parameters.options}
        for key, entry in builder.kept.items():
            if key in wanted:
                continue
            was = entry.before
            place = Place(was["name"], was["section"], was["form"], was["comment"], was["wins"])
            draft = drafts[was["path"]]
            before = draft.text.line(place)
            # A file that went with its package does not come back for one line.
            is_there = seen.files[was["path"]].text is not None
            if is_there:
                text = draft.text.text
                draft.text.put_back(place, was["line"])
                if was["section_added"]:
                    draft.text.drop_empty_section(place.section)
                if draft.text.text != text:
                    draft.created = draft.created or was["created"]
                    draft.writers.append(entry.control)
                    if was["unit"]:
                        units.setdefault(was["unit"], (was["announce"], (entry.control,)))
            name = f"{was['path']} {place.name}"
            after = was["line"] if is_there else before
            builder.restorations.append(Restoration(key, entry.control, {name: before}, {name: after}))
