# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.anycloud.container_host.plugins.module_utils._engine_places import graph_root


def test_graph_root() -> None:
    assert graph_root({}) == "/var/lib/containers/storage"
    assert graph_root({"storage": {"graphroot": "/data"}}) == "/data"
