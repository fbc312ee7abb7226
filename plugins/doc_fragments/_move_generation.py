# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is PRIVATE to the collection. It can have breaking changes at any time.
"""The option of the modules that carry a move's data which says for which run they do."""

from __future__ import annotations


class ModuleDocFragment:
    """Which run this is."""

    DOCUMENTATION = r"""
options:
  generation:
    description:
      - The generation of the lease this run holds in the move's journal on this host, as
        RV(anycloud.container_host.move_journal#module:journal) has it.
      - When it is not the present one, another run has taken the move over, and the module fails and does nothing.
        Needed while the host has an unfinished journal of the move; left out where a move has none.
    type: int
    default: 0
"""
