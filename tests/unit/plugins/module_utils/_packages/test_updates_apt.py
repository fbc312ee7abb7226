# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Updates by apt: what apt and dpkg write, and what is run."""

from __future__ import annotations

import typing as t

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._packages import apt
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.updates import Held, Update
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.updates_apt import (
    SECURITY_PREFERENCES,
    AptUpdater,
    is_security,
    parse_simulation,
    parse_unsettled,
)

# Debian 12, and below it lines of Ubuntu 24.04 and of sources without a Release file.
SIMULATION = """\
Reading package lists...
Building dependency tree...
Reading state information...
Calculating upgrade...
The following NEW packages will be installed:
  linux-image-6.1.0-40-amd64
The following packages have been kept back:
  docker.io postgresql-15
  linux-image-amd64
The following upgrades have been deferred due to phasing:
  snapd
The following packages will be upgraded:
  bash libgcrypt20 libgcrypt20-dev libssl3
5 upgraded, 1 newly installed, 0 to remove and 4 not upgraded.
Inst bash [5.2.15-2+b8] (5.2.15-2+b13 Debian:12.15/oldstable [amd64])
Conf bash (5.2.15-2+b13 Debian:12.15/oldstable [amd64])
Inst libgcrypt20-dev [1.10.1-3] (1.10.1-3+deb12u1 Debian:12.15/oldstable, Debian-Security:12/oldstable-security [amd64]) []
Inst libpam-modules-bin [1.5.2-6+deb12u1] (1.5.2-6+deb12u2 Debian:12.15/oldstable [amd64]) [libpam-modules:amd64 on libpam-modules-bin:amd64]
Inst libssl3:i386 [3.0.19-1~deb12u2] (3.0.22-1~deb12u2 Debian-Security:12/oldstable-security [i386])
Inst linux-image-6.1.0-40-amd64 (6.1.153-1 Debian-Security:12/oldstable-security [amd64])
Inst openssl [3.0.13-0ubuntu3.4] (3.0.13-0ubuntu3.5 Ubuntu:24.04/noble-updates, Ubuntu:24.04/noble-security [amd64])
Inst own-tool [1.0] (1.1 packages.example.com [all])
Inst local-tool [1.0] (1.1 [all])
"""


def test_simulation_is_parsed() -> None:
    found = parse_simulation(SIMULATION)
    assert {update.name: (update.before, update.after, update.security) for update in found.updates} == {
        "bash": ("5.2.15-2+b8", "5.2.15-2+b13", False),
        "libgcrypt20-dev": ("1.10.1-3", "1.10.1-3+deb12u1", True),
        "libpam-modules-bin": ("1.5.2-6+deb12u1", "1.5.2-6+deb12u2", False),
        "libssl3:i386": ("3.0.19-1~deb12u2", "3.0.22-1~deb12u2", True),
        "linux-image-6.1.0-40-amd64": (None, "6.1.153-1", True),
        "local-tool": ("1.0", "1.1", False),
        "openssl": ("3.0.13-0ubuntu3.4", "3.0.13-0ubuntu3.5", True),
        "own-tool": ("1.0", "1.1", False),
    }
    by_name = {update.name: update for update in found.updates}
    assert by_name["libgcrypt20-dev"].origins == ("Debian:12.15/oldstable", "Debian-Security:12/oldstable-security")
    assert by_name["own-tool"].origins == ("packages.example.com",)
    assert by_name["local-tool"].origins == ()
    assert found.kept_back == ("docker.io", "linux-image-amd64", "postgresql-15", "snapd")
    assert found.removed == ()
    assert parse_simulation("Remv old [1] [x]\n").removed == ("old",)


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("Debian-Security:12/oldstable-security", True),
        ("Debian-Security:10/oldoldstable", True),
        ("Ubuntu:24.04/noble-security", True),
        ("UbuntuESMApps:22.04/jammy-apps-security", True),
        ("Ubuntu:24.04/noble-updates", False),
        ("Debian:12.15/oldstable", False),
        ("", False),
    ],
)
def test_security_archives_are_told_by_their_names(origin: str, expected: bool) -> None:
    assert is_security(origin) is expected


def test_unsettled_packages() -> None:
    output = "bash\tinstalled\nold\tconfig-files\nlibc6\thalf-configured\ntar\tunpacked\nnone\tnot-installed\n"
    assert parse_unsettled(output) == ("libc6", "tar")


def simulate(argv: tuple[str, ...], _text: t.Optional[str]) -> tuple[int, str, str]:
    return (0, SIMULATION, "")


def test_pending_leaves_out_what_is_held() -> None:
    host = FakeHostIO(
        commands={("apt-get",): simulate, ("dpkg", "--get-selections"): (0, "docker.io\thold\nbash\tinstall\n", "")}
    )
    found = AptUpdater(host).pending(False)
    assert found.kept_back == ("linux-image-amd64", "postgresql-15", "snapd")
    [argv] = [argv for argv in host.ran if argv[0] == "apt-get"]
    assert argv[-2:] == ("upgrade", "--with-new-pkgs")
    assert "--simulate" in argv
    assert not any("Preferences" in word for word in argv)


def test_security_only_keeps_the_users_own_preferences_and_leaves_nothing_behind() -> None:
    seen: list[str] = []

    def watched(argv: tuple[str, ...], text: t.Optional[str]) -> tuple[int, str, str]:
        assert f"Dir::Etc::Preferences={SECURITY_PREFERENCES}" in argv
        seen.append(host.read_text(SECURITY_PREFERENCES) or "")
        return simulate(argv, text)

    host = FakeHostIO(
        files={"/etc/apt/preferences": "Package: x\nPin: version 1\nPin-Priority: 1001\n"},
        commands={("apt-get",): watched, ("dpkg", "--get-selections"): (0, "", "")},
    )
    updater = AptUpdater(host)
    updater.pending(True)
    updater.update(True)
    assert len(seen) == 2
    for text in seen:
        stanzas = text.strip().split("\n\n")
        assert [stanza.splitlines()[1] for stanza in stanzas] == [
            "Pin: release a=now",
            "Pin: release a=*-security",
            "Pin: release l=Debian-Security",
            "Pin: release *",
            "Pin: version 1",
        ]
    assert not host.exists(SECURITY_PREFERENCES)
    host.commands[("apt-get",)] = (100, "", "E: broken\n")
    with pytest.raises(HostError, match="updating packages: apt-get failed with 100: E: broken"):
        updater.update(True)
    assert not host.exists(SECURITY_PREFERENCES)


def test_a_lock_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apt, "LOCK_TIMEOUT_SECONDS", 3)
    words = "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 812 (unattended-upgr)\n"
    host = FakeHostIO(commands={("apt-get",): (100, "", words)})
    with pytest.raises(HostError, match="updating packages: another package manager has held its lock"):
        AptUpdater(host).update(False)


@pytest.mark.parametrize(
    ("states", "journal", "expected"),
    [
        ("bash\tinstalled\n", (), ()),
        ("bash\tunpacked\n", ("0001",), ("bash",)),
        ("bash\tinstalled\n", ("0001",), ("dpkg",)),
        ("bash\tinstalled\n", ("tmp.i",), ()),
    ],
)
def test_interrupted(states: str, journal: tuple[str, ...], expected: tuple[str, ...]) -> None:
    files = {f"/var/lib/dpkg/updates/{name}": "" for name in journal}
    host = FakeHostIO(files=files, commands={("dpkg-query",): (0, states, "")})
    assert AptUpdater(host).interrupted() == expected


def test_finish_configures_only_what_apt_has_left() -> None:
    host = FakeHostIO(
        commands={
            ("apt-get",): (0, "", ""),
            ("dpkg",): (0, "", ""),
            ("dpkg-query",): [(0, "bash\thalf-configured\n", ""), (0, "bash\tinstalled\n", "")],
        }
    )
    updater = AptUpdater(host)
    updater.finish()
    updater.finish()
    assert [argv[0] for argv in host.ran] == ["apt-get", "dpkg-query", "dpkg", "apt-get", "dpkg-query"]
    assert host.ran[0][-2:] == ("--fix-broken", "install")
    assert host.ran[2] == ("dpkg", "--configure", "--force-confdef", "--force-confold", "-a")


def test_held_packages_with_another_version_on_offer() -> None:
    policy = """\
docker.io:
  Installed: 26.1.5-1
  Candidate: 26.1.5-2
  Version table:
     26.1.5-2 500
        500 http://deb.debian.org/debian trixie/main amd64 Packages
 *** 26.1.5-1 100
        100 /var/lib/dpkg/status
runc:
  Installed: 1.1.15-2
  Candidate: 1.1.15-2
  Version table:
 *** 1.1.15-2 500
        500 http://deb.debian.org/debian trixie/main amd64 Packages
        100 /var/lib/dpkg/status
"""
    host = FakeHostIO(
        commands={
            ("dpkg", "--get-selections"): (0, "docker.io\thold\nrunc:amd64\thold\n", ""),
            ("dpkg-query",): (0, "docker.io\t26.1.5-1\thold\tinstalled\nrunc\t1.1.15-2\thold\tinstalled\n", ""),
            ("apt-cache",): (0, policy, ""),
        }
    )
    assert AptUpdater(host).held() == (Held("docker.io", "26.1.5-1", "26.1.5-2"),)


def test_an_update_as_plain_values() -> None:
    assert Update("a", None, "1", ("x",), True).as_dict() == {
        "name": "a",
        "before": None,
        "after": "1",
        "origins": ["x"],
        "security": True,
    }
