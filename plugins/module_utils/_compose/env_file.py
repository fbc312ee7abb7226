# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Files of ``KEY=value`` lines: ``env_file`` of a service and ``.env`` of a project.

The format is that of the Compose Specification, "env_file": comments, ``export``, single quotes (literal), double
quotes (escapes and variables), bare values (variables, ended by `` #``).
"""

from __future__ import annotations

import re
import typing as t
from collections import ChainMap

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.interpolate import (
    check_text,
    interpolate_text,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import BadValueError

_LINE = re.compile(
    r"\s*(?:export\s+)?(?P<key>[A-Za-z_][A-Za-z0-9_.-]*)[ \t]*(?:(?P<mark>[=:])[ \t]?(?P<value>.*))?$", re.S
)
# All the variables of one file, in characters. Linux gives a process an eighth of it.
_MAXIMUM_CHARACTERS = 1024 * 1024
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"', "$": "$$"}


def parse_env_file(text: str, variables: t.Mapping[str, str], raw: bool = False) -> dict[str, str]:
    """The variables in ``text``. Later lines can use earlier ones; ``variables`` win inside ``${}``.

    raw: take what follows ``=`` as it stands. A key without ``=`` takes its value from ``variables`` and is left out
    when it isn't there. Raises BadValueError naming the line within the file.
    """
    result: dict[str, str] = {}
    known = ChainMap(t.cast("dict[str, str]", variables), result)
    lines = text.splitlines()
    index = characters = 0
    while index < len(lines):
        number = index + 1
        line = lines[index]
        index += 1
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.match(line)
        if not match:
            raise BadValueError(f"line {number} isn't KEY=value", "begin comments with #")
        key, value = match.group("key"), match.group("value")
        if match.group("mark") is None:
            if key in variables:
                result[key] = variables[key]
            continue
        value = value or ""
        if raw:
            _check_raw(number, value)
            result[key] = value
            continue
        quote = value.lstrip()[:1]
        if quote in ("'", '"'):
            value = value.lstrip()
            if _quote_end(value) < 0:
                rest = "\n".join([value, *lines[index:]])
                end = _quote_end(rest)
                if end < 0:
                    raise BadValueError(f"line {number}: the quote isn't closed", "end the value with the same quote")
                value = rest[: end + 1]
                index += value.count("\n")
        try:
            check_text(value)
            result[key] = _parse_value(value, known)
            characters += len(result[key])
            if characters > _MAXIMUM_CHARACTERS:
                raise BadValueError(
                    f"the variables get longer than {_MAXIMUM_CHARACTERS} characters", "use fewer variables in others"
                )
        except BadValueError as error:
            raise BadValueError(f"line {number}: {error.message}", error.remedy) from error
    return result


def _check_raw(number: int, value: str) -> None:
    try:
        check_text(value)
    except BadValueError as error:
        raise BadValueError(f"line {number}: {error.message}", error.remedy) from error


def _quote_end(value: str) -> int:
    """The index of the quote that ends what the first character began; -1 when there is none."""
    quote = value[0]
    position = 1
    while position < len(value):
        if value[position] == "\\" and quote == '"':
            position += 2
            continue
        if value[position] == quote:
            return position
        position += 1
    return -1


def _parse_value(value: str, variables: t.Mapping[str, str]) -> str:
    if value[:1] == "'":
        return value[1 : _quote_end(value)]
    if value[:1] == '"':
        inner = value[1 : _quote_end(value)]
        text = re.sub(r"\\(.)", lambda match: _ESCAPES.get(match.group(1), match.group()), inner, flags=re.S)
        return interpolate_text(text, variables)
    bare = re.split(r"(?:^|\s)#", value, maxsplit=1)[0].strip()
    return interpolate_text(bare, variables)
