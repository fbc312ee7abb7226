# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""A journal as text and back: JSON, one document for one move on one host."""

from __future__ import annotations

import dataclasses
import json
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import (
    OUTCOMES,
    RUNGS,
    SIDES,
    Entry,
    Journal,
    Lease,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move.phases import PHASES

SCHEMA_VERSION = 1


def to_plain(journal: Journal) -> dict[str, t.Any]:
    """As plain values, for JSON and for a module's result."""
    return {"schema_version": SCHEMA_VERSION, **dataclasses.asdict(journal), "history": _history(journal)}


def _history(journal: Journal) -> list[dict[str, t.Any]]:
    return [{"at": entry.at, "what": entry.what} for entry in journal.history]


def render(journal: Journal) -> str:
    """The file's text."""
    return json.dumps(to_plain(journal), indent=1, sort_keys=True) + "\n"


def from_plain(document: t.Any, where: str) -> Journal:
    """The journal from :func:`to_plain`; HostError that names ``where`` when it is none of this schema."""
    remedy = "restore the file, or remove it once it is clear which of the hosts the workload lives on"
    try:
        if document["schema_version"] != SCHEMA_VERSION:
            raise HostError(f"{where}: has schema version {document['schema_version']}; use the release that wrote it")
        values = {field.name: document[field.name] for field in dataclasses.fields(Journal)}
        values["lease"] = Lease(**values["lease"])
        values["history"] = tuple(Entry(**entry) for entry in values["history"])
        journal = Journal(**values)
    except (KeyError, TypeError) as error:
        raise HostError(f"{where}: can't be understood ({error!r}); {remedy}") from error
    known = ((journal.phase, PHASES), (journal.intent, ("", *PHASES)), (journal.outcome, OUTCOMES))
    for word, words in (*known, (journal.side, SIDES), (journal.rung, RUNGS)):
        if word not in words:
            raise HostError(f"{where}: {word!r} is none of {', '.join(words)}; {remedy}")
    return journal


def parse(text: str, where: str) -> Journal:
    """The journal in a file's text. Raises HostError."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise HostError(f"{where}: is no JSON ({error}); restore the file") from error
    return from_plain(document, where)
