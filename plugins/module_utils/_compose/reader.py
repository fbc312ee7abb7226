# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Reading parsed YAML by expected type; what doesn't fit becomes a problem and reading goes on."""

from __future__ import annotations

import difflib
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose import scalars
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.keys import SECTIONS, Support
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import BadValueError, Path, Report

_T = t.TypeVar("_T")
_KINDS: tuple[tuple[t.Any, str], ...] = (
    (bool, "a boolean"),
    (int, "a number"),
    (float, "a number"),
    (str, "text"),
    (dict, "a mapping"),
    (list, "a list"),
    (type(None), "nothing"),
)


def kind_of(value: t.Any) -> str:
    """What a person calls the type of ``value``."""
    return next((name for kind, name in _KINDS if isinstance(value, kind)), type(value).__name__)


# To look for what is like a key takes some milliseconds.
_MOST_SUGGESTED = 50


class Reader:
    """Typed access to parsed values. Each method answers a usable value and reports what was wrong."""

    def __init__(self, report: Report, variables: t.Mapping[str, str]) -> None:
        self.report = report
        self.variables = variables
        self._suggested = 0

    def wrong(self, path: Path, value: t.Any, wanted: str) -> None:
        """Report a wrong type."""
        self.report.add(path, f"is {kind_of(value)}", f"must be {wanted}")

    def mapping(self, value: t.Any, path: Path) -> dict[str, t.Any]:
        """A mapping with text keys; None is an empty one."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.wrong(path, value, "a mapping")
            return {}
        for key in value:
            if not isinstance(key, str):
                self.report.add(path, f"the key {key!r} is {kind_of(key)}", "put it in quotes")
        return {key: entry for key, entry in value.items() if isinstance(key, str)}

    def section(self, value: t.Any, path: Path, name: str) -> dict[str, t.Any]:
        """A mapping whose keys the table in ``keys.py`` knows: only the supported ones come back."""
        known = SECTIONS[name].keys
        result = {}
        for key, entry in self.mapping(value, path).items():
            if key.startswith("x-"):
                continue
            if key not in known:
                self._suggested += 1
                remedy = _suggest(key if self._suggested <= _MOST_SUGGESTED else "", known)
                self.report.add((*path, key), "unknown key", remedy)
            elif known[key].support is Support.REFUSED:
                self.report.add((*path, key), "isn't supported", known[key].text)
            elif known[key].support is Support.SUPPORTED:
                result[key] = entry
        return result

    def items(self, value: t.Any, path: Path) -> list[t.Any]:
        """A list; None is an empty one."""
        if value is None:
            return []
        if not isinstance(value, list):
            self.wrong(path, value, "a list")
            return []
        return value

    def scalar(
        self, value: t.Any, path: Path, parse: t.Callable[[t.Any], _T], default: t.Any, wanted: str = "text"
    ) -> _T:
        """A scalar through ``parse``; None gives ``default``."""
        if value is None:
            return default
        if isinstance(value, (dict, list)):
            self.wrong(path, value, wanted)
            return default
        try:
            return parse(value)
        except BadValueError as error:
            self.report.refuse(path, error)
            return default

    def text(self, value: t.Any, path: Path, default: str = "") -> str:
        """Text; numbers are taken as they print, booleans are not text."""
        if isinstance(value, bool):
            self.report.add(path, "is a boolean", f'must be text: put it in quotes, "{scalars.scalar_text(value)}"')
            return default
        return self.scalar(value, path, scalars.scalar_text, default)

    def boolean(self, value: t.Any, path: Path, default: bool = False) -> bool:
        """A boolean."""
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            self.wrong(path, value, "true or false")
            return default
        return self.scalar(value, path, scalars.parse_boolean, default, "true or false")

    def integer(self, value: t.Any, path: Path, minimum: int = 0) -> t.Optional[int]:
        """A whole number, or None."""
        if isinstance(value, bool):
            self.wrong(path, value, "a number")
            return None
        return self.scalar(value, path, lambda entry: scalars.parse_integer(entry, minimum), None, "a number")

    def size(self, value: t.Any, path: Path) -> t.Optional[int]:
        """A size in bytes, or None."""
        if isinstance(value, bool):
            self.wrong(path, value, "a size like 512m")
            return None
        return self.scalar(value, path, scalars.parse_bytes, None, "a size like 512m")

    def duration_ns(self, value: t.Any, path: Path) -> t.Optional[int]:
        """A duration in nanoseconds, or None."""
        if isinstance(value, (bool, int, float)) and value != 0:
            self.report.add(path, f"{value} has no unit", f"write {value}s for seconds")
            return None
        return self.scalar(
            value, path, lambda entry: scalars.parse_duration_ns(str(entry)), None, "a duration like 30s"
        )

    def texts(self, value: t.Any, path: Path) -> tuple[str, ...]:
        """A list of texts; one text stands for a list of it."""
        if isinstance(value, str):
            return (value,)
        return tuple(
            self.text(entry, (*path, index)) if entry is not None else self._missing((*path, index))
            for index, entry in enumerate(self.items(value, path))
        )

    def pairs(self, value: t.Any, path: Path, inherit: bool = False) -> dict[str, str]:
        """``KEY: value`` or a list of ``KEY=value``.

        A key without a value is empty, or with ``inherit`` the variable of that name.
        """
        result: dict[str, str] = {}
        if isinstance(value, list):
            for index, entry in enumerate(value):
                place = (*path, index)
                if not isinstance(entry, str):
                    self.wrong(place, entry, "text of the form KEY=value")
                    continue
                key, equals, text = entry.partition("=")
                if not key.strip():
                    self.report.add(place, f"{entry!r} has no key", "write KEY=value")
                elif key in result:
                    self.report.add(place, f"{key} is given twice", "keep one of them")
                else:
                    result[key] = text if equals else self._inherited(key, place, inherit)
            return result
        for key, entry in self.mapping(value, path).items():
            place = (*path, key)
            if isinstance(entry, (dict, list)):
                self.wrong(place, entry, "text, a number, a boolean or nothing")
            else:
                result[key] = self._inherited(key, place, inherit) if entry is None else scalars.scalar_text(entry)
        return result

    def _inherited(self, key: str, path: Path, inherit: bool) -> str:
        if inherit and key not in self.variables:
            remedy = f"give {key} in the option environment, or write a value (an empty one with {key}=)"
            self.report.add(path, f"has no value and variable {key} is not set", remedy)
        return self.variables.get(key, "") if inherit else ""

    def _missing(self, path: Path) -> str:
        self.wrong(path, None, "text")
        return ""


def _suggest(key: str, known: t.Collection[str]) -> str:
    close = difflib.get_close_matches(key.lower().replace("-", "_"), list(known), n=1, cutoff=0.7)
    if close:
        return f"did you mean {close[0]}?"
    return "remove it, or begin it with x- if it is an extension"
