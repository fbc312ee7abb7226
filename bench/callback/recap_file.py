# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the recap to the file named by BENCH_RECAP, so that a benchmark knows what every host did."""

from __future__ import annotations

import json
import os
import typing as t
from pathlib import Path

from ansible.plugins.callback import CallbackBase

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.packed import unpack

DOCUMENTATION = r"""
name: recap_file
type: notification
short_description: Write the recap to a file
description:
  - Writes what became of each host, and of each control of the baseline, to a file.
  - The environment variable BENCH_RECAP names the file.
"""


class CallbackModule(CallbackBase):
    """Keeps the status of every control, and writes all at the end."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "recap_file"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self.controls: dict[str, str | dict[str, str]] = {}

    def _keep(self, result: t.Any) -> None:
        # A text is read at the end only: to read each as it comes would add to the memory and time that are measured.
        entries = result._result.get("controls_packed") or _statuses(result._result.get("controls"))
        if entries:
            self.controls[result._host.get_name()] = entries

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self._keep(result)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:  # noqa: ARG002
        self._keep(result)

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        recap = {host: {**stats.summarize(host), "controls": self._of(host)} for host in stats.processed}
        Path(os.environ["BENCH_RECAP"]).write_text(json.dumps(recap), encoding="utf-8")

    def _of(self, host: str) -> dict[str, str] | None:
        kept = self.controls.get(host)
        return _statuses(unpack(kept)) if isinstance(kept, str) else kept


def _statuses(entries: t.Sequence[t.Mapping[str, str]] | None) -> dict[str, str] | None:
    return {entry["id"]: entry["status"] for entry in entries} if entries else None
