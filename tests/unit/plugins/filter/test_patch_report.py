# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter of the patch report: its formats, and errors that name it."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.anycloud.container_host.plugins.filter.patch_report import FilterModule

REPORT = FilterModule().filters()["patch_report"]


@pytest.mark.parametrize(("name", "start"), [("text", "host"), ("json", "{"), ("junit", "<?xml")])
def test_formats(name: str, start: str) -> None:
    assert REPORT({"alpha": {}}, name).startswith(start)
    assert REPORT({"alpha": {}}).startswith("host")


BAD: list[tuple[tuple[t.Any, ...], str]] = [
    (([],), "patch_report: a mapping of host to result is due, not list"),
    (({}, "pdf"), "patch_report: no format pdf; choose one of text, json, junit"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_bad_input(arguments: tuple[t.Any, ...], message: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        REPORT(*arguments)
    assert message in str(caught.value)
