# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Read the contract's fields about the machine and its kernel."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._contract import access, cpu, kernel
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.mounts import cgroup2_options
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.reading import Reading
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.sysctl import (
    SYSCTL_FOLDERS,
    limit,
    number,
    parse_sysctl_file,
    sysctl_path,
)

SETTINGS: t.Mapping[str, str] = {
    "kernel_settings.randomize_va_space": "kernel.randomize_va_space",
    "kernel_settings.ptrace_scope": "kernel.yama.ptrace_scope",
    "kernel_settings.perf_event_paranoid": "kernel.perf_event_paranoid",
    "kernel_settings.unprivileged_bpf_disabled": "kernel.unprivileged_bpf_disabled",
    "kernel_settings.unprivileged_userfaultfd": "vm.unprivileged_userfaultfd",
    "kernel_settings.io_uring_disabled": "kernel.io_uring_disabled",
    "kernel_settings.kptr_restrict": "kernel.kptr_restrict",
    "kernel_settings.dmesg_restrict": "kernel.dmesg_restrict",
    "kernel_settings.overcommit_memory": "vm.overcommit_memory",
    "kernel_settings.swappiness": "vm.swappiness",
    "userns.unprivileged_clone": "kernel.unprivileged_userns_clone",
    "userns.apparmor_restricts_unprivileged": "kernel.apparmor_restrict_unprivileged_userns",
}
LIMITS: t.Mapping[str, str] = {
    "limits.pid_max": "kernel.pid_max",
    "limits.threads_max": "kernel.threads-max",
    "limits.file_max": "fs.file-max",
    "limits.nr_open": "fs.nr_open",
    "limits.inotify_max_user_watches": "fs.inotify.max_user_watches",
    "limits.inotify_max_user_instances": "fs.inotify.max_user_instances",
    "limits.max_map_count": "vm.max_map_count",
    "limits.aio_max_nr": "fs.aio-max-nr",
    "userns.max_user_namespaces": "user.max_user_namespaces",
}


def observe_kernel(reading: Reading) -> None:
    """Read all groups that are the kernel's."""
    _architecture(reading)
    _kernel(reading)
    reading.put({field: reading.setting(field, name) for field, name in SETTINGS.items()})
    huge_pages = reading.line("/sys/kernel/mm/transparent_hugepage/enabled", "kernel_settings.transparent_hugepages")
    reading.put(
        {
            "kernel_settings.transparent_hugepages": kernel.chosen(huge_pages or ""),
            "kernel_settings.core_pattern": reading.line(
                sysctl_path("kernel.core_pattern"), "kernel_settings.core_pattern"
            ),
        }
    )
    _cgroup(reading)
    _lsm(reading)
    _seccomp_and_userns(reading)
    _limits(reading)


def _architecture(reading: Reading) -> None:
    machine = reading.line("/proc/sys/kernel/arch")
    machine = machine or (reading.command(["uname", "-m"], "architecture.machine") or "").strip() or None
    cpus = cpu.parse_cpuinfo(reading.text("/proc/cpuinfo") or "")
    reading.put(
        {
            "architecture.machine": machine,
            "architecture.x86_64_level": cpu.x86_64_level(machine, cpus.flags),
            "architecture.page_size_bytes": cpu.page_size_bytes(reading.io.read_bytes("/proc/self/auxv") or b""),
            "architecture.cpu_model": cpus.model,
            "architecture.cpu_flags": list(cpus.flags),
            "identity.cpu_count": cpus.count,
        }
    )


def _kernel(reading: Reading) -> None:
    release = reading.line("/proc/sys/kernel/osrelease")
    options = kernel.parse_config(_config(reading, release))
    command_line = reading.text("/proc/cmdline", "kernel.command_line", "kernel.full_command_line") or ""
    tainted = number(reading.text("/proc/sys/kernel/tainted", "kernel.taints", "kernel.taint_events"))
    properties, events = kernel.taints(tainted or 0)
    enforced = reading.line("/sys/module/module/parameters/sig_enforce", "kernel.module_signature_enforced")
    reading.put(
        {
            "kernel.release": release,
            "kernel.build": reading.line("/proc/sys/kernel/version"),
            "kernel.config_digest": kernel.config_digest(options),
            "kernel.config_options": dict(kernel.named_options(options)) if options else None,
            "kernel.command_line": kernel.relevant_command_line(command_line),
            "kernel.full_command_line": command_line.strip(),
            "kernel.taints": properties,
            "kernel.taint_events": events,
            "kernel.livepatches": reading.io.list_directory("/sys/kernel/livepatch"),
            "kernel.module_signature_enforced": None if enforced is None else enforced == "Y",
            "kernel.lockdown": kernel.chosen(reading.line("/sys/kernel/security/lockdown", "kernel.lockdown") or ""),
        }
    )


def _config(reading: Reading, release: t.Optional[str]) -> bytes:
    places = (f"/boot/config-{release}", f"/usr/lib/modules/{release}/config", f"/lib/modules/{release}/config")
    for path in (*places, "/proc/config.gz"):
        content = reading.io.read_bytes(path)
        if content is not None:
            return content
        if reading.io.exists(path):
            reading.mark_unread(("kernel.config_digest", "kernel.config_options"), f"{path} can't be read; run as root")
            break
    return b""


def _cgroup(reading: Reading) -> None:
    mounts = reading.mounts()
    kinds = {mount.kind for mount in mounts if mount.kind in ("cgroup", "cgroup2")}
    version = {frozenset({"cgroup2"}): "v2", frozenset({"cgroup"}): "v1"}.get(frozenset(kinds))
    version = "hybrid" if len(kinds) == 2 else version
    if version == "v2":
        controllers = (reading.text("/sys/fs/cgroup/cgroup.controllers", "cgroup.controllers") or "").split()
    else:
        rows = [line.split() for line in (reading.text("/proc/cgroups") or "").splitlines()]
        controllers = [row[0] for row in rows if len(row) == 4 and row[3] == "1"]
    swap = ("/sys/fs/cgroup/*.slice/memory.swap.max", "/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes")
    reading.put(
        {
            "cgroup.version": version,
            "cgroup.controllers": sorted(controllers),
            "cgroup.mount_options": cgroup2_options(mounts),
            "cgroup.swap_accounting": any(reading.io.glob(pattern) for pattern in swap),
            # The file is there, but can't be read, when the kernel was started with psi=0.
            "cgroup.pressure_stall_information": reading.io.read_text("/proc/pressure/cpu") is not None,
        }
    )


def _lsm(reading: Reading) -> None:
    lsms = access.active_lsms(reading.line("/sys/kernel/security/lsm", "lsm.active", "lsm.container_policy"))
    mode = access.selinux_mode(reading.line("/sys/fs/selinux/enforce", "lsm.selinux_mode"))
    policy = domain = booleans = profiles = None
    if mode is not None:
        policy = access.shell_value(reading.text("/etc/selinux/config", "lsm.selinux_policy") or "", "SELINUXTYPE")
        contexts = f"/etc/selinux/{policy}/contexts/lxc_contexts"
        domain = access.container_domain(reading.text(contexts, "lsm.selinux_container_domain") or "")
        folder = "/sys/fs/selinux/booleans"
        names = [name for name in reading.io.list_directory(folder) if access.is_container_boolean(name)]
        texts = {name: reading.line(f"{folder}/{name}", "lsm.selinux_container_booleans") for name in names}
        booleans = {name: (text or "").startswith("1") for name, text in texts.items()}
    if access.APPARMOR in (lsms or ()):
        path = "/sys/kernel/security/apparmor/profiles"
        profiles = access.engine_profiles(reading.text(path, "lsm.apparmor_container_profiles") or "")
    reading.put(
        {
            "lsm.active": lsms,
            "lsm.container_policy": access.container_policy(lsms),
            "lsm.selinux_mode": mode,
            "lsm.selinux_policy": policy,
            "lsm.selinux_container_domain": domain,
            "lsm.selinux_container_booleans": booleans,
            "lsm.apparmor_container_profiles": profiles,
        }
    )


def _seccomp_and_userns(reading: Reading) -> None:
    actions = reading.line("/proc/sys/kernel/seccomp/actions_avail", "seccomp.actions")
    engine_uids, other_uids = access.subordinate_ids(
        reading.text("/etc/subuid", "userns.engine_subordinate_uids") or ""
    )
    engine_gids, _others = access.subordinate_ids(reading.text("/etc/subgid", "userns.engine_subordinate_gids") or "")
    allowed = number(reading.text(sysctl_path("user.max_user_namespaces")))
    reading.put(
        {
            "seccomp.actions": None if actions is None else sorted(actions.split()),
            "userns.enabled": reading.io.read_link("/proc/self/ns/user") is not None and allowed != 0,
            "userns.engine_subordinate_uids": engine_uids,
            "userns.engine_subordinate_gids": engine_gids,
            "userns.other_subordinate_uids": other_uids,
        }
    )


def _limits(reading: Reading) -> None:
    configured = _configured(reading)
    texts = {field: reading.text(sysctl_path(name), field) for field, name in LIMITS.items()}
    reading.put({field: limit(name, texts[field], configured) for field, name in LIMITS.items()})
    # As strings: the largest are beyond the integers that canonical JSON has.
    numbers = {LIMITS[field]: text.strip() for field, text in texts.items() if text is not None}
    reading.put({"identity.effective_limits": numbers})


def _configured(reading: Reading) -> set[str]:
    """The settings that some file of sysctl.d(5) sets."""
    files: dict[str, str] = {}
    for folder in SYSCTL_FOLDERS:
        for name in reading.io.list_directory(folder):
            if name.endswith(".conf"):
                files.setdefault(name, f"{folder}/{name}")
    texts = [reading.io.read_text(path) for path in (*files.values(), "/etc/sysctl.conf")]
    return set().union(*(parse_sysctl_file(text) for text in texts if text is not None))
