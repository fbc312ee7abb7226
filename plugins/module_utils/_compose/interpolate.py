# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Variables in a Compose file: ``$VAR``, ``${VAR}`` and its defaults, as in the Compose Specification, "Interpolation".

One rule is stricter: a variable that isn't set and has no default is an error, not an empty string.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import BadValueError, Path, Report

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATORS = (":-", ":?", ":+", "-", "?", "+")
_MAXIMUM_DEPTH = 20
# A variable or an argument of a process has at most an eighth of it on Linux.
_MAXIMUM_CHARACTERS = 1024 * 1024
# NUL ends a text wherever the kernel takes one. Halves of a pair of surrogates are no characters; those that Python has
# for bytes that aren't UTF-8 are let through.
_NO_TEXT = re.compile("[\0\ud800-\udc7f\udd00-\udfff]")


def interpolate(value: t.Any, variables: t.Mapping[str, str], report: Report, path: Path = ()) -> t.Any:
    """A copy of ``value`` with all variables in its strings replaced; keys stay as they are.

    Extensions (``x-``) are left alone: nothing reads them.
    """
    if isinstance(value, str):
        try:
            return interpolate_text(value, variables)
        except BadValueError as error:
            report.refuse(path, error)
            report.spoil(path)
            return value
    if isinstance(value, dict):
        return {
            key: entry if str(key).startswith("x-") else interpolate(entry, variables, report, (*path, key))
            for key, entry in value.items()
        }
    if isinstance(value, list):
        return [interpolate(entry, variables, report, (*path, index)) for index, entry in enumerate(value)]
    return value


def check_text(text: str) -> None:
    """Raise BadValueError for characters that neither an engine nor a file's name can have."""
    found = _NO_TEXT.search(text)
    if found:
        name = f"the character U+{ord(found.group()):04X}"
        raise BadValueError(f"has {name}, which no text of a container can have", "remove it")


def without_no_text(text: str) -> str:
    """The text with what check_text refuses replaced, so that reading can go on."""
    return _NO_TEXT.sub("\ufffd", text)


def interpolate_text(text: str, variables: t.Mapping[str, str], depth: int = 0) -> str:
    """One string with its variables replaced; raises BadValueError for bad syntax and for what isn't set.

    ``$$`` is a dollar sign. A ``$`` that begins neither a name nor a brace stays. depth: of braces around it.
    """
    if depth > _MAXIMUM_DEPTH:
        raise BadValueError(f"has more than {_MAXIMUM_DEPTH} braces in each other", "set the variables in a .env file")
    result: list[str] = []
    characters = 0
    position = 0
    while True:
        characters += sum(map(len, result[-2:]))
        if characters > _MAXIMUM_CHARACTERS:
            raise BadValueError(f"becomes longer than {_MAXIMUM_CHARACTERS} characters", "use shorter variables")
        dollar = text.find("$", position)
        if dollar < 0:
            return "".join((*result, text[position:]))
        result.append(text[position:dollar])
        following = text[dollar + 1 : dollar + 2]
        named = _NAME.match(text, dollar + 1)
        if following == "$":
            result.append("$")
            position = dollar + 2
        elif following == "{":
            end = _closing_brace(text, dollar + 2)
            result.append(_braced(text[dollar + 2 : end], variables, depth + 1))
            position = end + 1
        elif named:
            result.append(_value(named.group(), variables))
            position = named.end()
        else:
            result.append("$")
            position = dollar + 1


def _closing_brace(text: str, start: int) -> int:
    depth = 1
    position = start
    while position < len(text):
        if text.startswith("$$", position):
            position += 2
            continue
        if text.startswith("${", position):
            depth += 1
            position += 2
            continue
        if text[position] == "}":
            depth -= 1
            if not depth:
                return position
        position += 1
    raise BadValueError(f"${{ without its closing brace in {text!r}", "close it, or write $$ for a dollar sign")


def _braced(inner: str, variables: t.Mapping[str, str], depth: int) -> str:
    named = _NAME.match(inner)
    if not named:
        raise BadValueError(f"${{{inner}}} doesn't begin with a variable's name", "write $$ for a dollar sign")
    name, rest = named.group(), inner[named.end() :]
    if not rest:
        return _value(name, variables)
    operator = next((entry for entry in _OPERATORS if rest.startswith(entry)), None)
    if operator is None:
        raise BadValueError(
            f"${{{inner}}} isn't a form that Compose knows",
            "use ${VAR}, ${VAR:-default}, ${VAR:?message} or ${VAR:+value}",
        )
    word = rest[len(operator) :]
    value = variables.get(name)
    is_set = bool(value) if operator.startswith(":") else value is not None
    if operator.endswith("+"):
        return interpolate_text(word, variables, depth) if is_set else ""
    if is_set:
        return t.cast(str, value)
    if operator.endswith("-"):
        return interpolate_text(word, variables, depth)
    explanation = interpolate_text(word, variables, depth)
    empty = "empty" if value is not None else "not set"
    raise BadValueError(f"variable {name} is {empty}" + (f": {explanation}" if explanation else ""), _remedy(name))


def _value(name: str, variables: t.Mapping[str, str]) -> str:
    if name not in variables:
        raise BadValueError(f"variable {name} is not set", f"{_remedy(name)}, or write ${{{name}:-default}}")
    return variables[name]


def _remedy(name: str) -> str:
    return f"give {name} in the option environment"
