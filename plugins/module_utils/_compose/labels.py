# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The labels that say whose a container, network or volume is and what it was made from.

The ``com.docker.compose`` ones are those of Docker Compose, so that its own commands and other tools show the project.
"""

from __future__ import annotations

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.digest import (
    network_digest,
    service_digest,
    volume_digest,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Network, Service, Volume

COMPOSE_PROJECT = "com.docker.compose.project"
COMPOSE_SERVICE = "com.docker.compose.service"
COMPOSE_NUMBER = "com.docker.compose.container-number"
# Without it docker compose ps takes a container for one that somebody ran by the way, and leaves it out.
COMPOSE_ONE_OFF = "com.docker.compose.oneoff"
# Without it docker compose ls and ps of version 2 see no container; what it says matters to docker compose up alone.
COMPOSE_CONFIG_HASH = "com.docker.compose.config-hash"
COMPOSE_DEPENDS_ON = "com.docker.compose.depends_on"
COMPOSE_NETWORK = "com.docker.compose.network"
COMPOSE_VOLUME = "com.docker.compose.volume"
PROJECT = "io.anycloud.container-host.project"
FILES = "io.anycloud.container-host.files"
SPEC_SHA256 = "io.anycloud.container-host.spec-sha256"
BUILD_SHA256 = "io.anycloud.container-host.build-sha256"

TAKEN = ("com.docker.compose.", "io.anycloud.container-host.")
"""What the labels begin with that only the collection writes."""
MOVE_LABELS = ("io.anycloud.container-host.move.before", "io.anycloud.container-host.move.after")
"""But these are the user's: commands for a move (see _move/hooks.py)."""


def container_labels(project: str, service: Service) -> dict[str, str]:
    """All labels of the service's container: the user's and the collection's."""
    return {
        **service.labels,
        COMPOSE_PROJECT: project,
        COMPOSE_SERVICE: service.name,
        COMPOSE_NUMBER: str(service.number),
        COMPOSE_ONE_OFF: "False",
        COMPOSE_CONFIG_HASH: service_digest(service),
        COMPOSE_DEPENDS_ON: ",".join(
            f"{name}:{condition}:{str(name in service.depends_restart).lower()}"
            for name, condition in service.depends_on.items()
            if "/" not in name
        ),
        PROJECT: project,
        SPEC_SHA256: service_digest(service),
        **({FILES: ",".join(service.files)} if service.files else {}),
    }


def network_labels(project: str, key: str, network: Network) -> dict[str, str]:
    """All labels of a network that this project creates; ``key`` is its name in the Compose file."""
    own = {COMPOSE_PROJECT: project, COMPOSE_NETWORK: key, PROJECT: project, SPEC_SHA256: network_digest(network)}
    return {**network.labels, **own}


def volume_labels(project: str, key: str, volume: Volume) -> dict[str, str]:
    """All labels of a volume that this project creates; ``key`` is its name in the Compose file."""
    own = {COMPOSE_PROJECT: project, COMPOSE_VOLUME: key, PROJECT: project, SPEC_SHA256: volume_digest(volume)}
    return {**volume.labels, **own}
