# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is PRIVATE to the collection. It can have breaking changes at any time.
"""The options of all modules that carry a move's data."""

from __future__ import annotations


class ModuleDocFragment:
    """Which move, and where its files are."""

    DOCUMENTATION = r"""
options:
  move_id:
    description:
      - The move's name. Lower-case letters, digits, dashes and underscores; at most 64 characters, the first one a
        letter or digit.
    type: str
    required: true
  directory:
    description: Where moves keep their files on this host; those of this one are in the folder named O(move_id).
    type: path
    default: /var/lib/container-host/moves
"""
