# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The options of the modules, stated once for the modules and for the plugins on the control node."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.control import PROFILES
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.features import DEFAULT_FEATURES
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.networks import PRIVATE_NETWORKS
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.select import NO_PROFILE

Arguments = dict[str, dict[str, t.Any]]


def selection_arguments() -> Arguments:
    """What says which controls hold and how they are told: read on the control node."""
    return {
        "profile": {"type": "str", "choices": [*PROFILES, NO_PROFILE], "default": PROFILES[0]},
        "features": {"type": "list", "elements": "str", "default": list(DEFAULT_FEATURES)},
        "overrides": {"type": "list", "elements": "dict", "default": []},
        "exemptions": {"type": "list", "elements": "dict", "default": []},
        "extra_controls": {"type": "list", "elements": "dict", "default": []},
        "published_from": {"type": "list", "elements": "raw", "default": list(PRIVATE_NETWORKS)},
        "firewall_allow": {"type": "list", "elements": "dict", "default": []},
        "walk": {"type": "bool", "default": False},
        "controls_as": {"type": "str", "choices": ["list", "packed"], "default": "list"},
    }


def enforcing_arguments() -> Arguments:
    """What says whether they are made to hold."""
    return {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "enforce": {"type": "bool", "default": True},
    }


def wire_arguments() -> Arguments:
    """What the control node hands to the managed node.

    The controls are no secret; no_log keeps the long text from being sent back with every result.
    """
    return {"controls": {"type": "str", "no_log": True}, "login_user": {"type": "str", "default": ""}}


def confirming_arguments() -> Arguments:
    """What the control node hands over so that the host knows a confirmation when it gets one."""
    return {"run_id": {"type": "str", "default": ""}, "confirm": {"type": "str", "default": ""}}
