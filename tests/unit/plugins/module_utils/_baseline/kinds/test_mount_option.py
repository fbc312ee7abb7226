# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mount options, over a host whose mount command does what it says."""

from __future__ import annotations

import typing as t

import pytest
from baseline_host import make_host
from baseline_kind import finding, parse
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline import fstab
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.control import parse_controls
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.memory_mount import STAGE
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.report import Entry, difference
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.run import run
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.select import Selected
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.mounts import parse_mountinfo
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import Problem

MOUNTINFO = """\
1 0 8:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
2 1 0:5 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw
3 1 0:6 / /dev/shm rw,nosuid,nodev - tmpfs tmpfs rw,inode64
4 1 8:2 / /home rw,relatime - ext4 /dev/vdb rw
5 1 8:3 / /var rw,relatime - ext4 /dev/vdc rw
6 1 8:4 / /data rw,relatime - ext4 /dev/vdd rw
"""
FSTAB = "# disks\n/dev/vda1 / ext4 rw 0 1\n/dev/vdb\t/home ext4 defaults,exec 0 2\n/dev/vdc /var ext4 defaults 0 2"
ALL = ["nodev", "nosuid", "noexec"]
CONTROLS: list[dict[str, t.Any]] = [
    {"id": "tmp", "parameters": {"paths": ["/tmp"], "options": ALL, "if_missing": "tmpfs"}},
    {"id": "shm", "parameters": {"paths": ["/dev/shm"], "options": ALL}},
    {"id": "home", "parameters": {"paths": ["/home"], "options": ["nodev", "nosuid"]}},
    {"id": "home_strict", "parameters": {"paths": ["/home"], "options": ["noexec"]}},
    {"id": "var", "parameters": {"paths": ["/var", "/var/log"], "options": ALL}},
    {"id": "proc", "parameters": {"paths": ["/proc"], "options": ["hidepid=2"]}},
]
UNIT = "/usr/lib/systemd/system/tmp.mount"
UNIT_TEXT = "[Mount]\nWhat=tmpfs\nWhere=/tmp\nType=tmpfs\nOptions=mode=1777,nosuid,nodev\n"
DROP_IN = "/etc/systemd/system/tmp.mount.d/zz-container-host.conf"


class Mounter:
    """mount and findmnt: a remount sets the flags named, what is mounted aside is bound into place."""

    def __init__(self, host: FakeHostIO) -> None:
        self.host = host
        host.commands[("mount",)] = self.mount
        host.commands[("cp",)] = host.commands[("umount",)] = (0, "", "")
        host.commands[("findmnt",)] = self.findmnt
        self.findmnt_errors = 0
        self.staged = ""

    def mount(self, argv: tuple[str, ...], _text: str | None) -> tuple[int, str, str]:
        info = (self.host.read_text("/proc/self/mountinfo") or "").splitlines()
        if argv[1] == "-t":
            self.staged = ",".join(["rw", *(option for option in argv[4].split(",") if option in fstab.FLAGS)])
        elif argv[1] == "--bind":
            info.append(f"9 1 0:9 / {argv[3]} {self.staged} - tmpfs tmpfs rw")
        else:
            options, _source, path = argv[2:5]
            words = [word for word in options.split(",") if word not in ("remount", "bind", "suid", "dev", "exec")]
            for index, line in enumerate(info):
                left, _dash, right = line.partition(" - ")
                fields = left.split()
                if fields[4] == path:
                    fields[5] = ",".join(word for word in words if "=" not in word)
                    about = [word.replace("=2", "=invisible") for word in words if "=" in word and "=0" not in word]
                    base = [word for word in right.split()[2].split(",") if "=" not in word]
                    rest = right.split()[:2]
                    info[index] = f"{' '.join(fields)} - {' '.join(rest)} {','.join([*base, *about])}"
        self.host.files["/proc/self/mountinfo"] = "".join(f"{line}\n" for line in info).encode()
        return 0, "", ""

    def findmnt(self, argv: tuple[str, ...], _text: str | None) -> tuple[int, str, str]:
        is_new = argv[-1] != fstab.PATH
        errors = self.findmnt_errors if is_new else 0
        return (1 if errors else 0), f"0 parse errors, {errors} errors, 0 warnings", ""


def machine(files: t.Mapping[str, str] | None = None) -> tuple[FakeHostIO, Mounter]:
    host, _programs = make_host({"/proc/self/mountinfo": MOUNTINFO, fstab.PATH: FSTAB, **(files or {})})
    return host, Mounter(host)


def controls(*ids: str) -> list[Selected]:
    problems: list[Problem] = []
    entries = [{"title": "T", "kind": "mount_option", **e} for e in CONTROLS if not ids or e["id"] in ids]
    known = parse_controls([("f", entries)], problems)
    assert problems == []
    return [Selected(control, control.parameters) for control in known.values()]


def flags(host: FakeHostIO, path: str) -> set[str]:
    mounts = {mount.path: mount for mount in parse_mountinfo(host.read_text("/proc/self/mountinfo") or "")}
    return set(mounts[path].options) & {*fstab.FLAGS, "hidepid=invisible"}


def by_id(entries: t.Sequence[Entry]) -> dict[str, Entry]:
    return {entry.id: entry for entry in entries}


def test_foretold_done_and_then_nothing() -> None:
    host, _mounter = machine()
    foretold, _changed = run(host, controls(), check_mode=True)
    assert host.written == {}
    done, changed = run(host, controls())
    assert changed
    assert difference(done) == difference(foretold)
    assert {entry.status for entry in done} == {"changed"}
    assert flags(host, "/tmp") == flags(host, "/dev/shm") == flags(host, "/home") == set(ALL)
    assert flags(host, "/proc") == {*ALL, "hidepid=invisible"}
    assert (host.read_text(fstab.PATH) or "").splitlines() == [
        "# disks",
        "/dev/vda1 / ext4 rw 0 1",
        "/dev/vdb\t/home ext4 defaults,noexec,nodev,nosuid 0 2",
        "/dev/vdc /var ext4 defaults,nodev 0 2",
        "tmpfs /tmp tmpfs defaults,mode=1777,size=50%,nodev,nosuid,noexec 0 0",
        "tmpfs /dev/shm tmpfs defaults,nodev,nosuid,noexec 0 0",
        "proc /proc proc defaults,hidepid=2 0 0",
    ]
    host.ran.clear()
    again, changed = run(host, controls())
    assert not changed
    assert {entry.status for entry in again} == {"passed"}
    assert not [argv for argv in host.ran if argv[0] in ("mount", "findmnt")]


def test_one_remount_for_each_changed_mount() -> None:
    host, _mounter = machine()
    run(host, controls())
    assert [argv for argv in host.ran if argv[0] == "mount"] == [
        ("mount", "-t", "tmpfs", "-o", "mode=1777,size=50%,nodev,nosuid,noexec", "tmpfs", STAGE),
        ("mount", "--bind", STAGE, "/tmp"),
        ("mount", "-o", "remount,bind,rw,nodev,nosuid,noexec", "tmpfs", "/dev/shm"),
        ("mount", "-o", "remount,bind,rw,nodev,nosuid,noexec,relatime", "/dev/vdb", "/home"),
        ("mount", "-o", "remount,bind,rw,nodev,suid,exec,relatime", "/dev/vdc", "/var"),
        ("mount", "-o", "remount,rw,nodev,nosuid,noexec,relatime,hidepid=2", "proc", "/proc"),
    ]


def test_what_holds_containers_gets_nothing_that_reaches_volumes() -> None:
    host, _mounter = machine()
    found = finding("mount_option", host, {"paths": ["/var"], "options": ALL})
    assert (found.before, found.after) == ({"/var": "none of them"}, {"/var": "nodev"})
    assert found.reason == "without nosuid, noexec on /var, as containers are kept in /var/lib/docker"
    nothing_left = finding("mount_option", host, {"paths": ["/var"], "options": ["noexec"]})
    assert nothing_left.status == "not_applicable"
    spoken_for = finding("mount_option", host, {"paths": ["/var"], "options": ["noexec"], "spare_store": False})
    assert (spoken_for.status, spoken_for.after) == ("deviates", {"/var": "noexec"})
    moved, _mounter = machine({"/etc/docker/daemon.json": '{"data-root": "/data/docker"}'})
    assert finding("mount_option", moved, {"paths": ["/data"], "options": ["nosuid"]}).status == "not_applicable"


def test_absent_puts_everything_back_but_memory_in_use() -> None:
    host, _mounter = machine()
    mounted = parse_mountinfo(MOUNTINFO)
    run(host, controls())
    foretold, _changed = run(host, [], check_mode=True)
    back, _changed = run(host, [])
    assert difference(back) == difference(foretold)
    assert host.read_text(fstab.PATH) == FSTAB
    now = parse_mountinfo(host.read_text("/proc/self/mountinfo") or "")
    assert {m.path: set(m.options) for m in now if m.path != "/tmp"} == {m.path: set(m.options) for m in mounted}
    assert by_id(back)["tmp"].reason == "put back as it was before; takes effect at the next boot"
    assert not run(host, [])[1]


def test_less_is_put_back_alone() -> None:
    """A stricter profile's option goes again, what the others hold stays."""
    host, _mounter = machine()
    run(host, controls("home", "home_strict"))
    entries, changed = run(host, controls("home"))
    assert changed
    assert flags(host, "/home") == {"nodev", "nosuid"}
    assert "/dev/vdb\t/home ext4 defaults,exec,nodev,nosuid 0 2" in (host.read_text(fstab.PATH) or "")
    assert {name: entry.status for name, entry in by_id(entries).items()} == {
        "home": "passed",
        "home_strict": "changed",
    }


def test_a_line_of_ours_is_mended() -> None:
    host, _mounter = machine()
    run(host, controls("shm"))
    text = (host.read_text(fstab.PATH) or "").replace("nodev,nosuid,noexec", "size=1g,exec,nodev")
    host.files[fstab.PATH] = text.encode()
    entries, _changed = run(host, controls("shm"))
    assert by_id(entries)["shm"].before == {"/dev/shm": "nodev,nosuid,noexec, at boot nodev"}
    assert "tmpfs /dev/shm tmpfs defaults,size=1g,noexec,nodev,nosuid 0 0" in (host.read_text(fstab.PATH) or "")
    run(host, [])
    assert host.read_text(fstab.PATH) == FSTAB


def test_a_mount_of_a_unit_gets_a_drop_in() -> None:
    info = MOUNTINFO + "7 1 0:7 / /tmp rw,nosuid,nodev - tmpfs tmpfs rw\n"
    host, _mounter = machine({UNIT: UNIT_TEXT, "/proc/self/mountinfo": info})
    run(host, controls("tmp"))
    assert (host.read_text(DROP_IN) or "").splitlines()[1:] == ["[Mount]", "Options=mode=1777,nosuid,nodev,noexec"]
    assert ("systemctl", "daemon-reload") in host.ran
    assert host.read_text(fstab.PATH) == FSTAB
    assert flags(host, "/tmp") == set(ALL)
    assert not run(host, controls("tmp"))[1]
    run(host, [])
    assert not host.exists(DROP_IN)
    assert flags(host, "/tmp") == {"nosuid", "nodev"}


def test_what_does_not_fit_into_memory_stays_where_it_is() -> None:
    host, _mounter = machine()
    host.commands[("cp",)] = (1, "", "cp: No space left on device")
    entries, _changed = run(host, controls("tmp"))
    assert by_id(entries)["tmp"].status == "failed"
    assert "No space left on device; empty it, or exempt the control" in by_id(entries)["tmp"].reason
    assert [argv for argv in host.ran if argv[0] in ("mount", "umount")][-1] == ("umount", STAGE)
    assert " /tmp " not in (host.read_text("/proc/self/mountinfo") or "")


def test_a_worse_fstab_is_not_used() -> None:
    host, mounter = machine()
    mounter.findmnt_errors = 1
    entries, _changed = run(host, controls("shm"))
    assert by_id(entries)["shm"].status == "failed"
    assert "findmnt refuses the new content" in by_id(entries)["shm"].reason
    assert host.read_text(fstab.PATH) == FSTAB
    assert not [argv for argv in host.ran if argv[0] == "mount"]


OTHERS: list[tuple[dict[str, t.Any], dict[str, str], str, str]] = [
    # parameters, links, status, reason
    ({"paths": ["/srv"], "options": ["nodev"]}, {}, "not_applicable", "no mount of its own: /srv"),
    ({"paths": ["/data"], "options": ["nodev"]}, {}, "failed", "mounted by neither fstab nor a unit"),
    (CONTROLS[0]["parameters"], {"/etc/systemd/system/tmp.mount": "/dev/null"}, "failed", "tmp.mount is masked"),
    ({"paths": ["/proc"], "options": ["noexec"]}, {}, "deviates", ""),
]


@pytest.mark.parametrize(("parameters", "links", "status", "reason"), OTHERS)
def test_finding(parameters: dict[str, t.Any], links: dict[str, str], status: str, reason: str) -> None:
    host, _mounter = machine()
    host.links.update(links)
    found = finding("mount_option", host, parameters)
    assert found.status == status
    assert reason in found.reason


def test_bad_parameters() -> None:
    assert parse("mount_option", {"paths": ["tmp", "/a//b"], "options": ["nodev", "dev", "a=b,c"]})[1] == [
        "p.paths[0]: is 'tmp'; give an absolute path, without empty parts",
        "p.paths[1]: is '/a//b'; give an absolute path, without empty parts",
        "p.options[1]: is 'dev'; give one of nodev, nosuid, noexec, or name=value",
        "p.options[2]: is 'a=b,c'; give one of nodev, nosuid, noexec, or name=value",
    ]
    assert parse("mount_option", {"paths": ["/var/tmp"], "options": ["nodev"], "if_missing": "tmpfs"})[1] == [
        "p.if_missing: is tmpfs for /var/tmp; only /tmp and /dev/shm can be memory"
    ]
