# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of controls counts them, and names what is left out without anybody's asking."""

from __future__ import annotations

import types
import typing as t

import generate_baseline


def control(name: str, kind: str, profile: str) -> types.SimpleNamespace:
    return types.SimpleNamespace(id=name, kind=kind, profile=profile)


def test_numbers() -> None:
    controls = [control("a", "sysctl", "one"), control("b", "sysctl", "two"), control("c", "mount", "two")]
    assert generate_baseline.numbers(controls, ("one", "two")).splitlines()[2:] == [
        "| mount | 0 | 1 | 1 |",
        "| sysctl | 1 | 1 | 2 |",
        "| all kinds | 1 | 2 | 3 |",
        "",
        "Each column counts what its profile adds. A host is held to 1 with one, 3 with two.",
    ]


def test_exemptions() -> None:
    def selected(name: str, status: str, reason: str = "", adjust: t.Sequence[t.Any] = ()) -> types.SimpleNamespace:
        return types.SimpleNamespace(control=control(name, "k", "p"), status=status, reason=reason, adjust=adjust)

    maybe = [
        types.SimpleNamespace(when="uefi", parameters=None, reason="why"),
        types.SimpleNamespace(when="x86", parameters={"a": 1}, reason="how"),
    ]
    chosen = [
        selected("held", "enforce"),
        selected("out", "exempt", "would break it"),
        selected("other", "enforce", "1 instead of 2"),
        selected("none", "not_applicable", "not offered"),
        selected("maybe", "enforce", adjust=maybe),
    ]
    assert generate_baseline.exemption_rows(chosen) == [
        "| `out` | p | exempt | would break it |\n",
        "| `other` | p | adjusted | 1 instead of 2 |\n",
        "| `none` | p | not applicable | not offered |\n",
        "| `maybe` | p | exempt where `uefi` | why |\n",
        "| `maybe` | p | adjusted where `x86` | how |\n",
    ]
