# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Reads everything a plan for the access control depends on, with the HostIO handed in. Changes nothing."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.apparmor import (
    OWNED,
    OWNED_DROP_INS,
    parse_profiles,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.denials import Denial, parse_denials
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.plan import TOOLS, Observed, provider_of
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.selinux import (
    CONFIG,
    labelled_roots,
    parse_booleans,
    parse_contexts,
    parse_modules,
    parse_mounts,
    parse_ports,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.state import PATH, parse_state

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
    from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.settings import Settings

ACTIVE = "/sys/kernel/security/lsm"
ENFORCE = "/sys/fs/selinux/enforce"
CONTEXT = "/sys/fs/selinux/context"
PROFILES = "/sys/kernel/security/apparmor/profiles"
# What containers' files are labelled with by both engines, and the module of policies that has it.
CONTAINER_FILES = "container_file_t"
CONTAINER_MODULE = "container"
AUDIT_LOGS = ("/var/log/audit/audit.log.1", "/var/log/audit/audit.log")
TOOL_TIMEOUT_SECONDS = 600


def read_active(io: HostIO) -> tuple[str, ...]:
    """The access controls in force, in order; SELinux counts only once a policy is loaded."""
    names = (io.read_text(ACTIVE) or "").strip().split(",")
    return tuple(name for name in names if name and (name != "selinux" or io.exists(ENFORCE)))


def read_mode(io: HostIO) -> str:
    """SELinux' mode now; empty when it isn't in force."""
    value = (io.read_text(ENFORCE) or "").strip()
    return {"1": "enforcing", "0": "permissive"}.get(value, "")


def read_denials(io: HostIO, provider: str, since_seconds: float) -> tuple[Denial, ...]:
    """What was refused or noted since a time: from the audit daemon's log, and from the kernel's messages.

    At a boot that daemon starts later than much that is refused.
    """
    texts = [text for text in map(io.read_text, AUDIT_LOGS) if text]
    since = [f"--since=@{int(since_seconds)}"] if since_seconds > 0 else []
    argv = ["journalctl", "--quiet", "--no-pager", "--output=cat", *since, "_TRANSPORT=kernel"]
    texts.append(io.run(argv, timeout_seconds=TOOL_TIMEOUT_SECONDS).stdout)
    return tuple(parse_denials("\n".join(texts), provider, since_seconds))


def _ask(io: HostIO, *argv: str) -> str:
    return io.run(argv, timeout_seconds=TOOL_TIMEOUT_SECONDS, check=True).stdout


def _invalid_types(io: HostIO, names: t.Iterable[str]) -> tuple[str, ...]:
    """The types the loaded policy doesn't know; the kernel judges a context that is written to its file."""
    invalid = []
    for name in names:
        level = ":s0" if (io.read_text("/sys/fs/selinux/mls") or "").strip() == "1" else ""
        try:
            io.write_in_place(CONTEXT, f"system_u:object_r:{name}{level}")
        except HostError:
            invalid.append(name)
    return tuple(invalid)


def observe(io: HostIO, settings: Settings) -> Observed:
    """Everything that ``settings`` take; the policy is read only where there is something to compare."""
    active = read_active(io)
    mode = read_mode(io)
    provider = provider_of(settings, Observed(active=active))
    state = parse_state(io.read_text(PATH))
    mounts = io.read_text("/proc/mounts") or ""
    missing = tuple(tool for tool in TOOLS.get(provider, ()) if io.find_command(tool) is None)
    paths = [*io.glob(OWNED), *io.glob(OWNED_DROP_INS)] if provider == "apparmor" else []
    policy: dict[str, t.Any] = {}
    if provider == "selinux" and not mode and not missing:
        # Its store can be read before it is in force.
        policy["knows_containers"] = CONTAINER_MODULE in parse_modules(_ask(io, "semodule", "-l"))
    if mode and not missing:
        names = dict.fromkeys([*(one.type for one in settings.ports), *(one.type for one in settings.file_contexts)])
        policy = {
            "booleans": parse_booleans(_ask(io, "getsebool", "-a")) if settings.booleans else {},
            "modules": parse_modules(_ask(io, "semodule", "-l")) if settings.modules or state.modules else (),
            "invalid_types": _invalid_types(io, names),
            "knows_containers": not _invalid_types(io, [CONTAINER_FILES]),
        }
        if settings.ports or state.ports:
            policy["local_ports"] = parse_ports(_ask(io, "semanage", "port", "-l", "-C", "-n"))
        if settings.file_contexts or state.contexts:
            policy["local_contexts"] = parse_contexts(_ask(io, "semanage", "fcontext", "-l", "-C", "-n"))
    return Observed(
        active=active,
        command_line=tuple((io.read_text("/proc/cmdline") or "").split()),
        mode=mode,
        config=io.read_text(CONFIG),
        missing_tools=missing,
        state=state,
        mounts=parse_mounts(mounts),
        roots=labelled_roots(mounts),
        profiles=parse_profiles(io.read_text(PROFILES)),
        files={path: io.read_text(path) or "" for path in paths},
        denials=read_denials(io, provider, state.since_seconds) if provider else (),
        **policy,
    )
