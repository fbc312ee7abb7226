# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Options of the SSH server: one drop-in, judged by sshd itself, that never shuts out the connection it comes by."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline import sshd, sshd_access
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.comparison import WAYS, holds, is_number
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.announce import (
    Mark,
    is_untold,
    mark_of,
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
    UNKEPT,
    Finding,
    KindPlan,
    PlanBuilder,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import Step, WriteFile
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.connection import Connection
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

# The first value sshd reads for an option is the one that counts (sshd_config(5)).
DROP_IN = "/etc/ssh/sshd_config.d/00-container-host.conf"
MODE = 0o600
UNITS = ("ssh.service", "sshd.service")
UNTOLD = "sshd"
NO_INCLUDE = (
    f"{sshd.MAIN_PATH} does not include {DROP_IN}: put the line 'Include /etc/ssh/sshd_config.d/*.conf' at its top"
)
# Options sshd -T leaves out while they are not set; all others it always prints, so those it lacks it does not know.
UNSET_UNLESS_PRINTED = (
    "acceptenv",
    "allowgroups",
    "allowusers",
    "authenticationmethods",
    "denygroups",
    "denyusers",
    "setenv",
    "subsystem",
)
AMONG = "among"
LISTEN_TRIES = 20
LISTEN_PAUSE_SECONDS = 0.25


@dataclass(frozen=True)
class Parameters:
    """options: as sshd -T prints them. compare: how values compare. if_unknown: for options this sshd doesn't have.

    With the comparison ``among`` a value lists what is allowed, parted by commas: fewer will do, and only those this
    sshd has are written.
    """

    options: tuple[tuple[str, str], ...]
    compare: str
    if_unknown: str


@dataclass(frozen=True)
class Seen:
    """now: in force. drop_in: its text. candidate: what would be in force with the drop-in as it shall be, or None.

    locked_out: why the present connection would not be let in again. unit: the running server, empty when there is none
    (sshd is then started anew for every connection). port: where it listens for us, 0 when not known. untold: an
    earlier run wrote the drop-in and died before the server was told.
    """

    now: sshd.Effective
    drop_in: str | None
    covered: bool = True
    candidate: sshd.Effective | None = None
    locked_out: str = ""
    unit: str = ""
    port: int = 0
    untold: bool = False


def same(current: str | None, wanted: str, compare: str) -> bool:
    """Whether an option has the wanted value; words without a path don't care for case."""
    if current is None:
        return False
    if compare == AMONG:
        return set(current.split(",")) <= set(wanted.split(","))
    if "/" not in wanted:
        current, wanted = current.lower(), wanted.lower()
    return holds(current, wanted, compare)


def is_unknown(option: str, now: sshd.Effective) -> bool:
    """Whether this sshd doesn't have the option at all."""
    return now.one(option) is None and option.lower() not in UNSET_UNLESS_PRINTED


def lines_of(items: t.Sequence[Item[Parameters]], now: sshd.Effective, drop_in: str | None) -> dict[str, str]:
    """The lines of the drop-in: option -> value. A bound that is met by other means is left alone."""
    ours = {line.split()[0].lower() for line in (drop_in or "").splitlines() if line.strip() and line[0] != "#"}
    lines = {}
    for item in items:
        for option, value in item.parameters.options:
            current = now.one(option)
            if is_unknown(option, now):
                continue
            bound = item.parameters.compare != "equal"
            if not bound or option.lower() in ours or not same(current, value, item.parameters.compare):
                lines[option] = value if item.parameters.compare != AMONG else _known_of(value, current)
    return lines


def _known_of(allowed: str, current: str | None) -> str:
    """Those of a list sshd has in use, in the list's order; all of them when it has none, so that sshd says so."""
    known = (current or "").split(",")
    return ",".join(word for word in allowed.split(",") if word in known) or allowed


class SshdOption(Kind[Parameters, Seen]):
    """Kind ``sshd_option``."""

    name = "sshd_option"
    way_in = True

    def parse(self, reader: Reader) -> Parameters:
        parameters = Parameters(
            options=reader.scalars("options"),
            compare=reader.choice("compare", (*WAYS, AMONG), "equal"),
            if_unknown=reader.choice("if_unknown", (FAILED, NOT_APPLICABLE), NOT_APPLICABLE),
        )
        for option, value in parameters.options:
            if not re.fullmatch(r"[A-Za-z0-9]+", option) or option.lower() in ("match", "include"):
                reader.wrong(f"options.{option}", "is no option", "name an option of sshd_config(5)")
            if "\n" in value or not value.strip():
                reader.wrong(f"options.{option}", f"is {value!r}", "give one line of text")
            if parameters.compare not in ("equal", AMONG) and not is_number(value):
                reader.wrong(
                    f"options.{option}", f"is {value!r}", f"give a whole number to compare {parameters.compare}"
                )
        return parameters

    def observe(self, scope: Scope[Parameters]) -> Seen:
        now = sshd.ask(scope.io)
        drop_in = scope.io.read_text(DROP_IN)
        key = f"file:{DROP_IN}"
        lines = [f"{option} {value}" for option, value in lines_of(scope.items, now, drop_in).items()]
        wanted = render(lines)
        if wanted is None:
            wanted = scope.kept[key].before if key in scope.kept else drop_in
        port = scope.connection.server_port if scope.connection else 0
        if not now.error and wanted == drop_in and is_untold(scope.io, UNTOLD):
            return Seen(now, drop_in, unit=_running_unit(scope.io), port=port, untold=True)
        if now.error or wanted == drop_in:
            return Seen(now, drop_in)
        text = sshd.with_drop_in(scope.io, scope.io.read_text(sshd.MAIN_PATH) or "", DROP_IN, wanted)
        if text is None:
            return Seen(now, drop_in, covered=False)
        candidate = sshd.ask(scope.io, text)
        locked_out = ""
        if scope.connection is not None and not candidate.error:
            locked_out = _why_newly_locked_out(scope.io, text, scope.connection)
        return Seen(
            now,
            drop_in,
            candidate=candidate,
            locked_out=locked_out,
            unit=_running_unit(scope.io),
            port=port,
        )

    def compare(self, items: t.Sequence[Item[Parameters]], seen: Seen, kept: Record) -> KindPlan:
        builder = PlanBuilder(kept)
        refusal = self._refusal(seen)
        lines = lines_of(items, seen.now, seen.drop_in)
        ours = (seen.drop_in or "").splitlines()
        for item in items:
            builder.findings.append(self._compare_one(item, seen, refusal, lines, ours))
        if refusal:
            for name, entry in kept.items():
                if not lines:
                    builder.findings.append(
                        Finding(entry.control, FAILED, reason=f"{name} can't be put back: {refusal}")
                    )
            return builder.plan()
        ids = tuple(item.id for item in items)
        text = [f"{option} {value}" for option, value in lines.items()]
        plan_drop_in(builder, DROP_IN, seen.drop_in, text, ids, MODE)
        controls = builder.steps[0].controls if builder.steps else ids
        if seen.unit and controls and (builder.steps or seen.untold):
            builder.steps.insert(0, Mark(controls, UNTOLD))
            builder.steps.append(Reload(controls, seen.unit, seen.port, seen.drop_in))
            builder.back.append(("systemctl", "--no-block", "reload-or-restart", seen.unit))
        return builder.plan()

    @staticmethod
    def _refusal(seen: Seen) -> str:
        """Why nothing may be written; empty when it may, or when there is nothing to write."""
        if seen.now.error:
            return f"sshd can't be asked for its options: {seen.now.error}"
        if not seen.covered:
            return NO_INCLUDE
        if seen.candidate is not None and seen.candidate.error:
            return f"sshd refuses the new options: {seen.candidate.error}"
        if seen.locked_out:
            return f"this connection would be shut out: {seen.locked_out}; give another value, or another way in first"
        return ""

    @staticmethod
    def _compare_one(
        item: Item[Parameters], seen: Seen, refusal: str, lines: t.Mapping[str, str], ours: t.Sequence[str]
    ) -> Finding:
        wants = item.parameters
        if seen.now.error:
            return Finding(item.id, FAILED, reason=refusal)
        unknown = [option for option, _value in wants.options if is_unknown(option, seen.now)]
        if unknown:
            return Finding(item.id, wants.if_unknown, reason=f"this sshd does not know {', '.join(unknown)}")
        before = {option: seen.now.one(option) for option, _value in wants.options}
        right = {option: same(before[option], value, wants.compare) for option, value in wants.options}
        after = {option: before[option] if right[option] else lines[option] for option, _value in wants.options}
        is_kept = all(f"{option} {lines[option]}" in ours for option in after if option in lines)
        if all(right.values()) and (is_kept or refusal):
            return Finding(item.id, PASSED if is_kept else UNKEPT, before, after)
        if refusal:
            return Finding(item.id, FAILED, before, after, refusal)
        if seen.candidate is not None:
            for option, value in wants.options:
                if not same(seen.candidate.one(option), value, wants.compare):
                    reason = f"{option} is set before our drop-in is read: take that line out of {sshd.MAIN_PATH}"
                    return Finding(item.id, FAILED, before, after, reason)
        elif not all(right.values()):
            reason = f"our drop-in sets it, yet sshd does not follow: see what is set before it in {sshd.MAIN_PATH}"
            return Finding(item.id, FAILED, before, after, reason)
        if all(right.values()):
            return Finding(item.id, UNKEPT, before, after, "holds now; written down so that it stays")
        return Finding(item.id, DEVIATES, before, after)


def _why_newly_locked_out(io: HostIO, text: str, connection: Connection) -> str:
    """Why the connection would no longer be let in under a new configuration; empty when it would."""
    for_us = sshd.ask(io, text, connection)
    reason = for_us.error or sshd_access.why_locked_out(io, for_us, connection)
    if reason and reason == sshd_access.why_locked_out(io, sshd.ask(io, None, connection), connection):
        # By the same judgement it could not have come in now either, and yet is here: the judgement is wrong.
        return ""
    return reason


def _running_unit(io: HostIO) -> str:
    """The unit of the running server, which has two names; empty when a socket starts sshd for each connection."""
    for unit in UNITS:
        if io.run(["systemctl", "is-active", "--quiet", unit]).rc == 0:
            return unit
    return ""


def listens(tables: t.Iterable[str], port: int) -> bool:
    """Whether some process listens on a TCP port, by the text of /proc/net/tcp and tcp6 (proc(5); state 0A)."""
    wanted = f":{port:04X}"
    rows = (line.split() for table in tables for line in table.splitlines()[1:])
    return any(len(row) > 3 and row[1].endswith(wanted) and row[3] == "0A" for row in rows)


@dataclass(frozen=True)
class Reload(Step):
    """Have the server read its configuration again, see that it listens afterwards, else put the drop-in back."""

    unit: str
    port: int
    drop_in_before: str | None

    def apply(self, io: HostIO) -> None:
        try:
            io.run(["systemctl", "reload", self.unit], check=True)
            self._see_that_it_listens(io)
            io.remove(mark_of(UNTOLD))
        except HostError as error:
            WriteFile(self.controls, DROP_IN, self.drop_in_before, MODE).apply(io)
            io.run(["systemctl", "restart", self.unit], check=True)
            io.remove(mark_of(UNTOLD))
            raise HostError(f"{error}; the options before are in force again") from error

    def _see_that_it_listens(self, io: HostIO) -> None:
        for _attempt in range(LISTEN_TRIES if self.port else 0):
            if listens((io.read_text(path) or "" for path in ("/proc/net/tcp", "/proc/net/tcp6")), self.port):
                return
            io.sleep(LISTEN_PAUSE_SECONDS)
        if self.port:
            raise HostError(f"{self.unit} no longer listens on port {self.port} after a reload")
