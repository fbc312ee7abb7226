# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The control node's part of the modules that write journals of moves: who writes, and who has died writing."""

from __future__ import annotations

import os
import socket
import typing as t

from ansible.plugins.action import ActionBase

from ansible_collections.anycloud.container_host.plugins.plugin_utils._move_holder import holder_of, is_dead


def read_text(path: str) -> t.Optional[str]:
    """The text of a file of the control node, None when it can't be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return None


def this_boot() -> tuple[str, str]:
    """The control node's name, and the id of its boot."""
    return socket.gethostname(), read_text("/proc/sys/kernel/random/boot_id") or ""


def this_run() -> str:
    """The holder's name of this run. A task runs in a child of the run's own process."""
    return holder_of(*this_boot(), os.getppid(), read_text)


class MoveAction(ActionBase):
    """Adds the holder; answers for a lease whose holder is a dead run of this control node."""

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: t.Optional[str] = None, task_vars: t.Optional[dict[str, t.Any]] = None) -> dict[str, t.Any]:
        """The module's result."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        arguments["holder"] = arguments.get("holder") or this_run()
        answer = self._execute_module(module_args=arguments, task_vars=task_vars)
        held_by = answer.get("held_by")
        if answer.get("failed") and held_by and is_dead(held_by, *this_boot(), read_text):
            self._display.display(f"taking over from {held_by}, which is gone")
            arguments["taken_over_from"] = [*(arguments.get("taken_over_from") or []), held_by]
            answer = self._execute_module(module_args=arguments, task_vars=task_vars)
        result.update(answer)
        return result
