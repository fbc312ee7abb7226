# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What is on the host, as far as a plan needs it. The engine's side fills it; nothing here talks to an engine."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils._compose import plain
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Port

STATE_RUNNING = "running"

FILE_RIGHT = "right"
FILE_CHANGED = "changed"


@dataclass(frozen=True)
class Settings:
    """What an engine lets change on a container that exists. 0 is without limit, -1 as well."""

    restart: str = "no"
    restart_max_retries: int = 0
    memory_bytes: int = 0
    memory_swap_bytes: int = 0
    memory_reservation_bytes: int = 0
    nano_cpus: int = 0
    cpu_shares: int = 0
    cpuset: str = ""
    pids: int = 0


@dataclass(frozen=True)
class Endpoint:
    """How a container is attached to a network now. Empty is not known."""

    aliases: tuple[str, ...] = ()
    ipv4_address: str = ""
    ipv6_address: str = ""


@dataclass(frozen=True)
class ObservedContainer:
    """One container that carries the project's label.

    state: the engine's word in lower case: created, running, paused, restarting, exited, dead (Podman: also configured,
    initialized, stopped, which mean created and exited).
    health: "", starting, healthy or unhealthy.
    spec_digest: the label ``io.anycloud.container-host.spec-sha256``, "" when it isn't there.
    image_id: the id of the image the container was made from. networks: names of the networks it is attached to.
    depends_on: the services it depended on when it was made, for when there is no file to say so.
    settings: None is not known. endpoints: name of a network -> attachment.
    files: the paths of the configs and secrets it was made with.
    ports: what it holds on the host now, so nothing while it doesn't run.
    """

    name: str
    service: str
    id: str
    state: str
    spec_digest: str = ""
    image_id: str = ""
    health: str = ""
    exit_code: t.Optional[int] = None
    networks: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    ports: tuple[Port, ...] = ()
    files: tuple[str, ...] = ()
    settings: t.Optional[Settings] = None
    endpoints: dict[str, Endpoint] = field(default_factory=dict)

    @property
    def running(self) -> bool:
        """Whether the engine keeps the container alive (a restart in progress counts)."""
        return self.state in (STATE_RUNNING, "restarting", "paused")


@dataclass(frozen=True)
class ObservedImage:
    """One image on the host under one reference.

    build_digest: of what the collection built it from; "" for every other image.
    registry_digest: the manifest digest that the registry has for the reference now. It matters only for services with
    pull_policy ``always``; None is "not known", and the plan then takes the local image as the newest. (An engine
    that can't ask pulls such images before it observes, outside check mode.)
    """

    id: str
    digests: tuple[str, ...] = ()
    registry_digest: t.Optional[str] = None
    build_digest: str = ""


@dataclass(frozen=True)
class ObservedNetwork:
    """A network of the host."""

    name: str
    labels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ObservedVolume:
    """A volume of the host."""

    name: str
    labels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class OtherContainer:
    """A container of the host that isn't of this project: its name is taken, and its ports while it runs.

    volumes: those of the project that it may write to as it runs.
    """

    project: str = ""
    ports: tuple[Port, ...] = ()
    volumes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ObservedProject:
    """The host seen from one project.

    containers: name -> container of this project. images: reference as in ``Service.image`` -> image, absent ones left
    out. networks, volumes: name -> all of the host, not only this project's (external ones are looked up here).
    other_containers: name -> everything else that exists. boot_enabled: whether the project's boot unit is installed,
    current and enabled; None where the engine itself starts containers at boot and no unit is needed. files: the
    project's files for configs and secrets: path -> FILE_RIGHT, or FILE_CHANGED for another content and for those that
    nobody wants. policies_in_place: whether restart policies are set on containers as they are, with what has to be
    enabled at boot (Docker), and not by making containers anew.
    """

    name: str
    containers: dict[str, ObservedContainer] = field(default_factory=dict)
    images: dict[str, ObservedImage] = field(default_factory=dict)
    networks: dict[str, ObservedNetwork] = field(default_factory=dict)
    volumes: dict[str, ObservedVolume] = field(default_factory=dict)
    other_containers: dict[str, OtherContainer] = field(default_factory=dict)
    boot_enabled: t.Optional[bool] = None
    files: dict[str, str] = field(default_factory=dict)
    policies_in_place: bool = False

    def to_plain(self) -> dict[str, t.Any]:
        """The observation as plain values, for JSON and for ``workload_info``."""
        return t.cast("dict[str, t.Any]", plain.to_plain(self))

    @classmethod
    def from_plain(cls, value: dict[str, t.Any]) -> ObservedProject:
        """The observation from what :meth:`to_plain` gave."""
        return plain.from_plain(cls, value)
