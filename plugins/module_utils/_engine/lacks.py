# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What one engine can't do, or can't do yet: refused with the reason before anything is touched, never left out.

The table is also what the documentation shows.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Project, Service
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import Path, dotted
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.identity import DOCKER, EngineIdentity
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import Problem

Version = tuple[int, ...]
_NEVER: Version = (9999,)


@dataclass(frozen=True)
class Lack:
    """A part of a service that not every engine has.

    key: as in the Compose file. where: the paths, below the service, at which a service uses it. docker_api, podman:
    from which version of Docker's API and of Podman it is there. remedy: what to do on an engine without it.
    """

    key: str
    where: t.Callable[[Service], list[Path]]
    docker_api: Version
    podman: Version
    remedy: str

    def needs(self, engine: str) -> str:
        """What it takes of an engine, in words; "" when the engine doesn't have it at all."""
        version = self.docker_api if engine == DOCKER else self.podman
        if version == _NEVER:
            return ""
        number = ".".join(map(str, version))
        return f"API {number} or later" if engine == DOCKER else f"{number} or later"


def _start_interval(service: Service) -> list[Path]:
    check = service.healthcheck
    return [("healthcheck", "start_interval")] if check is not None and check.start_interval_ns is not None else []


def _subpath(service: Service) -> list[Path]:
    return [("volumes",)] if any(mount.subpath for mount in service.mounts) else []


def _tmpfs_owner(service: Service) -> list[Path]:
    owned = any(mount.tmpfs_uid is not None or mount.tmpfs_gid is not None for mount in service.mounts)
    return [("tmpfs",)] if owned else []


LACKS: tuple[Lack, ...] = (
    Lack("healthcheck.start_interval", _start_interval, (1, 44), _NEVER, "use interval and start_period"),
    Lack("volumes[].volume.subpath", _subpath, (1, 45), _NEVER, "mount the whole volume"),
    # Podman 5.4 takes it and sets nothing, as seen; a kernel.domainname of its own it refuses among the sysctls.
    Lack(
        "domainname",
        lambda service: [("domainname",)] if service.domainname else [],
        (1, 24),
        _NEVER,
        "write the whole name in hostname, and the domain in dns_search",
    ),
    # Podman takes no option of a tmpfs that it doesn't know (podman, pkg/util/mount_opts.go).
    Lack("tmpfs: uid=, gid=", _tmpfs_owner, (1, 24), _NEVER, "use mode=1777, or mode= with the user's own group"),
    Lack(
        "annotations",
        lambda service: [("annotations",)] if service.annotations else [],
        (1, 43),
        (5, 0),
        "use labels, or a newer engine",
    ),
)


def problems(project: Project, engine: EngineIdentity) -> list[Problem]:
    """All that the project asks for and this engine lacks."""
    found: list[Problem] = []
    have = _version(engine.api_version if engine.engine == DOCKER else engine.version)
    for service in project.services.values():
        for lack in LACKS:
            if have >= (lack.docker_api if engine.engine == DOCKER else lack.podman):
                continue
            needs = lack.needs(engine.engine)
            name = f"{engine.engine.capitalize()} {engine.version}"
            message = f"{name} doesn't have it" + (f"; it needs {needs}" if needs else "")
            found.extend(
                Problem(dotted(("services", service.name, *path)), message, lack.remedy) for path in lack.where(service)
            )
    return list(dict.fromkeys(found))


def _version(text: str) -> Version:
    match = re.match(r"\d+(?:\.\d+)*", text)
    return tuple(int(part) for part in match.group().split(".")) if match else ()
