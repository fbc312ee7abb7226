# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control node's part of the engine module: reads files named by path, fetches a key, checks all input first."""

from __future__ import annotations

import typing as t
from copy import deepcopy
from urllib.error import URLError

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.module_utils.common.text.converters import to_text
from ansible.module_utils.urls import ConnectionError as UrlConnectionError
from ansible.module_utils.urls import open_url
from ansible.plugins.action import ActionBase

from ansible_collections.anycloud.container_host.plugins.module_utils._engine_argspec import engine_argument_spec
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.settings import parse_settings
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.plugin_utils._payload import kept_payload

DOWNLOAD_TIMEOUT_SECONDS = 30


class ActionModule(ActionBase):
    """Replaces paths and URLs by what they hold, so that the managed node gets its whole desired state in one piece."""

    def run(self, tmp: t.Any = None, task_vars: t.Optional[dict[str, t.Any]] = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        # Raises AnsibleActionFail with every problem it finds.
        _validation, options = self.validate_argument_spec(engine_argument_spec())
        options["distributions"] = deepcopy(options["distributions"])
        if options["state"] == "present":
            options["seccomp_profile"] = self._text(options["seccomp_profile"], "{")
            for registry in options["registries"]:
                registry["ca_certificate"] = self._text(registry["ca_certificate"], "-----BEGIN")
            if options["package_source"] == "vendor":
                self._add_keys(options)
        try:
            parse_settings(options)
        except ContainerHostError as error:
            raise AnsibleActionFail(str(error)) from error
        arguments = {name: value for name, value in options.items() if value is not None}
        with kept_payload("engine"):
            result.update(self._execute_module("anycloud.container_host.engine", arguments, task_vars=task_vars))
        return result

    def _add_keys(self, options: dict[str, t.Any]) -> None:
        """Put the text of the vendor's key in its place: the given one, else those the tables name."""
        if options["vendor_key"]:
            options["vendor_key"] = self._text(options["vendor_key"], "-----BEGIN")
            return
        texts: dict[str, t.Optional[str]] = {}
        for table in options["distributions"]:
            for release in table.get("releases", {}).values():
                repository = release.get(options["provider"], {}).get("vendor", {}).get("repository")
                if repository and repository.get("key"):
                    key = repository["key"]
                    if key not in texts:
                        texts[key] = self._text(key, "-----BEGIN")
                    repository["key"] = texts[key]

    def _text(self, value: t.Optional[str], beginning: str) -> t.Optional[str]:
        """The text itself, or what the path or URL in its place holds."""
        if not value or value.lstrip().startswith(beginning):
            return value
        if value.startswith(("https://", "http://")):
            try:
                return to_text(open_url(value, timeout=DOWNLOAD_TIMEOUT_SECONDS).read())
            except (URLError, UrlConnectionError, OSError) as error:
                raise AnsibleActionFail(
                    f"{value}: can't be fetched: {error}; give a path on the control node"
                ) from error
        try:
            path = self._find_needle("files", value)
            with open(path, encoding="utf-8") as handle:
                return handle.read()
        except (AnsibleError, OSError, UnicodeDecodeError) as error:
            raise AnsibleActionFail(f"{value}: can't be read on the control node: {error}") from error
