# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Whose a container, network or volume is, by its labels."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.labels import COMPOSE_PROJECT, PROJECT


def owner(labels: t.Mapping[str, str]) -> str:
    """The project that made it, "" when nothing says so. What Docker Compose made counts as the project's."""
    return labels.get(PROJECT) or labels.get(COMPOSE_PROJECT) or ""


def is_owned(project: str, labels: t.Mapping[str, str]) -> bool:
    """Whether ``project`` made it."""
    return owner(labels) == project
