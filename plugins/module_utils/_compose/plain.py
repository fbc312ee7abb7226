# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Typed values to plain ones (JSON) and back, by the dataclasses' own type hints.

Hints used this way have to work on Python 3.9 at run time: ``t.Optional[int]``, never ``int | None``.
"""

from __future__ import annotations

import dataclasses
import functools
import typing as t

_T = t.TypeVar("_T")


def to_plain(value: t.Any, without_added: bool = False) -> t.Any:
    """The value as dicts, lists, strings, numbers, booleans and None. Fields keep their names.

    without_added: leave out fields that a later version added (``metadata["added"]``) while they have their default.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            entry.name: to_plain(getattr(value, entry.name), without_added)
            for entry in dataclasses.fields(value)
            if not (without_added and "added" in entry.metadata and getattr(value, entry.name) == _default(entry))
        }
    if isinstance(value, dict):
        return {str(key): to_plain(entry, without_added) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(entry, without_added) for entry in value]
    return value


def _default(entry: dataclasses.Field[t.Any]) -> t.Any:
    return entry.default if entry.default_factory is dataclasses.MISSING else entry.default_factory()


def from_plain(kind: type[_T], plain: t.Any) -> _T:
    """The inverse of :func:`to_plain` for the dataclass ``kind``.

    Raises ``TypeError`` for a field that ``kind`` doesn't have or for one that is missing and has no default: the
    two ends don't run the same version.
    """
    return t.cast(_T, _read(kind, plain))


@functools.cache
def _hints(kind: t.Any) -> dict[str, t.Any]:
    """The fields' types. To evaluate them takes longer than all the rest, so it is done once for each class."""
    return t.get_type_hints(kind)


def _read(hint: t.Any, plain: t.Any) -> t.Any:
    origin = t.get_origin(hint)
    arguments = t.get_args(hint)
    if origin is t.Union:
        return None if plain is None else _read(next(entry for entry in arguments if entry is not type(None)), plain)
    if origin is dict:
        return {key: _read(arguments[1], entry) for key, entry in plain.items()}
    if origin is tuple:
        return tuple(_read(arguments[0], entry) for entry in plain)
    if origin is list:
        return [_read(arguments[0], entry) for entry in plain]
    if dataclasses.is_dataclass(hint):
        hints = _hints(t.cast(t.Any, hint))
        unknown = sorted(set(plain) - set(hints))
        if unknown:
            raise TypeError(f"{getattr(hint, '__name__', hint)} has no field {', '.join(unknown)}")
        return t.cast(t.Any, hint)(**{name: _read(hints[name], entry) for name, entry in plain.items()})
    if hint is float and isinstance(plain, int):
        return float(plain)
    return plain
