# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a run leaves behind for the next one, so that it finishes what was cut off and takes away what was ours."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field

PATH = "/var/lib/container-host/lsm.json"
# How far the labels of files are: nothing done by us; begun and not finished; done before SELinux was on, which leaves
# out what was made since; done under it.
UNTOUCHED, LABELLING, OFFLINE, LABELLED = "", "labelling", "offline", "labelled"


@dataclass
class State:
    """since_seconds: refusals before that time were dealt with. modules: name to digest of the source installed."""

    labels: str = UNTOUCHED
    since_seconds: float = 0
    modules: dict[str, str] = field(default_factory=dict)
    ports: list[tuple[str, str]] = field(default_factory=list)
    contexts: list[str] = field(default_factory=list)

    def render(self) -> str:
        """The file."""
        return json.dumps(self.__dict__, indent=2, sort_keys=True) + "\n"


def parse_state(text: t.Optional[str]) -> State:
    """The file as a State; one that can't be read counts as absent."""
    try:
        value = json.loads(text or "{}")
    except ValueError:
        value = {}
    value = value if isinstance(value, dict) else {}
    return State(
        labels=str(value.get("labels") or ""),
        since_seconds=float(value.get("since_seconds") or 0),
        modules={str(name): str(digest) for name, digest in (value.get("modules") or {}).items()},
        ports=[(str(ports), str(protocol)) for ports, protocol in value.get("ports") or ()],
        contexts=[str(path) for path in value.get("contexts") or ()],
    )
