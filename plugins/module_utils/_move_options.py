# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The options of all modules that carry a move's data, as the doc fragment _move_data describes them."""

from __future__ import annotations

import typing as t


def move_options() -> dict[str, dict[str, t.Any]]:
    """The argument specification of ``move_id`` and ``directory``."""
    return {
        "move_id": {"type": "str", "required": True},
        "directory": {"type": "path", "default": "/var/lib/container-host/moves"},
    }


def generation_options() -> dict[str, dict[str, t.Any]]:
    """The argument specification of ``generation``, as the doc fragment _move_generation describes it."""
    return {"generation": {"type": "int", "default": 0}}


def sending_options() -> dict[str, dict[str, t.Any]]:
    """The argument specification of ``target_generation`` and ``progress_every_seconds``, as _move_sending has them."""
    return {name: {"type": "int", "default": 0} for name in ("target_generation", "progress_every_seconds")}
