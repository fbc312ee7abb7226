# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a fleet: table, JSON, JUnit."""

from __future__ import annotations

import json
import typing as t
from xml.etree import ElementTree

from ansible_collections.anycloud.container_host.plugins.module_utils._patch import report


def container(name: str, **changes: t.Any) -> dict[str, t.Any]:
    return {
        "project": "shop",
        "service": name,
        "container": f"shop-{name}-1",
        "state": "running",
        "health": "healthy",
        "back": True,
        "expected": True,
        "restarted": True,
        "seconds_away": 41.3,
        "measured_from": "engine",
        "reason": "",
        **changes,
    }


UPDATES = [
    {"name": "libc6", "before": "1", "after": "2", "origins": [], "security": True},
    {"name": "linux-image-6", "before": None, "after": "6-1", "origins": [], "security": False},
]
RESULTS: dict[str, dict[str, t.Any]] = {
    "alpha": {
        "messages": [],
        "updates": UPDATES,
        "held": [{"name": "runc", "version": "1", "offered": "2"}],
        "kept_back": ["snapd"],
        "interrupted": ["tar"],
        "services": ["cron.service"],
        "reboot_required": True,
        "reboot_reasons": ["a package asks for it"],
        "rebooted": True,
        "kexec": True,
        "containers": [
            container("web"),
            container("database", seconds_away=7.0),
            container("still", restarted=False, seconds_away=0.0),
            container("unknown", seconds_away=None),
            container("job", back=False, expected=False, seconds_away=None, state="exited"),
        ],
    },
    "beta": {"messages": [], "updates": [], "containers": []},
    "gamma": {
        "messages": ["not back within 300 s"],
        "updates": UPDATES[:1],
        "reboot_required": True,
        "containers": [container("web", back=False, seconds_away=None, state="exited", reason="it ended")],
    },
    "delta": {},
    "epsilon": {"messages": [], "updates": UPDATES, "foretold": True},
}
TABLE = """\
host     state             packages  rebooted  containers back  longest away  why
-------  ----------------  --------  --------  ---------------  ------------  ---
alpha    patched           2         by kexec  4 of 4           41.3 s        a package asks for it
beta     unchanged         0         no        0 of 0           -
gamma    failed            1         needed    0 of 1           -             not back within 300 s
delta    not patched       -         -         -                -             the play did not come to this host
epsilon  would be patched  2         no        0 of 0           -

alpha: libc6 1 -> 2 (security)
alpha: linux-image-6 new, 6-1
alpha: runc is held at 1, 2 is offered
alpha: kept back: snapd
alpha: finished what was interrupted: tar
alpha: restarted: cron.service
alpha: shop/web (shop-web-1) is back after 41.3 s
alpha: shop/database (shop-database-1) is back after 7 s
alpha: shop/still (shop-still-1) never was away
alpha: shop/unknown (shop-unknown-1) is back, after a time that can't be told
alpha: shop/job (shop-job-1) has ended, and is not to be restarted
gamma: libc6 1 -> 2 (security)
gamma: shop/web (shop-web-1) is not back: it ended
epsilon: libc6 1 -> 2 (security)
epsilon: linux-image-6 new, 6-1
"""


def test_table() -> None:
    assert report.render_text(report.fleet_document(RESULTS)) == TABLE


def test_json_has_everything() -> None:
    document = json.loads(report.render_json(report.fleet_document(RESULTS)))
    assert document["counts"] == {"patched": 2, "unchanged": 1, "failed": 1, "not patched": 1}
    alpha = document["hosts"][0]
    assert alpha["longest_seconds_away"] == 41.3
    assert alpha["reboot"] == {"required": True, "reasons": ["a package asks for it"], "done": True, "kexec": True}
    assert alpha["updates"] == UPDATES
    assert document["hosts"][3]["message"] == report.NOT_REACHED


def test_junit_has_a_case_per_container() -> None:
    root = ElementTree.fromstring(report.render_junit(report.fleet_document(RESULTS)))
    assert (root.get("tests"), root.get("failures")) == ("11", "2")
    alpha, beta, gamma, delta, _epsilon = root
    assert [case.get("name") for case in alpha][:2] == ["Host is patched", "Container shop-web-1 is back"]
    assert [child.tag for child in alpha[-1]] == ["skipped"]
    assert [child.tag for child in beta[0]] == []
    assert [case[0].tag for case in gamma] == ["failure", "failure"]
    assert [case[0].tag for case in delta] == ["skipped"]
