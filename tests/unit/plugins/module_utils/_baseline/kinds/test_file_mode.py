# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modes and owners."""

from __future__ import annotations

import typing as t

import pytest
from baseline_host import make_host
from baseline_kind import finding, parse, plan

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import Kept
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import SetStatus

SHADOW = {"paths": ["/etc/shadow"], "mode": "0640", "groups": ["root", "shadow"]}

CASES: list[tuple[dict[str, t.Any], int, tuple[int, int], str, str]] = [
    # more parameters, mode, owner, status, words afterwards
    ({}, 0o640, (0, 42), "passed", "0640 root:shadow"),
    ({}, 0o600, (0, 0), "passed", "0600 root:root"),
    ({}, 0o644, (0, 42), "deviates", "0640 root:shadow"),
    ({}, 0o604, (0, 42), "deviates", "0600 root:shadow"),
    ({}, 0o640, (1000, 42), "deviates", "0640 root:shadow"),
    ({}, 0o640, (0, 1000), "deviates", "0640 root:root"),
    ({"exact": True}, 0o600, (0, 0), "deviates", "0640 root:root"),
    ({"other_owners": ["admin", "nobody"]}, 0o644, (1000, 42), "deviates", "0640 admin:shadow"),
    ({"other_owners": ["admin"]}, 0o640, (1001, 42), "deviates", "0640 root:shadow"),
    ({"owner": "nobody"}, 0o640, (0, 0), "failed", ""),
    ({"groups": ["wheel"]}, 0o640, (0, 0), "failed", ""),
]


@pytest.mark.parametrize(("more", "mode", "owner", "status", "after"), CASES)
def test_finding(more: dict[str, t.Any], mode: int, owner: tuple[int, int], status: str, after: str) -> None:
    host, _programs = make_host(modes={"/etc/shadow": mode}, owners={"/etc/shadow": owner})
    found = finding("file_mode", host, {**SHADOW, **more})
    assert found.status == status
    assert (found.after or {}).get("/etc/shadow", "") == after


MISSING = [
    ({"paths": ["/nowhere"]}, "not_applicable", "not there: /nowhere"),
    ({"paths": ["/nowhere", "/etc/shadow"]}, "passed", ""),
    ({"paths": ["/nowhere", "/etc/shadow"], "if_missing": "failed"}, "failed", "not there: /nowhere"),
    ({"paths": ["/nowhere/*"]}, "not_applicable", "not there"),
    ({"paths": ["/etc/link"]}, "failed", "is a link"),
    ({"paths": ["/etc/lin*", "/etc/shadow"]}, "passed", ""),
]


@pytest.mark.parametrize(("parameters", "status", "reason"), MISSING)
def test_what_is_not_there(parameters: dict[str, t.Any], status: str, reason: str) -> None:
    host, _programs = make_host(links={"/etc/link": "/etc/shadow"})
    found = finding("file_mode", host, {"mode": "0644", **parameters})
    assert found.status == status
    assert reason in found.reason


def test_status_is_put_back() -> None:
    host, _programs = make_host(modes={"/etc/shadow": 0o666})
    kept = plan("file_mode", host, SHADOW).keep
    assert kept == {"/etc/shadow": Kept("c0", {"mode": 0o666, "uid": 0, "gid": 0})}
    host.modes["/etc/shadow"] = 0o640
    assert plan("file_mode", host, [], kept).steps == (SetStatus(("c0",), "/etc/shadow", 0o666, 0, 0),)


def test_bad_parameters() -> None:
    assert parse("file_mode", {"paths": ["etc"], "mode": 644})[1] == [
        'p.mode: is 644; give an octal mode in quotes, such as "0644"',
        "p.paths[0]: is 'etc'; give an absolute path",
    ]
