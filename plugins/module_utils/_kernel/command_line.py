# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Parameters of the kernel's command line, kept as a set: some shall be there, some not."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import Problem

UNQUOTABLE = frozenset("\"'`$\\ \t\n")
"""What neither a shell file nor a command line carries unharmed."""
REPEATABLE = frozenset({"console", "earlycon", "earlyprintk", "hugepagesz", "hugepages", "ip", "module_blacklist"})
"""Parameters of which every occurrence counts, not the last one alone."""


def check_words(option: str, words: t.Sequence[str]) -> list[Problem]:
    """The problems of parameters as they are given."""
    remedy = "give name or name=value, without spaces or quotes"
    return [
        Problem(f"{option}[{index}]", f"is {word!r}", remedy)
        for index, word in enumerate(words)
        if not word or UNQUOTABLE & set(word) or word.startswith("=")
    ]


def name_of(word: str) -> str:
    """A parameter's name; the kernel takes dashes for underscores in it."""
    return word.partition("=")[0].replace("-", "_")


def plain(word: str) -> str:
    """A parameter with its name as the kernel takes it."""
    _name, equals, value = word.partition("=")
    return f"{name_of(word)}{equals}{value}"


def has(words: t.Iterable[str], word: str) -> bool:
    """Whether a command line has a parameter with this very value."""
    return plain(word) in {plain(other) for other in words}


@dataclass(frozen=True)
class ParameterChange:
    """add, remove: what is to be done at the boot loader. before, after: an entry's parameters.

    added, removed: what is ours afterwards, so that it can be undone.
    """

    add: tuple[str, ...]
    remove: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]


def compare_parameters(
    present: t.Sequence[str],
    absent: t.Sequence[str],
    entries: t.Sequence[t.Sequence[str]],
    added: t.Sequence[str] = (),
    removed: t.Sequence[str] = (),
) -> ParameterChange:
    """What is to be added and removed. entries: the parameters of each. added, removed: what was ours before."""
    lacking = [word for word in present if not all(has(entry, word) for entry in entries)]
    excess = [word for word in absent if any(has(entry, word) for entry in entries)]
    forsaken = [word for word in added if not has(present, word) and any(has(entry, word) for entry in entries)]
    returning = [word for word in removed if not has(absent, word) and not all(has(entry, word) for entry in entries)]
    returning = [word for word in returning if not has(lacking, word)]
    add, remove = (*lacking, *returning), (*excess, *forsaken)
    before = tuple(entries[0]) if entries else ()
    kept = [word for word in before if not has(remove, word)]
    return ParameterChange(
        add=add,
        remove=remove,
        before=before,
        after=(*kept, *(word for word in add if not has(kept, word))),
        added=tuple(dict.fromkeys([*(word for word in added if has(present, word)), *lacking])),
        removed=tuple(dict.fromkeys([*(word for word in removed if has(absent, word)), *excess])),
    )


def check_against_entries(
    present: t.Sequence[str], absent: t.Sequence[str], entries: t.Sequence[t.Sequence[str]], ours: t.Sequence[str]
) -> list[Problem]:
    """Parameters somebody else sets to another value, which would come after ours and win. ours: what was added."""
    problems = []
    for index, word in enumerate(present):
        name = name_of(word)
        if name in REPEATABLE or "=" not in word:
            continue
        others = {
            other
            for entry in entries
            for other in entry
            if name_of(other) == name and plain(other) != plain(word)
            if not has(absent, other) and not has(ours, other) and not has(present, other)
        }
        if others:
            named = ", ".join(sorted(others))
            problems.append(
                Problem(
                    f"parameters_present[{index}]", f"{name} is set already, as {named}", f"make {named} absent too"
                )
            )
    return problems


def check_against_baseline(present: t.Sequence[str], absent: t.Sequence[str], held: t.Sequence[str]) -> list[Problem]:
    """Parameters the baseline holds the host to: the two would undo each other for ever. held: the baseline's."""
    problems = []
    for option, words in (("parameters_present", present), ("parameters_absent", absent)):
        for index, word in enumerate(words):
            wants_other = option == "parameters_present" and not has(held, word) and name_of(word) not in REPEATABLE
            clashing = [other for other in held if name_of(other) == name_of(word)] if wants_other else []
            if option == "parameters_absent" and has(held, word):
                clashing = [word]
            if clashing:
                remedy = "exempt the host from that control, or leave it out here"
                problems.append(Problem(f"{option}[{index}]", f"the baseline holds {', '.join(clashing)}", remedy))
    return problems
