# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter baseline_report: formats, and errors that name the filter and the remedy."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from baseline_fleet import mixed

from ansible_collections.anycloud.container_host.plugins.filter import baseline_report

REPORT = baseline_report.FilterModule().filters()["baseline_report"]


@pytest.mark.parametrize(("given", "start"), [("json", "{"), ("junit", "<?xml"), ("html", "<!DOCTYPE html>")])
def test_formats(given: str, start: str) -> None:
    assert REPORT(mixed(), given).startswith(start)


def test_hosts_in_the_play_wait() -> None:
    assert '"complete":true' in REPORT(mixed()).replace(" ", "")
    assert '"complete":false' in REPORT(mixed(), active=["theta"]).replace(" ", "")


BAD: list[tuple[t.Callable[[], t.Any], str]] = [
    (lambda: REPORT([]), "baseline_report: a mapping of host to result is due, not list"),
    (lambda: REPORT({}, "pdf"), "baseline_report: no format pdf; choose some of json, junit, html"),
    (lambda: REPORT({"a": 1}), "baseline_report: readings['a']: is no result of the baseline; give what"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_input(call: t.Callable[[], t.Any], message: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        call()
    assert message in str(caught.value)
