# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The phases of a move, in their order, and the two of them that decide what a failed move may still do."""

from __future__ import annotations

PLANNED = "planned"
VERDICT = "verdict"
IMAGES_SEEDED = "images_seeded"
VOLUMES_PRECOPIED = "volumes_precopied"
SOURCE_FENCED = "source_fenced"
FROZEN = "frozen"
FINAL_DELTA = "final_delta"
STARTED = "started"
VERIFIED = "verified"
SWITCHED = "switched"
RELEASED = "released"

PHASES = (
    PLANNED,
    VERDICT,
    IMAGES_SEEDED,
    VOLUMES_PRECOPIED,
    SOURCE_FENCED,
    FROZEN,
    FINAL_DELTA,
    STARTED,
    VERIFIED,
    SWITCHED,
    RELEASED,
)

HANDED_OVER = STARTED
"""Once the source's journal attempts this phase a copy may live on the target: the source is brought back only after
the target's copy is known to be down for good."""

NO_RETURN = SWITCHED
"""Once the source's journal attempts this phase the target's copy is the workload: a move only goes on."""


def rank(phase: str) -> int:
    """The place of a phase in the order; ValueError for a word that is none."""
    return PHASES.index(phase)
