# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arguments and rules in single files of PAM."""

from __future__ import annotations

import typing as t

import pytest
from baseline_host import make_host
from baseline_kind import finding, parse, plan
from fake_pam import FILES

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.protocol import apply_steps
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import Kept, KindPlan
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.record import (
    parse_record,
    render_record,
)

AUTH, SU = "/etc/pam.d/common-auth", "/etc/pam.d/su"
NO_EMPTY = {"path": AUTH, "type": "auth", "module": "pam_unix.so", "arguments": {"nullok": None}}
WHEEL = {
    "path": SU,
    "type": "auth",
    "module": "pam_wheel.so",
    "control": "required",
    "after": "pam_rootok.so",
    "group": "wheels",
    "arguments": {"use_uid": True, "group": "wheels"},
}
SU_TEXT = "# su\nauth       sufficient pam_rootok.so\n# auth required pam_wheel.so\n@include common-auth\n"
RULE = "auth required pam_wheel.so use_uid group=wheels\n"


def written_down(planned: KindPlan) -> t.Mapping[str, Kept]:
    """What the next run reads of what this one kept."""
    return parse_record(render_record({"pam_rule": dict(planned.keep)}))["pam_rule"]


CASES: list[tuple[dict[str, t.Any], dict[str, str], str]] = [
    (NO_EMPTY, FILES, "deviates"),
    (NO_EMPTY, {}, "not_applicable"),
    (NO_EMPTY, {AUTH: "auth required pam_unix.so\n"}, "passed"),
    (NO_EMPTY, {AUTH: "auth required pam_unix.so nullok_secure\n"}, "passed"),
    (NO_EMPTY, {AUTH: "auth required pam_permit.so\n"}, "passed"),
    (NO_EMPTY, {AUTH: "auth required pam_none.so\nauth required pam_unix.so nullok\n"}, "failed"),
    (WHEEL, {**FILES, SU: SU_TEXT}, "deviates"),
    (WHEEL, {**FILES, SU: SU_TEXT + RULE, "/etc/group": "wheels:x:9:\n"}, "passed"),
    (WHEEL, {SU: SU_TEXT}, "failed"),
]


@pytest.mark.parametrize(("parameters", "files", "status"), CASES)
def test_finding(parameters: dict[str, t.Any], files: dict[str, str], status: str) -> None:
    host, _programs = make_host(files)
    assert finding("pam_rule", host, parameters).status == status


TEXTS: list[tuple[dict[str, t.Any], str, str]] = [
    (NO_EMPTY, "auth required pam_unix.so nullok  x\n", "auth required pam_unix.so  x\n"),
    (NO_EMPTY, "auth required pam_unix.so x nullok # why\n", "auth required pam_unix.so x # why\n"),
    (NO_EMPTY, "auth required pam_unix.so nullok", "auth required pam_unix.so"),
    (WHEEL, SU_TEXT, SU_TEXT.replace("pam_rootok.so\n", "pam_rootok.so\n" + RULE)),
    (WHEEL, "auth required pam_permit.so\n", RULE + "auth required pam_permit.so\n"),
    (WHEEL, "auth required pam_wheel.so\n", RULE),
    (WHEEL, "", RULE),
]


@pytest.mark.parametrize(("parameters", "text", "after"), TEXTS)
def test_change_and_way_back(parameters: dict[str, t.Any], text: str, after: str) -> None:
    host, _programs = make_host({**FILES, parameters["path"]: text})
    host.commands["groupadd",] = host.commands["groupdel",] = (0, "", "")
    planned = plan("pam_rule", host, parameters)
    assert apply_steps(host, planned.steps) == {}
    assert host.read_text(parameters["path"]) == after
    assert apply_steps(host, plan("pam_rule", host, [], written_down(planned)).steps) == {}
    assert host.read_text(parameters["path"]) == text


def test_jumps_numbered_anew_meanwhile_stay() -> None:
    host, _programs = make_host(FILES)
    planned = plan("pam_rule", host, NO_EMPTY)
    longer = (
        FILES[AUTH].replace("success=1", "success=2").replace("auth req", "auth optional pam_faillock.so\nauth req", 1)
    )
    host.files[AUTH] = longer.encode()
    assert apply_steps(host, planned.steps) == {}
    assert host.read_text(AUTH) == longer.replace(" nullok", "")
    assert apply_steps(host, plan("pam_rule", host, [], written_down(planned)).steps) == {}
    assert host.read_text(AUTH) == longer


def test_a_file_that_would_shut_out_is_left() -> None:
    host, _programs = make_host(FILES)
    planned = plan("pam_rule", host, NO_EMPTY)
    host.files[AUTH] = b"auth requisite pam_deny.so\nauth required pam_unix.so nullok\n"
    assert "would let nobody in" in apply_steps(host, planned.steps)["c0"]
    assert b"nullok" in host.files[AUTH]


def test_group_is_made_and_goes() -> None:
    host, _programs = make_host({**FILES, SU: SU_TEXT})
    host.commands["groupadd",] = host.commands["groupdel",] = (0, "", "")
    planned = plan("pam_rule", host, WHEEL)
    assert apply_steps(host, planned.steps) == {}
    host.files["/etc/group"] += b"wheels:x:998:\n"
    assert apply_steps(host, plan("pam_rule", host, [], written_down(planned)).steps) == {}
    assert host.ran == [("groupadd", "--system", "wheels"), ("groupdel", "wheels")]


BAD: list[tuple[dict[str, t.Any], str]] = [
    ({"path": "x"}, "p.path: is 'x'"),
    ({"type": "login"}, "p.type: is 'login'"),
    ({"arguments": {"a": [1]}}, "p.arguments.a: is not one value"),
    ({"control": "required"}, "p.arguments: has one that shall not be there"),
]


@pytest.mark.parametrize(("more", "complaint"), BAD)
def test_bad_parameters(more: dict[str, t.Any], complaint: str) -> None:
    assert complaint in "\n".join(parse("pam_rule", {**NO_EMPTY, **more})[1])
