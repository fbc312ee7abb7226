# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The argument specification of the module that pins kernels."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.intent import DEFAULT, KEEP, ONCE


def kernel_argument_spec() -> dict[str, t.Any]:
    """Options, types and defaults; what the values mean together is checked by parse_intent."""
    return {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "release": {"type": "str"},
        "pattern": {"type": "str"},
        "flavour": {"type": "str"},
        "upgrade": {"type": "bool", "default": True},
        "headers": {"type": "bool", "default": False},
        "extra_modules": {"type": "bool", "default": False},
        "fallbacks": {"type": "int", "default": 1},
        "parameters_present": {"type": "list", "elements": "str", "default": []},
        "parameters_absent": {"type": "list", "elements": "str", "default": []},
        "parameters_keep": {"type": "bool", "default": False},
        "boot": {"type": "str", "choices": [DEFAULT, ONCE, KEEP], "default": DEFAULT},
        "confirm_seconds": {"type": "int", "default": 600},
    }
