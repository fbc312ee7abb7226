# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is PRIVATE to the collection. It can have breaking changes at any time.
"""The options that say which container engine is asked, shared by all modules that ask one."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of the connection to an engine."""

    DOCUMENTATION = r"""
options:
  engine:
    description: The container engine; V(auto) takes the one that answers.
    type: str
    choices: [docker, podman, auto]
    default: auto
  socket:
    description: Path of the engine's socket when it isn't the usual one.
    type: path
requirements:
  - python3-docker (the Docker SDK for Python, 5.0.3 or later) on the managed node
"""
