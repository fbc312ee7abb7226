# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin that stands in for each module of moves on a stage (move_stage.py)."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import move_stage
from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

from ansible_collections.anycloud.container_host.plugins.plugin_utils._move_action import MoveAction


class Staged:
    """Answers for one module."""

    def _execute_module(self, module_args: t.Any = None, task_vars: t.Any = None, **_more: t.Any) -> dict[str, t.Any]:
        task = self._task  # type: ignore[attr-defined]
        host = task.delegate_to or task_vars["inventory_hostname"]
        name = task.action.rpartition(".")[2]
        try:
            return move_stage.answer(Path(os.environ["MOVE_STAGE"]), name, host, dict(module_args), task.check_mode)
        except move_stage.GoneError as error:
            raise AnsibleConnectionFailure(str(error)) from error


class ReadAction(Staged, ActionBase):
    """For modules without an action plugin of their own."""

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: t.Optional[str] = None, task_vars: t.Optional[dict[str, t.Any]] = None) -> dict[str, t.Any]:
        """The module's result."""
        return {**super().run(tmp, task_vars), **self._execute_module(self._task.args, task_vars)}


class WriteAction(Staged, MoveAction):
    """For those that have MoveAction's."""
