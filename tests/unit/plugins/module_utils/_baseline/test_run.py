# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole passes over a host in memory."""

from __future__ import annotations

import typing as t

import pytest
from baseline_host import DROP_IN, Programs, make_host
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline import record, way_back
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.control import parse_controls
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.registry import KINDS
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.report import Entry, difference
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.run import LOCK, ensure_root, run
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.select import Selected, from_wire
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, InputError, Problem

DATA: list[dict[str, t.Any]] = [
    {"id": "pkg", "kind": "package_state", "parameters": {"state": "absent", "names": ["telnetd", "xinetd"]}},
    {"id": "pkg_on", "kind": "package_state", "parameters": {"state": "present", "names": ["htop"]}},
    {"id": "unit_on", "kind": "service_state", "parameters": {"state": "running", "units": ["htop"], "package": "htop"}},
    {"id": "mod_off", "kind": "kernel_module", "parameters": {"state": "disabled", "names": ["dccp"]}},
    {"id": "mod_on", "kind": "kernel_module", "parameters": {"state": "loaded", "names": ["br_netfilter", "ext4"]}},
    {"id": "dmesg", "kind": "sysctl", "parameters": {"values": {"kernel.dmesg_restrict": 1}}},
    {"id": "kptr", "kind": "sysctl", "parameters": {"values": {"kernel.kptr_restrict": 2}}},
    {"id": "bridge", "kind": "sysctl", "parameters": {"module": "br_netfilter", "values": {"net.bridge.bridge-nf-call-iptables": 1}}},
    {"id": "shadow", "kind": "file_mode", "parameters": {"paths": ["/etc/shadow"], "mode": "0640", "groups": ["root", "shadow"]}},
    {"id": "drop", "kind": "file_content", "parameters": {"path": "/etc/x.d/ours.conf", "content": "a", "unit": "x.service"}},
    {"id": "time", "kind": "service_state", "parameters": {"state": "running", "any_of": True, "units": ["chrony", "ntpd"]}},
    {"id": "root", "kind": "sshd_option", "parameters": {"options": {"PermitRootLogin": "no"}}},
]  # fmt: skip


def controls(*ids: str) -> list[Selected]:
    problems: list[Problem] = []
    entries = [{"title": "T", **entry} for entry in DATA if not ids or entry["id"] in ids]
    known = parse_controls([("f", entries)], problems)
    assert problems == []
    return [Selected(control, control.parameters) for control in known.values()]


def machine() -> tuple[FakeHostIO, Programs]:
    host, programs = make_host()
    programs.units["chrony.service"] = ("loaded", "inactive", "disabled")
    programs.brings["htop"] = {"htop.service": ("loaded", "active", "enabled")}
    return host, programs


def snapshot(host: FakeHostIO, programs: Programs) -> tuple[t.Any, ...]:
    files = {path: content for path, content in host.files.items() if not path.startswith("/proc/sys/net/bridge")}
    modes = {path: host.modes.get(path, 0o644) for path in files}
    modules = {line.split()[0] for line in files.pop("/proc/modules").decode().splitlines()} - {"br_netfilter"}
    return files, modes, modules, dict(programs.packages), dict(programs.units)


def statuses(entries: t.Sequence[Entry]) -> dict[str, str]:
    return {entry.id: entry.status for entry in entries}


def test_check_mode_foretells_and_touches_nothing() -> None:
    host, programs = machine()
    before = snapshot(host, programs)
    entries, changed = run(host, controls(), check_mode=True)
    assert changed
    assert set(statuses(entries).values()) == {"would_change"}
    assert snapshot(host, programs) == before
    assert (host.written, host.removed, host.made) == ({}, [], [])


def test_apply_does_what_check_mode_foretold_and_then_nothing() -> None:
    host, programs = machine()
    foretold, _changed = run(host, controls(), check_mode=True)
    done, changed = run(host, controls())
    assert changed
    assert difference(done) == difference(foretold)
    assert set(statuses(done).values()) == {"changed"}
    assert host.files["/proc/sys/kernel/dmesg_restrict"] == b"1\n"
    assert host.files["/proc/sys/net/bridge/bridge-nf-call-iptables"] == b"1\n"
    assert programs.packages == {"cowsay": "1", "htop": "1"}
    assert programs.units["chrony.service"] == ("loaded", "active", "enabled")
    assert ("systemctl", "reload", "ssh.service") in host.ran
    assert ("systemctl", "reload-or-restart", "x.service") in host.ran
    host.written.clear()
    host.ran.clear()
    again, changed = run(host, controls())
    assert not changed
    assert set(statuses(again).values()) == {"passed"}
    assert host.written == {}
    # One question to each program, whatever the number of controls.
    assert sorted(argv[0] for argv in host.ran) == ["dpkg-query", "sshd", "systemctl"]


@pytest.mark.parametrize("started", [True, False])
def test_what_a_package_brings_is_foretold_and_done_in_the_same_run(started: bool) -> None:
    """Whether the package starts its service by itself or not, check mode says what the run then does."""
    host, programs = machine()
    before = snapshot(host, programs)
    programs.brings["htop"] = {
        "htop.service": ("loaded", *(("active", "enabled") if started else ("inactive", "disabled")))
    }
    foretold, _changed = run(host, controls("pkg_on", "unit_on"), check_mode=True)
    done, _changed = run(host, controls("pkg_on", "unit_on"))
    assert difference(done) == difference(foretold)
    assert statuses(done) == {"pkg_on": "changed", "unit_on": "changed"}
    assert not run(host, controls("pkg_on", "unit_on"))[1]
    run(host, [])
    assert snapshot(host, programs) == before


def test_absent_puts_everything_back() -> None:
    host, programs = machine()
    before = snapshot(host, programs)
    run(host, controls())
    assert snapshot(host, programs) != before
    foretold, _changed = run(host, [], check_mode=True)
    back, changed = run(host, [])
    assert changed
    assert difference(back) == difference(foretold)
    assert not host.exists(record.PATH)
    assert snapshot(host, programs) == before
    _entries, changed = run(host, [])
    assert not changed


def test_nothing_is_changed_whose_past_cannot_be_written_down() -> None:
    host, programs = machine()
    host.files["/proc/sys/kernel/kptr_restrict"] = b"2\n"
    before = snapshot(host, programs)
    host.write_errors[record.PATH] = "Read-only file system"
    entries, changed = run(host, controls())
    assert not changed
    assert snapshot(host, programs) == before
    found = {entry.id: entry for entry in entries}
    assert {entry.status for entry in found.values()} == {"failed"}
    reason = f"left as it is, since what it was can't be written down: {record.PATH}: can't be written: Read-only"
    assert all(reason in entry.reason for name, entry in found.items() if name != "unit_on")
    del host.write_errors[record.PATH]
    assert set(statuses(run(host, controls())[0]).values()) == {"changed"}
    # What holds is told even where nothing can be written.
    host.write_errors[record.PATH] = "Read-only file system"
    assert set(statuses(run(host, controls())[0]).values()) == {"passed"}


def test_what_was_put_back_and_stays_in_the_record_has_failed() -> None:
    host, _programs = machine()
    run(host, controls("dmesg"))
    host.write_errors[record.PATH] = "Read-only file system"
    entries, _changed = run(host, [])
    assert [(entry.id, entry.status) for entry in entries] == [("dmesg", "failed")]
    assert host.files["/proc/sys/kernel/dmesg_restrict"] == b"0\n"
    del host.write_errors[record.PATH]
    run(host, [])
    assert not host.exists(record.PATH)


def test_way_in_is_left_alone_where_the_host_could_not_take_it_back() -> None:
    host, _programs = machine()
    host.directories.add("/run/systemd/system")
    host.write_errors[way_back.SERVICE] = "Read-only file system"
    entries, changed = run(host, controls("root", "dmesg"), token="token")
    assert changed
    found = {entry.id: entry for entry in entries}
    assert found["root"].status == "failed"
    assert "left as it is, since the host can't be made ready to take it back" in found["root"].reason
    assert found["dmesg"].status == "changed"
    assert not host.exists(DROP_IN)
    assert way_back.pending(host) == ""


def test_a_control_that_goes_is_put_back_alone() -> None:
    host, _programs = machine()
    run(host, controls())
    entries, changed = run(host, controls(*(entry["id"] for entry in DATA if entry["id"] != "dmesg")))
    assert changed
    found = {entry.id: entry for entry in entries}
    assert found["dmesg"].status == "changed"
    assert found["dmesg"].after == {"kernel.dmesg_restrict": "0"}
    assert {status for name, status in statuses(entries).items() if name != "dmesg"} == {"passed"}
    assert b"dmesg" not in host.files["/etc/sysctl.d/99-zz-container-host.conf"]


def test_audit_changes_nothing_and_does_not_ask_how() -> None:
    host, programs = machine()
    before = snapshot(host, programs)
    entries, changed = run(host, controls(), enforce=False)
    assert not changed
    assert snapshot(host, programs) == before
    found = statuses(entries)
    # kptr holds, though nobody wrote it down.
    assert found["kptr"] == "passed"
    assert {status for name, status in found.items() if name != "kptr"} == {"failed"}


FAILURES: list[tuple[str, dict[str, str], str]] = [
    ("dmesg", {"/proc/sys/kernel/dmesg_restrict": "Permission denied"}, "Permission denied"),
    ("dmesg", {"/etc/sysctl.d/99-zz-container-host.conf": "No space left on device"}, "No space left"),
    ("drop", {"/etc/x.d/ours.conf": "Read-only file system"}, "Read-only file system"),
    ("root", {DROP_IN: "Read-only file system"}, "Read-only file system"),
]


@pytest.mark.parametrize(("control", "write_errors", "reason"), FAILURES)
def test_failure_is_one_controls_own(control: str, write_errors: dict[str, str], reason: str) -> None:
    host, _programs = machine()
    host.write_errors.update(write_errors)
    entries, _changed = run(host, controls(control, "shadow"))
    found = {entry.id: entry for entry in entries}
    assert found[control].status == "failed"
    assert reason in found[control].reason
    assert found["shadow"].status == "changed"


def test_a_package_manager_that_is_held_fails_its_own_controls_only() -> None:
    host, _programs = machine()
    locked = "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (apt)\n"
    remaining = host.commands[("apt-get",)]

    def install(argv: tuple[str, ...], text: str | None) -> t.Any:
        return remaining(argv, text) if "--simulate" in argv else (100, "", locked)  # type: ignore[operator]

    host.commands[("apt-get",)] = install
    found = {entry.id: entry for entry in run(host, controls("pkg", "pkg_on", "shadow", "dmesg"))[0]}
    assert {name: entry.status for name, entry in found.items()} == {
        "pkg": "failed", "pkg_on": "failed", "shadow": "changed", "dmesg": "changed",
    }  # fmt: skip
    assert "another package manager has held its lock" in found["pkg"].reason


def test_kind_that_cannot_look_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    host, _programs = machine()

    def observe(_scope: t.Any) -> t.NoReturn:
        raise HostError("the kernel does not answer")

    monkeypatch.setattr(KINDS["sysctl"], "observe", observe)
    entries, changed = run(host, controls("dmesg", "shadow"))
    assert changed
    found = {entry.id: entry for entry in entries}
    assert (found["dmesg"].status, found["dmesg"].reason) == ("failed", "the kernel does not answer")
    assert found["shadow"].status == "changed"


def test_value_that_does_not_stick_has_failed() -> None:
    host, _programs = machine()
    host.write_in_place = lambda path, content: None  # type: ignore[method-assign]
    entries, _changed = run(host, controls("dmesg"))
    assert entries[0].status == "failed"
    assert "was applied, yet is" in entries[0].reason


def test_exempt_control_says_what_was_put_back() -> None:
    host, _programs = machine()
    run(host, controls("dmesg"))
    chosen = controls("dmesg")[0]
    entries, changed = run(host, [Selected(chosen.control, chosen.parameters, "exempt", "r")])
    assert changed
    assert (entries[0].status, entries[0].reason) == ("exempt", "r")
    assert (entries[0].after or {})["kernel.dmesg_restrict"] == "0"


def test_run_that_was_cut_off_before_the_reload_is_finished() -> None:
    host, _programs = machine()
    run(host, controls("root"))
    host.files["/run/container-host/untold/sshd"] = b""
    host.ran.clear()
    entries, changed = run(host, controls("root"))
    assert changed
    assert entries[0].status == "changed"
    assert ("systemctl", "reload", "ssh.service") in host.ran
    assert not run(host, controls("root"))[1]


def test_two_runs_do_not_change_a_host_at_once() -> None:
    host, _programs = machine()
    with host.lock(LOCK):
        for enforce, check_mode in [(False, False), (True, True)]:
            assert run(host, controls("dmesg"), enforce=enforce, check_mode=check_mode)[0]
        before = dict(host.files)
        with pytest.raises(HostError, match="another run of the baseline"):
            run(host, controls("dmesg"))
        assert host.files == before
    assert run(host, controls("dmesg"))[1]


def test_wrong_parameters_are_told_before_anything_is_touched() -> None:
    host, _programs = machine()
    wrong = {"bad": {"values": {}}, "worse": {"values": {"kernel.kptr_restrict": True}}}
    sent = [{"id": name, "kind": "sysctl", "parameters": parameters} for name, parameters in wrong.items()]
    with pytest.raises(InputError) as caught:
        run(host, from_wire(sent), enforce=True)
    assert [problem.path for problem in caught.value.problems] == ["bad.values", "worse.values.kernel.kptr_restrict"]
    assert (host.written, host.removed, host.made) == ({}, [], [])


def test_no_rights_no_judgement() -> None:
    host, _programs = make_host(unreadable=["/etc/shadow"])
    del host.files["/etc/shadow"]
    with pytest.raises(HostError, match="become: true"):
        ensure_root(host)
