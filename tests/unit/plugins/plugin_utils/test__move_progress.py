# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines about a copy while it runs."""

from __future__ import annotations

import json
import threading
import typing as t

import pytest
from ansible.errors import AnsibleConnectionFailure

from ansible_collections.anycloud.container_host.plugins.plugin_utils import _move_progress

TOLD = {"what": "images", "done_bytes": 10, "percent": 50, "bytes_per_second": 10, "seconds_left": 1}
LINE = "images: 10 B, 50 %, 10 B/s, 1 s left"


class Listener:
    """Hears what is said, and knows when enough was."""

    def __init__(self, enough: int) -> None:
        self.heard: list[str] = []
        self.enough = enough
        self.over = threading.Event()

    def say(self, words: str) -> None:
        self.heard.append(words)
        if len(self.heard) >= self.enough:
            self.over.set()


def test_what_is_new_is_said() -> None:
    texts = iter([None, json.dumps(TOLD), json.dumps(TOLD), json.dumps({**TOLD, "percent": 60})])
    listener = Listener(2)
    with _move_progress.Watcher(lambda: next(texts, None), listener.say, 0.01):
        assert listener.over.wait(10)
    assert listener.heard == [LINE, LINE.replace("50 %", "60 %")]


def test_a_host_that_can_not_be_asked_ends_it_once() -> None:
    listener = Listener(1)

    def read() -> str:
        raise AnsibleConnectionFailure("gone")

    with _move_progress.Watcher(read, listener.say, 0.01):
        assert listener.over.wait(10)
    assert len(listener.heard) == 1
    assert listener.heard[0].startswith("where the copy stands can't be read: ")


class Become:
    """A way to become root, which remembers."""


class Connection:
    """What the action needs of one."""

    def __init__(self) -> None:
        self.become: t.Any = Become()
        self.asked: list[str] = []

    def set_become_plugin(self, plugin: t.Any) -> None:
        self.become = plugin


class Action(_move_progress.ProgressAction):
    """Without a run of Ansible's around it. The module ends once a line was said."""

    def __init__(self, listener: Listener, check_mode: bool = False, **arguments: t.Any) -> None:
        self._listener = listener
        self._connection = Connection()
        self._task = type("Task", (), {"args": arguments, "check_mode": check_mode})()
        self._display = type("Display", (), {"display": staticmethod(listener.say)})()
        self.readers: list[tuple[t.Any, str]] = []

    def _execute_module(self, **_more: t.Any) -> dict[str, t.Any]:  # type: ignore[override]
        said = self._listener.over.wait(10 if self._listener.enough else 0)
        return {"changed": said}

    def _low_level_execute_command(self, cmd: str, sudoable: bool = True) -> dict[str, t.Any]:  # type: ignore[override]
        self.readers.append((self._connection, cmd))
        assert sudoable
        return {"rc": 0, "stdout": json.dumps(TOLD)}


def run(action: Action, monkeypatch: pytest.MonkeyPatch) -> dict[str, t.Any]:
    monkeypatch.setattr(_move_progress.ActionBase, "run", lambda *_arguments: {})
    return action.run()


def test_the_source_says_where_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    listener = Listener(1)
    action = Action(listener, move_id="shop-1", side="source", phase="precopy", progress_every_seconds=0.01)
    assert run(action, monkeypatch) == {"changed": True}
    assert listener.heard[0] == f"shop-1 precopy: {LINE}"
    connection, command = action.readers[0]
    assert command == "cat /var/lib/container-host/moves/shop-1/progress.json"
    # two commands at once would take each other's prompts
    assert connection is not action._connection
    assert connection.become is not action._connection.become


@pytest.mark.parametrize(
    ("check_mode", "changes"),
    [(True, {}), (False, {"side": "target"}), (False, {"progress_every_seconds": 0})],
)
def test_nobody_else_does(monkeypatch: pytest.MonkeyPatch, check_mode: bool, changes: dict[str, t.Any]) -> None:
    listener = Listener(0)
    values = {"move_id": "shop-1", "side": "source", "progress_every_seconds": 0.01, **changes}
    action = Action(listener, check_mode, **values)
    assert run(action, monkeypatch) == {"changed": False}
    assert not action.readers
