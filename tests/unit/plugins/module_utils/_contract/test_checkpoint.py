# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checkpoint support is what a test found, under the conditions it was made with."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.checkpoint import checkpoint_values

VALUES = {
    "kernel.release": "6.12",
    "engine.name": "podman",
    "engine.version": "5.4.2",
    "oci_runtime.name": "runc",
    "oci_runtime.version": "1.1.15",
}
RECORD = {
    "works": True,
    "criu_version": "4.1",
    "tested_at": "2026-11-20T00:00:00Z",
    "kernel_release": "6.12",
    "engine": "podman",
    "engine_version": "5.4.2",
    "oci_runtime": "runc",
    "oci_runtime_version": "1.1.15",
}

TEST_RECORDS: list[tuple[t.Optional[str], str, t.Optional[str]]] = [
    (None, "not tested", None),
    (json.dumps(RECORD), "works", "4.1"),
    (json.dumps({**RECORD, "works": False}), "fails", "4.1"),
    (json.dumps({**RECORD, "kernel_release": "6.13"}), "stale", None),
    (json.dumps({**RECORD, "oci_runtime_version": "1.2"}), "stale", None),
    (json.dumps({**RECORD, "criu_version": 4}), "works", None),
    ("no JSON", "not tested", None),
    ("[]", "not tested", None),
    (json.dumps({**RECORD, "works": "yes"}), "not tested", None),
    (json.dumps({**RECORD, "seconds": 1.5}), "not tested", None),
]


@pytest.mark.parametrize(("record", "status", "criu_version"), TEST_RECORDS)
def test_record(record: t.Optional[str], status: str, criu_version: t.Optional[str]) -> None:
    values = checkpoint_values(record, VALUES)
    assert (values["checkpoint.status"], values["checkpoint.criu_version"]) == (status, criu_version)
