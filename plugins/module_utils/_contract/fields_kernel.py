# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The contract's fields about the machine and its kernel."""

from __future__ import annotations

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.field import (
    BOOLEAN,
    INTEGER,
    LIMIT,
    LIST,
    MAPPING,
    STRING,
    Field,
    hashed,
    reported,
    volatile,
)

_INHERITED = "It holds in the container just as on the host; there is one kernel."
_LIMIT = (
    "A process in a container runs into it. Where the kernel sizes it by memory, that fact is hashed, not the number."
)

# One row per field; a formatter would spread each over seven lines.
# fmt: off
KERNEL_FIELDS: tuple[Field, ...] = (
    # Architecture
    hashed("architecture.machine", STRING, "The machine's architecture, as `uname -m` prints it.",
           "Images are built for it.", "architecture"),
    hashed("architecture.x86_64_level", STRING,
           "The highest x86-64 psABI level all CPUs reach, `v1` to `v4`, from the flags in `/proc/cpuinfo`.",
           "Images and libraries built for a level die of an illegal instruction below it.", "cpu_level"),
    hashed("architecture.page_size_bytes", INTEGER,
           "The size of a memory page, from the auxiliary vector (`AT_PAGESZ`).",
           "Allocators and memory-mapped file formats depend on it.", "page_size"),
    reported("architecture.cpu_model", STRING, "The CPU's model name.",
             "No two providers sell the same CPU; the promise is the level."),
    reported("architecture.cpu_flags", LIST, "The flags that all CPUs have, sorted.",
             "The promise is the level. The exact flags matter to a memory checkpoint only, whose verdict reads them."),
    # Kernel
    hashed("kernel.release", STRING, "The kernel's release, as `uname -r` prints it.",
           "It decides which system calls there are; every container sees it with `uname`.", "kernel_release"),
    hashed("kernel.build", STRING, "The kernel's build, as `uname -v` prints it.",
           "Distributions ship several builds under one release; every container sees it with `uname`.",
           "kernel_build"),
    hashed("kernel.config_digest", STRING,
           "SHA-256 over the sorted options set in the kernel's configuration (`/boot/config-*` or `/proc/config.gz`).",
           "The same release in another flavour has other features.", "kernel_config"),
    hashed("kernel.command_line", LIST,
           "Those parameters of `/proc/cmdline` that change what a container meets (cgroups, LSM, mitigations, memory, "
           "IPv6, scheduling), sorted by name.",
           "They switch kernel features on and off; containers can read the file too.", "kernel_command_line"),
    hashed("kernel.taints", LIST,
           "The lasting taints: foreign, unsigned or forced modules, live patches, and the like.",
           "The running kernel isn't the one its release names.", "kernel_tainted"),
    hashed("kernel.livepatches", LIST, "The live patches loaded, from `/sys/kernel/livepatch`.",
           "They replace functions of the kernel.", "kernel_livepatch"),
    hashed("kernel.module_signature_enforced", BOOLEAN, "Whether only signed modules load (`module.sig_enforce`).",
           "A workload that brings a kernel module meets it.", "module_signing"),
    hashed("kernel.lockdown", STRING, "The lockdown mode in force: `none`, `integrity` or `confidentiality`.",
           "Lockdown refuses BPF, perf and raw device access, also to privileged containers.", "kernel_lockdown"),
    reported("kernel.config_options", MAPPING, "The configuration options that containers depend on most.",
             "The digest covers them; they are here to explain a difference."),
    reported("kernel.full_command_line", STRING, "The whole of `/proc/cmdline`.",
             "It names the root file system and the console; what matters is in `kernel.command_line`."),
    volatile("kernel.taint_events", LIST, "Taints that tell of an event: a warning, a machine check, a lock-up.",
             "An incident of this boot, not a property of the host."),
    # Kernel settings
    hashed("kernel_settings.randomize_va_space", INTEGER, "`kernel.randomize_va_space`.", _INHERITED, "aslr"),
    hashed("kernel_settings.ptrace_scope", INTEGER, "`kernel.yama.ptrace_scope`.",
           "Debuggers, profilers and checkpoint tools stop working above a level.", "ptrace_scope"),
    hashed("kernel_settings.perf_event_paranoid", INTEGER, "`kernel.perf_event_paranoid`.",
           "Profilers in containers stop working above a level.", "perf_events"),
    hashed("kernel_settings.unprivileged_bpf_disabled", INTEGER, "`kernel.unprivileged_bpf_disabled`.", _INHERITED,
           "unprivileged_bpf"),
    hashed("kernel_settings.unprivileged_userfaultfd", INTEGER, "`vm.unprivileged_userfaultfd`.", _INHERITED,
           "unprivileged_userfaultfd"),
    hashed("kernel_settings.io_uring_disabled", INTEGER, "`kernel.io_uring_disabled`; null on kernels without it.",
           "Databases and servers that use io_uring fall back or fail.", "io_uring"),
    hashed("kernel_settings.kptr_restrict", INTEGER, "`kernel.kptr_restrict`.", _INHERITED, "kptr_restrict"),
    hashed("kernel_settings.dmesg_restrict", INTEGER, "`kernel.dmesg_restrict`.", _INHERITED, "dmesg_restrict"),
    hashed("kernel_settings.overcommit_memory", INTEGER, "`vm.overcommit_memory`.",
           "Databases that fork or reserve much memory succeed or fail by it.", "memory_overcommit"),
    hashed("kernel_settings.swappiness", INTEGER, "`vm.swappiness`.",
           "Under memory pressure it decides what a container loses first.", "swappiness"),
    hashed("kernel_settings.transparent_hugepages", STRING,
           "The mode in `/sys/kernel/mm/transparent_hugepage/enabled`.",
           "Databases warn about it and change in latency.", "transparent_hugepages"),
    hashed("kernel_settings.core_pattern", STRING, "`kernel.core_pattern`.",
           "It decides where the core of a process that died in a container goes.", "core_pattern"),
    # Control groups
    hashed("cgroup.version", STRING, "`v2`, `v1` or `hybrid`, by what is mounted at `/sys/fs/cgroup`.",
           "Runtimes such as the JVM read their limits there.", "cgroup_version"),
    hashed("cgroup.controllers", LIST, "The controllers of the root control group, sorted.",
           "A limit whose controller is missing isn't held.", "cgroup_controllers"),
    hashed("cgroup.mount_options", LIST, "The options of the cgroup2 mount that change its rules (`nsdelegate`, ...).",
           "They decide what a container may do with its own subtree.", "cgroup_mount_options"),
    hashed("cgroup.swap_accounting", BOOLEAN, "Whether swap is limited per control group.",
           "A limit on memory and swap isn't held without it.", "swap_accounting"),
    hashed("cgroup.pressure_stall_information", BOOLEAN, "Whether `/proc/pressure` and the pressure files exist.",
           "Agents in containers read them.", "pressure_stall_information"),
    # Linux security modules
    hashed("lsm.active", LIST, "The security modules in force, in their order, from `/sys/kernel/security/lsm`.",
           "Each can refuse a container's system calls.", "lsm"),
    hashed("lsm.container_policy", STRING, "The one that confines containers: `apparmor`, `selinux` or `none`.",
           "It decides what confinement a container gets.", "lsm_container_policy"),
    hashed("lsm.selinux_mode", STRING, "`enforcing` or `permissive`; null without SELinux.",
           "Permissive only logs what enforcing refuses.", "selinux_mode"),
    hashed("lsm.selinux_policy", STRING, "The policy's name, from `/etc/selinux/config`; null without SELinux.",
           "Volumes carry labels of one policy.", "selinux_policy"),
    hashed("lsm.selinux_container_domain", STRING, "The type containers run in, from the policy's `lxc_contexts`.",
           "Without the container policy containers run unconfined or not at all.", "selinux_container_domain"),
    hashed("lsm.selinux_container_booleans", MAPPING, "The policy's booleans about containers.",
           "They allow or refuse devices, NFS and the like to containers.", "selinux_booleans"),
    volatile("lsm.apparmor_container_profiles", LIST,
             "The engines' AppArmor profiles that are loaded, with their mode.",
             "Podman loads its profile with the first container; engine and version decide which one it is."),
    # Seccomp
    hashed("seccomp.actions", LIST, "The actions the kernel's seccomp knows, sorted.",
           "A profile with an unknown action is refused.", "seccomp_actions"),
    # User namespaces
    hashed("userns.enabled", BOOLEAN, "Whether user namespaces can be made at all.",
           "Rootless and remapped containers and sandboxes need them.", "userns"),
    hashed("userns.max_user_namespaces", LIMIT, "`user.max_user_namespaces`.", _LIMIT, "userns_limit"),
    hashed("userns.unprivileged_clone", INTEGER,
           "`kernel.unprivileged_userns_clone`; null where there is no such switch.",
           "Browsers and build tools in containers use user namespaces of their own.", "userns_unprivileged"),
    hashed("userns.apparmor_restricts_unprivileged", INTEGER,
           "`kernel.apparmor_restrict_unprivileged_userns`; null where there is no such switch.",
           "It refuses user namespaces to programs without a profile.", "userns_apparmor"),
    hashed("userns.engine_subordinate_uids", LIST,
           "Ranges in `/etc/subuid` of the users the engines use (`containers`, `dockremap`, `root`).",
           "They decide the owner ids of a remapped container's files.", "subordinate_uids"),
    hashed("userns.engine_subordinate_gids", LIST, "The same from `/etc/subgid`.",
           "They decide the group ids of a remapped container's files.", "subordinate_gids"),
    reported("userns.other_subordinate_uids", LIST, "Ranges in `/etc/subuid` of all other users.",
             "Each provider's images have another first user; rootful containers don't use its range."),
    # Limits
    hashed("limits.pid_max", LIMIT, "`kernel.pid_max`.", _LIMIT, "limit_pids"),
    hashed("limits.threads_max", LIMIT, "`kernel.threads-max`.", _LIMIT, "limit_threads"),
    hashed("limits.file_max", LIMIT, "`fs.file-max`.", _LIMIT, "limit_files"),
    hashed("limits.nr_open", LIMIT, "`fs.nr_open`.", "No process can raise its own file limit above it.",
           "limit_open_files"),
    hashed("limits.inotify_max_user_watches", LIMIT, "`fs.inotify.max_user_watches`.", _LIMIT, "limit_inotify_watches"),
    hashed("limits.inotify_max_user_instances", LIMIT, "`fs.inotify.max_user_instances`.",
           "Containers of one user share it.", "limit_inotify_instances"),
    hashed("limits.max_map_count", LIMIT, "`vm.max_map_count`.",
           "Search engines and JVMs refuse to start below a number.",
           "limit_memory_maps"),
    hashed("limits.aio_max_nr", LIMIT, "`fs.aio-max-nr`.", "Databases share it and fail when it is used up.",
           "limit_aio"),
)
# fmt: on
