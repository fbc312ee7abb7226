# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of the SSH server."""

from __future__ import annotations

import typing as t

import pytest
from baseline_host import DROP_IN, make_host
from baseline_kind import finding, parse, plan

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.announce import mark_of
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.protocol import apply_steps
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.sshd_option import UNTOLD, listens

BANNER = "# Managed\n"
MAIN = "/etc/ssh/sshd_config"

CASES: list[tuple[dict[str, t.Any], dict[str, str], str, str]] = [
    # parameters, more files, status, reason
    ({"options": {"PermitRootLogin": "no"}}, {}, "deviates", ""),
    ({"options": {"PermitRootLogin": "prohibit-password"}}, {}, "unkept", "holds now"),
    ({"options": {"LogLevel": "VERBOSE"}}, {DROP_IN: f"{BANNER}LogLevel VERBOSE\n"}, "passed", ""),
    ({"options": {"MaxAuthTries": 4}, "compare": "at_most"}, {}, "deviates", ""),
    ({"options": {"MaxAuthTries": 4}, "compare": "at_most"}, {MAIN: "MaxAuthTries 3\n"}, "passed", ""),
    ({"options": {"MaxAuthTries": 4}}, {MAIN: "MaxAuthTries 3\n"}, "failed", "does not include"),
    ({"options": {"LogLevel": "VERBOSE"}}, {MAIN: f"LogLevel INFO\nInclude {DROP_IN[:-21]}*.conf\n"}, "failed",
     "LogLevel is set before our drop-in is read"),
    ({"options": {"NewThing": "yes"}}, {}, "not_applicable", "does not know NewThing"),
    ({"options": {"NewThing": "yes"}, "if_unknown": "failed"}, {}, "failed", "does not know NewThing"),
    ({"options": {"AllowUsers": "deploy"}}, {}, "failed", "this connection would be shut out: AllowUsers"),
    ({"options": {"AllowUsers": "admin"}}, {}, "deviates", ""),
    ({"options": {"PasswordAuthentication": "no"}}, {"/home/admin/.ssh/authorized_keys": ""}, "failed", "no public key"),
    ({"options": {"LogLevel": "VERBOSE"}}, {MAIN: "Nonsense 1\n"}, "failed", "can't be asked"),
    ({"options": {"KexAlgorithms": "a,curve25519-sha256"}, "compare": "among"}, {}, "deviates", ""),
    ({"options": {"KexAlgorithms": "a,curve25519-sha256"}, "compare": "among"},
     {MAIN: f"KexAlgorithms curve25519-sha256\nInclude {DROP_IN[:-21]}*.conf\n"}, "passed", ""),
    ({"options": {"Port": 2222}}, {}, "failed", "this connection would be shut out"),
]  # fmt: skip


@pytest.mark.parametrize(("parameters", "files", "status", "reason"), CASES)
def test_finding(parameters: dict[str, t.Any], files: dict[str, str], status: str, reason: str) -> None:
    host, _programs = make_host(files)
    planned = plan("sshd_option", host, parameters)
    assert planned.findings[0].status == status, planned.findings[0]
    assert reason in planned.findings[0].reason
    assert host.written == {}


def test_nothing_is_written_when_the_connection_would_be_shut_out() -> None:
    host, _programs = make_host()
    planned = plan("sshd_option", host, [{"options": {"AllowUsers": "deploy"}}, {"options": {"LogLevel": "VERBOSE"}}])
    assert [found.status for found in planned.findings] == ["failed", "failed"]
    assert planned.steps == ()


def test_no_lock_out_is_seen_where_the_same_judgement_would_forbid_the_present() -> None:
    host, _programs = make_host({MAIN: f"Include {DROP_IN}\nAllowUsers deploy\n"})
    assert finding("sshd_option", host, {"options": {"LogLevel": "VERBOSE"}}).status == "deviates"


def test_drop_in_is_written_reloaded_and_seen_to_listen() -> None:
    host, _programs = make_host()
    planned = plan("sshd_option", host, {"options": {"LogLevel": "VERBOSE"}})
    assert apply_steps(host, planned.steps) == {}
    assert host.modes[DROP_IN] == 0o600
    assert (host.read_text(DROP_IN) or "").splitlines()[1:] == ["LogLevel VERBOSE"]
    assert host.ran[-1] == ("systemctl", "reload", "ssh.service")
    assert plan("sshd_option", host, {"options": {"LogLevel": "VERBOSE"}}).steps == ()


def test_of_a_list_only_what_this_sshd_has_is_written() -> None:
    host, _programs = make_host()
    given = {
        "options": {"KexAlgorithms": "mlkem768x25519-sha256,ecdh-sha2-nistp256,curve25519-sha256"},
        "compare": "among",
    }
    planned = plan("sshd_option", host, given)
    assert planned.findings[0].after == {"KexAlgorithms": "ecdh-sha2-nistp256,curve25519-sha256"}
    assert apply_steps(host, planned.steps) == {}
    assert (host.read_text(DROP_IN) or "").splitlines()[1:] == ["KexAlgorithms ecdh-sha2-nistp256,curve25519-sha256"]
    again = plan("sshd_option", host, given)
    assert (again.findings[0].status, again.steps) == ("passed", ())


def test_server_that_dies_gets_its_old_options_back() -> None:
    host, programs = make_host()
    programs.sshd_dies_on_reload = True
    planned = plan("sshd_option", host, {"options": {"LogLevel": "VERBOSE"}})
    failures = apply_steps(host, planned.steps)
    assert "no longer listens on port 22" in failures["c0"]
    assert "the options before are in force again" in failures["c0"]
    # told by its restart: the next run that wants them has nothing to do
    assert not host.exists(mark_of(UNTOLD))
    assert not host.exists(DROP_IN)
    assert host.ran[-1] == ("systemctl", "restart", "ssh.service")


def test_server_started_by_a_socket_needs_no_reload() -> None:
    host, programs = make_host()
    programs.units = {}
    planned = plan("sshd_option", host, {"options": {"LogLevel": "VERBOSE"}})
    assert apply_steps(host, planned.steps) == {}
    assert not any(argv[:2] == ("systemctl", "reload") for argv in host.ran)


TABLE = "  sl  local_address rem_address   st\n   0: 0100007F:0016 00000000:0000 {}\n"


@pytest.mark.parametrize(("state", "port", "expected"), [("0A", 22, True), ("01", 22, False), ("0A", 2222, False)])
def test_listening(state: str, port: int, expected: bool) -> None:
    assert listens([TABLE.format(state)], port) is expected


BAD: list[tuple[dict[str, t.Any], str]] = [
    ({"options": {"Match": "all"}}, "p.options.Match: is no option"),
    ({"options": {"Log Level": "x"}}, "p.options.Log Level: is no option"),
    ({"options": {"Banner": "a\nb"}}, "give one line of text"),
    ({"options": {"LogLevel": "x"}, "compare": "at_most"}, "give a whole number"),
]


@pytest.mark.parametrize(("parameters", "complaint"), BAD)
def test_bad_parameters(parameters: dict[str, t.Any], complaint: str) -> None:
    assert complaint in "\n".join(parse("sshd_option", parameters)[1])
