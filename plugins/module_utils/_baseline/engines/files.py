# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a host's files say about its engines, read once and without a subprocess. Changes nothing."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.engines.unit_file import (
    Settings,
    command_words,
    environment_paths,
    parse_environment,
    parse_unit,
    read_unit,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.mounts import Mount, parse_mountinfo
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_places import (
    CONFIGURATION_FILES,
    CONFIGURATION_FOLDERS,
    DAEMON_JSON,
    DOCKER_SCOPE_DROP_INS,
    POLICY_JSON,
    REGISTRIES_CONF,
    STORAGE_FILES,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import FileStatus, HostIO

PROGRAMS = {"docker": "dockerd", "podman": "podman"}
SWARM_STATE = "/var/lib/docker/swarm/docker-state.json"
ROOTLESS_HELPERS = ("newuidmap", "newgidmap")


@dataclass(frozen=True)
class HostFiles:
    """What both engines depend on. ids: /etc/subuid and /etc/subgid."""

    group: str
    passwd: str
    ids: tuple[str, str]
    mounts: tuple[Mount, ...]
    has_selinux: bool
    has_unified_cgroups: bool


@dataclass(frozen=True)
class DockerFiles:
    """Docker's. flags: the words dockerd is started with by its unit and, when it runs, was started with."""

    daemon_json: str | None
    flags: tuple[tuple[str, ...], ...]
    listen: tuple[str, ...]
    scope_drop_ins: tuple[str, ...]
    has_swarm: bool


@dataclass(frozen=True)
class PodmanFiles:
    """Podman's. Each tuple is in the order in which later files win. helpers: program -> its file's status."""

    containers: tuple[str, ...]
    storage: tuple[str, ...]
    registries: tuple[str, ...]
    policy: str | None
    command: tuple[str, ...]
    listen: tuple[str, ...]
    helpers: t.Mapping[str, t.Optional[FileStatus]]


@dataclass(frozen=True)
class EngineFiles:
    """Everything; None for an engine that is not installed."""

    host: HostFiles
    docker: DockerFiles | None
    podman: PodmanFiles | None


def read_engine_files(io: HostIO) -> EngineFiles:
    """Read what there is."""
    installed = {name: io.find_command(program) is not None for name, program in PROGRAMS.items()}
    host = HostFiles(
        group=io.read_text("/etc/group") or "",
        passwd=io.read_text("/etc/passwd") or "",
        ids=(io.read_text("/etc/subuid") or "", io.read_text("/etc/subgid") or ""),
        mounts=tuple(parse_mountinfo(io.read_text("/proc/self/mountinfo") or "")),
        has_selinux=io.exists("/sys/fs/selinux/enforce"),
        has_unified_cgroups=io.exists("/sys/fs/cgroup/cgroup.controllers"),
    )
    return EngineFiles(host, _docker(io) if installed["docker"] else None, _podman(io) if installed["podman"] else None)


def _texts(io: HostIO, *patterns: str) -> tuple[str, ...]:
    """The files that are there, those of one pattern in the order of their names."""
    paths = [path for pattern in patterns for path in (io.glob(pattern) if "*" in pattern else [pattern])]
    return tuple(text for text in (io.read_text(path) for path in paths) if text is not None)


def _listen(unit: Settings) -> tuple[str, ...]:
    return tuple(unit.get("ListenStream", []))


def _docker(io: HostIO) -> DockerFiles:
    unit = parse_unit(read_unit(io, "docker.service"))
    variables = parse_environment(_texts(io, *environment_paths(unit)))
    return DockerFiles(
        daemon_json=io.read_text(DAEMON_JSON),
        flags=(tuple(command_words(unit, variables)), _running_words(io)),
        listen=_listen(parse_unit(read_unit(io, "docker.socket"))),
        scope_drop_ins=_texts(io, f"{DOCKER_SCOPE_DROP_INS}/*.conf"),
        has_swarm=io.exists(SWARM_STATE),
    )


def _running_words(io: HostIO) -> tuple[str, ...]:
    """The words dockerd was started with, empty when it doesn't run; proc(5)."""
    process = (io.read_text("/run/docker.pid") or "").strip()
    if not process.isdigit() or (io.read_text(f"/proc/{process}/comm") or "").strip() != "dockerd":
        return ()
    return tuple((io.read_text(f"/proc/{process}/cmdline") or "").rstrip("\0").split("\0")[1:])


def _podman(io: HostIO) -> PodmanFiles:
    unit = parse_unit(read_unit(io, "podman.service"))
    helpers = {name: io.find_command(name) for name in ROOTLESS_HELPERS}
    return PodmanFiles(
        containers=_texts(io, *CONFIGURATION_FILES, *(f"{folder}/*.conf" for folder in CONFIGURATION_FOLDERS)),
        storage=_texts(io, *STORAGE_FILES),
        registries=_texts(io, REGISTRIES_CONF, f"{REGISTRIES_CONF}.d/*.conf"),
        policy=io.read_text(POLICY_JSON),
        command=tuple(command_words(unit, parse_environment(_texts(io, *environment_paths(unit))))),
        listen=_listen(parse_unit(read_unit(io, "podman.socket"))),
        helpers={name: None if path is None else io.status(path) for name, path in helpers.items()},
    )
