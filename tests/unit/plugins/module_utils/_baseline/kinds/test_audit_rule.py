# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of the kernel's audit."""

from __future__ import annotations

import typing as t

import pytest
from audit_kernel import AUDIT_FILES, X86, Kernel
from baseline_host import make_host
from baseline_kind import finding, parse, plan
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.connection import find_connection
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.announce import mark_of
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.audit_rule import (
    DROP_IN,
    LOCKED_REASON,
    MODE,
    UNTOLD,
    LoadRules,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.protocol import (
    Item,
    Scope,
    apply_steps,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.registry import KINDS
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import Kept

WATCH = "-w /etc/passwd -p wa -k identity"
CALLS = "-a always,exit -S adjtimex,stime -F auid!=unset -k time"
DIRECTORY = "-w /etc/docker -p wa -k container"
PRIVILEGED = "-a always,exit -F path={program} -F perm=x -k privileged"


def make_audited(files: t.Mapping[str, str | bytes] | None = None, **options: t.Any) -> tuple[FakeHostIO, Kernel]:
    """A host with auditd, and its kernel."""
    host, _programs = make_host({"/proc/self/exe": X86, **AUDIT_FILES, **(files or {})}, **options)
    return host, Kernel(host)


def apply(host: FakeHostIO, given: t.Any, kept: t.Mapping[str, Kept] | None = None) -> tuple[t.Any, dict[str, str]]:
    """The plan and the failures of applying it."""
    planned = plan("audit_rule", host, given, kept)
    return planned, apply_steps(host, planned.steps)


APPLIED: list[tuple[str, dict[str, str | bytes], list[str]]] = [
    # rule, more files, what the kernel has afterwards
    (WATCH, {}, [WATCH]),
    (
        CALLS,
        {},
        [
            "-a always,exit -F arch=b64 -S adjtimex -F auid!=unset -k time",
            "-a always,exit -F arch=b32 -S adjtimex,stime -F auid!=unset -k time",
        ],
    ),
    (DIRECTORY, {"/etc/docker/daemon.json": "{}"}, [DIRECTORY]),
    ("-w /etc/ssh -p wa -k to_come", {}, ["-w /etc/ssh -p wa -k to_come"]),
]


@pytest.mark.parametrize(("rule", "files", "loaded"), APPLIED)
def test_rules_are_written_loaded_and_found_again(rule: str, files: dict[str, str | bytes], loaded: list[str]) -> None:
    host, kernel = make_audited(files)
    given = {"rules": [rule]}
    planned, failures = apply(host, given)
    assert (planned.findings[0].status, failures) == ("deviates", {})
    assert kernel.rules == loaded
    assert host.modes[DROP_IN] == MODE
    again = plan("audit_rule", host, given)
    assert (again.findings[0].status, again.steps, again.findings[0].before) == ("passed", (), {rule: "loaded"})


def test_steady_state_takes_one_command() -> None:
    host, _kernel = make_audited()
    apply(host, {"rules": [WATCH, CALLS]})
    host.ran.clear()
    plan("audit_rule", host, {"rules": [WATCH, CALLS]})
    assert host.ran == [("auditctl", "-l")]


def test_rules_are_grouped_by_control() -> None:
    host, _kernel = make_audited()
    apply(host, [{"rules": [WATCH]}, {"rules": [CALLS, WATCH]}])
    text = (host.read_text(DROP_IN) or "").splitlines()[1:]
    assert text[:4] == ["-D", "", "# c0", WATCH]
    assert text[4:6] == ["", "# c1"]
    assert WATCH not in text[5:], "the kernel refuses a rule it has"


def test_rule_of_another_file_is_left_to_it() -> None:
    host, kernel = make_audited({"/etc/audit/rules.d/10-site.rules": f"{WATCH}\n"})
    _planned, failures = apply(host, [{"rules": [WATCH]}, {"rules": [CALLS]}])
    assert failures == {}
    assert kernel.rules.count(WATCH) == 1
    assert WATCH not in (host.read_text(DROP_IN) or "")
    assert plan("audit_rule", host, [{"rules": [WATCH]}, {"rules": [CALLS]}]).steps == ()


def test_rule_loaded_by_hand_is_written_down() -> None:
    host, kernel = make_audited()
    kernel.rules = [WATCH]
    planned, _failures = apply(host, {"rules": [WATCH]})
    assert planned.findings[0].status == "unkept"
    assert WATCH in (host.read_text(DROP_IN) or "")


def test_rules_deleted_by_hand_are_loaded_again() -> None:
    host, kernel = make_audited()
    apply(host, {"rules": [WATCH]})
    kernel.rules.clear()
    planned, _failures = apply(host, {"rules": [WATCH]})
    assert planned.findings[0].status == "deviates"
    assert [type(step).__name__ for step in planned.steps] == ["Mark", "LoadRules"]
    assert kernel.rules == [WATCH]


def test_file_that_was_not_loaded_is_loaded() -> None:
    host, _kernel = make_audited()
    apply(host, {"rules": [WATCH]})
    host.files[mark_of(UNTOLD)] = b""
    planned, _failures = apply(host, {"rules": [WATCH]})
    assert [type(step) for step in planned.steps][-1] is LoadRules
    assert not host.exists(mark_of(UNTOLD))


def test_refused_rule_is_named_and_the_rules_before_come_back() -> None:
    host, kernel = make_audited()
    planned, _failures = apply(host, {"rules": [WATCH]})
    bad = {"rules": [WATCH, "-a always,exit -F arch=b64 -S nosuchcall -k x"]}
    _planned, failures = apply(host, bad, planned.keep)
    assert "(-a always,exit -F arch=b64 -S nosuchcall -k x)" in failures["c0"]
    assert "the rules before are in force again" in failures["c0"]
    assert kernel.rules == [WATCH]
    assert "nosuchcall" not in (host.read_text(DROP_IN) or "")
    again = plan("audit_rule", host, {"rules": [WATCH]}, planned.keep)
    assert (again.findings[0].status, again.steps) == ("passed", ())


PATHS: list[tuple[dict[str, t.Any], dict[str, str | bytes], str]] = [
    ({"rules": ["-w /etc/docker/daemon.json -p wa"]}, {}, "not_applicable"),
    ({"rules": ["-w /etc/passwd-new -p wa"]}, {}, "deviates"),
    ({"rules": ["-w /etc/passwd-new -p wa"], "existing_only": True}, {}, "not_applicable"),
    ({"rules": ["-a always,exit -F dir=/etc/apparmor -F perm=wa"]}, {}, "not_applicable"),
    ({"rules": ["-a always,exit -F dir=/etc/apparmor -F perm=wa"]}, {"/etc/apparmor/x": ""}, "deviates"),
]


@pytest.mark.parametrize(("given", "files", "status"), PATHS)
def test_only_what_is_there_is_watched(given: dict[str, t.Any], files: dict[str, str | bytes], status: str) -> None:
    host, _kernel = make_audited(files)
    assert finding("audit_rule", host, given).status == status


def test_set_id_programs_are_watched_and_stay_so_when_they_lose_the_bit() -> None:
    programs = {"/usr/bin/su": "", "/usr/bin/ls": "", "/usr/bin/wall": "", "/usr/bin/deep/sudo": ""}
    modes = {"/usr/bin/su": 0o4755, "/usr/bin/wall": 0o2755, "/usr/bin/ls": 0o755, "/usr/bin/deep/sudo": 0o4755}
    host, kernel = make_audited(programs, modes=modes)
    given = {"rules": [PRIVILEGED], "programs_in": ["/usr/bin"]}
    apply(host, given)
    watched = [PRIVILEGED.replace("{program}", path) for path in ("/usr/bin/su", "/usr/bin/wall")]
    assert kernel.rules == watched
    host.modes["/usr/bin/wall"] = 0o755
    assert plan("audit_rule", host, given).steps == ()
    del host.files["/usr/bin/wall"]
    apply(host, given)
    assert kernel.rules == watched[:1]


def test_rules_before_come_back() -> None:
    host, kernel = make_audited()
    planned, _failures = apply(host, {"rules": [WATCH]})
    back, failures = apply(host, [], planned.keep)
    assert failures == {}
    assert kernel.rules == []
    assert not host.exists(DROP_IN)
    assert [entry.control for entry in back.restorations] == ["c0"]


def test_file_goes_when_auditd_went_before() -> None:
    host, _kernel = make_audited()
    planned, _failures = apply(host, {"rules": [WATCH]})
    del host.commands["auditctl",]
    _back, failures = apply(host, [], planned.keep)
    assert failures == {}
    assert not host.exists(DROP_IN)


def test_locked_rules_are_written_and_wait_for_the_next_boot() -> None:
    host, kernel = make_audited()
    planned, failures = apply(host, [{"rules": [WATCH]}, {"rules": ["-e 2"]}])
    assert failures == {}
    assert [found.status for found in plan("audit_rule", host, [{"rules": [WATCH]}, {"rules": ["-e 2"]}]).findings] == [
        "passed",
        "passed",
    ]
    more = [{"rules": [WATCH]}, {"rules": ["-e 2"]}, {"rules": [CALLS]}]
    first, failures = apply(host, more, planned.keep)
    assert failures == {}
    assert [found.status for found in first.findings] == ["passed", "passed", "deviates"]
    assert first.findings[2].reason == LOCKED_REASON
    assert "adjtimex" in (host.read_text(DROP_IN) or "")
    assert kernel.rules == [WATCH]
    second = plan("audit_rule", host, more, planned.keep)
    assert (second.steps, second.findings[2].status) == ((), "pending")
    assert second.findings[2].reason == LOCKED_REASON
    back, failures = apply(host, [], planned.keep)
    assert (failures, back.restorations[0].reason) == ({}, LOCKED_REASON)
    assert not host.exists(DROP_IN)


IDLE: list[tuple[dict[str, str | bytes], tuple[str, ...], str]] = [
    ({"/run/systemd/container": "podman"}, (), "this is a container"),
    ({}, ("/proc/self/loginuid",), "this kernel has no audit"),
]


@pytest.mark.parametrize(("files", "gone", "reason"), IDLE)
def test_nothing_to_audit(files: dict[str, str | bytes], gone: tuple[str, ...], reason: str) -> None:
    host, _kernel = make_audited(files)
    for path in gone:
        del host.files[path]
    found = finding("audit_rule", host, {"rules": [WATCH]})
    assert found.status == "not_applicable"
    assert reason in found.reason


def test_without_auditd_there_is_nothing_to_do_but_it_can_be_foretold() -> None:
    host, _programs = make_host({"/proc/self/exe": X86})
    parsed, problems = parse("audit_rule", {"rules": [WATCH, "-w /etc/audit/x -p wa"], "package": "auditd"})
    assert problems == []
    items = [Item("c0", parsed)]
    kind = KINDS["audit_rule"]
    for arriving, status in ((frozenset[str](), "not_applicable"), (frozenset({"auditd"}), "deviates")):
        seen = kind.observe(Scope(host, items, {}, find_connection(host, ""), arriving))
        assert kind.compare(items, seen, {}).findings[0].status == status
    assert host.ran == []


def test_rules_that_cannot_be_listed_fail() -> None:
    host, _kernel = make_audited()
    host.commands["auditctl",] = (1, "", "Error - operation not permitted")
    found = finding("audit_rule", host, {"rules": [WATCH]})
    assert (found.status, "operation not permitted" in found.reason) == ("failed", True)


BAD: list[tuple[dict[str, t.Any], str]] = [
    ({"rules": []}, "p.rules: is empty"),
    ({"rules": ["-x"]}, "p.rules[0]: can't be understood"),
    ({"rules": ["-D"]}, "p.rules[0]: is '-D', which is no rule"),
    ({"rules": ["-w /var/lib/docker -p wa"]}, "p.rules[0]: watches container storage"),
    ({"rules": [PRIVILEGED]}, "has only one of {program} and programs_in"),
    ({"rules": [WATCH], "programs_in": ["/usr/bin"]}, "has only one of {program} and programs_in"),
]


@pytest.mark.parametrize(("parameters", "complaint"), BAD)
def test_bad_parameters(parameters: dict[str, t.Any], complaint: str) -> None:
    assert complaint in "\n".join(parse("audit_rule", parameters)[1])
