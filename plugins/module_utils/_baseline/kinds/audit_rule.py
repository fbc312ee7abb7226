# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Rules of the kernel's audit: one file in rules.d, loaded with augenrules, compared with what the kernel runs."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline import audit
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.announce import (
    Mark,
    is_untold,
    mark_of,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.audit_place import (
    PLACEHOLDER,
    Place,
    look_around,
    path_of,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.drop_in import (
    plan_drop_in,
    render,
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
    PENDING,
    UNKEPT,
    Finding,
    KindPlan,
    PlanBuilder,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import Step, WriteFile
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

RULES = "/etc/audit/rules.d"
# augenrules takes the last of several settings; this name is sorted behind the distribution's audit.rules.
DROP_IN = f"{RULES}/container-host.rules"
COLLECTED = "/etc/audit/audit.rules"
MODE = 0o640
UNTOLD = "audit-rules"
PACKAGES = ("auditd", "audit")
# Rules are added one by one: without this a second load meets those of the first.
DELETE_FIRST = "-D"
RULE_REMEDY = "give a rule of auditctl(8), beginning with -a or -w"
LOADED, ABSENT = "loaded", "absent"
LOCKED_REASON = "the audit rules are locked (-e 2) until the next boot"
CONTAINER_MARKS = ("/run/systemd/container", "/.dockerenv", "/run/.containerenv")


@dataclass(frozen=True)
class Parameters:
    """rules: lines of auditctl(8). A line with system calls and no architecture is taken for every ABI of the host; one
    with ``{program}`` once for each set-user-id or set-group-id program in the directories ``programs_in``.

    existing_only: leave out paths that are not there; else their directory has to be. package: brings all paths.
    """

    rules: tuple[str, ...]
    programs_in: tuple[str, ...]
    existing_only: bool
    package: str


@dataclass(frozen=True)
class Seen:
    """running: in the kernel. status: of ``auditctl -s``, empty when it was not asked. written: in any file of rules.d,
    ours included; others: in the others. idle: why there is nothing to audit here. absent: auditd is still to come.
    untold: an earlier run wrote the file and died before it was loaded.
    """

    place: Place
    drop_in: str | None = None
    running: frozenset[audit.Rule] = frozenset()
    status: t.Mapping[str, str] = field(default_factory=dict)
    others: frozenset[audit.Rule] = frozenset()
    idle: str = ""
    error: str = ""
    absent: bool = False
    untold: bool = False

    @property
    def locked(self) -> bool:
        """Whether the kernel takes no change until a reboot."""
        return self.status.get("enabled") == audit.LOCKED

    def in_force(self, line: str) -> bool:
        """Whether the kernel has the rule or setting."""
        rule = audit.parse_line(line)
        if isinstance(rule, audit.Setting):
            return self.status.get(rule.name) == rule.value
        return rule in self.running

    def is_written(self, line: str) -> bool:
        """Whether some file of rules.d has it."""
        return audit.parse_line(line) in self.others or line in (self.drop_in or "").splitlines()


def lines_of(item: Item[Parameters], place: Place) -> dict[str, list[str]]:
    """What a control's rules come to on this host: rule as given -> lines; those without an object are left out."""
    wants = item.parameters
    found: dict[str, list[str]] = {}
    for rule in wants.rules:
        if PLACEHOLDER in rule:
            lines = [rule.replace(PLACEHOLDER, path) for path in place.programs(wants.programs_in)]
        else:
            lines = [rule] if place.has(rule, wants.existing_only, wants.package) else []
        lines = [expanded for line in lines for expanded in audit.for_abis(line, place.abis)]
        if lines:
            found[rule] = lines
    return found


def text_of(items: t.Sequence[Item[Parameters]], place: Place, others: frozenset[audit.Rule]) -> list[str]:
    """The lines of our file. What another file has is left out: the kernel refuses a rule it has."""
    text: list[str] = []
    known: set[audit.Rule | audit.Setting | None] = set(others)
    for item in items:
        lines = []
        for line in (line for lines in lines_of(item, place).values() for line in lines):
            rule = audit.parse_line(line)
            if rule not in known:
                known.add(rule)
                lines.append(line)
        if lines:
            text += ["", f"# {item.id}", *lines]
    return [DELETE_FIRST, *text] if text else []


class AuditRule(Kind[Parameters, Seen]):
    """Kind ``audit_rule``."""

    name = "audit_rule"

    def parse(self, reader: Reader) -> Parameters:
        parameters = Parameters(
            rules=tuple(" ".join(rule.split()) for rule in reader.texts("rules")),
            programs_in=reader.texts("programs_in", ()),
            existing_only=reader.boolean("existing_only", False),
            package=reader.text("package", ""),
        )
        for index, rule in enumerate(parameters.rules):
            name = f"rules[{index}]"
            try:
                if audit.parse_line(rule) is None:
                    reader.wrong(name, f"is {rule!r}, which is no rule", RULE_REMEDY)
            except audit.RuleError as error:
                reader.wrong(name, f"can't be understood: {error}", RULE_REMEDY)
            if audit.floods(rule):
                remedy = "watch the engine's configuration instead; each write of each container would be an event"
                reader.wrong(name, "watches container storage", remedy)
            if (PLACEHOLDER in rule) != bool(parameters.programs_in):
                reader.wrong(name, f"has only one of {PLACEHOLDER} and programs_in", "give both or none")
        return parameters

    def observe(self, scope: Scope[Parameters]) -> Seen:
        io = scope.io
        drop_in = io.read_text(DROP_IN)
        rules = [(item.parameters.rules, item.parameters.programs_in) for item in scope.items]
        place = look_around(io, rules, drop_in, scope.arriving)
        absent = io.find_command("auditctl") is None
        idle = _why_idle(io)
        if absent and not idle and not scope.arriving & set(PACKAGES):
            idle = "auditd is not installed"
        if idle or absent:
            return Seen(place, drop_in, idle=idle, absent=absent)
        listed = io.run(["auditctl", "-l"])
        if listed.rc != 0:
            why = listed.stderr.strip() or listed.stdout.strip() or f"auditctl failed with {listed.rc}"
            return Seen(place, drop_in, error=f"the audit rules can't be listed: {why}")
        others = frozenset(
            rule
            for path in io.glob(f"{RULES}/*.rules")
            if path != DROP_IN
            for rule in audit.parse_listing(io.read_text(path) or "")
        )
        seen = Seen(place, drop_in, audit.parse_listing(listed.stdout), others=others, untold=is_untold(io, UNTOLD))
        if self._needs_status(scope, seen):
            seen = replace(seen, status=audit.parse_status(io.run(["auditctl", "-s"], check=True).stdout))
        return seen

    @staticmethod
    def _needs_status(scope: Scope[Parameters], seen: Seen) -> bool:
        """Whether something is to be changed, or a setting to be judged: else the kernel need not be asked again."""
        wanted = [line for item in scope.items for lines in lines_of(item, seen.place).values() for line in lines]
        text = render(text_of(scope.items, seen.place, seen.others))
        return seen.untold or text != seen.drop_in or not all(seen.in_force(line) for line in wanted)

    def compare(self, items: t.Sequence[Item[Parameters]], seen: Seen, kept: Record) -> KindPlan:
        builder = PlanBuilder(kept)
        if seen.error:
            builder.findings = [Finding(item.id, FAILED, reason=seen.error) for item in items]
            return builder.plan()
        for item in items:
            builder.findings.append(self._compare_one(item, seen))
        text = [] if seen.idle else text_of(items, seen.place, seen.others)
        changing = tuple(found.control for found in builder.findings if found.status in (DEVIATES, UNKEPT))
        # When only rules go, all controls that are left share the change.
        ids = changing or tuple(item.id for item in items)
        is_written = plan_drop_in(builder, DROP_IN, seen.drop_in, text, ids, MODE)
        if seen.locked:
            builder.restorations = [replace(entry, reason=LOCKED_REASON) for entry in builder.restorations]
        elif (is_written or changing or seen.untold) and not seen.idle:
            controls = builder.steps[0].controls if builder.steps else ids
            controls = controls or tuple(entry.control for entry in builder.restorations)
            if controls:
                builder.steps.insert(0, Mark(controls, UNTOLD))
                builder.steps.append(LoadRules(controls, seen.drop_in))
        return builder.plan()

    @staticmethod
    def _compare_one(item: Item[Parameters], seen: Seen) -> Finding:
        if seen.idle:
            return Finding(item.id, NOT_APPLICABLE, reason=seen.idle)
        wanted = lines_of(item, seen.place)
        if not wanted:
            paths = [path_of(rule) for rule in item.parameters.rules]
            return Finding(item.id, NOT_APPLICABLE, reason=f"not there: {', '.join(path for path in paths if path)}")
        before = {
            rule: LOADED if all(seen.in_force(line) for line in lines) else ABSENT for rule, lines in wanted.items()
        }
        after = dict.fromkeys(wanted, LOADED)
        if before != after:
            missing = {rule: ABSENT for rule, state in before.items() if state == ABSENT}
            written = all(seen.is_written(line) for rule in missing for line in wanted[rule])
            status = PENDING if seen.locked and written else DEVIATES
            reason = LOCKED_REASON if seen.locked else ""
            return Finding(item.id, status, missing, dict.fromkeys(missing, LOADED), reason)
        if not all(seen.is_written(line) for lines in wanted.values() for line in lines):
            return Finding(item.id, UNKEPT, before, after, "loaded now; written down so that it stays")
        return Finding(item.id, PASSED, before, after)


def _why_idle(io: HostIO) -> str:
    if not io.exists("/proc/self/loginuid"):
        return "this kernel has no audit"
    if any(io.exists(path) for path in CONTAINER_MARKS):
        return "this is a container: the kernel's audit belongs to its host"
    return ""


@dataclass(frozen=True)
class LoadRules(Step):
    """Load all files of rules.d; when the kernel refuses one of ours, bring the rules before back."""

    drop_in_before: str | None

    def apply(self, io: HostIO) -> None:
        done = io.run(["augenrules", "--load"])
        if done.rc == 0:
            io.remove(mark_of(UNTOLD))
            return
        why = self._refused(io, done.stderr or done.stdout)
        WriteFile(self.controls, DROP_IN, self.drop_in_before, MODE).apply(io)
        if io.run(["augenrules", "--load"]).rc == 0:
            io.remove(mark_of(UNTOLD))
        raise HostError(f"the audit rules can't be loaded: {why}; the rules before are in force again")

    @staticmethod
    def _refused(io: HostIO, words: str) -> str:
        """Auditctl's last words, with the line it names."""
        said = " ".join(words.split())
        number = said.rpartition("error in line ")[2].partition(" ")[0]
        lines = (io.read_text(COLLECTED) or "").splitlines()
        if number.isdigit() and 0 < int(number) <= len(lines):
            said += f" ({lines[int(number) - 1]})"
        return said
