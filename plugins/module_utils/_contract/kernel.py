# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What the kernel is and how it was started, from its own texts."""

from __future__ import annotations

import hashlib
import typing as t
import zlib

# Documentation/admin-guide/tainted-kernels.rst: bit, name, whether it is an event rather than a property.
TAINTS: tuple[tuple[int, str, bool], ...] = (
    (0, "proprietary_module", False),
    (1, "forced_module_load", False),
    (2, "out_of_specification", False),
    (3, "forced_module_unload", True),
    (4, "machine_check", True),
    (5, "bad_page", True),
    (6, "set_by_user", True),
    (7, "died", True),
    (8, "acpi_table_overridden", False),
    (9, "warning", True),
    (10, "staging_driver", False),
    (11, "firmware_workaround", False),
    (12, "out_of_tree_module", False),
    (13, "unsigned_module", False),
    (14, "soft_lockup", True),
    (15, "live_patch", False),
    (16, "auxiliary", False),
    (17, "randomized_structures", False),
    (18, "in_kernel_test", True),
    (19, "mutating_debug_tool", True),
)

# Parameters of the kernel's command line that change what a container meets (kernel-parameters.txt and
# kernel-command-line(7)); a trailing * matches any rest of the name.
RELEVANT_PARAMETERS: tuple[str, ...] = (
    "apparmor", "audit", "audit_backlog_limit", "cgroup*", "clearcpuid", "clocksource", "default_hugepagesz",
    "enforcing", "gather_data_sampling", "hugepages", "hugepagesz", "indirect_target_selection", "init_on_alloc",
    "init_on_free", "ipv6.*", "isolcpus", "l1tf", "lockdown", "lsm", "mds", "mitigations", "mmio_stale_data",
    "module.sig_enforce", "namespace*", "nofsgsbase", "nohz_full", "nokaslr", "nopti", "nopku", "noseccomp", "nosmt",
    "nospectre_v1", "nospectre_v2", "noxsave", "noxsaveopt", "noxsaves", "numa_balancing", "overlay.*",
    "page_poison", "preempt", "psi", "pti", "randomize_kstack_offset", "reg_file_data_sampling", "retbleed",
    "seccomp", "security", "selinux", "slab_nomerge", "spec_rstack_overflow", "spec_store_bypass_disable",
    "spectre_bhi", "spectre_v2", "spectre_v2_user", "srbds", "swapaccount", "sysctl.*",
    "systemd.legacy_systemd_cgroup_controller", "systemd.unified_cgroup_hierarchy", "threadirqs",
    "transparent_hugepage*", "tsc", "tsx", "tsx_async_abort", "user_namespace.*", "vsyscall",
)  # fmt: skip

# Options worth naming when two digests differ.
CONFIG_OPTIONS: tuple[str, ...] = (
    "APPARMOR_RESTRICT_USERNS", "BPF_SYSCALL", "BRIDGE_NETFILTER", "CFS_BANDWIDTH", "CGROUP_BPF", "CGROUP_DEVICE",
    "CGROUP_FREEZER", "CGROUP_PIDS", "CHECKPOINT_RESTORE", "HZ", "IO_URING", "IPVLAN", "IP_NF_IPTABLES", "MACVLAN",
    "MEMCG", "MEM_SOFT_DIRTY", "MODULE_SIG_FORCE", "NF_TABLES", "OVERLAY_FS", "PREEMPT", "PREEMPT_DYNAMIC",
    "PREEMPT_NONE", "PREEMPT_VOLUNTARY", "RT_GROUP_SCHED", "SECCOMP_FILTER", "SECURITY_APPARMOR",
    "SECURITY_LANDLOCK", "SECURITY_SELINUX", "TIME_NS", "USERFAULTFD", "USER_NS", "VETH", "VXLAN",
)  # fmt: skip


def parse_config(content: bytes) -> dict[str, str]:
    """The options set in a kernel configuration, plain or compressed (``/proc/config.gz``), without ``CONFIG_``."""
    if content[:2] == b"\x1f\x8b":
        content = zlib.decompress(content, wbits=31)
    options = {}
    for line in content.decode("utf-8", "replace").splitlines():
        name, equals, value = line.partition("=")
        if equals and name.startswith("CONFIG_"):
            options[name[len("CONFIG_") :]] = value.strip().strip('"')
    return options


def config_digest(options: t.Mapping[str, str]) -> t.Optional[str]:
    """SHA-256 over the sorted ``NAME=value`` lines; comments and order don't count. None without options."""
    if not options:
        return None
    lines = "".join(f"{name}={options[name]}\n" for name in sorted(options))
    return hashlib.sha256(lines.encode("utf-8")).hexdigest()


def named_options(options: t.Mapping[str, str]) -> dict[str, t.Optional[str]]:
    """The options worth naming; None says: not set."""
    return {name: options.get(name) for name in CONFIG_OPTIONS}


def relevant_command_line(text: str) -> list[str]:
    """The parameters that matter to containers, sorted by name; among equal names the order stays, the last wins.

    What follows ``--`` is for init. The kernel takes ``-`` and ``_`` in names as the same.
    """
    found = []
    for word in text.split():
        if word == "--":
            break
        name = word.partition("=")[0].replace("-", "_")
        if any(name == p or (p.endswith("*") and name.startswith(p[:-1])) for p in RELEVANT_PARAMETERS):
            found.append((name, word))
    return [word for _position, word in sorted(found, key=lambda entry: entry[0])]


def taints(value: int) -> tuple[list[str], list[str]]:
    """Properties and events in ``/proc/sys/kernel/tainted``; bits this table doesn't know are properties."""
    known = {taint[0] for taint in TAINTS}
    properties = [name for bit, name, event in TAINTS if value >> bit & 1 and not event]
    properties += [f"bit_{bit}" for bit in range(value.bit_length()) if value >> bit & 1 and bit not in known]
    return properties, [name for bit, name, event in TAINTS if value >> bit & 1 and event]


def chosen(text: str) -> t.Optional[str]:
    """The word in brackets of a sysfs choice such as ``none [integrity] confidentiality``."""
    return next((word[1:-1] for word in text.split() if word.startswith("[") and word.endswith("]")), None)
