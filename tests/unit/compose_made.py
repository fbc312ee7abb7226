# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compose files made up for fuzzing, whoever chooses: hypothesis (compose_documents.py) or a coverage-guided fuzzer.

``made`` makes values of the right kind by the project's own schema, with a wrong one here and there.
"""

from __future__ import annotations

import pathlib
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.schema import schema

SCHEMA = schema()
# Files that run.
STACKS = sorted((pathlib.Path(__file__).parent / "fixtures" / "compose").glob("*.yml"))
# Words that mean something in a Compose file, and such as are known to be trouble.
WORDS = [
    "", "a", "web", "db", "data", "80", "80:80", "8000-8002:80-82", "127.0.0.1:1:2/udp", "/x", "./x", "data:/d", "/a:/b:ro",
    "A=1", "A", "10s", "1h30m", "64m", "2g", "0", "-1", "1.5", "true", "no", "always", "on-failure:3", "service:db",
    "service_healthy", "10.0.0.0/8", "10.0.0.1", "::1", "CMD", "NONE", "${A}", "${A:-b}", "${", "$$", "${A:?no}", "KILL",
    "SIGTERM", "x-y", "\x00", "ä", "c 1:3 mr", "nginx:1", "UPPER", "a@sha256:" + "0" * 64, "~", "unless-stopped", "!",
    "9" * 4301, "1" + "0" * 25, "1e400", "1-65535", "\ud800", "~\x00", "${A:-" * 40 + "}" * 40, "٣",
]  # fmt: skip
NAMES = ["web", "db", "data", "front", "x-a", "default", "a b", ""]

_T = t.TypeVar("_T")


class Chooser(t.Protocol):
    """Who decides what is made."""

    def number(self, low: int, high: int) -> int:
        """A whole number of this range, both ends in it."""

    def one(self, options: t.Sequence[_T]) -> _T:
        """One of these."""

    def value(self) -> t.Any:
        """Any parsed YAML."""

    def scalar(self, kind: str) -> t.Any:
        """A value of a kind of JSON schema: string, number, boolean or null."""


def made(choose: Chooser, fragment: dict[str, t.Any], depth: int = 0) -> t.Any:
    """A value as the fragment of the schema wants it; one in thirty is any value. depth: 0 for a whole file."""
    if choose.number(0, 29) == 13:
        return choose.value()
    while "$ref" in fragment:
        fragment = SCHEMA["$defs"][fragment["$ref"].rpartition("/")[2]]
    if "anyOf" in fragment:
        return made(choose, choose.one(fragment["anyOf"]), depth)
    if "enum" in fragment:
        return choose.one(fragment["enum"])
    if "const" in fragment:
        return fragment["const"]
    kinds = fragment.get("type", ["null"])
    kind = choose.one([kinds] if isinstance(kinds, str) else kinds)
    if kind == "array":
        return [made(choose, fragment["items"], depth + 1) for _index in range(choose.number(0, 2))]
    if kind == "object" and "properties" in fragment:
        taken = [name for name, entry in fragment["properties"].items() if "not" not in entry]
        first = ["services"] if depth == 0 else ["image"] if "image" in taken else []
        names = [*first, *(choose.one(taken) for _index in range(choose.number(0, 5) if taken else 0))]
        return {name: made(choose, fragment["properties"][name], depth + 1) for name in names}
    if kind == "object":
        names = [choose.one(NAMES) for _index in range(choose.number(0, 3))]
        return {name: made(choose, fragment["additionalProperties"], depth + 1) for name in names}
    return choose.scalar(kind)
