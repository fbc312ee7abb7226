# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The contract's schema: one table of fields, from which the document, its digest and its documentation follow."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.field import HASHED, Field
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.fields_engine import ENGINE_FIELDS
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.fields_identity import IDENTITY_FIELDS
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.fields_kernel import KERNEL_FIELDS

# Raised with every change of a hashed field, of its meaning or of the canonical form. It is part of the hash, so
# that ids of different schemas never agree by accident.
SCHEMA_VERSION = 1

FIELDS: tuple[Field, ...] = KERNEL_FIELDS + ENGINE_FIELDS + IDENTITY_FIELDS

FIELDS_BY_PATH: t.Mapping[str, Field] = {field.path: field for field in FIELDS}

HASHED_FIELDS: tuple[Field, ...] = tuple(field for field in FIELDS if field.section == HASHED)

# Groups with at least one hashed field, in the table's order.
HASHED_GROUPS: tuple[str, ...] = tuple(dict.fromkeys(field.group for field in HASHED_FIELDS))

GROUP_TITLES: t.Mapping[str, str] = {
    "architecture": "Architecture",
    "kernel": "Kernel",
    "kernel_settings": "Kernel settings",
    "cgroup": "Control groups",
    "lsm": "Linux security modules",
    "seccomp": "Seccomp",
    "userns": "User namespaces",
    "limits": "Limits",
    "engine": "Container engine",
    "container_defaults": "What containers get by default",
    "oci_runtime": "OCI runtime",
    "checkpoint": "Checkpoint and restore",
    "network": "Network, the host's side",
    "engine_network": "Network, the engine's side",
    "storage": "Storage",
    "time": "Time",
    "secure_boot": "Secure boot",
    "os": "Operating system",
    "identity": "Identity and size",
}
