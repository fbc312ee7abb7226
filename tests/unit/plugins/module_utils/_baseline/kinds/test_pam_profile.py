# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profiles of PAM and features of authselect."""

from __future__ import annotations

import typing as t

import pytest
from baseline_host import make_host
from baseline_kind import finding, parse, plan
from fake_pam import FILES, PROFILES, PamAuthUpdate

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.protocol import apply_steps

COUNT = {
    "name": "ours",
    "modules": ["pam_faillock.so"],
    "feature": "with-faillock",
    "content": (
        "Name: Ours\nDefault: yes\nPriority: 0\nAuth-Type: Primary\nAuth:\n"
        "\t[success=1 default=ignore] pam_succeed_if.so quiet user in {users}\n\t[default=die] pam_faillock.so authfail\n"
    ),
}
AUTH = "/etc/pam.d/common-auth"
AUTHSELECT = "/etc/authselect/authselect.conf"


def test_profile_is_enabled_and_everything_comes_back() -> None:
    host, _programs = make_host(FILES)
    PamAuthUpdate(host)
    before = dict(host.files)
    planned = plan("pam_profile", host, COUNT)
    assert planned.findings[0].status == "deviates"
    assert AUTH in planned.steps[0].paths
    assert apply_steps(host, planned.steps) == {}
    assert "auth\t[success=3 default=ignore] pam_unix.so nullok\n" in (host.read_text(AUTH) or "")
    assert "user in root:admin\n" in (host.read_text(PROFILES + "ours") or "")
    assert finding("pam_profile", host, COUNT).status == "passed"
    back = plan("pam_profile", host, [], planned.keep)
    assert apply_steps(host, back.steps) == {}
    assert host.files == before
    assert {entry.key for entry in back.restorations} == set(planned.keep)


def test_a_second_persons_run_keeps_the_first_one_in() -> None:
    host, _programs = make_host(FILES)
    PamAuthUpdate(host)
    content = COUNT["content"].replace("{users}", "root:ops")
    host.files[PROFILES + "ours"] = content.encode()
    assert apply_steps(host, plan("pam_profile", host, COUNT).steps) == {}
    assert "user in root:ops:admin\n" in (host.read_text(PROFILES + "ours") or "")
    assert finding("pam_profile", host, COUNT).status == "passed"


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        ("is_broken", "auth rules would let nobody in; put back as it was"),
        ("is_edited", "changed by hand"),
    ],
)
def test_trouble_leaves_everything_as_it_was(trouble: str, reason: str) -> None:
    host, _programs = make_host(FILES)
    setattr(PamAuthUpdate(host), trouble, True)
    before = dict(host.files)
    failures = apply_steps(host, plan("pam_profile", host, COUNT).steps)
    assert reason in failures["c0"]
    assert host.files == before


def test_profiles_enabled_meanwhile_stay() -> None:
    host, _programs = make_host(FILES)
    PamAuthUpdate(host)
    keep = plan("pam_profile", host, COUNT).keep
    assert apply_steps(host, plan("pam_profile", host, COUNT).steps) == {}
    host.files[PROFILES + "other"] = b"Name: Other\nPriority: 9\nAuth:\n\toptional pam_faillock.so\n"
    host.run(["pam-auth-update", "--package", "--enable", "other"])
    assert apply_steps(host, plan("pam_profile", host, [], keep).steps) == {}
    text = host.read_text(AUTH) or ""
    assert "optional pam_faillock.so" in text
    assert "authfail" not in text


def test_rules_taken_out_by_hand_are_reported() -> None:
    host, _programs = make_host(FILES)
    PamAuthUpdate(host)
    assert apply_steps(host, plan("pam_profile", host, COUNT).steps) == {}
    host.files[AUTH] = FILES[AUTH].encode()
    found = finding("pam_profile", host, COUNT)
    assert found.status == "failed"
    assert "run pam-auth-update --force" in found.reason


OTHER: list[tuple[dict[str, str], dict[str, t.Any], str]] = [
    # files, more parameters, status
    ({}, {}, "not_applicable"),
    (FILES, {"modules": ["pam_none.so"]}, "not_applicable"),
    (FILES, {"modules": ["pam_unix.so"], "unless_used": True}, "passed"),
    (FILES, {"modules": ["pam_faillock.so"], "unless_used": True}, "deviates"),
    ({AUTHSELECT: "local\nwith-faillock\n"}, {}, "passed"),
    ({AUTHSELECT: "local\nwith-mkhomedir\n"}, {}, "deviates"),
]


@pytest.mark.parametrize(("files", "more", "status"), OTHER)
def test_finding(files: dict[str, str], more: dict[str, t.Any], status: str) -> None:
    host, _programs = make_host(files)
    assert finding("pam_profile", host, {**COUNT, **more}).status == status


def test_feature_of_authselect_and_back() -> None:
    host, _programs = make_host({AUTHSELECT: "local\nwith-mkhomedir\n"})
    host.commands["authselect",] = (0, "", "")
    planned = plan("pam_profile", host, COUNT)
    assert apply_steps(host, planned.steps) == {}
    host.files[AUTHSELECT] = b"local\nwith-mkhomedir\nwith-faillock\n"
    assert apply_steps(host, plan("pam_profile", host, [], planned.keep).steps) == {}
    assert host.ran == [
        ("authselect", "enable-feature", "with-faillock"),
        ("authselect", "disable-feature", "with-faillock"),
    ]


BAD: list[tuple[dict[str, t.Any], str]] = [
    ({"name": "x"}, "p.name: and content go together"),
    ({"name": "a/b", "content": "x"}, "p.name: is 'a/b'"),
    ({"modules": ["pam_unix.so"]}, "names neither a profile nor a feature"),
]


@pytest.mark.parametrize(("parameters", "complaint"), BAD)
def test_bad_parameters(parameters: dict[str, t.Any], complaint: str) -> None:
    assert complaint in "\n".join(parse("pam_profile", parameters)[1])
