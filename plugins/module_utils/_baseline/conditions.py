# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Finds out which conditions hold on a host; only those some control depends on are looked at."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline import sshd, sshd_access
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.connection import (
    Connection,
    names_above,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.uplinks import announced_uplinks

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


def _becomes_by_su(io: HostIO, _connection: Connection | None) -> bool:
    return "su" in names_above(io)


def _connected_as_root(_io: HostIO, connection: Connection | None) -> bool:
    return connection is not None and connection.user == "root"


def _connected_without_key(io: HostIO, connection: Connection | None) -> bool:
    if connection is None:
        return False
    # sshd is asked only when no key is in the usual place.
    if sshd_access.has_key(io, sshd.Effective({}), connection.user):
        return False
    options = sshd.ask(io)
    return not options.error and not sshd_access.has_key(io, options, connection.user)


def _rsyslog_installed(io: HostIO, _connection: Connection | None) -> bool:
    return io.exists("/usr/sbin/rsyslogd")


def _uefi(io: HostIO, _connection: Connection | None) -> bool:
    return io.exists("/sys/firmware/efi")


def _x86(io: HostIO, _connection: Connection | None) -> bool:
    return "vendor_id" in (io.read_text("/proc/cpuinfo") or "")


def _dpkg(io: HostIO, _connection: Connection | None) -> bool:
    return io.exists("/var/lib/dpkg/status")


def _apparmor_kernel(io: HostIO, _connection: Connection | None) -> bool:
    return io.exists("/sys/module/apparmor")


def _unsigned_modules(io: HostIO, _connection: Connection | None) -> bool:
    # The last field of such a module's line names its taints, E for an unsigned one (tainted-kernels.rst).
    lines = (io.read_text("/proc/modules") or "").splitlines()
    taints = (line.rpartition(" ")[2] for line in lines)
    return any(taint.startswith("(") and "E" in taint for taint in taints)


def _containerd_for_docker_alone(io: HostIO, _connection: Connection | None) -> bool:
    if any(io.exists(path) for path in ("/etc/kubernetes", "/var/lib/kubelet")) or io.find_command("kubelet"):
        return False
    return all(io.find_command(program) for program in ("dockerd", "containerd"))


def _router_announced(io: HostIO, _connection: Connection | None) -> bool:
    return bool(announced_uplinks(io))


_TESTS: dict[str, t.Callable[[HostIO, t.Optional[Connection]], bool]] = {
    "becomes_by_su": _becomes_by_su,
    "connected_as_root": _connected_as_root,
    "connected_without_key": _connected_without_key,
    "rsyslog_installed": _rsyslog_installed,
    "uefi": _uefi,
    "x86": _x86,
    "dpkg": _dpkg,
    "apparmor_kernel": _apparmor_kernel,
    "unsigned_modules": _unsigned_modules,
    "containerd_for_docker_alone": _containerd_for_docker_alone,
    "router_announced": _router_announced,
}


def find_conditions(io: HostIO, connection: Connection | None, wanted: t.Iterable[str]) -> frozenset[str]:
    """Those of the wanted conditions that hold."""
    return frozenset(name for name in set(wanted) if _TESTS[name](io, connection))
