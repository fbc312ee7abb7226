# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Arguments of modules in single files of /etc/pam.d, and rules added to them. Everything else in them stays.

pam-auth-update(8) keeps arguments that were changed in its files, so such a change lasts. It numbers its jumps anew
with each change, so files are read again before they are written, and only arguments are put back, not lines.
"""

from __future__ import annotations

import typing as t
from dataclasses import asdict, dataclass, replace

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.pam_modules import (
    installed_modules,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.protocol import (
    Item,
    Kind,
    Record,
    Scope,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.pam import (
    TYPES,
    Rule,
    parse_rule,
    why_shut,
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
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import Run, Step
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

GROUP_FILES = ("/etc/group", "/etc/gshadow")


@dataclass(frozen=True)
class Parameters:
    """arguments: name -> value, "" for one without value, None for one that shall not be there.

    control: with it, the rule is added when the file has none of this type and module, after the last rule of the
    module ``after``, else before all rules. group: made when the host has none of that name.
    """

    path: str
    type: str
    module: str
    arguments: t.Mapping[str, t.Optional[str]]
    control: str
    after: str
    group: str


@dataclass(frozen=True)
class Seen:
    """Texts of the files by path, the modules the host has, the names of its groups."""

    files: t.Mapping[str, t.Optional[str]]
    modules: frozenset[str]
    groups: frozenset[str]


def name_of(argument: str) -> str:
    """An argument's name."""
    return argument.strip().partition("=")[0]


def with_arguments(rule: Rule, wanted: t.Mapping[str, str | None]) -> Rule:
    """The rule with these arguments and all its others."""
    kept = []
    missing = {name: value for name, value in wanted.items() if value is not None}
    for argument in rule.arguments:
        name = name_of(argument)
        if name not in wanted:
            kept.append(argument)
        elif name in missing:
            kept.append(f" {_render(name, missing.pop(name))}")
    return replace(rule, arguments=(*kept, *(f" {_render(name, value)}" for name, value in missing.items())))


def _render(name: str, value: str | None) -> str:
    return f"{name}={value}" if value else name


def _has(rule: Rule, wanted: t.Mapping[str, str | None]) -> bool:
    there = {name_of(word): word.partition("=")[2] for word in rule.words}
    return all(there.get(name) == value for name, value in wanted.items())


def _is_about(rule: Rule | None, kind: str, module: str) -> bool:
    return rule is not None and rule.type == kind and rule.module == module


def _new_rule(wants: Parameters) -> str:
    return " ".join([wants.type, wants.control, wants.module, *(_render(*pair) for pair in wants.arguments.items())])


def _is_ours(line: str, wants: Parameters) -> bool:
    """Whether a line is the rule that was added. The record doesn't keep the order of arguments."""
    rule, new = parse_rule(line), parse_rule(_new_rule(wants))
    return (
        rule is not None
        and new is not None
        and (rule.type, rule.control, rule.module) == (new.type, new.control, new.module)
        and sorted(rule.words) == sorted(new.words)
    )


def edited(text: str, wants: Parameters) -> str:
    """The file's text as it shall be."""
    lines = text.split("\n")
    rules = [parse_rule(line) for line in lines]
    found = [index for index, rule in enumerate(rules) if _is_about(rule, wants.type, wants.module)]
    for index in found:
        rule = rules[index]
        if rule is not None and not _has(rule, wants.arguments):
            _rule, mark, comment = lines[index].partition("#")
            lines[index] = with_arguments(rule, wants.arguments).line + (f" {mark}{comment}" if mark else "")
    if not found and wants.control:
        before = [index for index, rule in enumerate(rules) if rule is not None and rule.type == wants.type]
        after = [index for index in before if _is_about(rules[index], wants.type, wants.after)]
        place = after[-1] + 1 if after else before[0] if before else len(lines) - 1
        lines.insert(place, _new_rule(wants))
    return "\n".join(lines)


def put_back(text: str, wants: Parameters, before: t.Sequence[t.Sequence[str]]) -> str:
    """The file's text with the arguments its rules had, one list for each; none at all: our rule goes."""
    lines = text.split("\n")
    found = [index for index, line in enumerate(lines) if _is_about(parse_rule(line), wants.type, wants.module)]
    if not before:
        return "\n".join(line for line in lines if not _is_ours(line, wants))
    for index, old in zip(found, before):
        rule = parse_rule(lines[index])
        if rule is None:
            continue
        touched = dict.fromkeys(wants.arguments)
        others = [argument for argument in rule.arguments if name_of(argument) not in touched]
        for place, argument in enumerate(old):
            if name_of(argument) in touched:
                others.insert(place, argument)
        _rule, mark, comment = lines[index].partition("#")
        lines[index] = replace(rule, arguments=tuple(others)).line + (f" {mark}{comment}" if mark else "")
    return "\n".join(lines)


class PamRule(Kind[Parameters, Seen]):
    """Kind ``pam_rule``."""

    name = "pam_rule"
    way_in = True

    def parse(self, reader: Reader) -> Parameters:
        arguments: dict[str, t.Optional[str]] = {}
        for name, value in reader.mapping("arguments", required=True).items():
            if isinstance(value, (list, dict)):
                reader.wrong(f"arguments.{name}", "is not one value", "give a text, a number, true or null")
            arguments[str(name)] = None if value is None or value is False else "" if value is True else str(value)
        parameters = Parameters(
            path=reader.text("path"),
            type=reader.choice("type", TYPES),
            module=reader.text("module"),
            arguments=arguments,
            control=reader.text("control", ""),
            after=reader.text("after", ""),
            group=reader.text("group", ""),
        )
        if parameters.path and not parameters.path.startswith("/"):
            reader.wrong("path", f"is {parameters.path!r}", "give an absolute path")
        if parameters.control and None in arguments.values():
            reader.wrong("arguments", "has one that shall not be there", "leave it out of a rule that is added")
        return parameters

    def observe(self, scope: Scope[Parameters]) -> Seen:
        paths = {item.parameters.path for item in scope.items}
        paths |= {entry.before["path"] for entry in scope.kept.values() if "path" in entry.before}
        groups = (scope.io.read_text("/etc/group") or "").splitlines()
        return Seen(
            {path: scope.io.read_text(path) for path in sorted(paths)},
            installed_modules(scope.io),
            frozenset(line.partition(":")[0] for line in groups),
        )

    def compare(self, items: t.Sequence[Item[Parameters]], seen: Seen, kept: Record) -> KindPlan:
        builder = PlanBuilder(kept)
        for item in items:
            builder.findings.append(self._compare_one(item, seen, builder))
        wanted = {self._key(item.parameters) for item in items}
        groups = {f"group:{item.parameters.group}" for item in items}
        for key, entry in kept.items():
            if key in wanted or key in groups:
                continue
            if key.startswith("group:"):
                name = key.partition(":")[2]
                is_there = name in seen.groups
                if is_there:
                    builder.steps.append(Run((entry.control,), ("groupdel", name), touches=GROUP_FILES))
                builder.restorations.append(Restoration(key, entry.control, {name: is_there}, {name: False}))
                continue
            was = dict(entry.before)
            before = was.pop("rules")
            wants = Parameters(**was)
            text = seen.files[wants.path]
            if text is not None and put_back(text, wants, before) != text:
                builder.steps.insert(0, EditRules((entry.control,), wants, before))
            title = f"{wants.path} {wants.module}"
            now = None if text is None else _arguments(text, wants)
            then = [[word.strip() for word in rule] for rule in before]
            builder.restorations.append(Restoration(key, entry.control, {title: now}, {title: then}))
        return builder.plan()

    @staticmethod
    def _key(wants: Parameters) -> str:
        return f"rule:{wants.path}:{wants.type}:{wants.module}:{','.join(sorted(wants.arguments))}"

    def _compare_one(self, item: Item[Parameters], seen: Seen, builder: PlanBuilder) -> Finding:
        wants = item.parameters
        text = seen.files[wants.path]
        if text is None:
            return Finding(item.id, NOT_APPLICABLE, reason=f"{wants.path} is not there")
        new = edited(text, wants)
        title = f"{wants.path} {wants.module}"
        before, after = {title: _arguments(text, wants)}, {title: _arguments(new, wants)}
        if wants.group:
            before[f"group {wants.group}"], after[f"group {wants.group}"] = [str(wants.group in seen.groups)], ["True"]
        if before == after:
            return Finding(item.id, PASSED, before, after)
        if not after[title]:
            return Finding(item.id, NOT_APPLICABLE, reason=f"{wants.path} does not use {wants.module}")
        reason = why_shut(new, seen.modules)
        if reason:
            return Finding(item.id, FAILED, before, after, f"{wants.path}: {reason}")
        if wants.group and wants.group not in seen.groups:
            builder.remember(f"group:{wants.group}", item.id, {})
            builder.steps.append(Run((item.id,), ("groupadd", "--system", wants.group), touches=GROUP_FILES))
        if new != text:
            rules = [list(rule.arguments) for rule in _rules(text, wants)]
            keep = {**asdict(wants), "rules": rules}
            builder.remember(self._key(wants), item.id, keep)
            builder.steps.append(EditRules((item.id,), wants, None))
        return Finding(item.id, DEVIATES, before, after)


def _rules(text: str, wants: Parameters) -> list[Rule]:
    rules = (parse_rule(line) for line in text.split("\n"))
    return [rule for rule in rules if rule is not None and _is_about(rule, wants.type, wants.module)]


def _arguments(text: str, wants: Parameters) -> list[t.Any]:
    return [rule.words for rule in _rules(text, wants)]


@dataclass(frozen=True)
class EditRules(Step):
    """Edit one file as it is by now, and only into one that still lets people in.

    before: the arguments to put back; None to make it as it is wanted.
    """

    wants: Parameters
    before: t.Sequence[t.Sequence[str]] | None

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.wants.path,)

    def apply(self, io: HostIO) -> None:
        path = self.wants.path
        text, status = io.read_text(path), io.status(path)
        if text is None or status is None or status.kind != "file":
            raise HostError(f"{path}: is no file that could be edited")
        new = edited(text, self.wants) if self.before is None else put_back(text, self.wants, self.before)
        reason = why_shut(new, installed_modules(io))
        if reason:
            raise HostError(f"{path}: left as it is, since {reason}")
        if new != text:
            io.write_atomic(path, new, status.mode, status.uid, status.gid)
