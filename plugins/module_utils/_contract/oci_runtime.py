# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What an OCI runtime says about itself."""

from __future__ import annotations

import re
import typing as t


def parse_version(text: str) -> t.Optional[str]:
    """The version in ``runc --version`` or ``crun --version``: the first line's last word that has digits and dots."""
    first = text.strip().splitlines()[0] if text.strip() else ""
    found = re.search(r"version:?\s+v?(\S+)", first)
    return found.group(1) if found else None


def parse_features(text: str) -> list[str]:
    """What it was built with, sorted: crun lists ``+CRIU`` and the like, runc names its libraries."""
    features = []
    for line in text.splitlines():
        if line.startswith("+"):
            features += [word[1:].lower() for word in line.split() if word.startswith("+")]
        key, colon, value = (part.strip() for part in line.partition(":"))
        if colon and key in ("spec", "libseccomp"):
            features.append(f"{key} {value}")
    return sorted(features)
