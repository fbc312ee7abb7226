# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Proving that a host still lets us in, over a new connection, after its way in was changed."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.way_back import CONFIRM_SECONDS

PAUSE_SECONDS = 5
# Servers slow down who fails to log in too often: no more attempts than needed, and time to be forgiven afterwards.
PATIENCE_SECONDS = CONFIRM_SECONDS + 120


@dataclass(frozen=True)
class Answer:
    """What came of one attempt. kept: None when nobody got in; why not."""

    kept: bool | None
    reason: str = ""


def seek(attempt: t.Callable[[], Answer], monotonic: t.Callable[[], float], sleep: t.Callable[[float], None]) -> str:
    """Try until the host answers; returns why its changes are not kept, empty when they are.

    attempt: come by a new connection and confirm. The host goes back by itself meanwhile: then it answers again.
    """
    until = monotonic() + PATIENCE_SECONDS
    first = ""
    while True:
        answer = attempt()
        if answer.kept:
            return ""
        if answer.kept is not None:
            return (
                f"the host has put them back by itself and answers again; nobody got in before ({first or 'too late'})"
            )
        first = first or answer.reason
        if monotonic() >= until:
            return f"the host does not answer, although it was to put them back by itself ({first})"
        sleep(PAUSE_SECONDS)


def take_back(controls: t.Iterable[dict[str, t.Any]], unconfirmed: t.Container[str], reason: str) -> str:
    """Make failed ones of the controls that were changed and not kept; returns the message for all of them."""
    for entry in controls:
        if entry["id"] in unconfirmed and entry["status"] == "changed":
            entry.update(status="failed", reason=f"not kept: {reason}")
    return f"the changes to the way in are not kept: {reason}"
