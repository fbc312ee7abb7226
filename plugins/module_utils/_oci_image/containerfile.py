# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""A Containerfile's text -> its instructions, each with the line it begins at.

Grammar: the Dockerfile reference, as containers/common's Containerfile(5) describes it.
"""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem

KNOWN = (
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "LABEL",
    "RUN",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
)
REMEDIES = {
    "ADD": "use COPY for files of the context, RUN for anything else",
    "HEALTHCHECK": "an OCI image can't hold it; give the service of the Compose file a healthcheck",
    "MAINTAINER": "use LABEL org.opencontainers.image.authors=...",
    "ONBUILD": "write the instruction where it is to run",
    "SHELL": "write RUN in its JSON form",
}

_REFERENCE = r"\$(?:(?P<plain>[A-Za-z_]\w*)|\{(?P<name>[A-Za-z_]\w*)(?::(?P<operator>[-+])(?P<word>[^}]*))?\})"
_VARIABLE = re.compile(rf"\\(?P<escaped>\$)|{_REFERENCE}")
_VARIABLE_IN_WORD = re.compile(rf"\\(?P<escaped>.)|{_REFERENCE}")
_WORD = re.compile(r"""(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+""")


@dataclass(frozen=True)
class Instruction:
    """One instruction: its name in capitals, its flags (``--chown=x`` -> chown: x) and what follows."""

    name: str
    flags: dict[str, str]
    text: str
    line: int


def problem(file: str, line: int, message: str, remedy: str) -> Problem:
    """A problem at a line of a Containerfile."""
    return Problem(file, message, remedy, line)


def _logical_lines(text: str) -> t.Iterator[tuple[int, str]]:
    """Line number and text of every instruction: continued lines joined, comments and empty lines dropped."""
    parts: list[str] = []
    start = 0
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue  # also inside a continued instruction, as the reference has it
        start = start if parts else number
        if line.endswith("\\"):
            parts.append(line[:-1].rstrip())
            continue
        parts.append(line)
        yield start, " ".join(part for part in parts if part)
        parts = []
    if parts:
        yield start, " ".join(part for part in parts if part)


def parse(text: str, file: str = "Containerfile") -> tuple[Instruction, ...]:
    """The instructions of a Containerfile in order.

    Raises InputError with every instruction that isn't known or supported, by file and line.
    """
    problems: list[Problem] = []
    found: list[Instruction] = []
    for line, logical in _logical_lines(text):
        word, _space, rest = logical.partition(" ")
        name = word.upper()
        if name not in KNOWN:
            remedy = REMEDIES.get(name, f"known are {', '.join(KNOWN)}")
            problems.append(problem(file, line, f"{word} is not supported", remedy))
            continue
        flags: dict[str, str] = {}
        rest = rest.strip()
        while rest.startswith("--"):
            flag, _space, rest = rest.partition(" ")
            key, _equals, value = flag[2:].partition("=")
            flags[key] = value
            rest = rest.strip()
        if not rest:
            problems.append(problem(file, line, f"{name} says nothing", "give it its arguments"))
        elif name in ("RUN", "COPY") and re.match(r"<<-?['\"]?\w", rest):
            problems.append(problem(file, line, "here-documents are not supported", "join the commands with &&"))
        else:
            found.append(Instruction(name, flags, rest, line))
    if problems:
        raise InputError(problems)
    return tuple(found)


def _substitute(pattern: re.Pattern[str], text: str, variables: t.Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        if match["escaped"]:
            return match["escaped"]
        found = variables.get(match["plain"] or match["name"], "")
        if match["operator"] == "-":
            return found or match["word"]
        if match["operator"] == "+":
            return match["word"] if found else ""
        return found

    return pattern.sub(value, text)


def expand(text: str, variables: t.Mapping[str, str]) -> str:
    """Replace ``$name``, ``${name}``, ``${name:-default}`` and ``${name:+instead}``; an unset name is empty."""
    return _substitute(_VARIABLE, text, variables)


def words(text: str, variables: t.Mapping[str, str]) -> list[str]:
    """Split into words as a shell would: a variable's value stays one word, single quotes keep what is in them."""
    result = []
    for raw in _WORD.findall(text):
        pieces = re.findall(r'"((?:[^"\\]|\\.)*)"|\'([^\']*)\'|((?:[^"\'\\]|\\.)+)', raw)
        result.append(
            "".join(
                literal or _substitute(_VARIABLE_IN_WORD, quoted or plain, variables)
                for quoted, literal, plain in pieces
            )
        )
    return result


def exec_form(text: str) -> t.Optional[tuple[str, ...]]:
    """The strings of a JSON array, or None when the text is not one."""
    if not text.startswith("["):
        return None
    try:
        value = json.loads(text)
    except ValueError:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return None
    return tuple(value)


def pairs(text: str, variables: t.Mapping[str, str]) -> t.Optional[dict[str, str]]:
    """``a=b c="d e"`` as a mapping; the old form ``a b`` is one pair. None when a word has no ``=``."""
    if "=" not in text.split(maxsplit=1)[0]:
        key, _blank, value = text.partition(" ")
        return {key: expand(value.strip(), variables)} if value.strip() else None
    found = words(text, variables)
    if not all("=" in word for word in found):
        return None
    return dict(word.split("=", 1) for word in found)
