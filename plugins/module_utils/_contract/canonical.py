# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Canonical JSON, as RFC 8785 (JCS) has it, for the values a contract is made of."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem

# RFC 8785, section 3.2.2.3 takes I-JSON (RFC 7493) numbers: integers beyond are not exact everywhere.
LARGEST_INTEGER = 2**53 - 1


def canonical_json(value: t.Any) -> str:
    """The one way to write ``value``: keys in UTF-16 order, no white space, no escapes but the necessary.

    Takes None, booleans, integers, strings, lists and mappings with string keys. Raises InputError for all else:
    floats and large integers, whose text differs between languages, and strings that aren't Unicode.
    """
    return _write(value, "")


def _write(value: t.Any, path: str) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise _refused(path, f"{value} is too large an integer", "write it as a string")
        return str(int(value))
    if isinstance(value, str):
        return _write_string(value, path)
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_write(item, f"{path}[{index}]") for index, item in enumerate(value)) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(_members(value, path)) + "}"
    raise _refused(path, f"a value of type {type(value).__name__}", "use strings, integers, booleans, lists, mappings")


def _members(value: dict[t.Any, t.Any], path: str) -> t.Iterator[str]:
    wrong = [key for key in value if not isinstance(key, str)]
    if wrong:
        raise _refused(path, f"the key {wrong[0]!r} is no string", "quote it")
    # RFC 8785, section 3.2.3: keys are sorted as arrays of UTF-16 code units.
    for key in sorted(value, key=lambda text: text.encode("utf-16-be", "surrogatepass")):
        inner = f"{path}.{key}" if path else key
        yield f"{_write_string(key, inner)}:{_write(value[key], inner)}"


def _write_string(text: str, path: str) -> str:
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise _refused(path, "a string with half a surrogate pair", "write valid Unicode")
    return json.dumps(str(text), ensure_ascii=False)


def _refused(path: str, message: str, remedy: str) -> InputError:
    return InputError([Problem(path or "(root)", f"{message} has no canonical form", remedy)])
