# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of the kinds are those of the registry, which not everybody imports."""

from __future__ import annotations

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.names import KIND_NAMES
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.registry import KINDS


def test_names_are_those_of_the_registry() -> None:
    assert tuple(KINDS) == KIND_NAMES
