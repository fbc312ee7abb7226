# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds a lease, and when that run is dead."""

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.plugin_utils._move_holder import holder_of, is_dead

STAT = "7 (a (b) c) S " + " ".join(str(number) for number in range(4, 30))
ALIVE = {"/proc/7/stat": STAT}


def test_the_holder_names_the_process_and_its_start() -> None:
    assert holder_of("node", "12345678-9abc\n", 7, ALIVE.get) == "node:12345678:7:22"


@pytest.mark.parametrize(
    ("holder", "dead"),
    [
        ("node:12345678:7:22", False),
        ("node:12345678:8:22", True),
        ("node:12345678:7:21", True),
        ("node:00000000:7:22", True),
        ("other:12345678:8:22", False),
        ("somebody", False),
        ("node:12345678:8:", False),
    ],
)
def test_only_a_process_of_this_node_that_is_gone_is_dead(holder: str, dead: bool) -> None:
    assert is_dead(holder, "node", "12345678-9abc", ALIVE.get) is dead
