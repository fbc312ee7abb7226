# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The argument specification of the module cgroup_slices."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.intent import DELEGABLE
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.limits import (
    DEVICE_OPTIONS,
    OOM_CHOICES,
    RANGES,
)


def limit_options() -> dict[str, t.Any]:
    """The options of one slice."""
    devices: dict[str, t.Any] = {"device": {"type": "str", "required": True}}
    devices.update({name: {"type": "int"} for name in DEVICE_OPTIONS})
    return {
        **{name: {"type": "int"} for name in RANGES},
        "oom_swap": {"type": "str", "choices": list(OOM_CHOICES)},
        "oom_memory_pressure": {"type": "str", "choices": list(OOM_CHOICES)},
        "devices": {"type": "list", "elements": "dict", "options": devices},
    }


def cgroup_argument_spec() -> dict[str, t.Any]:
    """Options, types and defaults; what the values mean together is checked by parse_intent and check."""
    return {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "system": {"type": "dict", "options": limit_options()},
        "engine": {"type": "dict", "options": limit_options()},
        "workload": {"type": "dict", "options": limit_options()},
        "tenants": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {"name": {"type": "str", "required": True}, **limit_options()},
        },
        "delegate_users": {"type": "list", "elements": "str", "choices": list(DELEGABLE), "default": []},
        "restart_engines": {"type": "bool", "default": False},
    }
