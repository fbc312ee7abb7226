# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is PRIVATE to the collection. It can have breaking changes at any time.
"""The options of the modules that send a move's data."""

from __future__ import annotations


class ModuleDocFragment:
    """What sending takes."""

    DOCUMENTATION = r"""
options:
  target_generation:
    description:
      - With O(side=source), the generation of the lease this run holds in the move's journal on the target. The target
        takes no data of another one, nor any once the phase C(final_delta) is complete.
      - Left out where a move has no journal.
    type: int
    default: 0
  progress_every_seconds:
    description: With O(side=source), how often the run says what is sent, the bytes done, percent, bytes per second and
      the time left. 0 for never.
    type: int
    default: 0
"""
