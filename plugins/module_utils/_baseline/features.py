# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a host can offer to containers, and what can be true of a host: the words controls are made to fit with."""

from __future__ import annotations

FEATURES = {
    "bridge_network": "containers reach each other and the outside over a bridge",
    "published_ports": "ports of containers are reachable from outside",
    "overlay_storage": "images and containers are stored as overlay layers",
    "image_build": "images are built on the host",
    "rootless": "users without privileges run containers",
    "userns_remap": "containers run in user namespaces of their own",
    "checkpoint_restore": "running containers are frozen and resumed with CRIU",
    "nested_containers": "containers run an engine of their own",
    "engine_over_ssh": "the engine's socket is used through an SSH tunnel",
    "volume_executables": "programs are run from volumes",
    "setuid_in_containers": "images use setuid programs",
    "ipv6": "containers use IPv6 beyond the host",
    "multi_homed": "the host has asymmetric routes, several uplinks or an overlay network",
    "floating_address": "an address moves between hosts with the workload",
    "sctp": "workloads speak SCTP",
    "tracing": "agents in containers profile or trace the kernel",
    "kernel_crash_dump": "crash dumps are taken with kexec",
    "snap": "software is installed as snaps",
    "removable_media": "USB or FireWire storage, or provisioning media in UDF, is used",
}
"""Feature -> what it means. A user says which of them the host is to offer."""

DEFAULT_FEATURES = (
    "bridge_network",
    "published_ports",
    "overlay_storage",
    "image_build",
    "rootless",
    "userns_remap",
    "checkpoint_restore",
    "engine_over_ssh",
    "volume_executables",
    "setuid_in_containers",
    "floating_address",
)

CONDITIONS = {
    "becomes_by_su": "this connection becomes root by su",
    "connected_as_root": "this connection logs in as root",
    "connected_without_key": "no public key of this connection's user is known to the host",
    "rsyslog_installed": "rsyslog is installed",
    "uefi": "the host started from UEFI firmware",
    "x86": "the processor is of the x86 family",
    "dpkg": "packages are managed by dpkg",
    "apparmor_kernel": "the kernel has AppArmor",
    "unsigned_modules": "a kernel module is loaded that nobody signed",
    "containerd_for_docker_alone": "Docker runs containers with containerd, and no Kubernetes does",
    "router_announced": "the kernel has its IPv6 default route from a router's announcement",
}
"""Condition -> what it means. Found out on the host, in the same round trip."""
