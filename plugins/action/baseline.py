# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resolve the catalogue on the control node, then make it hold on the managed node."""

from __future__ import annotations

import secrets
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.arguments import enforcing_arguments
from ansible_collections.anycloud.container_host.plugins.plugin_utils._baseline import BaselineAction


class ActionModule(BaselineAction):
    extra_arguments = staticmethod(enforcing_arguments)

    def _further_arguments(self) -> dict[str, t.Any]:
        # Known to nobody else, so that nobody else's confirmation is taken for ours.
        return {"run_id": secrets.token_hex(8)}
