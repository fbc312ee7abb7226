# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Reads an engine's configuration back into the words both engines share. Parses; decides nothing."""

from __future__ import annotations

import json
import re
import typing as t


def parse_toml_values(text: str) -> dict[str, t.Any]:
    """The scalars and lists of a TOML file by ``table.key``; Python has no TOML parser before 3.11.

    Understands what engines' configuration files use: tables, strings, numbers, booleans, lists over several lines.
    Inline tables and arrays of tables are left out.
    """
    found: dict[str, t.Any] = {}
    table = ""
    pending_key, pending = "", ""
    for raw in text.splitlines():
        line = raw.strip()
        if pending:
            pending += " " + _without_comment(line)
        elif not line or line.startswith("#"):
            continue
        elif line.startswith("["):
            table = "" if line.startswith("[[") else line.strip("[] ")
            continue
        else:
            key, equals, value = line.partition("=")
            if not equals:
                continue
            key = key.strip().strip('"')
            pending_key, pending = (f"{table}.{key}" if table else key), _without_comment(value.strip())
        if pending.startswith("[") and pending.count("[") > pending.count("]"):
            continue
        value_found = _toml_value(pending)
        if value_found is not None:
            found[pending_key] = value_found
        pending = ""
    return found


def _without_comment(line: str) -> str:
    """The line up to a comment that is not inside a string."""
    inside = False
    for index, char in enumerate(line):
        if char == '"' and (index == 0 or line[index - 1] != "\\"):
            inside = not inside
        elif char == "#" and not inside:
            return line[:index].rstrip()
    return line


def _toml_value(text: str) -> t.Any:
    """A scalar or list as JSON has it, or None. TOML's lists may end with a comma."""
    try:
        return json.loads(re.sub(r",\s*\]$", "]", text))
    except ValueError:
        return None


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


def podman_summary(
    containers: t.Optional[str], storage: t.Optional[str], registries: t.Optional[str]
) -> dict[str, t.Any]:
    """What containers.conf, storage.conf and registries.conf say, in shared words."""
    options = parse_toml_values(containers or "")
    pool = re.search(
        r'default_subnet_pools\s*=\s*\[\s*\{\s*"?base"?\s*=\s*"([^"]+)",\s*"?size"?\s*=\s*(\d+)', containers or ""
    )
    tables = re.split(r"^\[\[", registries or "", flags=re.MULTILINE)[1:]
    insecure = []
    for table in tables:
        location = re.search(r'^location\s*=\s*"([^"]+)"', table, re.MULTILINE)
        if table.startswith("registry]]") and location and re.search(r"^insecure\s*=\s*true", table, re.MULTILINE):
            insecure.append(location.group(1))
    return {
        "cgroup_driver": options.get("engine.cgroup_manager"),
        "oci_runtime": options.get("engine.runtime"),
        "storage_driver": parse_toml_values(storage or "").get("storage.driver"),
        "log_driver": options.get("containers.log_driver"),
        # Without a daemon there is nothing a container would have to outlive.
        "live_restore": True,
        "address_pool": pool.group(1) if pool else None,
        "address_pool_prefix": int(pool.group(2)) if pool else None,
        "insecure_registries": insecure,
    }
