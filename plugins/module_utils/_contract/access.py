# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Access control and user namespaces: LSM, AppArmor, SELinux, subordinate ids."""

from __future__ import annotations

import re
import typing as t

APPARMOR, SELINUX, NO_POLICY = "apparmor", "selinux", "none"

# Users the engines take subordinate ids from: Podman's --userns=auto, Docker's userns-remap, and root.
ENGINE_USERS = frozenset({"containers", "dockremap", "root"})
_ENGINE_PROFILES = ("docker-default", "containers-default-", "crun", "runc", "podman")
_SELINUX_BOOLEANS = ("container_", "virt_sandbox_", "virt_use_")


def active_lsms(text: t.Optional[str]) -> t.Optional[list[str]]:
    """The modules in ``/sys/kernel/security/lsm``, in their order."""
    return None if text is None else [name for name in text.strip().split(",") if name]


def container_policy(lsms: t.Optional[t.Sequence[str]]) -> t.Optional[str]:
    """The module that confines containers: the first of AppArmor and SELinux in the order of force."""
    if lsms is None:
        return None
    return next((name for name in lsms if name in (APPARMOR, SELINUX)), NO_POLICY)


def engine_profiles(text: str) -> list[str]:
    """The engines' profiles in ``/sys/kernel/security/apparmor/profiles``, ``name (mode)``, sorted."""
    lines = (line.strip() for line in text.splitlines())
    return sorted(line for line in lines if line.startswith(_ENGINE_PROFILES))


def selinux_mode(enforce: t.Optional[str]) -> t.Optional[str]:
    """``/sys/fs/selinux/enforce``: 1 is enforcing, 0 permissive, absent no SELinux."""
    return None if enforce is None else "enforcing" if enforce.strip() == "1" else "permissive"


def shell_value(text: str, name: str) -> t.Optional[str]:
    """The value of ``NAME=value`` in a file of shell assignments, without quotes."""
    found = re.search(rf"^\s*{re.escape(name)}\s*=\s*(.*?)\s*$", text, re.MULTILINE)
    return found.group(1).strip("\"'") if found else None


def container_domain(contexts: str) -> t.Optional[str]:
    """The type of ``process`` in the policy's ``lxc_contexts``: ``process = "system_u:system_r:container_t:s0"``."""
    label = (shell_value(contexts, "process") or "").split(":")
    return label[2] if len(label) > 2 else None


def is_container_boolean(name: str) -> bool:
    """Whether an SELinux boolean is about containers."""
    return name.startswith(_SELINUX_BOOLEANS)


def subordinate_ids(text: str) -> tuple[list[str], list[str]]:
    """The ranges in subuid(5) or subgid(5), ``user:start:count`` sorted: of the engines' users, and of all others."""
    ranges = sorted(line.strip() for line in text.splitlines() if line.count(":") == 2 and not line.startswith("#"))
    engine = [entry for entry in ranges if entry.split(":")[0] in ENGINE_USERS]
    return engine, [entry for entry in ranges if entry not in engine]
