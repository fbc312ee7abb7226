# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Credentials for pulling, and which registry they are for. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem

DEFAULT_REGISTRY = "docker.io"


def registry_of(reference: str) -> str:
    """The registry in an image reference: what is before the first slash, when it looks like a host name."""
    first, slash, _rest = reference.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return first
    return DEFAULT_REGISTRY


@dataclass(frozen=True)
class Credentials:
    """User name and password for one registry. Without them the engine uses the host's own configuration."""

    registry: str
    username: str
    password: str

    def for_image(self, reference: str) -> t.Optional[dict[str, str]]:
        """What the SDK takes as ``auth_config`` for this image; None when it comes from another registry."""
        if registry_of(reference) != self.registry:
            return None
        return {"username": self.username, "password": self.password, "serveraddress": self.registry}


def credentials_for(
    username: t.Optional[str], password: t.Optional[str], registry: t.Optional[str], references: t.Iterable[str]
) -> t.Optional[Credentials]:
    """The credentials given as options, tied to one registry so that no other one ever sees them.

    Raises InputError when the registry isn't given and the images come from more than one.
    """
    if not username or not password:
        return None
    registries = sorted({registry_of(reference) for reference in references})
    if registry:
        return Credentials(registry, username, password)
    if len(registries) > 1:
        message = f"the images come from several registries ({', '.join(registries)})"
        remedy = "say which one registry_username and registry_password are for"
        raise InputError([Problem("registry", message, remedy)])
    return Credentials(registries[0], username, password) if registries else None
