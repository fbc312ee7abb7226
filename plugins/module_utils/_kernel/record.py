# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What was done to pin a kernel, kept on the host: so that what others did is told apart, and all can be released."""

from __future__ import annotations

import json
import typing as t
from dataclasses import asdict, dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

PATH = "/var/lib/container-host/kernel.json"
SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Record:
    """release: the pinned kernel, empty without one. packages: its packages with their versions.

    holds: what we hold, in the package manager's words. added, removed: parameters that were not there before, or were.
    before: what settings of others were, by name.
    """

    release: str = ""
    packages: t.Mapping[str, str] = field(default_factory=dict)
    holds: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    before: t.Mapping[str, t.Any] = field(default_factory=dict)


def parse_record(text: t.Optional[str]) -> Record:
    """The record out of its file's text; None is an empty one. Raises HostError when it can't be understood."""
    if text is None:
        return Record()
    try:
        document = json.loads(text)
        version = document.pop("schema_version")
        if version != SCHEMA_VERSION:
            raise HostError(f"{PATH}: has schema version {version}; use the release that wrote it")
        document.update({name: tuple(document[name]) for name in ("holds", "added", "removed")})
        return Record(**document)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        remedy = "put back a copy of it, or remove it and what it kept: holds, drop-ins, the boot loader's default"
        raise HostError(f"{PATH}: can't be understood ({type(error).__name__}: {error}); {remedy}") from error


def render_record(record: Record) -> str:
    """The record as text, stable so that the same record is the same text."""
    return json.dumps({"schema_version": SCHEMA_VERSION, **asdict(record)}, indent=1, sort_keys=True) + "\n"
