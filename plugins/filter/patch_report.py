# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter patch_report: documentation and a thin shell over the core of patching."""

from __future__ import annotations

DOCUMENTATION = r"""
name: patch_report
short_description: Render what patching did to a fleet as a table, JSON or JUnit XML
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Renders what the role P(anycloud.container_host.patch#role) noted of any number of hosts as one report.
  - A host the play did not come to is part of the report.
positional: format
options:
  _input:
    description: A mapping of host name to what the role noted. An empty mapping says that the play did not come to it.
    type: dict
    required: true
  format:
    description:
      - V(text) is a table with host, state, packages, reboot, containers that are back and the longest time away,
        followed by one line per package and container.
      - V(json) is a document with everything in it.
      - V(junit) is a JUnit XML file with a suite per host and a case per container.
    type: str
    choices: [text, json, junit]
    default: text
seealso:
  - module: anycloud.container_host.package_updates
  - module: anycloud.container_host.workload_wait
"""

EXAMPLES = r"""
- name: Show the table
  ansible.builtin.debug:
    msg: "{{ (results | anycloud.container_host.patch_report).splitlines() }}"
"""

RETURN = r"""
_value:
  description: The rendered text.
  type: str
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.anycloud.container_host.plugins.module_utils._patch.report import (
    fleet_document,
    render_json,
    render_junit,
    render_text,
)

RENDERERS: t.Mapping[str, t.Callable[[dict[str, t.Any]], str]] = {
    "text": render_text,
    "json": render_json,
    "junit": render_junit,
}


def filter_patch_report(results: t.Any, format: str = "text") -> str:  # noqa: A002 - the option's public name
    if not isinstance(results, t.Mapping):
        message = f"a mapping of host to result is due, not {type(results).__name__}"
        raise AnsibleFilterError(f"patch_report: {message}")
    if format not in RENDERERS:
        raise AnsibleFilterError(f"patch_report: no format {format}; choose one of {', '.join(RENDERERS)}")
    return RENDERERS[format](fleet_document(results))


class FilterModule:
    """The filter, by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"patch_report": filter_patch_report}
