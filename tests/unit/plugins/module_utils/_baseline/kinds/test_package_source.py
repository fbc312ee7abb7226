# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sources without signature or key: found, mended where the key is known, put back."""

from __future__ import annotations

import typing as t

import pytest
from baseline_host import make_host
from baseline_kind import finding, parse, plan

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.package_source import WriteSources
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

KEYRING = "/usr/share/keyrings/archive.gpg"
KEYRINGS = {KEYRING: ["archive.example/x", "*.archive.example/x"]}
REFUSE = {"refuse": {"trusted": "yes", "gpgcheck": "no"}, "keyrings": KEYRINGS}
NAMED = {"name_key": True, "keyrings": KEYRINGS}
MAIN, MORE, REPO = "/etc/apt/sources.list", "/etc/apt/sources.list.d/a.sources", "/etc/yum.repos.d/a.repo"

CASES: list[tuple[dict[str, t.Any], dict[str, str], str, str, str]] = [
    # parameters, files, status, in the reason, in what is written
    (REFUSE, {}, "not_applicable", "no source of packages", ""),
    (REFUSE, {MAIN: "deb http://other.example/x s main\n"}, "passed", "", ""),
    (REFUSE, {MAIN: "deb [trusted=no] http://other.example/x s main\n"}, "passed", "", ""),
    (REFUSE, {MAIN: "deb [trusted=yes] http://archive.example/x/ s main\n"}, "deviates", "", "\ndeb http://archive"),
    (
        REFUSE,
        {MAIN: f"deb [trusted=yes signed-by={KEYRING}] http://o/x s m\n"},
        "deviates",
        "",
        f"\ndeb [signed-by={KEYRING}] http",
    ),
    (
        REFUSE,
        {MAIN: "deb [trusted=yes signed-by=/none] http://o/x s m\n"},
        "failed",
        "line 1: http://o/x (trusted=yes)",
        "",
    ),
    (REFUSE, {MAIN: "deb [trusted=yes] http://other.example/x s main\n"}, "failed", "have each name its key", ""),
    (
        REFUSE,
        {REPO: "[a]\nbaseurl=http://o/x\ngpgcheck=0\ngpgkey=file:///k\n"},
        "deviates",
        "",
        "#container-host: gpgcheck",
    ),
    (REFUSE, {REPO: "[a]\nbaseurl=http://o/x\ngpgcheck=0\n"}, "failed", "gpgcheck=0", ""),
    (NAMED, {REPO: "[a]\nbaseurl=http://o/x\n"}, "not_applicable", "", ""),
    (NAMED, {MAIN: "deb [signed-by=/k] http://other.example/x s main\n"}, "passed", "", ""),
    (
        NAMED,
        {MAIN: "deb https://de.archive.example/x s main\n"},
        "deviates",
        "",
        f"deb [signed-by={KEYRING}] https://de",
    ),
    (
        NAMED,
        {MORE: "Types: deb\nURIs: http://archive.example/x\nSuites: s\n"},
        "deviates",
        "",
        f"\nSigned-By: {KEYRING}\nT",
    ),
    (NAMED, {MAIN: "deb http://other.example/x s main\n"}, "failed", "http://other.example/x (names no key)", ""),
    (
        NAMED,
        {MORE: "Types: deb\nURIs: http://archive.example/x http://o/x\nSuites: s\n"},
        "failed",
        "a.sources line 1",
        "",
    ),
    (
        NAMED,
        {MAIN: "deb http://archive.example/x s main\ndeb [signed-by=/k] http://archive.example/x t main\n"},
        "failed",
        "line 1",
        "",
    ),
    (
        NAMED,
        {
            MORE: "Types: deb\nURIs: mirror+file:///etc/apt/mirrors/a.list\nSuites: s\n",
            "/etc/apt/mirrors/a.list": "http://archive.example/x\tpriority:1\n",
        },
        "deviates",
        "",
        f"Signed-By: {KEYRING}",
    ),
]


@pytest.mark.parametrize(("parameters", "files", "status", "reason", "written"), CASES)
def test_finding(parameters: dict[str, t.Any], files: dict[str, str], status: str, reason: str, written: str) -> None:
    host, _programs = make_host({KEYRING: "", **files})
    planned = plan("package_source", host, parameters)
    assert planned.findings[0].status == status
    assert reason in planned.findings[0].reason
    assert bool(planned.steps) == bool(written)
    for step in planned.steps:
        step.apply(host)
        assert written in "".join(host.written.values())
        assert ("apt-get", "indextargets") in host.ran or REPO in files
        assert finding("package_source", host, parameters).status == "passed"


def test_missing_keyring_is_not_named() -> None:
    host, _programs = make_host({MAIN: "deb http://archive.example/x s main\n"})
    assert finding("package_source", host, NAMED).status == "failed"


def test_link_is_left_to_whoever_made_it() -> None:
    text = "deb http://archive.example/x s main\n"
    host, _programs = make_host({KEYRING: "", "/srv/sources": text}, links={MAIN: "/srv/sources"})
    assert finding("package_source", host, NAMED).status == "failed"


OLD = "# ours\ndeb [trusted=yes] http://archive.example/x s main\n"


def test_one_of_two_controls_is_put_back() -> None:
    host, _programs = make_host({KEYRING: "", MAIN: OLD})
    first = plan("package_source", host, [REFUSE, NAMED])
    assert [entry.status for entry in first.findings] == ["deviates", "deviates"]
    assert set(first.keep) == {f"refuse:{MAIN}", f"key:{MAIN}"}
    first.steps[0].apply(host)
    assert host.written[MAIN].endswith(f"deb [signed-by={KEYRING}] http://archive.example/x s main\n")
    half = plan("package_source", host, NAMED, first.keep)
    assert half.findings[0].status == "passed"
    half.steps[0].apply(host)
    assert host.written[MAIN].endswith(f"deb [trusted=yes signed-by={KEYRING}] http://archive.example/x s main\n")
    plan("package_source", host, [], first.keep).steps[0].apply(host)
    assert host.written[MAIN] == OLD
    assert plan("package_source", host, [], first.keep).steps == ()


def test_what_apt_refuses_is_taken_back() -> None:
    host, _programs = make_host({KEYRING: "", MAIN: OLD})
    step = plan("package_source", host, NAMED).steps[0]
    assert isinstance(step, WriteSources)
    host.commands["apt-get",] = (100, "", "E: Conflicting values set for option Signed-By")
    with pytest.raises(HostError, match="the old ones are back: E: Conflicting"):
        step.apply(host)
    assert host.written[MAIN] == OLD


def test_bad_parameters() -> None:
    assert parse("package_source", {"keyrings": {"/k": "x"}})[1] == [
        "p.keyrings./k: is no list of texts; give patterns of addresses, in quotes",
        "p: must either refuse options or have keys named; give refuse, or name_key: true",
    ]
