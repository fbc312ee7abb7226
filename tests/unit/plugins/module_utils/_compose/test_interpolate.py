# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.interpolate import (
    interpolate,
    interpolate_text,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import BadValueError, Report

VARIABLES = {"NAME": "web", "EMPTY": "", "a1": "one", "_X": "under", "INNER": "deep", "LONG": "x" * 100_000}

TEXTS: list[tuple[str, str]] = [
    ("plain", "plain"),
    ("", ""),
    ("$NAME", "web"),
    ("${NAME}", "web"),
    ("$NAME-1", "web-1"),
    ("$a1$_X", "oneunder"),
    ("x${NAME}y${a1}z", "xwebyonez"),
    ("$EMPTY", ""),
    ("${EMPTY}", ""),
    ("$$NAME", "$NAME"),
    ("$${NAME}", "${NAME}"),
    ("$$$NAME", "$web"),
    ("cost: 5$", "cost: 5$"),
    ("$1 and $ and $-", "$1 and $ and $-"),
    ("${NOPE:-default}", "default"),
    ("${NOPE-default}", "default"),
    ("${NOPE:-}", ""),
    ("${NOPE-}", ""),
    ("${EMPTY:-default}", "default"),
    ("${EMPTY-default}", ""),
    ("${NAME:-default}", "web"),
    ("${NAME-default}", "web"),
    ("${NAME:?must be there}", "web"),
    ("${EMPTY?must be there}", ""),
    ("${NAME:+given}", "given"),
    ("${NAME+given}", "given"),
    ("${EMPTY:+given}", ""),
    ("${EMPTY+given}", "given"),
    ("${NOPE:+given}", ""),
    ("${NOPE+given}", ""),
    ("${NOPE:-${INNER}}", "deep"),
    ("${NOPE:-${OTHER:-${NAME}-x}}", "web-x"),
    ("${NOPE:-a:b-c?d}", "a:b-c?d"),
    ("${NOPE:-$$5}", "$5"),
    ("${NAME:-$MISSING}", "web"),
    ("http://${NAME}:${PORT:-80}/", "http://web:80/"),
    ("${NOPE:-" * 20 + "}" * 20, ""),
]

BAD_TEXTS: list[tuple[str, str]] = [
    ("$NOPE", "variable NOPE is not set"),
    ("${NOPE}", "variable NOPE is not set"),
    ("${NOPE:?say why}", "variable NOPE is not set: say why"),
    ("${NOPE?}", "variable NOPE is not set"),
    ("${EMPTY:?say why}", "variable EMPTY is empty: say why"),
    ("${NOPE:-$OTHER}", "variable OTHER is not set"),
    ("${NOPE:?because of $NAME}", "because of web"),
    ("${NAME", "without its closing brace"),
    ("${NOPE:-${NAME}", "without its closing brace"),
    ("${}", "doesn't begin with a variable's name"),
    ("${1}", "doesn't begin with a variable's name"),
    ("${NAME/a/b}", "isn't a form that Compose knows"),
    ("${NAME:x}", "isn't a form that Compose knows"),
    ("${NOPE:-" * 30 + "}" * 30, "has more than 20 braces in each other"),
    ("${NOPE:-" * 3000 + "}" * 3000, "has more than 20 braces in each other"),
    ("$LONG" * 11, "becomes longer than 1048576 characters"),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_interpolate_text(text: str, expected: str) -> None:
    assert interpolate_text(text, VARIABLES) == expected


@pytest.mark.parametrize(("text", "message"), BAD_TEXTS)
def test_interpolate_text_refuses(text: str, message: str) -> None:
    with pytest.raises(BadValueError, match=message.replace("$", r"\$")) as caught:
        interpolate_text(text, VARIABLES)
    assert caught.value.remedy


def test_interpolate_walks_values_and_leaves_keys_and_extensions() -> None:
    report = Report()
    value = {"$NAME": ["$NAME", 3, None, True, {"k": "${a1}"}], "x-note": "$NOPE"}
    assert interpolate(value, VARIABLES, report) == {
        "$NAME": ["web", 3, None, True, {"k": "one"}],
        "x-note": "$NOPE",
    }
    assert report.problems == []


def test_interpolate_reports_every_place_with_its_line() -> None:
    report = Report({("services", "web", "image"): 4, ("services", "web", "ports", 1): 7})
    document = {"services": {"web": {"image": "$NOPE", "ports": ["80:80", "${GONE}:81"]}}}
    interpolate(document, {}, report)
    assert [(problem.path, problem.line) for problem in report.problems] == [
        ("services.web.image", 4),
        ("services.web.ports[1]", 7),
    ]
