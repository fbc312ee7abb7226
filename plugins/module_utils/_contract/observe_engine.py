# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Read the contract's fields about the container engine."""

from __future__ import annotations

import hashlib
import json
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._contract import network, oci_runtime, podman
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.checkpoint import (
    RECORD_PATH,
    checkpoint_values,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.digest import sha256_hex
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.docker import (
    docker_runtime_command,
    docker_values,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.engine_values import (
    engine_paths,
    no_engine,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.mounts import mount_of
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.reading import Reading
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.sysctl import number, sysctl_path
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.toml import merge_tables
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_places import (
    CONFIGURATION_FILES,
    CONFIGURATION_FOLDERS,
    DOCKER_SCOPE_DROP_INS,
    STORAGE_FILES,
    graph_root,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError, HostError

AUTO, DOCKER, PODMAN = "auto", "docker", "podman"
_PROGRAMS: t.Mapping[str, str] = {DOCKER: "dockerd", PODMAN: "podman"}
_DOCKER_SOCKET = "/run/docker.sock"
_ENGINE_TIMEOUT_SECONDS = 300
# Podman turns it on with the first container it starts on a bridge. Off while containers run, it was turned off.
_FORWARDS_ONCE_NEEDED = {"network.ipv4_forwarding": True}


def observe_engine(reading: Reading, wanted: str) -> None:
    """Read all that the engine decides.

    ``wanted`` is ``docker``, ``podman`` or ``auto``: Docker when its daemon runs, else Podman, else a stopped Docker.
    """
    io = reading.io
    installed = [name for name, program in _PROGRAMS.items() if io.find_command(program)]
    name = _choose(wanted, installed, _dockerd_runs(reading))
    values, command = no_engine(name), None
    try:
        if name == DOCKER and _dockerd_runs(reading):
            values, command = _docker(reading)
        elif name == PODMAN:
            values, command = _podman(reading)
    except HostError as error:
        values = {"engine.name": name}
        reading.mark_unread([path for path in engine_paths() if path != "engine.name"], str(error))
    reading.put(values)
    reading.put({"engine.others": [other for other in installed if other != name]})
    reading.put(_runtime(reading, command))
    reading.put(_storage(reading))
    reading.put({"seccomp.default_profile_digest": _profile_digest(reading)})
    bridge = number(io.read_text(sysctl_path("net.bridge.bridge-nf-call-iptables")))
    reading.put({"engine_network.bridge_netfilter": bridge})
    version = reading.command(["iptables", "--version"], "engine_network.iptables_backend") or ""
    reading.put({"engine_network.iptables_backend": network.iptables_backend(version)})
    record = reading.text(RECORD_PATH, "checkpoint.status", "checkpoint.criu_version", "checkpoint.test")
    reading.put(checkpoint_values(record, reading.values))


def _choose(wanted: str, installed: t.Sequence[str], docker_runs: bool) -> t.Optional[str]:
    if wanted != AUTO:
        return wanted if wanted in installed else None
    if DOCKER in installed and docker_runs:
        return DOCKER
    return PODMAN if PODMAN in installed else installed[0] if installed else None


def _dockerd_runs(reading: Reading) -> bool:
    """Whether the daemon runs. Its socket can't tell: where systemd holds it, connecting would start the daemon."""
    pid = number(reading.io.read_text("/run/docker.pid"))
    return pid is not None and (reading.io.read_text(f"/proc/{pid}/comm") or "").strip() == "dockerd"


def _docker(reading: Reading) -> tuple[dict[str, t.Any], t.Optional[str]]:
    answers = []
    for target in ("/version", "/info"):
        status, body = reading.io.get_from_socket(_DOCKER_SOCKET, target, _ENGINE_TIMEOUT_SECONDS)
        if status != 200:
            raise HostError(f"{_DOCKER_SOCKET}: GET {target} was answered with {status}: {body.strip()[:200]}")
        answers.append(_json(body, f"{_DOCKER_SOCKET}, GET {target}"))
    version, info = answers
    configuration = reading.io.read_text("/etc/docker/daemon.json")
    config = _json(configuration, "/etc/docker/daemon.json") if configuration and configuration.strip() else {}
    scope_drop_ins = [reading.io.read_text(path) or "" for path in reading.io.glob(f"{DOCKER_SCOPE_DROP_INS}/*.conf")]
    return docker_values(version, info, config, scope_drop_ins), docker_runtime_command(info)


def _podman(reading: Reading) -> tuple[dict[str, t.Any], t.Optional[str]]:
    io = reading.io
    if not reading.is_root():
        raise HostError("podman tells each user about that user's own containers; run as root")
    storage = merge_tables(io.read_text(path) or "" for path in STORAGE_FILES)
    if not io.exists(graph_root(storage)):
        # Asked for the first time, podman makes its storage; an info module must not.
        reading.put(_FORWARDS_ONCE_NEEDED)
        return no_engine(PODMAN), None
    done = io.run(["podman", "info", "--format", "json"], timeout_seconds=_ENGINE_TIMEOUT_SECONDS)
    if done.rc != 0:
        words = " ".join(done.stderr.split())[-300:]
        raise HostError(f"podman info failed with {done.rc}: {words}")
    info = _json(done.stdout, "podman info")
    if not ((info.get("store") or {}).get("containerStore") or {}).get("running"):
        reading.put(_FORWARDS_ONCE_NEEDED)
    config = merge_tables(io.read_text(path) or "" for path in _containers_conf(reading))
    uplink_mtu_bytes = reading.values.get("network.uplink_mtu_bytes")
    return podman.podman_values(info, config, uplink_mtu_bytes), podman.podman_runtime_command(info)


def _containers_conf(reading: Reading) -> list[str]:
    drop_ins = [path for folder in CONFIGURATION_FOLDERS for path in reading.io.glob(f"{folder}/*.conf")]
    return [*CONFIGURATION_FILES, *drop_ins]


def _json(text: str, where: str) -> dict[str, t.Any]:
    try:
        answer = json.loads(text)
    except ValueError as error:
        raise HostError(f"{where}: this is no JSON: {error}") from error
    if not isinstance(answer, dict):
        raise HostError(f"{where}: a mapping was expected, not {type(answer).__name__}")
    return answer


def _runtime(reading: Reading, command: t.Optional[str]) -> dict[str, t.Any]:
    fields = ("oci_runtime.version", "oci_runtime.features")
    text = reading.command([command, "--version"], *fields) if command else None
    return {
        "oci_runtime.version": None if text is None else oci_runtime.parse_version(text),
        "oci_runtime.features": None if text is None else oci_runtime.parse_features(text),
    }


def _storage(reading: Reading) -> dict[str, t.Any]:
    root = reading.values.get("storage.root_directory")
    mount = mount_of(root, reading.mounts()) if root else None
    return {
        "storage.backing_filesystem": mount.kind if mount else None,
        "storage.backing_mount_options": list(mount.options) if mount else None,
    }


def _profile_digest(reading: Reading) -> t.Optional[str]:
    """The digest of the default seccomp profile's file: of its canonical JSON, so that layout doesn't count."""
    path = reading.values.get("seccomp.default_profile_path")
    text = reading.text(path, "seccomp.default_profile_digest") if path else None
    if text is None:
        return None
    try:
        return sha256_hex(json.loads(text))
    except (ValueError, ContainerHostError):
        return hashlib.sha256(text.encode("utf-8")).hexdigest()
