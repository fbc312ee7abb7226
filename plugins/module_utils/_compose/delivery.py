# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Configs and secrets as files of the managed node, each mounted read-only into the container it is for.

A file's name ends in a digest of its content keyed with a secret of the host (HMAC, RFC 2104): so a container is made
anew exactly when a content it uses has changed, while neither its labels nor its inspection tell anything about the
content, not even to who guesses it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import (
    SECRET,
    Grant,
    Mount,
    Project,
    Service,
    content_key,
)

# On a tmpfs: what containers see never was on a disk there. Filled from KEPT_DIRECTORY at boot.
RUN_DIRECTORY = "/run/container-host/files"
# For root alone, on the disk: containers have to come back without a control node.
KEPT_DIRECTORY = "/var/lib/container-host/files"

_DIGEST_LENGTH = 32
_TELLABLE_LENGTH = 6


@dataclass(frozen=True)
class DeliveredFile:
    """One file; ``path`` is relative to both directories: ``project/service.name.digest``."""

    path: str
    content: bytes
    uid: int = 0
    gid: int = 0
    mode: int = 0o444


def deliver(project: Project, key: bytes) -> tuple[Project, dict[str, DeliveredFile]]:
    """The project with the files as mounts and without any content, and the files by their path.

    key: the host's secret, at least 16 random bytes. An empty one is for a host that has none yet: nothing of what it
    gives may be carried out.
    """
    files: dict[str, DeliveredFile] = {}
    services = {}
    for name, service in project.services.items():
        mounts = []
        for grant in service.grants:
            file = _file(project, service, grant, key)
            files[file.path] = file
            source = f"{RUN_DIRECTORY}/{file.path}"
            mounts.append(Mount("bind", grant.target, source, read_only=True, selinux="z"))
        paths = tuple(sorted(mount.source[len(RUN_DIRECTORY) + 1 :] for mount in mounts))
        services[name] = replace(service, mounts=(*service.mounts, *mounts), grants=(), files=paths)
    return replace(project, services=services, contents={}), files


def secret_texts(project: Project) -> set[str]:
    """What a container may have written to its log and nobody is to be shown: the lines of the project's secrets.

    Those too short to tell from other words are left out.
    """
    contents = [content for key, content in project.contents.items() if key.startswith(content_key(SECRET, ""))]
    lines = (line.strip() for one in contents for line in base64.b64decode(one).decode("utf-8", "ignore").splitlines())
    return {line for line in lines if len(line) >= _TELLABLE_LENGTH}


def source_of(path: str) -> str:
    """The name of the config or secret in a file's path."""
    return path.rpartition("/")[2].rpartition(".")[0].partition("!")[2]


def service_of(path: str) -> str:
    """The service that a file is for, from its path."""
    return path.rpartition("/")[2].partition("!")[0]


def _file(project: Project, service: Service, grant: Grant, key: bytes) -> DeliveredFile:
    content = project.contents[content_key(grant.kind, grant.source)]
    what = [project.name, service.name, grant.kind, grant.source, grant.uid, grant.gid, grant.mode, content]
    digest = hmac.new(key, json.dumps(what).encode("utf-8"), hashlib.sha256).hexdigest()[:_DIGEST_LENGTH]
    # "!" is in no name of a service.
    path = f"{project.name}/{service.name}!{grant.source}.{digest}"
    return DeliveredFile(path, base64.b64decode(content), grant.uid, grant.gid, grant.mode)


def project_of(paths: t.Iterable[str], project: str) -> list[str]:
    """Those of the paths that are the project's."""
    return sorted(path for path in paths if path.startswith(f"{project}/"))
