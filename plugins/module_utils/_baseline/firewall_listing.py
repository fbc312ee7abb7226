# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What nft lists of the firewall's table: now, and right after it was last loaded."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.firewall_rules import TABLE, normal_form

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

LIST = ("nft", "-j", "list", "table", "inet", TABLE)


def read_listed(text: str | None) -> dict[str, t.Any]:
    """The file of what was listed after a load: ``text`` and ``chains``; empty ones when it can't be understood."""
    try:
        found = json.loads(text or "{}")
        return {"text": str(found["text"]), "chains": dict(found["chains"])}
    except (ValueError, KeyError, TypeError):
        return {"text": "", "chains": {}}


def read_listing(io: HostIO) -> tuple[dict[str, t.Any] | None, str]:
    """The chains in force in normal form (None without our table), and why that is not known."""
    done = io.run(LIST)
    if done.rc != 0:
        is_absent = "No such file" in done.stderr or "does not exist" in done.stderr
        return None, "" if is_absent else f"nft can't list its tables: {done.stderr.strip()}"
    try:
        return normal_form(json.loads(done.stdout)), ""
    except (ValueError, AttributeError) as error:
        return None, f"nft's answer can't be understood: {error}"
