# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Says where a copy stands while its module runs: a line now and then, from the file the module writes on its host."""

from __future__ import annotations

import copy
import json
import shlex
import threading
import typing as t

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.anycloud.container_host.plugins.module_utils._move.table import line

DIRECTORY = "/var/lib/container-host/moves"


class Watcher:
    """Reads and says, in a thread of its own, until it is stopped. every_seconds: between two lines."""

    def __init__(
        self, read: t.Callable[[], t.Optional[str]], say: t.Callable[[str], None], every_seconds: float
    ) -> None:
        self._read, self._say, self._every_seconds = read, say, every_seconds
        self._over = threading.Event()
        self._last: t.Optional[str] = None
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watcher:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join(1)  # one that reads just now ends with the task

    def _watch(self) -> None:
        while not self._over.wait(self._every_seconds):
            try:
                text = self._read()
            except AnsibleError as error:
                # The copy goes on, or says itself why not.
                self._say(f"where the copy stands can't be read: {error}")
                return
            # Nothing new: it looks through files, or another part has not begun.
            if text and text != self._last and not self._over.is_set():
                self._last = text
                self._say(line(json.loads(text)))


class ProgressAction(ActionBase):
    """Runs the module; on a move's source says where it stands, every ``progress_every_seconds``."""

    _supports_check_mode = True
    _supports_async = False
    # What is said to be copied where the task's arguments have no phase.
    _what = "images"

    def run(self, tmp: t.Optional[str] = None, task_vars: t.Optional[dict[str, t.Any]] = None) -> dict[str, t.Any]:
        """The module's result."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        arguments = self._task.args
        every_seconds = float(arguments.get("progress_every_seconds") or 0)
        if every_seconds <= 0 or arguments.get("side") != "source" or self._task.check_mode:
            result.update(self._execute_module(task_vars=task_vars))
            return result
        what = f"{arguments.get('move_id')} {arguments.get('phase') or self._what}"
        path = f"{arguments.get('directory') or DIRECTORY}/{arguments.get('move_id')}/progress.json"
        reader = self._beside()
        with Watcher(
            lambda: reader.text_of(path), lambda words: self._display.display(f"{what}: {words}"), every_seconds
        ):
            result.update(self._execute_module(task_vars=task_vars))
        return result

    def _beside(self) -> ProgressAction:
        """Another one for the same host: its connection and its way to become root remember nothing of this one's."""
        reader = copy.copy(self)
        reader._connection = copy.copy(self._connection)
        if self._connection.become is not None:
            reader._connection.set_become_plugin(copy.copy(self._connection.become))
        return reader

    def text_of(self, path: str) -> t.Optional[str]:
        """A file of the host; None when it isn't there. Raises AnsibleError when the host can't be asked."""
        done = self._low_level_execute_command(f"cat {shlex.quote(path)}", sudoable=True)
        return str(done["stdout"]) if done["rc"] == 0 else None
