# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is PRIVATE to the collection. It can have breaking changes at any time.
"""The attributes every module documents, described once."""

from __future__ import annotations


class ModuleDocFragment:
    """Attribute descriptions (DOCUMENTATION) and ready-made answers (the other fragments)."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the managed node.
  diff_mode:
    description: Returns details on what has changed (or would change in C(check_mode)) when in diff mode.
  idempotent:
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
      - This assumes that the managed node has not changed in a relevant way in between.
  platform:
    description: Operating systems the managed node can run.
"""

    # To be used together with the standard fragment, by modules that run on any Linux machine.
    LINUX = r"""
options: {}
attributes:
  platform:
    support: full
    platforms: linux
"""

    # To be used together with the standard fragment, by modules that support everything.
    STATEFUL_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
"""

    # To be used together with the standard fragment, by modules that only read.
    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This action does not modify state.
  diff_mode:
    support: N/A
    details:
      - This action does not modify state.
  idempotent:
    support: full
    details:
      - This action does not modify state.
"""

    # To be used together with the standard fragment, by the modules listed in the action group of meta/runtime.yml.
    ACTIONGROUP = r"""
options: {}
attributes:
  action_group:
    description:
      - Use C(group/anycloud.container_host.container_host) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - anycloud.container_host.container_host
"""

    # To be used together with the standard fragment, by modules with an action plugin of the same name.
    ACTION = r"""
options: {}
attributes:
  action:
    description: Has a corresponding action plugin, so that some parts of the options are handled on the control node.
    support: full
  async:
    description: Supports being used with the C(async) keyword.
    support: none
"""
