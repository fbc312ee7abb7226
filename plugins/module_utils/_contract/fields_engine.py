# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The contract's fields about the container engine and what it stands on."""

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

# One row per field; a formatter would spread each over seven lines.
# fmt: off
ENGINE_FIELDS: tuple[Field, ...] = (
    # Engine
    hashed("engine.name", STRING, "`docker` or `podman`; null when neither is installed.",
           "Defaults, networks and the socket a workload may mount differ.", "engine"),
    hashed("engine.running", BOOLEAN,
           "Whether the engine can be asked: dockerd runs; Podman has been used once (asking it sooner would make its "
           "storage, and nothing is changed here).", "Without it there is no container.", "engine_not_running"),
    hashed("engine.version", STRING, "The engine's version.", "Defaults change from version to version.",
           "engine_version"),
    hashed("engine.api_version", STRING, "The version of the engine's API.",
           "Workloads that mount the engine's socket speak it.", "engine_api"),
    hashed("engine.rootless", BOOLEAN, "Whether the engine runs without root.",
           "Capabilities, ports and user ids differ.", "engine_rootless"),
    hashed("engine.image_store", STRING, "`graphdriver`, `containerd` or `containers-storage`.",
           "Image ids differ between stores, also between two hosts of one engine version.", "image_store"),
    hashed("engine.cgroup_driver", STRING, "`systemd` or `cgroupfs`.",
           "It decides the path a container sees itself under and who enforces its limits.", "cgroup_driver"),
    hashed("engine.cgroup_namespace", STRING, "The default mode of the cgroup namespace: `private` or `host`.",
           "It decides whether a container sees the host's control groups.", "cgroup_namespace"),
    hashed("engine.logging_driver", STRING, "The default logging driver.",
           "Some block a container that writes faster than they store.", "logging_driver"),
    hashed("engine.user_namespace", STRING, "The default user namespace: `host`, `remap`, `auto`, ...",
           "It decides the owner of files in volumes.", "engine_userns"),
    hashed("engine.apparmor", BOOLEAN, "Whether the engine confines containers by AppArmor.",
           "The profile refuses mounts, ptrace and writes below `/proc`.", "engine_apparmor"),
    hashed("engine.selinux", BOOLEAN, "Whether the engine labels containers for SELinux.",
           "Volumes must carry a fitting label.", "engine_selinux"),
    hashed("engine.seccomp_profile", STRING, "The default seccomp profile: `builtin`, `unconfined` or a path.",
           "It decides which system calls a container can make.", "seccomp_profile"),
    hashed("engine.seccomp_profile_digest", STRING, "SHA-256 of the profile's canonical JSON; null when it is built in.",
           "It decides which system calls a container can make.", "seccomp_profile"),
    hashed("engine.no_new_privileges", BOOLEAN, "Whether containers get no-new-privileges by default.",
           "Programs with set-uid (sudo, ping) stop working in containers.", "no_new_privileges"),
    hashed("engine.default_capabilities", LIST, "The capabilities a container gets by default, sorted.",
           "Without the capability the call is refused.", "default_capabilities"),
    hashed("engine.default_ulimits", LIST, "The resource limits set by the engine's configuration, `name=soft:hard`.",
           "A container starts with them.", "default_ulimits"),
    hashed("engine.default_pids_limit", LIMIT, "How many processes a container may have by default.",
           "Thread-hungry workloads meet it.", "default_pids_limit"),
    hashed("engine.default_shm_size_bytes", INTEGER, "The size of `/dev/shm` by default.",
           "PostgreSQL and browsers fail when it is small.", "default_shm_size"),
    reported("engine.others", LIST, "Other engines that are installed.", "No container of this engine meets them."),
    reported("engine.live_restore", BOOLEAN, "Whether containers outlive a restart of the engine.",
             "It matters to whoever restarts the engine, not to a container."),
    # OCI runtime
    hashed("oci_runtime.name", STRING, "The default OCI runtime's name.", "It sets up all a container sees.", "oci_runtime"),
    hashed("oci_runtime.version", STRING, "Its version.", "It sets up all a container sees.", "oci_runtime_version"),
    hashed("oci_runtime.features", LIST, "What it was built with, as far as `--version` says.",
           "A runtime built without a feature ignores or refuses it.", "oci_runtime_features"),
    # Checkpoint
    hashed("checkpoint.status", STRING,
           "`works`, `fails`, `not tested`, or `stale` when kernel, engine or runtime changed since the test.",
           "A container can be moved with its memory, or it has to start anew.", "checkpoint"),
    hashed("checkpoint.criu_version", STRING, "The version of CRIU in the test; null when there was none.",
           "A checkpoint is restored by the same or a newer one.", "criu_version"),
    reported("checkpoint.test", MAPPING, "The record of the last test (`/var/lib/container-host/checkpoint.json`).",
             "It carries the time of the test; its verdict is hashed."),
    # The host's side of the network
    hashed("network.ipv4_forwarding", BOOLEAN, "`net.ipv4.ip_forward`.", "Without it a container reaches nothing.",
           "ipv4_forwarding"),
    hashed("network.ipv6_enabled", BOOLEAN, "Whether the kernel has IPv6 and it isn't disabled.",
           "Servers bind to `::` by default.", "ipv6"),
    hashed("network.ipv6_forwarding", BOOLEAN, "`net.ipv6.conf.all.forwarding`; null without IPv6.",
           "Without it a container reaches nothing by IPv6.", "ipv6_forwarding"),
    hashed("network.iptables_backend", STRING, "`nf_tables` or `legacy`; null without the `iptables` command.",
           "Containers that change rules through the other one are not heard.", "iptables_backend"),
    hashed("network.tcp_congestion_control", STRING, "`net.ipv4.tcp_congestion_control`.",
           "New network namespaces inherit it.", "tcp_congestion_control"),
    reported("network.uplink_mtu_bytes", INTEGER, "The MTU of the interface with the default route.",
             "Each provider has its own. What containers get is `engine_network.mtu_bytes`, and that is hashed."),
    # The engine's network
    hashed("engine_network.backend", STRING, "`libnetwork`, `netavark` or `cni`.",
           "Name resolution, isolation and port forwarding differ.", "network_backend"),
    hashed("engine_network.version", STRING, "Its version; null when it comes with the engine.",
           "Name resolution, isolation and port forwarding differ.", "network_backend_version"),
    hashed("engine_network.firewall_driver", STRING,
           "How it sets rules: `iptables`, `nftables`, ...; `default` when its own choice holds.",
           "Hairpin, source addresses and isolation differ.", "firewall_driver"),
    hashed("engine_network.default_address_pools", LIST, "The pools networks are cut from; `default` for the built-in ones.",
           "A container's address comes from them, and they may hide a peer's network.", "address_pools"),
    hashed("engine_network.mtu_bytes", INTEGER,
           "The MTU of a new container network: as configured, else the engine's rule (Docker 1500, Podman the uplink's).",
           "Large packets vanish when it is wrong.", "mtu"),
    reported("engine_network.rootless_command", STRING, "What connects rootless containers: `pasta` or `slirp4netns`.",
             "Rootful containers don't use it."),
    volatile("engine_network.bridge_netfilter", INTEGER, "`net.bridge.bridge-nf-call-iptables`; null without the module.",
             "The module is loaded by whoever needs it first, at any time."),
    # Storage
    hashed("storage.driver", STRING, "The storage driver; Docker's overlay2 and Podman's overlay are both `overlay`.",
           "It is the file system a container runs on.", "storage_driver"),
    hashed("storage.backing_filesystem", STRING, "The file system below the engine's data.",
           "Case, extended attributes, reflinks and volume behaviour come from it.", "backing_filesystem"),
    hashed("storage.supports_d_type", BOOLEAN, "Whether it gives the type of directory entries.",
           "Overlay misbehaves without it.", "d_type"),
    reported("storage.driver_name", STRING, "The driver under the engine's own name.", "Two names of one file system."),
    reported("storage.root_directory", STRING, "Where the engine keeps its data.", "A container doesn't see the path."),
    reported("storage.backing_mount_options", LIST, "The mount options below it.",
             "A container doesn't inherit them; they are here to explain trouble."),
    # Time
    hashed("time.service_active", BOOLEAN, "Whether a time synchronisation service is active.",
           "Certificates, leases and clusters fail when clocks differ.", "time_synchronisation"),
    reported("time.service", STRING, "Which one.", "They all do the same to the clock."),
    reported("time.clocksource", STRING, "The kernel's clock source.", "It comes with the provider's hypervisor."),
    reported("time.zone", STRING, "The host's time zone.", "Containers keep their own, UTC by default."),
    # Secure boot
    hashed("secure_boot.enabled", BOOLEAN, "Whether the firmware checked the boot chain; false on machines without UEFI.",
           "With it the kernel refuses unsigned modules and, locked down, more.", "secure_boot"),
    reported("secure_boot.firmware", STRING, "`uefi` or `bios`.", "Nothing after boot depends on it."),
)
# fmt: on
