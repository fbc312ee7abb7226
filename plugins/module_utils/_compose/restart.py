# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""When a container is started again: ``restart`` and ``deploy.restart_policy``, which say the same."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose import scalars
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.reader import Reader
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import Path

_CONDITIONS = {"none": "no", "on-failure": "on-failure", "any": "always"}


def read_restart(reader: Reader, keys: t.Mapping[str, t.Any], path: Path) -> tuple[str, int]:
    """The policy, and how often it is tried on failure (0: without limit), from the keys of a service."""
    deploy = keys.get("deploy")
    policy = deploy.get("restart_policy") if isinstance(deploy, dict) else None
    own = _restart(reader, keys.get("restart"), (*path, "restart"))
    if policy is None:
        return own
    other = _policy(reader, policy, (*path, "deploy", "restart_policy"))
    if keys.get("restart") is not None and own != other:
        reader.report.add((*path, "restart"), "contradicts deploy.restart_policy", "keep one of them")
    return other


def _restart(reader: Reader, value: t.Any, path: Path) -> tuple[str, int]:
    """``no``, ``always``, ``unless-stopped``, ``on-failure`` or ``on-failure:times``."""
    if value is False:
        # YAML 1.1, as Ansible reads it, takes a bare no for false.
        return "no", 0
    text = reader.text(value, path, "no")
    match = re.fullmatch(r"(no|always|unless-stopped|on-failure)(?::(\d+))?", text)
    if not match or (match.group(2) and match.group(1) != "on-failure"):
        remedy = 'use "no", always, on-failure, on-failure:3 or unless-stopped'
        reader.report.add(path, f"{text!r} isn't a restart policy", remedy)
        return "no", 0
    times = reader.scalar(match.group(2), path, scalars.parse_integer, 0)
    return match.group(1), times


def _policy(reader: Reader, value: t.Any, path: Path) -> tuple[str, int]:
    keys = reader.section(value, path, "service.deploy.restart_policy")
    condition = reader.text(keys.get("condition"), (*path, "condition"), "any")
    if condition not in _CONDITIONS:
        reader.report.add((*path, "condition"), f"{condition!r} isn't known", f"use {', '.join(_CONDITIONS)}")
    times = reader.integer(keys.get("max_attempts"), (*path, "max_attempts")) or 0
    if times and condition != "on-failure":
        reader.report.add((*path, "max_attempts"), f"has no effect with condition: {condition}", "use on-failure")
        return _CONDITIONS.get(condition, "no"), 0
    return _CONDITIONS.get(condition, "no"), times
