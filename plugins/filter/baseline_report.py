# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter baseline_report: documentation and a thin shell over the baseline's core."""

from __future__ import annotations

DOCUMENTATION = r"""
name: baseline_report
short_description: Render what the baseline found on a fleet as JSON, JUnit XML or HTML
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Renders the results of M(anycloud.container_host.baseline) or M(anycloud.container_host.baseline_info) of any number
    of hosts as one report.
  - A host that could not be judged is part of the report, and tells why.
positional: format
options:
  _input:
    description:
      - A mapping of host name to what the module returned for it, RV(ignore:controls) (or
        RV(ignore:controls_packed)) and RV(ignore:summary) included.
      - Without these, C(unreachable), C(failed), C(skipped) and C(msg) say what went wrong. An empty mapping says that
        the host was not looked at.
    type: dict
    required: true
  format:
    description:
      - V(json) is a document with everything in it, whose fields C(docs/baseline_report.md) describes.
      - V(junit) is a JUnit XML file with a suite per host and a case per control.
      - V(html) is one page that loads nothing from elsewhere and needs no script.
    type: str
    choices: [json, junit, html]
    default: json
  active:
    description:
      - The hosts still in the play. Those of them that were not looked at wait for their turn; all others that were
        not looked at were lost.
    type: list
    elements: str
    default: []
seealso:
  - module: anycloud.container_host.baseline
  - module: anycloud.container_host.baseline_info
"""

EXAMPLES = r"""
- name: Audit the host
  anycloud.container_host.baseline_info:
    profile: level2
  register: audit

- name: Write a page about it
  ansible.builtin.copy:
    content: "{{ {inventory_hostname: audit} | anycloud.container_host.baseline_report('html') }}"
    dest: baseline.html
    mode: "0644"
  delegate_to: localhost
"""

RETURN = r"""
_value:
  description: The rendered text.
  type: str
"""

import datetime
import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.fleet import (
    fleet_document,
    render_json,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.report_html import render_html
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.report_junit import render_junit
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError

RENDERERS: t.Mapping[str, t.Callable[[dict[str, t.Any]], str]] = {
    "json": render_json,
    "junit": render_junit,
    "html": render_html,
}


def filter_baseline_report(
    readings: t.Any,
    format: str = "json",  # noqa: A002 - the option's public name
    active: t.Sequence[str] = (),
) -> str:
    if not isinstance(readings, t.Mapping):
        message = f"a mapping of host to result is due, not {type(readings).__name__}"
        raise AnsibleFilterError(f"baseline_report: {message}")
    if format not in RENDERERS:
        raise AnsibleFilterError(f"baseline_report: no format {format}; choose some of {', '.join(RENDERERS)}")
    # The date where the operator is, as for the last days of exemptions.
    now = datetime.datetime.now().astimezone()
    try:
        return RENDERERS[format](fleet_document(readings, now, list(active)))
    except ContainerHostError as error:
        raise AnsibleFilterError(f"baseline_report: {error}") from error


class FilterModule:
    """The filter, by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"baseline_report": filter_baseline_report}
