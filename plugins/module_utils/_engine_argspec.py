# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The argument specification of the engine module, shared with its action plugin."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.settings import (
    CGROUP_DRIVERS,
    LOG_DRIVERS,
    OCI_RUNTIMES,
    PACKAGE_SOURCES,
    PROVIDERS,
)


def engine_argument_spec() -> dict[str, t.Any]:
    """Options, types and defaults; what the values mean together is checked by parse_settings."""
    return {
        "provider": {"type": "str", "required": True, "choices": list(PROVIDERS)},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "distributions": {"type": "list", "elements": "dict", "required": True},
        "package_source": {"type": "str", "choices": list(PACKAGE_SOURCES), "default": "distribution"},
        "version": {"type": "str"},
        "hold": {"type": "bool"},
        "vendor_key": {"type": "str", "no_log": False},
        "remove_data": {"type": "bool", "default": False},
        "socket_enabled": {"type": "bool", "default": True},
        "oci_runtime": {"type": "str", "choices": list(OCI_RUNTIMES), "default": "runc"},
        "cgroup_driver": {"type": "str", "choices": list(CGROUP_DRIVERS), "default": "systemd"},
        "live_restore": {"type": "bool", "default": True},
        "log_driver": {"type": "str", "choices": list(LOG_DRIVERS), "default": "journald"},
        "log_max_size_mib": {"type": "int", "default": 50},
        "log_max_files": {"type": "int", "default": 3},
        "journal_max_size_mib": {"type": "int", "default": 1024},
        "registries": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "location": {"type": "str", "required": True},
                "ca_certificate": {"type": "str"},
                "insecure": {"type": "bool", "default": False},
                "mirrors": {"type": "list", "elements": "str", "default": []},
            },
        },
        "ulimits": {"type": "dict", "default": {}},
        "address_pool": {"type": "str", "default": "172.20.0.0/16"},
        "address_pool_prefix": {"type": "int", "default": 24},
        "dns_servers": {"type": "list", "elements": "str", "default": []},
        "dns_search": {"type": "list", "elements": "str", "default": []},
        "mtu": {"type": "int", "default": 0},
        "pids_limit": {"type": "int", "default": 2048},
        "seccomp_profile": {"type": "str"},
        "no_new_privileges": {"type": "bool", "default": False},
        "cgroup_parent": {"type": "str", "default": ""},
    }
