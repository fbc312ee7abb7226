# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""How the image of a service is built, part of the model."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Build:
    """What an engine needs to build an image.

    context: SHA-256 of the context with its Dockerfile, by which the archive of it is asked for. digest: SHA-256 over
    all that decides the image, which it carries as a label. dockerfile: its path inside the archive. network: "", host
    or none. pull: whether base images are pulled although they are there.
    """

    context: str
    digest: str
    dockerfile: str = "Dockerfile"
    args: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    target: str = ""
    network: str = ""
    pull: bool = False
    no_cache: bool = False
