# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host firewall on a host in memory."""

from __future__ import annotations

import typing as t

import pytest
from baseline_host import Programs
from baseline_host import make_host as make_any_host
from baseline_kind import finding, plan
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline import record, way_back
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.control import (
    check_parameters,
    parse_controls,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.firewall import (
    AT_BOOT_PATH,
    LISTED_PATH,
    RULES_PATH,
    UNIT_PATH,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.report import Entry
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.run import run
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.select import Selected
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import Problem

OURS = (RULES_PATH, UNIT_PATH, AT_BOOT_PATH, LISTED_PATH)


def make_host(files: t.Mapping[str, str] | None = None, **options: t.Any) -> tuple[FakeHostIO, Programs]:
    """A host that systemd has booted."""
    return make_any_host({"/run/systemd/system/x": "", **(files or {})}, **options)


def controls(*parts: str, **parameters: t.Any) -> list[Selected]:
    entries = [
        {"id": f"fw_{part}", "title": "T", "kind": "firewall", "parameters": {"part": part, **parameters}}
        for part in parts
    ]
    return [Selected(control, control.parameters) for control in parse_controls([("f", entries)], []).values()]


def applied(*parts: str, **parameters: t.Any) -> tuple[FakeHostIO, Programs]:
    host, programs = make_host()
    run(host, controls(*parts, **parameters))
    return host, programs


def statuses(entries: t.Iterable[Entry]) -> list[str]:
    return [entry.status for entry in entries]


def test_check_mode_foretells_what_is_then_done_once() -> None:
    host, programs = make_host()
    foretold, _changed = run(host, controls("forward", "input"), check_mode=True)
    assert (host.written, programs.firewall) == ({}, None)
    done, changed = run(host, controls("forward", "input"))
    assert changed
    assert [entry.after for entry in done] == [entry.after for entry in foretold]
    assert statuses(done) == ["changed", "changed"]
    assert programs.firewall == host.read_text(RULES_PATH)
    host.ran.clear()
    again, changed = run(host, controls("forward", "input"))
    assert (statuses(again), changed) == (["passed", "passed"], False)
    assert host.ran == [("nft", "-j", "list", "table", "inet", "container_host")]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda host, programs: setattr(programs, "firewall", None),
        lambda host, programs: setattr(programs, "firewall", programs.firewall.replace("policy drop", "policy accept")),
        lambda host, programs: setattr(programs, "firewall", programs.firewall + "\tchain more {\n\t\taccept\n"),
        lambda host, programs: host.remove(RULES_PATH),
        lambda host, programs: host.remove(AT_BOOT_PATH),
        lambda host, programs: host.files.update({UNIT_PATH: b"[Unit]\n"}),
        lambda host, programs: host.files.update({LISTED_PATH: b"{}"}),
        lambda host, programs: host.files.update({RULES_PATH: b"table inet container_host {}\n"}),
    ],
)
def test_drift_is_found_and_mended(spoil: t.Callable[[FakeHostIO, Programs], None]) -> None:
    host, programs = applied("forward", "input")
    text = programs.firewall
    spoil(host, programs)
    _entries, changed = run(host, controls("forward", "input"))
    assert changed
    assert programs.firewall == text
    _entries, changed = run(host, controls("forward", "input"))
    assert not changed


def test_only_the_chain_that_was_touched_deviates() -> None:
    host, programs = applied("forward", "input")
    programs.firewall = (programs.firewall or "").replace("udp sport 67 udp dport 68 accept", "accept")
    entries, _changed = run(host, controls("forward", "input"), check_mode=True)
    assert statuses(entries) == ["passed", "would_change"]
    assert entries[1].before == {"chain input": "other rules than were loaded"}


def test_chain_goes_with_its_control_and_the_table_with_the_last() -> None:
    host, programs = applied("forward", "input")
    entries, _changed = run(host, controls("forward"))
    assert "chain input" not in (programs.firewall or "")
    assert [(entry.id, entry.status) for entry in entries] == [("fw_forward", "passed"), ("fw_input", "changed")]
    _entries, changed = run(host, controls("forward"))
    assert not changed
    before = set(make_host()[0].files)
    run(host, [])
    assert programs.firewall is None
    assert set(host.files) == before
    assert not any(host.exists(path) for path in (*OURS, record.PATH))


def test_refused_rules_change_nothing() -> None:
    host, programs = make_host()
    programs.firewall_refuses = "Error: syntax error"
    entries, _changed = run(host, controls("forward"))
    assert statuses(entries) == ["failed"]
    assert "syntax error" in entries[0].reason
    assert programs.firewall is None
    assert not host.exists(RULES_PATH)


def test_what_was_never_loaded_needs_no_putting_back() -> None:
    host, programs = make_host()
    programs.firewall_refuses = "Error: syntax error"
    run(host, controls("forward"))
    assert host.exists(record.PATH)
    _entries, changed = run(host, [])
    assert not changed
    assert not host.exists(record.PATH)


def test_without_systemd_nothing_is_written() -> None:
    host, programs = make_any_host()
    entries, _changed = run(host, controls("forward"))
    assert (statuses(entries), programs.firewall, host.written) == (["failed"], None, {})
    assert "systemd does not run here" in entries[0].reason


def test_what_can_not_be_put_back_has_failed() -> None:
    host, programs = applied("forward")
    programs.firewall = None
    programs.systemctl_fails = {"stop": "Failed to stop"}
    entries, changed = run(host, [])
    assert changed
    assert [(entry.id, entry.status) for entry in entries] == [("fw_forward", "failed")]
    assert "Failed to stop" in entries[0].reason


@pytest.mark.parametrize("part", ["world", "input"])
def test_the_present_connection_is_never_shut_out(part: str) -> None:
    host, programs = make_host()
    entries, changed = run(host, controls("forward", part, ssh_from=["198.51.100.0/24"]))
    assert not changed
    assert statuses(entries) == ["failed", "failed"]
    assert "192.0.2.7 is not in ssh_from" in entries[0].reason
    assert programs.firewall is None
    entries, _changed = run(host, controls("forward", part, ssh_from=["192.0.2.0/24"]))
    assert statuses(entries) == ["changed", "changed"]
    assert "tcp dport 22 ip saddr 192.0.2.0/24 accept" in (programs.firewall or "")


def test_without_nft_it_applies_only_when_the_package_is_about_to_come() -> None:
    host, _programs = make_host()
    del host.commands["nft",]
    assert finding("firewall", host, {"part": "forward"}).status == "not_applicable"
    package = {"id": "pkg", "title": "T", "kind": "package_state", "parameters": {"state": "present", "names": ["nftables"]}}  # fmt: skip
    known = parse_controls([("f", [package])], [])
    selected = [*(Selected(control, control.parameters) for control in known.values()), *controls("forward")]
    entries, _changed = run(host, selected, check_mode=True)
    assert statuses(entries)[1] == "would_change"


def test_listing_that_fails_is_no_missing_table() -> None:
    host, _programs = make_host()
    host.commands["nft",] = (1, "", "Error: cache initialization failed: Operation not supported")
    assert "Operation not supported" in finding("firewall", host, {"part": "forward"}).reason
    host.commands["nft",] = (0, "table inet x {}", "")
    assert "can't be understood" in finding("firewall", host, {"part": "forward"}).reason


def test_host_takes_it_back_when_nobody_confirms() -> None:
    host, _programs = make_host({"/run/systemd/system/x": ""})
    run(host, controls("input"), token="t1")
    script = host.written[way_back.SCRIPT]
    assert all(f"rm -f {path}" in script for path in OURS)
    assert "nft delete table inet container_host" in script


BAD: list[tuple[dict[str, t.Any], str]] = [
    ({"part": "output"}, "part"),
    ({}, "part"),
    ({"part": "input", "published_from": ["10.0.0.1/8"]}, "published_from[0]"),
    ({"part": "input", "published_from": [{"port": 443}]}, "published_from[0].from"),
    ({"part": "input", "published_from": [{"protocol": "vrrp", "from": ["any"]}]}, "published_from[0].protocol"),
    ({"part": "input", "published_from": "10.0.0.0/8"}, "published_from"),
    ({"part": "input", "allow": [{"port": "ssh"}]}, "allow[0].port"),
    ({"part": "input", "ssh_from": ["x"]}, "ssh_from[0]"),
    ({"part": "input", "bridges": ['a" accept; #']}, "bridges[0]"),
    ({"part": "input", "policy": "accept"}, "policy"),
]


@pytest.mark.parametrize(("parameters", "path"), BAD)
def test_bad_parameters(parameters: dict[str, t.Any], path: str) -> None:
    problems: list[Problem] = []
    check_parameters("firewall", parameters, "x", problems)
    assert [problem.path for problem in problems] == [f"x.{path}"]


def test_nothing_published_is_not_the_default() -> None:
    host, _programs = make_host()
    lines = plan("firewall", host, {"part": "published", "published_from": []}).findings[0].after["chain published"]
    assert [line for line in lines if "dnat" in line] == ["ct status dnat counter drop"]
