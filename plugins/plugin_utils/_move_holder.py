# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Who writes a move's journals: the control node and the process of the run, so that a dead run can be told from a slow
one on the same control node.
"""

from __future__ import annotations

import typing as t

SEPARATOR = ":"


def start_of(pid: int, read_text: t.Callable[[str], t.Optional[str]]) -> str:
    """A process's start in clock ticks since the boot (proc_pid_stat(5), field 22); "" when it isn't there."""
    text = read_text(f"/proc/{pid}/stat")
    if text is None:
        return ""
    # The command, in parentheses, may hold spaces and parentheses itself.
    fields = text.rpartition(")")[2].split()
    return fields[19] if len(fields) > 19 else ""


def holder_of(node: str, boot_id: str, pid: int, read_text: t.Callable[[str], t.Optional[str]]) -> str:
    """The holder's name: ``node:boot:pid:start``."""
    return SEPARATOR.join([node, boot_id.strip()[:8], str(pid), start_of(pid, read_text)])


def is_dead(holder: str, node: str, boot_id: str, read_text: t.Callable[[str], t.Optional[str]]) -> bool:
    """Whether a holder was a run of this control node and its process is gone. False for those nothing is known of."""
    parts = holder.rsplit(SEPARATOR, 3)
    if len(parts) != 4 or parts[0] != node or not parts[2].isdigit() or not parts[1] or not parts[3]:
        return False
    return parts[1] != boot_id.strip()[:8] or start_of(int(parts[2]), read_text) != parts[3]
