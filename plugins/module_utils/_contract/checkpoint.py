# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Checkpoint support, as a test on the host found it: never as assumed."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.canonical import canonical_json
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError

RECORD_PATH = "/var/lib/container-host/checkpoint.json"

WORKS, FAILS, NOT_TESTED, STALE = "works", "fails", "not tested", "stale"

# What a test's outcome depends on: path in the contract -> key in the record.
CONDITIONS: t.Mapping[str, str] = {
    "kernel.release": "kernel_release",
    "engine.name": "engine",
    "engine.version": "engine_version",
    "oci_runtime.name": "oci_runtime",
    "oci_runtime.version": "oci_runtime_version",
}


def checkpoint_values(record: t.Optional[str], values: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The fields of the group ``checkpoint``.

    ``record`` is the text of the last test: a mapping with ``works`` (boolean), ``criu_version``, ``tested_at``, and
    what it was tested with, under the names in CONDITIONS. A test made with another kernel, engine or runtime proves
    nothing about this one: ``stale``. A record that isn't one counts as no test.
    """
    absent = {"checkpoint.status": NOT_TESTED, "checkpoint.criu_version": None, "checkpoint.test": None}
    if record is None:
        return absent
    try:
        test = json.loads(record)
        canonical_json(test)
    except (ValueError, ContainerHostError):
        return absent
    if not isinstance(test, dict) or not isinstance(test.get("works"), bool):
        return absent
    current = all(test.get(key) == values.get(path) for path, key in CONDITIONS.items())
    version = test.get("criu_version")
    return {
        "checkpoint.status": STALE if not current else WORKS if test["works"] else FAILS,
        "checkpoint.criu_version": version if current and isinstance(version, str) else None,
        "checkpoint.test": test,
    }
