# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters as a set."""

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.command_line import (
    check_against_baseline,
    check_against_entries,
    compare_parameters,
)

Words = tuple[str, ...]


@pytest.mark.parametrize(
    ("present", "absent", "entries", "added", "removed", "add", "remove", "after"),
    [
        (("a",), (), [("ro",)], (), (), ("a",), (), ("ro", "a")),
        (("a",), (), [("ro", "a"), ("ro",)], (), (), ("a",), (), ("ro", "a")),
        (("a",), ("q",), [("a", "q")], ("a",), (), (), ("q",), ("a",)),
        ((), (), [("a", "ro")], ("a",), ("q",), ("q",), ("a",), ("ro", "q")),
        (("x=2",), (), [("x=1",)], ("x=1",), (), ("x=2",), ("x=1",), ("x=2",)),
        (("a-b=1",), (), [("a_b=1",)], (), (), (), (), ("a_b=1",)),
        (("a",), (), [], (), (), (), (), ()),
    ],
)
def test_compare(
    present: Words,
    absent: Words,
    entries: list[Words],
    added: Words,
    removed: Words,
    add: Words,
    remove: Words,
    after: Words,
) -> None:
    change = compare_parameters(present, absent, entries, added, removed)
    assert (change.add, change.remove, change.after) == (add, remove, after)


def test_what_is_ours_is_what_was_not_there() -> None:
    change = compare_parameters(("a", "b"), ("q", "r"), [("a", "q")])
    assert (change.added, change.removed) == (("b",), ("q",))
    later = compare_parameters(("a", "b"), ("q", "r"), [("a", "b")], change.added, change.removed)
    assert (later.added, later.removed) == (("b",), ("q",))
    assert not later.add + later.remove


@pytest.mark.parametrize(
    ("present", "absent", "ours", "is_refused"),
    [
        (["x=2"], [], [], True),
        (["x=2"], ["x=1"], [], False),
        (["x=2"], [], ["x=1"], False),
        (["x=1"], [], [], False),
        (["console=tty1"], [], [], False),
        (["ro"], [], [], False),
    ],
)
def test_another_value_that_would_win(present: list[str], absent: list[str], ours: list[str], is_refused: bool) -> None:
    problems = check_against_entries(present, absent, [("ro", "x=1", "console=tty0")], ours)
    assert bool(problems) is is_refused


@pytest.mark.parametrize(
    ("present", "absent", "is_refused"),
    [
        (["audit=1"], [], False),
        (["audit=0"], [], True),
        ([], ["audit=1"], True),
        ([], ["audit=0"], False),
        (["x"], ["y"], False),
    ],
)
def test_what_the_baseline_holds(present: list[str], absent: list[str], is_refused: bool) -> None:
    assert bool(check_against_baseline(present, absent, ["audit=1"])) is is_refused
