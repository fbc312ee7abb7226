# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Digests of what is wanted: written as a label and compared on the next run, so that no change changes nothing."""

from __future__ import annotations

import hashlib
import json
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Network, Service, Volume
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.plain import to_plain

# Raised when the same model has to make another container than before.
DIGEST_VERSION = 1

# What decides the order of work or which image is fetched, but not what the container is.
_NOT_IN_CONTAINER = (
    "depends_on",
    "depends_restart",
    "depends_optional",
    "pull_policy",
    "build",
    "grants",
    "files",
    "joins",
)


def service_digest(service: Service) -> str:
    """SHA-256 (64 hexadecimal digits) over all that decides the service's container."""
    return _digest("service", {key: value for key, value in _plain(service).items() if key not in _NOT_IN_CONTAINER})


def network_digest(network: Network) -> str:
    """SHA-256 over all that decides the network."""
    return _digest("network", _plain(network))


def volume_digest(volume: Volume) -> str:
    """SHA-256 over all that decides the volume."""
    return _digest("volume", {key: value for key, value in _plain(volume).items() if key != "shared_writers"})


def _plain(value: t.Any) -> t.Any:
    return to_plain(value, without_added=True)


def _digest(kind: str, value: t.Any) -> str:
    """Canonical JSON: keys sorted, no white space, UTF-8 (as RFC 8785 for the values that occur here)."""
    document = {"kind": kind, "version": DIGEST_VERSION, "value": value}
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
