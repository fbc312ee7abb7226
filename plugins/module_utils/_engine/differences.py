# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Where Docker and Podman take or need different words for the same thing, one function each. Pure."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Mount
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.identity import PODMAN

# Names of anonymous volumes taken over from a container's predecessor: to the engine they are named ones by then.
KEPT_VOLUMES_LABEL = "io.anycloud.container-host.kept-volumes"

PING_GROUPS = "net.ipv4.ping_group_range"

# Docker's states, by Podman's own words for the same (podman-ps(1)).
_PODMAN_STATES = {"configured": "created", "initialized": "created", "stopped": "exited", "stopping": "running"}


def state(word: str) -> str:
    """A container's state in Docker's words: created, running, paused, restarting, removing, exited, dead."""
    lower = word.lower()
    return _PODMAN_STATES.get(lower, lower)


def restart_name(policy: str, engine: str) -> str:
    """The restart policy's name.

    Under Podman nothing restarts containers at boot but the collection's own unit, for ``always`` and
    ``unless-stopped`` alike. Podman's podman-restart.service looks for ``always``: it would start stopped workloads.
    """
    return "unless-stopped" if engine == PODMAN and policy == "always" else policy


def health_test(test: t.Sequence[str], engine: str) -> list[str]:
    """The health check's command.

    Podman's socket joins the list with spaces and splits it again, which breaks arguments with spaces; a command in
    one element, written as a JSON array, passes through whole (podman, makeHealthCheckFromCli).
    """
    command = list(test)
    if engine != PODMAN or not command or command[0] != "CMD":
        return command
    if len(command) == 2:
        return command if command[1].split() == command[1:] else ["CMD-SHELL", _quoted(command[1])]
    return [json.dumps(command[1:])]


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\"'\"'") + "'"


def tmpfs_options(mount: Mount, engine: str) -> str:
    """Mount options of a tmpfs. Podman would fill it with what the image holds at that path; Docker leaves it empty."""
    options = ["ro" if mount.read_only else "rw", "noexec", "nosuid", "nodev"]
    if mount.tmpfs_size_bytes:
        options.append(f"size={mount.tmpfs_size_bytes}")
    options.append(f"mode={0o1777 if mount.tmpfs_mode is None else mount.tmpfs_mode:o}")
    options.extend(
        f"{key}={value}" for key, value in (("uid", mount.tmpfs_uid), ("gid", mount.tmpfs_gid)) if value is not None
    )
    return ",".join([*options, "notmpcopyup"] if engine == PODMAN else options)


def sysctls(given: t.Mapping[str, str], network_mode: str, engine: str) -> dict[str, str]:
    """The kernel settings of the container's own namespaces.

    Docker lets every group of a container with a network of its own ping (moby, daemon/oci_linux.go, WithSysctls);
    Podman's default lets root's alone.
    """
    if engine != PODMAN or network_mode == "host" or network_mode.startswith("container:"):
        return dict(given)
    return {PING_GROUPS: "0 2147483647", **given}


def network_options(given: t.Mapping[str, str], driver: str, engine: str) -> dict[str, str]:
    """The options of a network.

    Docker keeps its bridges from reaching each other; before version 6 Podman does so only when asked
    (podman-network-create(1), "isolate").
    """
    if engine != PODMAN or driver != "bridge":
        return dict(given)
    return {"isolate": "true", **given}


def entrypoint(value: t.Optional[t.Sequence[str]]) -> t.Optional[list[str]]:
    """The entrypoint; one empty word clears the image's, an empty list would keep it on both engines."""
    if value is None:
        return None
    return list(value) or [""]


def security_opt(options: t.Sequence[str], engine: str, seccomp_profiles: t.Mapping[str, str]) -> list[str]:
    """The security options.

    Docker's API wants a seccomp profile's content where Podman's wants its path; Podman's takes
    ``no-new-privileges:false`` for true.
    """
    result = []
    for option in options:
        key, _separator, value = option.partition("=" if "=" in option else ":")
        if key == "seccomp" and value in seccomp_profiles and engine != PODMAN:
            result.append(f"seccomp={seccomp_profiles[value]}")
        elif key == "no-new-privileges":
            if value != "false":
                result.append("no-new-privileges")
            elif engine != PODMAN:
                result.append("no-new-privileges=false")
        else:
            result.append(f"{key}={value}" if value else key)
    return result


def seccomp_paths(options: t.Sequence[str]) -> list[str]:
    """The paths of seccomp profiles among security options."""
    parts = [option.partition("=" if "=" in option else ":") for option in options]
    return [value for key, _separator, value in parts if key == "seccomp" and value.startswith("/")]


def log_driver(driver: str, engine: str) -> str:
    """The log driver: what Docker calls ``local`` (files with rotation, not JSON) is Podman's ``k8s-file``."""
    return "k8s-file" if engine == PODMAN and driver in ("local", "json-file") else driver
