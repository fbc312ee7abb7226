# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Reads an engine's configuration back into the words both engines share. Parses; decides nothing."""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.toml import parse_toml


def parse_daemon_json(text: t.Optional[str]) -> t.Optional[dict[str, t.Any]]:
    """daemon.json as a mapping; empty when there is no file, None when it is no JSON object."""
    try:
        document = json.loads(text or "{}")
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def docker_summary(text: t.Optional[str]) -> dict[str, t.Any]:
    """What daemon.json says, in shared words; None for what it leaves to the engine."""
    options = parse_daemon_json(text) or {}
    drivers = [option.partition("=")[2] for option in options.get("exec-opts", []) if "cgroupdriver" in option]
    pools = options.get("default-address-pools") or [{}]
    return {
        "cgroup_driver": drivers[0] if drivers else None,
        "oci_runtime": options.get("default-runtime"),
        "storage_driver": options.get("storage-driver"),
        "log_driver": options.get("log-driver"),
        "live_restore": options.get("live-restore"),
        "address_pool": pools[0].get("base"),
        "address_pool_prefix": pools[0].get("size"),
        "insecure_registries": list(options.get("insecure-registries", [])),
    }


def insecure_locations(registries: str) -> list[str]:
    """The registries and mirrors registries.conf reaches without TLS: containers-registries.conf(5)."""
    found = []
    for table in re.split(r"^\[\[", registries, flags=re.MULTILINE)[1:]:
        location = re.search(r'^(?:location|prefix)\s*=\s*"([^"]+)"', table, re.MULTILINE)
        if location and re.search(r"^insecure\s*=\s*true", table, re.MULTILINE):
            found.append(location.group(1))
    return list(dict.fromkeys(found))


def podman_summary(
    containers: t.Optional[str], storage: t.Optional[str], registries: t.Optional[str]
) -> dict[str, t.Any]:
    """What containers.conf, storage.conf and registries.conf say, in shared words."""
    tables = parse_toml(containers or "")
    options, engine = tables.get("containers", {}), tables.get("engine", {})
    pools = [pool for pool in tables.get("network", {}).get("default_subnet_pools") or [] if isinstance(pool, dict)]
    pool = pools[0] if pools else {}
    return {
        "cgroup_driver": engine.get("cgroup_manager"),
        "oci_runtime": engine.get("runtime"),
        "storage_driver": parse_toml(storage or "").get("storage", {}).get("driver"),
        "log_driver": options.get("log_driver"),
        # Without a daemon there is nothing a container would have to outlive.
        "live_restore": True,
        "address_pool": pool.get("base"),
        "address_pool_prefix": pool.get("size"),
        "insecure_registries": insecure_locations(registries or ""),
    }
