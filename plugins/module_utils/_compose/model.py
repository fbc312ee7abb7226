# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The typed model of a Compose project, after interpolation, validation and normalisation.

Every name in it is final: ``Mount.source`` is the engine's own name of the volume, the keys of ``Service.networks`` are
the engine's own names of the networks. Whoever creates the resources only has to copy values. ``None`` always means
"not set: leave it to the image or to the engine's default".
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils._compose import model_limits, plain
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model_build import Build
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model_limits import ADDED

# They are part of the model, in a file of their own.
Blkio = model_limits.Blkio
DeviceRate = model_limits.DeviceRate
Limits = model_limits.Limits
Ulimit = model_limits.Ulimit

CONFIG = "config"
SECRET = "secret"  # noqa: S105 - the word, not one of them

CONDITION_STARTED = "service_started"
CONDITION_HEALTHY = "service_healthy"
CONDITION_COMPLETED = "service_completed_successfully"


@dataclass(frozen=True)
class Port:
    """A published port. ``published`` None: the engine picks one. ``host_ip`` empty: all addresses."""

    target: int
    published: t.Optional[int] = None
    protocol: str = "tcp"
    host_ip: str = ""


@dataclass(frozen=True)
class Mount:
    """``type`` is volume, bind or tmpfs. ``source`` is a volume's name, an absolute path, or empty for tmpfs.

    selinux is "", "z" (shared) or "Z" (private); propagation is "" or one of mount(8)'s names; create_source asks for
    the missing source directory of a bind mount to be made; copy_content is whether a new volume starts with what the
    image holds at ``target``. subpath: the part of a volume that is mounted, "" for all of it.
    """

    type: str
    target: str
    source: str = ""
    read_only: bool = False
    selinux: str = ""
    propagation: str = ""
    create_source: bool = False
    copy_content: bool = True
    tmpfs_size_bytes: t.Optional[int] = None
    tmpfs_mode: t.Optional[int] = None
    tmpfs_uid: t.Optional[int] = field(default=None, metadata=ADDED)
    tmpfs_gid: t.Optional[int] = field(default=None, metadata=ADDED)
    subpath: str = field(default="", metadata=ADDED)


@dataclass(frozen=True)
class Attachment:
    """How a service is attached to one network."""

    aliases: tuple[str, ...] = ()
    ipv4_address: str = ""
    ipv6_address: str = ""


@dataclass(frozen=True)
class Healthcheck:
    """``test`` is empty (the image's own), or begins with CMD or CMD-SHELL; with ``disable`` there is no check."""

    test: tuple[str, ...] = ()
    interval_ns: t.Optional[int] = None
    timeout_ns: t.Optional[int] = None
    start_period_ns: t.Optional[int] = None
    retries: t.Optional[int] = None
    disable: bool = False
    start_interval_ns: t.Optional[int] = field(default=None, metadata=ADDED)


@dataclass(frozen=True)
class Device:
    """A device of the host in the container; ``permissions`` is a subset of ``rwm``."""

    source: str
    target: str
    permissions: str = "rwm"


@dataclass(frozen=True)
class Logging:
    """``driver`` empty: the engine's default driver."""

    driver: str = ""
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Grant:
    """A config or secret (``kind``) that a service gets as a file; ``source`` is its name in the Compose file."""

    kind: str
    source: str
    target: str
    uid: int = 0
    gid: int = 0
    mode: int = 0o444


@dataclass(frozen=True)
class Service:
    """One container of a service, named ``container_name``.

    image: full reference (``docker.io/library/nginx:1.27``): engines differ in what they make of short ones.
    command, entrypoint: None is the image's; an empty tuple clears it.
    networks: engine name of the network -> attachment; empty only when ``network_mode`` is set.
    network_mode: "" (use ``networks``), "host", "none" or "container:" and the name of another service's container; ipc
    and pid likewise. joins: the services whose containers are meant by that.
    number: which of the service's containers this is, from 1.
    depends_on: service -> condition (one of the CONDITION_ constants). depends_restart: those of them after whose
    recreation this one is restarted. depends_optional: those whose failure doesn't keep this one from starting.
    restart: no, always, on-failure or unless-stopped; restart_max_retries only with on-failure, 0 is without limit.
    labels: the user's own; the collection's own come from ``labels.py``.
    pull_policy: missing, always or never. build: how its image is built, None for one that is pulled.
    grants: configs and secrets; ``delivery.py`` makes mounts of them, and ``files``, the paths of the files mounted.
    """

    name: str
    container_name: str
    image: str
    command: t.Optional[tuple[str, ...]] = None
    entrypoint: t.Optional[tuple[str, ...]] = None
    environment: dict[str, str] = field(default_factory=dict)
    ports: tuple[Port, ...] = ()
    expose: tuple[str, ...] = ()
    mounts: tuple[Mount, ...] = ()
    networks: dict[str, Attachment] = field(default_factory=dict)
    network_mode: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    restart: str = "no"
    restart_max_retries: int = 0
    healthcheck: t.Optional[Healthcheck] = None
    depends_on: dict[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    cap_add: tuple[str, ...] = ()
    cap_drop: tuple[str, ...] = ()
    devices: tuple[Device, ...] = ()
    privileged: bool = False
    read_only: bool = False
    security_opt: tuple[str, ...] = ()
    sysctls: dict[str, str] = field(default_factory=dict)
    user: str = ""
    group_add: tuple[str, ...] = ()
    working_dir: str = ""
    hostname: str = ""
    domainname: str = ""
    dns: tuple[str, ...] = ()
    dns_search: tuple[str, ...] = ()
    dns_opt: tuple[str, ...] = ()
    extra_hosts: dict[str, str] = field(default_factory=dict)
    stop_signal: str = ""
    stop_grace_period_seconds: t.Optional[int] = None
    init: t.Optional[bool] = None
    tty: bool = False
    stdin_open: bool = False
    ipc: str = ""
    pid: str = ""
    logging: t.Optional[Logging] = None
    platform: str = ""
    pull_policy: str = "missing"
    number: int = field(default=1, metadata=ADDED)
    joins: tuple[str, ...] = field(default=(), metadata=ADDED)
    annotations: dict[str, str] = field(default_factory=dict, metadata=ADDED)
    uts: str = field(default="", metadata=ADDED)
    userns_mode: str = field(default="", metadata=ADDED)
    cgroup: str = field(default="", metadata=ADDED)
    cgroup_parent: str = field(default="", metadata=ADDED)
    device_cgroup_rules: tuple[str, ...] = field(default=(), metadata=ADDED)
    grants: tuple[Grant, ...] = field(default=(), metadata=ADDED)
    files: tuple[str, ...] = field(default=(), metadata=ADDED)
    depends_restart: tuple[str, ...] = field(default=(), metadata=ADDED)
    depends_optional: tuple[str, ...] = field(default=(), metadata=ADDED)
    build: t.Optional[Build] = field(default=None, metadata=ADDED)

    @property
    def key(self) -> str:
        """Its key in ``Project.services``: the name, for all but the first container with the number."""
        return self.name if self.number == 1 else f"{self.name}/{self.number}"


@dataclass(frozen=True)
class Subnet:
    """One address pool of a network."""

    subnet: str = ""
    gateway: str = ""
    ip_range: str = ""


@dataclass(frozen=True)
class Network:
    """``name`` is the engine's name. An external network is only used, never created or removed."""

    name: str
    external: bool = False
    driver: str = "bridge"
    driver_opts: dict[str, str] = field(default_factory=dict)
    internal: bool = False
    attachable: bool = False
    enable_ipv6: bool = False
    subnets: tuple[Subnet, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Volume:
    """``name`` is the engine's name. An external volume is only used, never created or removed.

    shared_writers: whether several containers may write to it at the same time.
    """

    name: str
    external: bool = False
    driver: str = "local"
    driver_opts: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    shared_writers: bool = field(default=False, metadata=ADDED)


def content_key(kind: str, name: str) -> str:
    """The key of ``Project.contents``."""
    return f"{kind}/{name}"


@dataclass(frozen=True)
class Project:
    """A whole Compose project. The keys are the names in the Compose file, in its order.

    A service of several containers is there several times, as ``web``, ``web/2`` and so on.

    contents: of configs and secrets, in Base64, by ``config/name`` and ``secret/name``. It is secret: only
    ``delivery.py`` reads it, and nothing that people see is made of it.
    """

    name: str
    services: dict[str, Service] = field(default_factory=dict)
    networks: dict[str, Network] = field(default_factory=dict)
    volumes: dict[str, Volume] = field(default_factory=dict)
    contents: dict[str, str] = field(default_factory=dict, repr=False)

    def to_plain(self) -> dict[str, t.Any]:
        """The project as plain values, for JSON."""
        return t.cast("dict[str, t.Any]", plain.to_plain(self))

    @classmethod
    def from_plain(cls, value: dict[str, t.Any]) -> Project:
        """The project from what :meth:`to_plain` gave; TypeError when it is another version's."""
        return plain.from_plain(cls, value)
