# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The reason codes of a verdict: each names the best rung that is left, what it means and what to do about it. Pure.

docs/move.md has its table from here.
"""

from __future__ import annotations

from dataclasses import dataclass

LIVE, PRECOPY, COLD, REFUSED = "live", "precopy", "cold", "refused"
LADDER = (LIVE, PRECOPY, COLD, REFUSED)
"""From the best to the worst."""

HOSTS, SERVICES, ROOM, ESTIMATE = "the two hosts", "the services", "what is taken and what is free", "the estimate"
GROUPS = (HOSTS, SERVICES, ROOM, ESTIMATE)


@dataclass(frozen=True)
class Code:
    """A reason to step down.

    limit: the best rung that is left. acceptable: whether the operator may accept it (``move_accepted``), after which
    ``precopy`` is left. remedy: a template with the names ``workload``, ``source``, ``target`` (the hosts) and
    ``subject`` (what the finding is about).
    """

    name: str
    group: str
    limit: str
    meaning: str
    remedy: str
    acceptable: bool = False


_LEVEL = "choose a target whose image and CPU fit"
_SAME = "run playbooks/site.yml for {source} and {target} with the same variables"
_START = "none is needed: the workload is started anew on {target}"

# One row per code; a formatter would spread each over seven lines.
# fmt: off
_TABLE: tuple[Code, ...] = (
    # The two hosts
    Code("live_not_offered", HOSTS, PRECOPY, "Running memory is not carried over by this release.", _START),
    Code("contract_schema", HOSTS, REFUSED, "The contracts were written by different releases.",
         "read both hosts again with this release: run the move again"),
    Code("contract_unread", HOSTS, REFUSED, "A field the verdict needs could not be read.",
         "give Ansible root on both hosts (become: true) and start the engine; the field is {subject}", True),
    Code("below_standard", HOSTS, REFUSED, "The target does not meet move_standard.",
         "run playbooks/site.yml for {target}, or change move_standard; the field is {subject}", True),
    Code("architecture", HOSTS, REFUSED, "The images are of another architecture.",
         "choose a target of the source's architecture"),
    Code("page_size", HOSTS, REFUSED, "Memory pages have another size.", "choose a target with the source's page size",
         True),
    Code("cpu_level", HOSTS, REFUSED, "The target's CPU is of a lower x86-64 level; what was built for the source's "
         "level dies there.", _LEVEL, True),
    Code("cpu_flags", HOSTS, PRECOPY, "A process started on the source may use CPU features the target lacks.", _START),
    Code("kernel", HOSTS, PRECOPY, "The kernels differ.", "pin one kernel on both hosts (role kernel)"),
    Code("kernel_limit", HOSTS, PRECOPY, "A kernel limit of the target is lower.",
         "set it on {target} (role baseline, sysctl); the field is {subject}"),
    Code("cgroup_version", HOSTS, REFUSED, "Control groups have another version; programs read their limits there.",
         "boot {target} with the source's version (role cgroups)", True),
    Code("lsm_policy", HOSTS, REFUSED, "Containers are confined by another security module.",
         "run the role lsm for {target}, or choose another target", True),
    Code("selinux", HOSTS, REFUSED, "SELinux's mode, policy or container domain differ.",
         "run the role lsm for {target}", True),
    Code("seccomp_confinement", HOSTS, REFUSED, "Only one of the engines filters system calls.",
         "give both engines a seccomp profile (role engine)", True),
    Code("seccomp_profile", HOSTS, PRECOPY, "The engines' seccomp profiles differ.",
         "give both engines one profile (role engine)"),
    Code("default_capabilities", HOSTS, REFUSED, "The target's engine gives containers fewer capabilities.",
         "run the role engine for {target}, or name them in cap_add; it lacks {subject}", True),
    Code("engine_not_running", HOSTS, REFUSED, "The engine can't be asked.", "start the engine on {subject}"),
    Code("engine", HOSTS, PRECOPY, "The engines or their versions differ.", _START),
    Code("engine_rootless", HOSTS, REFUSED, "Only one of the engines runs without root.",
         "run both with or both without root (role engine)", True),
    Code("oci_runtime", HOSTS, PRECOPY, "The OCI runtimes or their versions differ.", _SAME),
    Code("checkpoint", HOSTS, PRECOPY, "A checkpoint was not shown to work with what runs on the host.",
         "have checkpoints tested on {subject}"),
    Code("criu_version", HOSTS, PRECOPY, "The target's CRIU is older than the source's.",
         "install the source's version on {target}"),
    Code("storage_driver", HOSTS, PRECOPY, "The storage driver or the file system below it differs.", _SAME),
    Code("network_stack", HOSTS, PRECOPY, "The network backend, its firewall driver or the MTU differs.", _SAME),
    Code("ip_forwarding", HOSTS, REFUSED, "The target does not forward, so containers reach nothing.",
         "restart the engine's containers on {target}, with Docker itself; the role baseline finds what turned it off"),
    Code("ipv6", HOSTS, REFUSED, "The source has IPv6, the target has none.", "enable IPv6 on {target}", True),
    Code("user_namespace", HOSTS, REFUSED, "Containers run in another kind of user namespace, so files have other "
         "owners.", "give both engines one kind (role engine)"),
    Code("subordinate_ids", HOSTS, REFUSED, "The target gives containers fewer subordinate ids than the source, or ids "
         "that can't be told apart.",
         "give the user {subject} on {target} as many in /etc/subuid and /etc/subgid as on {source}"),
    Code("subordinate_ids_differ", HOSTS, PRECOPY, "Ranges of subordinate ids differ; owners of files are translated.",
         "none is needed: they are translated while they are copied"),
    # The services
    Code("cold_asked", SERVICES, COLD, "Copying while the workload runs was ruled out (move_rung).",
         "set move_rung=precopy"),
    Code("cgroup_controller", SERVICES, REFUSED, "A limit of the service would not be held.",
         "boot {target} with the controller (role cgroups); it lacks {subject}", True),
    Code("swap_accounting", SERVICES, REFUSED, "A limit on memory and swap would not be held.",
         "boot {target} with swapaccount=1 (role kernel)", True),
    Code("kernel_lockdown", SERVICES, REFUSED, "The service is privileged; the target's kernel is locked down more.",
         "choose a target with the source's lockdown mode", True),
    Code("apparmor_profile", SERVICES, REFUSED, "The service's AppArmor profile is not loaded on the target.",
         "load {subject} on {target} (role lsm)"),
    Code("selinux_option", SERVICES, REFUSED, "The service sets a label, and the target has no SELinux.",
         "take {subject} out, or choose a target with SELinux", True),
    Code("cpu_variant", SERVICES, REFUSED, "The service asks for a higher x86-64 level than the target has.", _LEVEL),
    Code("device", SERVICES, REFUSED, "A device of the service is absent on the target.",
         "give {target} the device {subject}, or take it out"),
    Code("host_device", SERVICES, PRECOPY, "A device of the host is part of the container's state.", _START),
    Code("privileged", SERVICES, PRECOPY, "A privileged container's state reaches into the host.", _START),
    Code("host_namespace", SERVICES, PRECOPY, "The service shares a namespace with the host, its open sockets too.",
         "leave out {subject} where it isn't needed"),
    Code("host_path_missing", SERVICES, REFUSED, "A path of the host that the service mounts is absent on the target.",
         "put {subject} on {target}"),
    Code("host_path", SERVICES, REFUSED, "A path of the host is mounted; a move does not carry it over.",
         "use a volume in place of {subject}", True),
    Code("host_socket", SERVICES, PRECOPY, "A socket or device of the host is mounted; what is open to it ends.",
         _START),
    Code("engine_socket", SERVICES, REFUSED, "The engine's socket is mounted, and the engines differ.",
         "choose a target with the source's engine", True),
    Code("anonymous_volume", SERVICES, REFUSED, "The container has a volume without a name; it is not carried over.",
         "give {subject} a named volume in the Compose file", True),
    Code("external_missing", SERVICES, REFUSED, "An external volume or network is absent on the target.",
         "create {subject} on {target}"),
    Code("external_volume", SERVICES, REFUSED, "An external volume's content is not carried over.",
         "take external: true off {subject}, or carry it over yourself", True),
    Code("hooks", SERVICES, REFUSED, "The service's commands for a move can't be read.",
         "mend the labels {subject}.before and .after in the Compose file, and deploy it again"),
    Code("volume_driver", SERVICES, REFUSED, "A volume is a mount of something elsewhere.",
         "mount {subject} on {target} yourself and declare it external"),
    Code("ulimit", SERVICES, REFUSED, "The service asks for more open files than the target's kernel allows.",
         "set fs.nr_open on {target} to {subject} or more"),
    # What is taken and what is free
    Code("name_taken", ROOM, REFUSED, "Another container has the name.",
         "remove the container {subject} from {target}, or set container_name"),
    Code("workload_runs", ROOM, REFUSED, "Containers of this project run on the target.",
         "remove {workload} from {target} (module workload, state absent)"),
    Code("port_taken", ROOM, REFUSED, "The port is taken.", "stop what listens on {subject} of {target}"),
    Code("address_missing", ROOM, REFUSED, "A port is published on an address the target doesn't have.",
         "publish on all addresses, or give {target} the address {subject}"),
    Code("volume_taken", ROOM, REFUSED, "Another project or nobody owns a volume of that name.",
         "remove the volume {subject} from {target}"),
    Code("network_taken", ROOM, REFUSED, "Another project or nobody owns a network of that name.",
         "remove the network {subject} from {target}"),
    Code("subnet_taken", ROOM, REFUSED, "A network of the workload overlaps one of the target.",
         "give the network another subnet than {subject}"),
    Code("disk", ROOM, REFUSED, "Too little is free on a file system of the target.",
         "free space on {target}: {subject}"),
    Code("quota", ROOM, REFUSED, "A project's quota on the target leaves too little.",
         "raise the quota on {target}, or free space: {subject}"),
    Code("disk_packing", ROOM, REFUSED, "Too little may be free for the images' layers on their way, which are packed "
         "on the source and unpacked on the target.", "free space on {subject}", True),
    Code("disk_unknown", ROOM, REFUSED, "The size of a volume is not known.",
         "start the engine on {source}, where the volume {subject} must be", True),
    Code("memory", ROOM, REFUSED, "Less memory is available than the services are limited to or reserve.",
         "free memory on {target}, or lower the limits", True),
    Code("cpus", ROOM, REFUSED, "The target has fewer CPUs than a service asks for.",
         "lower cpus or cpuset of the service, or choose a larger target"),
    Code("pids", ROOM, REFUSED, "The services may have more processes than the target's kernel allows.",
         "raise kernel.pid_max on {target}, or lower the services' pids", True),
    Code("clock_skew", ROOM, REFUSED, "The clocks differ by more than move_max_clock_skew_seconds.",
         "enable time synchronisation on both hosts (role baseline)"),
    Code("image_missing", ROOM, REFUSED, "The source does not have an image of the workload.",
         "pull {subject} on {source}"),
    Code("image_digest", ROOM, REFUSED, "An image is named by digest, which is a registry's; the target lacks it.",
         "pull {subject} on {target}"),
    Code("image_differs", ROOM, PRECOPY, "The target has another image under the name; it gets the source's.",
         "use another tag than {subject} if others on {target} need it"),
    # The estimate
    Code("changes_outpace_link", ESTIMATE, COLD, "The workload writes about as fast as the link takes, so rounds would "
         "not shrink.", "raise move_bandwidth_limit_kib_per_second, or move when less is written"),
    Code("budget_measured", ESTIMATE, PRECOPY, "There is a budget, and nothing to estimate from yet.",
         "none is needed: the rounds measure it, and the move goes back before the workload stops when it is not kept"),
    Code("budget_unknown", ESTIMATE, REFUSED, "There is a budget, and no estimate to hold against it.",
         "give {subject}", True),
    Code("over_budget", ESTIMATE, REFUSED, "The workload would stand still for longer than move_downtime_budget_ms.",
         "raise move_downtime_budget_ms to {subject} or more, or move when less is written"),
)
# fmt: on
CODES: dict[str, Code] = {code.name: code for code in _TABLE}


def lowest(rungs: list[str]) -> str:
    """The worst of the rungs; the best there is when there are none."""
    return max(rungs, key=LADDER.index, default=LIVE)
