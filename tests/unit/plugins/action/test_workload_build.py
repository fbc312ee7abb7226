# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is built from is sent when the module asks for it, and only then; the module is one that only answers."""

from __future__ import annotations

import json
import pathlib
import tarfile
import types
import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.action.workload import ActionModule

DIRECTORY = "/home/deploy/.ansible/tmp/x"


class Action(ActionModule):
    """Without a host."""

    def __init__(self, directory: pathlib.Path, asks: bool, tmpdir: t.Optional[str] = None) -> None:
        shell = types.SimpleNamespace(tmpdir=tmpdir, join_path=lambda *parts: "/".join(parts))
        definition = {"services": {"web": {"build": "app"}, "worker": {"build": {"context": "app", "target": "x"}}}}
        self._task = types.SimpleNamespace(
            args={"project_name": "p", "definition": definition}, async_val=0, check_mode=False
        )
        self._connection = types.SimpleNamespace(_shell=shell, has_pipelining=True)
        self._loader = types.SimpleNamespace(get_basedir=lambda: str(directory), get_real_file=str)
        self.directory, self.asks = directory, asks
        self.given: list[dict[str, t.Any]] = []
        self.sent: dict[str, list[str]] = {}
        self.readable: list[str] = []

    def run(self, tmp: t.Optional[str] = None, task_vars: t.Optional[dict[str, t.Any]] = None) -> dict[str, t.Any]:
        return super().run(tmp, task_vars or {})

    def _execute_module(self, **options: t.Any) -> dict[str, t.Any]:
        arguments = dict(options["module_args"])
        options["module_args"]["_ansible_check_mode"] = False
        self.given.append(arguments)
        if self.asks and "build_contexts" not in arguments:
            return {"changed": False, "needed_build_contexts": [self.digest(arguments)]}
        return {"changed": True}

    @staticmethod
    def digest(arguments: dict[str, t.Any]) -> str:
        return str(json.loads(arguments["model"])["services"]["web"]["build"]["context"])

    def _make_tmp_path(self, remote_user: t.Optional[str] = None) -> str:
        self._connection._shell.tmpdir = DIRECTORY
        return DIRECTORY

    def _transfer_file(self, local_path: str, remote_path: str) -> str:
        with tarfile.open(local_path) as archive:
            self.sent[remote_path] = archive.getnames()
        return remote_path

    def _fixup_perms2(self, remote_paths: t.Sequence[str], *_more: t.Any, **_options: t.Any) -> None:
        self.readable.extend(remote_paths)


@pytest.fixture
def directory(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Dockerfile").write_text("FROM scratch\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("tmpdir", [None, "/root/.ansible/tmp/y"])
def test_a_context_is_sent_once_when_the_module_asks(directory: pathlib.Path, tmpdir: t.Optional[str]) -> None:
    action = Action(directory, asks=True, tmpdir=tmpdir)
    result = action.run()
    first, second = action.given
    remote = f"{tmpdir or DIRECTORY}/{action.digest(first)}.tar.gz"
    assert result["changed"] is True
    assert "needed_build_contexts" not in result
    assert "build_contexts" not in first
    assert second["build_contexts"] == {action.digest(first): remote}
    assert second["model"] == first["model"]
    assert action.sent == {remote: ["Dockerfile"]}
    assert action.readable == [tmpdir or DIRECTORY, remote]


def test_nothing_is_sent_without_need(directory: pathlib.Path) -> None:
    action = Action(directory, asks=False)
    assert action.run()["changed"] is True
    assert len(action.given) == 1
    assert action.sent == {}


def test_what_is_wrong_with_a_context_is_told_before_the_host_is_asked(directory: pathlib.Path) -> None:
    (directory / "app" / "Dockerfile").unlink()
    action = Action(directory, asks=True)
    result = action.run()
    assert [problem["path"] for problem in result["problems"]] == ["services.web.build", "services.worker.build"]
    assert action.given == []
