# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Which engine answers: Docker or Podman, told apart by what it says about itself. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

DOCKER = "docker"
PODMAN = "podman"

_START = {
    DOCKER: "start it (systemctl start docker) or install it (role engine)",
    PODMAN: "start its socket (systemctl enable --now podman.socket) or install it (role engine)",
}


Failures = tuple[type[BaseException], ...]


@dataclass(frozen=True)
class Raised:
    """The SDK's exceptions: all it raises; for what isn't there; for what the engine refuses; for a lost connection."""

    all: Failures
    not_found: Failures
    refused: Failures
    lost: Failures


@dataclass(frozen=True)
class EngineIdentity:
    """The engine behind a socket."""

    engine: str
    version: str
    api_version: str
    socket: str

    def as_dict(self) -> dict[str, str]:
        """As plain values for a module's result."""
        return {
            "name": self.engine,
            "version": self.version,
            "api_version": self.api_version,
            "socket": self.socket,
        }


def identify(version: t.Mapping[str, t.Any], socket: str) -> EngineIdentity:
    """The identity from the answer of ``GET /version``: Podman names itself in its components."""
    components = [str(entry.get("Name", "")) for entry in version.get("Components") or []]
    engine = PODMAN if any(name.startswith("Podman") for name in components) else DOCKER
    return EngineIdentity(engine, str(version.get("Version", "")), str(version.get("ApiVersion", "")), socket)


def hung_up(error: str) -> bool:
    """Whether the engine closed a connection it had taken: Podman's service does when it ends for want of work."""
    return any(word in error for word in ("RemoteDisconnected", "Connection reset", "BrokenPipe"))


def unreachable(engine: str, socket: str, error: str) -> str:
    """One sentence for an engine that doesn't answer: the socket, why, and the remedy."""
    known = (
        ("Permission denied", "permission denied", "become root (become: true)"),
        ("No such file", "no such file", _START[engine]),
        ("no such file", "no such file", _START[engine]),
        ("Connection refused", "connection refused", _START[engine]),
        ("timed out", "no answer in time", f"look at the engine's journal (journalctl -u {engine})"),
        ("too old", error, "install a newer python3-docker"),
    )
    for needle, reason, remedy in known:
        if needle in error:
            return f"{socket}: {engine} is not reachable: {reason}; {remedy}"
    return f"{socket}: {engine} is not reachable: {error}; {_START[engine]}"
