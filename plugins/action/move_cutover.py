# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module move_cutover, with the run's own name as the holder of the lease, and a line about where it stands."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.plugin_utils._move_action import this_run
from ansible_collections.anycloud.container_host.plugins.plugin_utils._move_progress import ProgressAction


class ActionModule(ProgressAction):
    """See ProgressAction. No lease is taken here, so there is none to take over from a run that is dead."""

    _what = "final"

    def run(self, tmp: t.Optional[str] = None, task_vars: t.Optional[dict[str, t.Any]] = None) -> dict[str, t.Any]:
        """The module's result."""
        self._task.args = {**self._task.args, "holder": self._task.args.get("holder") or this_run()}
        return super().run(tmp, task_vars)
