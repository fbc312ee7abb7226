# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What could shut everybody out is taken back by the host unless somebody confirms it."""

from __future__ import annotations

import os
import subprocess
import typing as t
from pathlib import Path

import pytest
from baseline_host import DROP_IN, make_host
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline import record, way_back
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.control import parse_controls
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.run import run
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.select import Selected
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

SYSTEMD = {"/run/systemd/system/x": ""}
SSHD = {"id": "loud", "title": "T", "kind": "sshd_option", "parameters": {"options": {"LogLevel": "VERBOSE"}}}
SUDO = {"id": "sudo", "title": "T", "kind": "file_content", "parameters": {"path": "/etc/sudoers.d/x", "content": "#"}}
PLAIN = {"id": "plain", "title": "T", "kind": "file_content", "parameters": {"path": "/etc/issue", "content": "x"}}


def controls(*entries: dict[str, t.Any]) -> list[Selected]:
    return [Selected(control, control.parameters) for control in parse_controls([("f", entries)], []).values()]


def armed(host: FakeHostIO, paths: t.Sequence[str] = ("/etc/a",), token: str = "t1") -> None:
    assert way_back.arm(host, token, paths, [("systemctl", "reload", "x")], ["c"])


@pytest.mark.parametrize(
    ("entries", "waits_for"),
    [
        ([SSHD], ["loud"]),
        ([SUDO], ["sudo"]),
        ([PLAIN], []),
        ([PLAIN, SSHD], ["loud"]),
    ],
)
def test_only_changes_to_the_way_in_wait_for_a_confirmation(
    entries: list[dict[str, t.Any]], waits_for: list[str]
) -> None:
    host, _programs = make_host(SYSTEMD)
    run(host, controls(*entries), token="t1")
    assert way_back.pending(host) == ("t1" if waits_for else "")
    assert way_back.pending_controls(host) == waits_for


def test_steady_state_and_check_mode_arm_nothing() -> None:
    host, _programs = make_host(SYSTEMD)
    run(host, controls(SSHD), token="t1", check_mode=True)
    assert not host.exists(way_back.FOLDER)
    run(host, controls(SSHD), token="t1")
    assert way_back.confirm(host, "t1")
    host.ran.clear()
    run(host, controls(SSHD), token="t2")
    assert not way_back.pending(host)
    assert not [argv for argv in host.ran if way_back.NAME in " ".join(argv)]


def test_timer_runs_before_the_first_change() -> None:
    host, _programs = make_host(SYSTEMD)
    run(host, controls(SSHD), token="t1")
    timer = host.ran.index(("systemctl", "restart", "container-host-return.timer"))
    assert timer < host.ran.index(("systemctl", "reload", "ssh.service"))
    assert f"OnActiveSec={way_back.CONFIRM_SECONDS}" in host.written[way_back.TIMER]


def test_without_systemd_there_is_no_way_back() -> None:
    host, _programs = make_host()
    run(host, controls(SSHD), token="t1")
    assert host.exists(DROP_IN)
    assert way_back.pending(host) == ""


def test_next_run_asks_for_the_confirmation_of_an_earlier_one() -> None:
    host, _programs = make_host(SYSTEMD)
    run(host, controls(SSHD), token="t1")
    _entries, changed = run(host, controls(SSHD), token="t2")
    assert not changed
    assert way_back.pending(host) == "t1"


def test_what_was_saved_first_stays_saved() -> None:
    host = FakeHostIO(files={"/etc/a": "old", **SYSTEMD}, commands={("systemctl",): (0, "", "")})
    armed(host)
    host.files["/etc/a"] = b"new"
    armed(host, ("/etc/a", "/etc/b"), "t2")
    assert host.read_text(f"{way_back.FOLDER}/saved/0") == "old"
    assert "rm -f /etc/b" in host.written[way_back.SCRIPT]
    assert host.written[way_back.SCRIPT].count("systemctl reload x") == 1


@pytest.mark.parametrize(("path", "follows"), [("/etc/ssh/sshd_config.d/x.conf", True), ("/etc/sudoers.d/x", False)])
def test_ssh_server_follows_its_files_whichever_kind_wrote_them(path: str, follows: bool) -> None:
    host = FakeHostIO(files=SYSTEMD, commands={("systemctl",): (0, "", "")})
    armed(host, (path,))
    assert ("try-reload-or-restart sshd.service" in host.written[way_back.SCRIPT]) is follows


def test_wrong_or_late_confirmation_keeps_nothing() -> None:
    host = FakeHostIO(files={"/etc/a": "old", **SYSTEMD}, commands={("systemctl",): (0, "", "")})
    armed(host)
    assert not way_back.confirm(host, "t2")
    assert way_back.pending(host) == "t1"
    host.rename(way_back.ARMED, way_back.RETURNING)
    assert not way_back.confirm(host, "t1")
    with pytest.raises(HostError, match="run again"):
        way_back.pending(host)


def test_confirmation_leaves_nothing_behind() -> None:
    host = FakeHostIO(files={"/etc/a": "old", **SYSTEMD}, commands={("systemctl",): (0, "", "")})
    armed(host)
    assert way_back.confirm(host, "t1")
    assert set(host.files) == {"/etc/a", "/run/systemd/system/x"}
    assert ("systemctl", "stop", "container-host-return.timer") in host.ran


def test_what_was_put_back_leaves_the_record_only_with_the_confirmation() -> None:
    host, _programs = make_host(SYSTEMD)
    run(host, controls(SSHD, PLAIN), token="t1")
    way_back.confirm(host, "t1")
    run(host, [], token="t2")
    assert not host.exists(DROP_IN)
    assert list(record.parse_record(host.read_text(record.PATH))["sshd_option"]) == [f"file:{DROP_IN}"]
    assert way_back.confirm(host, "t2")
    assert not host.exists(record.PATH)


@pytest.mark.parametrize("start", ["armed", "returning"])
def test_script_puts_everything_back_also_when_cut_off_before(tmp_path: Path, start: str) -> None:
    """The script itself, in a real shell, with its paths moved into a scratch directory."""
    folder, etc = tmp_path / "return", tmp_path / "etc"
    (folder / "saved").mkdir(parents=True)
    etc.mkdir()
    (folder / start).write_text("t1\n")
    (folder / "saved" / "0").write_text("old\n")
    os.chmod(folder / "saved" / "0", 0o600)
    (etc / "a").write_text("new\n")
    (etc / "b c").write_text("new\n")
    (tmp_path / "systemctl").write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n')
    os.chmod(tmp_path / "systemctl", 0o755)
    files = {str(etc / "a"): "0", str(etc / "b c"): ""}
    script = way_back.render_script(files, [("systemctl", "reload", "it's"), ("false",)])
    script = script.replace(way_back.FOLDER, str(folder)).replace("/etc/systemd", str(tmp_path / "systemd"))
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    subprocess.run(["sh", "-eu"], input=script, text=True, check=True, env=environment)
    assert (etc / "a").read_text() == "old\n"
    assert (etc / "a").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in etc.iterdir()) == ["a"]
    assert "reload it's" in (tmp_path / "calls").read_text()
    assert not folder.exists()


def test_script_does_nothing_once_confirmed(tmp_path: Path) -> None:
    folder = tmp_path / "return"
    folder.mkdir()
    (folder / "confirmed").write_text("t1\n")
    (tmp_path / "a").write_text("new\n")
    script = way_back.render_script({str(tmp_path / "a"): ""}, []).replace(way_back.FOLDER, str(folder))
    subprocess.run(["sh", "-u"], input=script, text=True, check=True)
    assert (tmp_path / "a").read_text() == "new\n"
