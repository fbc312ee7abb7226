# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter contract_report: documentation and a thin shell over the contract's core."""

from __future__ import annotations

DOCUMENTATION = r"""
name: contract_report
short_description: Render a fleet's report as a table or as JUnit XML
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Renders what P(anycloud.container_host.contract_fleet#filter) returned.
positional: format
options:
  _input:
    description: The report.
    type: dict
    required: true
  format:
    description:
      - V(text) is a table with host, provider, contract id and drift, followed by one line per drift.
      - V(junit) is a JUnit XML file with a suite per host and a case per group of the contract.
    type: str
    choices: [text, junit]
    default: text
seealso:
  - plugin: anycloud.container_host.contract_fleet
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the table
  ansible.builtin.debug:
    msg: "{{ (report | anycloud.container_host.contract_report).splitlines() }}"
"""

RETURN = r"""
_value:
  description: The rendered text.
  type: str
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.render import render_junit, render_text

RENDERERS: t.Mapping[str, t.Callable[[t.Mapping[str, t.Any]], str]] = {"text": render_text, "junit": render_junit}


def filter_contract_report(report: t.Any, format: str = "text") -> str:  # noqa: A002 - the option's public name
    if not isinstance(report, dict) or not {"hosts", "groups"} <= set(report):
        raise AnsibleFilterError("contract_report: this is no report; give what contract_fleet returned")
    if format not in RENDERERS:
        raise AnsibleFilterError(f"contract_report: no format {format}; choose one of {', '.join(RENDERERS)}")
    return RENDERERS[format](report)


class FilterModule:
    """The filter, by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"contract_report": filter_contract_report}
