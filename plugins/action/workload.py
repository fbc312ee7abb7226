# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads, checks and normalises the Compose file on the control node; the module of the same name does the rest."""

from __future__ import annotations

import os
import tempfile
import typing as t

from ansible import constants
from ansible.errors import AnsibleError, AnsibleFileNotFound
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import Place
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem
from ansible_collections.anycloud.container_host.plugins.plugin_utils._build_context import Contexts
from ansible_collections.anycloud.container_host.plugins.plugin_utils._compose_file import (
    FILE_NAMES,
    override_files,
    read_project,
)
from ansible_collections.anycloud.container_host.plugins.plugin_utils._payload import kept_payload
from ansible_collections.anycloud.container_host.plugins.plugin_utils._workload_options import (
    CONTEXTS_OPTION,
    NEEDED,
    OWN_OPTIONS,
    host_failure,
    input_failure,
    module_arguments,
    source_of,
    wrong_options,
)


class ActionModule(ActionBase):
    """All that is wrong with the input is found before the managed node is asked anything."""

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: t.Optional[str] = None, task_vars: t.Optional[dict[str, t.Any]] = None) -> dict[str, t.Any]:
        """Answers the module's result, or a failed one with ``problems``."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        given = dict(self._task.args)
        validated = ArgumentSpecValidator(OWN_OPTIONS).validate(
            {name: value for name, value in given.items() if name in OWN_OPTIONS}
        )
        own = validated.validated_parameters
        wrong = "; ".join(validated.error_messages) or wrong_options(own, given)
        if wrong:
            return {**result, "failed": True, "msg": wrong}
        try:
            given_files = own["files"] or list(filter(None, [own["compose_file"]]))
            files = [self._find(path, not own["files"]) for path in given_files]
            source = source_of(own, files[0] if files else "", self._loader.get_basedir(), files[1:])
            contexts = Contexts()
            written: dict[str, Place] = {}
            project = read_project(source, self._read_text, self._read_bytes, contexts, written)
        except InputError as error:
            return {**result, **input_failure(error, ", ".join(given_files))}
        arguments = module_arguments(given, project)
        with kept_payload("workload"):
            done = self._execute_module(module_args=arguments, task_vars=task_vars)
        needed = done.get(NEEDED)
        if needed:
            sent = {digest: self._send(contexts, digest) for digest in needed}
            done = self._execute_module(module_args={**arguments, CONTEXTS_OPTION: sent}, task_vars=task_vars)
        result.update(host_failure(done, written, ", ".join(given_files)))
        return result

    def _send(self, contexts: Contexts, digest: str) -> str:
        """Bring the archive of a context to the task's own directory on the host, which goes with the task."""
        shell = self._connection._shell
        if shell.tmpdir is None:
            self._make_tmp_path()
        remote = str(shell.join_path(shell.tmpdir, f"{digest}.tar.gz"))
        handle, local = tempfile.mkstemp(dir=constants.DEFAULT_LOCAL_TMP, suffix=".tar.gz")
        os.close(handle)
        try:
            contexts.pack(digest, local)
            self._transfer_file(local, remote)
        finally:
            os.unlink(local)
        self._fixup_perms2((shell.tmpdir, remote))
        return remote

    def _find(self, path: str, alone: bool) -> str:
        """The file where Ansible looks for files of a task, then from the current directory; a directory holds one."""
        try:
            found = self._find_needle("files", path)
        except AnsibleError:
            found = os.path.abspath(path)
        if os.path.isdir(found):
            inside = [os.path.join(found, name) for name in FILE_NAMES]
            found = next((entry for entry in inside if os.path.exists(entry)), inside[0])
        for override in override_files(found) if alone else []:
            if os.path.exists(override):
                self._display.warning(f"{override} isn't read: give both files in the option files")
        return str(found)

    def _read_bytes(self, path: str) -> t.Optional[bytes]:
        """The bytes of a file, decrypted when it is a vault; None when there is none."""
        try:
            with open(self._loader.get_real_file(path), "rb") as file:
                return file.read()
        except (AnsibleFileNotFound, FileNotFoundError, IsADirectoryError):
            return None

    def _read_text(self, path: str) -> t.Optional[str]:
        """The text of a file, decrypted when it is a vault; None when there is none."""
        try:
            with open(self._loader.get_real_file(path), encoding="utf-8") as file:
                return file.read()
        except (AnsibleFileNotFound, FileNotFoundError, IsADirectoryError):
            return None
        except UnicodeDecodeError as error:
            raise InputError([Problem(path, "isn't UTF-8 text", "save it as UTF-8")]) from error
