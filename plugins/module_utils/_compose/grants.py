# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""``configs`` and ``secrets``: what they hold, and which service gets them as which file.

Source: Compose Specification, "Configs" and "Secrets".
"""

from __future__ import annotations

import base64
import posixpath
import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import (
    CONFIG,
    SECRET,
    Grant,
    content_key,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.reader import Reader
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import BadValueError, Path

# The bytes of a file on the control node by its path from the project's directory; None without one.
ReadBytes = t.Callable[[str], t.Optional[bytes]]

_SOURCES = {CONFIG: ("file", "content", "environment"), SECRET: ("file", "environment")}
_DIRECTORY = {CONFIG: "/", SECRET: "/run/secrets"}
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*")
MODE = 0o444
# What engines and systemd take well; larger data belongs into a volume.
MAXIMUM_BYTES = 1024 * 1024


def read_contents(
    reader: Reader, kind: str, value: t.Any, used: t.Collection[str], read_bytes: ReadBytes
) -> dict[str, str]:
    """``configs`` or ``secrets`` at the top level: content_key -> content in Base64 (RFC 4648), of those ``used``."""
    result = {}
    section = f"{kind}s"
    for name, entry in reader.mapping(value, (section,)).items():
        if name.startswith("x-"):
            continue
        path: Path = (section, name)
        if not _NAME.fullmatch(name):
            reader.report.add(path, f"{name!r} isn't a name", "use letters, digits, _, . and -")
        known = len(reader.report.problems)
        keys = reader.section(entry, path, kind)
        given = [key for key in _SOURCES[kind] if keys.get(key) is not None]
        if len(given) != 1:
            # A key that is told already may be what was meant to give the content.
            if len(given) > 1 or len(reader.report.problems) == known:
                said = f"has {' and '.join(given)}" if given else "has no content"
                reader.report.add(path, said, f"give one of {', '.join(_SOURCES[kind])}")
            continue
        content = _content(reader, given[0], keys[given[0]], (*path, given[0]), read_bytes if name in used else None)
        if content is not None and len(content) > MAXIMUM_BYTES:
            reader.report.add(path, f"has {len(content)} bytes", f"give at most {MAXIMUM_BYTES}; use a volume for more")
        elif content is not None:
            result[content_key(kind, name)] = base64.b64encode(content).decode("ascii")
    return result


def _content(
    reader: Reader, source: str, value: t.Any, path: Path, read_bytes: t.Optional[ReadBytes]
) -> t.Optional[bytes]:
    text = reader.text(value, path)
    if source == "content":
        return text.encode("utf-8", "surrogateescape")
    if not text:
        reader.report.add(path, "is empty", "give a path" if source == "file" else "give a variable's name")
        return None
    if read_bytes is None:
        # Nothing that takes part uses it: what it names need not be there.
        return None
    if source == "environment":
        if text not in reader.variables:
            reader.report.add(path, f"variable {text} is not set", f"give {text} in the option environment")
            return None
        return reader.variables[text].encode("utf-8", "surrogateescape")
    content = read_bytes(text)
    if content is None:
        remedy = "create it on the control node; a relative path begins at the Compose file's directory"
        reader.report.add(path, f"file {text} isn't there or can't be read", remedy)
    return content


def read_grants(reader: Reader, kind: str, value: t.Any, path: Path, defined: t.Collection[str]) -> tuple[Grant, ...]:
    """``services.*.configs`` or ``services.*.secrets``: a name each, or a mapping."""
    result = []
    for index, entry in enumerate(reader.items(value, path)):
        place = (*path, index)
        keys = reader.section(entry, place, "service.grant") if isinstance(entry, dict) else {"source": entry}
        source = reader.text(keys.get("source"), (*place, "source") if isinstance(entry, dict) else place)
        if not source:
            reader.report.add(place, "has no source", f"give the name of one of the {kind}s")
            continue
        if source not in defined:
            reader.report.add(
                place, f"{kind} {source} isn't defined", f"define {source} under {kind}s at the top level"
            )
        target = posixpath.normpath(
            posixpath.join(_DIRECTORY[kind], reader.text(keys.get("target"), (*place, "target"), source))
        )
        if ":" in target:
            reader.report.add((*place, "target"), f"{target} has a colon in it", "choose a path without one")
        ids = {key: reader.integer(keys.get(key), (*place, key)) or 0 for key in ("uid", "gid")}
        mode = reader.scalar(keys.get("mode"), (*place, "mode"), parse_mode, MODE)
        result.append(Grant(kind, source, "/" + target.lstrip("/"), ids["uid"], ids["gid"], mode))
    return tuple(result)


def parse_mode(value: t.Any) -> int:
    """File mode: a YAML number is already read as octal or decimal, text is octal."""
    if isinstance(value, int) and not isinstance(value, bool):
        mode = value
    elif re.fullmatch(r"(0o?)?[0-7]{3,4}", str(value)):
        mode = int(str(value).replace("o", ""), 8)
    else:
        raise BadValueError(f"{value!r} isn't a file mode", 'write it in octal, like "0440"')
    if not 0 <= mode <= 0o7777:
        raise BadValueError(f"{value!r} isn't a file mode", 'write it in octal, like "0440"')
    return mode
