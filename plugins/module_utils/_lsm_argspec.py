# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The argument specification of the module lsm."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.settings import PROTOCOLS, PROVIDERS


def lsm_argument_spec() -> dict[str, t.Any]:
    """Options, types and defaults; what the values mean together is checked by parse_settings and check."""
    text: dict[str, t.Any] = {"type": "str"}
    needed: dict[str, t.Any] = {"type": "str", "required": True}

    def entries(**options: t.Any) -> dict[str, t.Any]:
        return {"type": "list", "elements": "dict", "default": [], "options": options}

    return {
        "provider": {"type": "str", "choices": list(PROVIDERS), "default": "default"},
        "enforcing": {"type": "bool", "default": True},
        "force": {"type": "bool", "default": False},
        "collect_seconds": {"type": "int", "default": 60},
        "blocking_domains": {"type": "list", "elements": "str"},
        "booleans": {"type": "dict", "default": {}},
        "modules": entries(name=needed, te=text, fc=text, cil=text),
        "ports": entries(
            ports=needed, protocol={"type": "str", "choices": list(PROTOCOLS), "default": "tcp"}, type=needed
        ),
        "file_contexts": entries(path=needed, type=needed),
        "profiles": entries(name=needed, content=needed, service=text),
    }
