# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a host's mandatory access control is and what it refused, for the module lsm_info."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.apparmor import parse_profiles
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.selinux import CONFIG, parse_config
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.state import PATH, parse_state
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm_observe import (
    PROFILES,
    read_active,
    read_denials,
    read_mode,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


def lsm_facts(io: HostIO, since_seconds: float) -> dict[str, t.Any]:
    """Everything the module tells; ``since_seconds``: of refusals, those since that time."""
    active = read_active(io)
    config = parse_config(io.read_text(CONFIG))
    state = parse_state(io.read_text(PATH))
    return {
        "active": list(active),
        "provider": next((name for name in active if name in ("selinux", "apparmor")), None),
        "selinux": {
            "mode": read_mode(io) or None,
            "mode_at_boot": config.get("SELINUX"),
            "policy": config.get("SELINUXTYPE"),
            "labels": state.labels or None,
            "modules": state.modules,
        },
        "apparmor": {"profiles": parse_profiles(io.read_text(PROFILES))},
        "denials": [one.as_dict() for one in read_denials(io, "", since_seconds)],
    }
