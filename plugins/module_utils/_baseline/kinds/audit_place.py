# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What audit rules are about on one host: which of their paths are there, which programs, which ABIs."""

from __future__ import annotations

import posixpath
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline import audit
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

PLACEHOLDER = "{program}"
OWN_PROGRAM = "/proc/self/exe"
SET_ID_BITS = 0o6000


@dataclass(frozen=True)
class Place:
    """there: those of the paths and their directories that are there. set_id: directory -> its set-id programs.

    arriving: packages about to be installed, and with them the paths of their controls.
    """

    there: frozenset[str]
    set_id: t.Mapping[str, tuple[str, ...]]
    abis: t.Mapping[str, frozenset[str]]
    arriving: frozenset[str] = frozenset()

    def has(self, rule: str, existing_only: bool, package: str) -> bool:
        """Whether a rule has its object here. The kernel can watch for a file that is yet to come, not a directory."""
        path = path_of(rule)
        if not path or path in self.there or (package and package in self.arriving):
            return True
        return not existing_only and "dir=" not in rule and posixpath.dirname(path) in self.there

    def programs(self, directories: t.Iterable[str]) -> list[str]:
        """The set-id programs in directories."""
        return [path for directory in directories for path in self.set_id[directory]]


def path_of(rule: str) -> str:
    """The path a rule watches, empty when it watches none."""
    parsed = audit.parse_line(rule)
    return parsed.field("path") if isinstance(parsed, audit.Rule) else ""


def look_around(
    io: HostIO,
    wanted: t.Iterable[tuple[t.Sequence[str], t.Sequence[str]]],
    drop_in: str | None,
    arriving: frozenset[str],
) -> Place:
    """The place of rules, given as pairs of rules and directories of programs.

    drop_in: its programs stay as long as they are there, so that one that loses its bit in this very run does not make
    the next run differ.
    """
    wanted = list(wanted)
    paths = {path_of(rule) for rules, _directories in wanted for rule in rules} - {""}
    paths |= {posixpath.dirname(path) for path in paths}
    templates = [rule for rules, _directories in wanted for rule in rules if PLACEHOLDER in rule]
    watched = {rule.field("path"): rule for rule in audit.parse_listing(drop_in or "") if rule.field("perm") == "x"}
    before = {
        path
        for path, rule in watched.items()
        for template in templates
        if path and audit.parse_line(template.replace(PLACEHOLDER, path)) == rule
    }
    set_id = {}
    for directory in sorted({directory for _rules, directories in wanted for directory in directories}):
        found = set()
        for name in io.list_directory(directory):
            path = f"{directory}/{name}"
            status = io.status(path)
            if status is not None and status.kind == "file" and (status.mode & SET_ID_BITS or path in before):
                found.add(path)
        set_id[directory] = tuple(sorted(found))
    return Place(frozenset(path for path in paths if io.exists(path)), set_id, _abis(io), arriving)


def _abis(io: HostIO) -> t.Mapping[str, frozenset[str]]:
    try:
        with io.open_stream(OWN_PROGRAM) as stream:
            machine = audit.machine_of(stream.read(20))
    except HostError:
        machine = 0
    return audit.ABIS_OF_MACHINE.get(machine, audit.OTHER_ABIS)
