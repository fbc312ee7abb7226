# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What things were before the baseline first touched them: kept on the host, so that all can be put back."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import Kept
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

PATH = "/var/lib/container-host/baseline.json"
MODE = 0o600
SCHEMA_VERSION = 1

Record = dict[str, dict[str, Kept]]
"""Kind -> thing -> what it was."""


def parse_record(text: str | None) -> Record:
    """The record out of its file's text; None is an empty one. Raises HostError when it can't be understood."""
    if text is None:
        return {}
    remedy = f"put back a copy of {PATH}, or remove it when nothing is to be put back later"
    try:
        document = json.loads(text)
        if document["schema_version"] != SCHEMA_VERSION:
            raise HostError(f"{PATH}: has schema version {document['schema_version']}; use the release that wrote it")
        return {
            kind: {key: Kept(entry["control"], entry["before"]) for key, entry in things.items()}
            for kind, things in document["kinds"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise HostError(f"{PATH}: can't be understood ({type(error).__name__}: {error}); {remedy}") from error


def render_record(record: Record) -> str:
    """The record as text, stable so that the same record is the same text."""
    kinds = {
        kind: {key: {"control": kept.control, "before": kept.before} for key, kept in sorted(things.items())}
        for kind, things in sorted(record.items())
        if things
    }
    return json.dumps({"schema_version": SCHEMA_VERSION, "kinds": kinds}, indent=1, sort_keys=True) + "\n"


def save(io: HostIO, record: Record) -> None:
    """Write the record, or remove its file when nothing is kept. Raises HostError."""
    if is_empty(record):
        io.remove(PATH)
    else:
        io.write_atomic(PATH, render_record(record), MODE)


def is_empty(record: Record) -> bool:
    """Whether nothing is kept."""
    return not any(record.values())


def extended(record: Record, kind: str, keep: t.Mapping[str, Kept]) -> Record:
    """The record with what a kind is about to change; what is kept already stays."""
    return {**record, kind: {**keep, **record.get(kind, {})}}


def without(record: Record, kind: str, keys: t.Iterable[str]) -> Record:
    """The record without what has been put back."""
    gone = set(keys)
    return {**record, kind: {key: kept for key, kept in record.get(kind, {}).items() if key not in gone}}
