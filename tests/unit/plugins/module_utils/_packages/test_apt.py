# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._packages import apt
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.apt import Apt
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import (
    PackageRequest,
    PackageStatus,
)

QUERY = (
    "podman\t5.4.2+ds1-2\thold\tinstalled\n"
    "runc\t1.1.15-2\tinstall\tinstalled\n"
    "criu\t4.1.1-1\tinstall\thalf-configured\n"
    "docker.io\t26.1.5-9\tdeinstall\tconfig-files\n"
)
POLICY = """docker.io:
  Installed: 26.0.0-1
  Candidate: 20.10.24+dfsg1-1
  Version table:
     26.1.5+dfsg1-9+b9 500
        500 http://deb.debian.org/debian trixie/main amd64 Packages
        500 http://deb.debian.org/debian trixie-updates/main amd64 Packages
 *** 26.0.0-1 100
        100 /var/lib/dpkg/status
     20.10.24+dfsg1-1 990
        990 http://deb.debian.org/debian bookworm/main amd64 Packages
     19.3.0-1 -10
        -10 http://deb.debian.org/debian old/main amd64 Packages
nothing:
  Installed: (none)
  Candidate: (none)
  Version table:
runc:
  Installed: 1.1.15-2
  Candidate: 1.1.15-2
  Version table:
 *** 1.1.15-2 500
        500 http://deb.debian.org/debian trixie/main amd64 Packages
        100 /var/lib/dpkg/status
"""


def test_query_tells_installed_held_and_half_installed_apart() -> None:
    host = FakeHostIO(commands={("dpkg-query",): (1, QUERY, "dpkg-query: no packages found matching crun\n")})
    assert Apt(host).query(["podman", "runc", "criu", "docker.io", "crun"]) == {
        "podman": PackageStatus("podman", "5.4.2+ds1-2", True),
        "runc": PackageStatus("runc", "1.1.15-2", False),
        "criu": PackageStatus("criu", None, False),
        "docker.io": PackageStatus("docker.io", None, False),
        "crun": PackageStatus("crun", None, False),
    }


def test_query_of_nothing_runs_nothing() -> None:
    host = FakeHostIO()
    assert Apt(host).query([]) == {}
    assert host.ran == []


def test_versions_are_newest_first_with_the_candidate_in_front_and_without_those_nobody_offers() -> None:
    host = FakeHostIO(commands={("apt-cache", "policy", "docker.io", "nothing", "runc", "unheard"): (0, POLICY, "")})
    assert Apt(host).versions(["docker.io", "nothing", "runc", "unheard"]) == {
        "docker.io": ["20.10.24+dfsg1-1", "26.1.5+dfsg1-9+b9", "19.3.0-1"],
        "nothing": [],
        "runc": ["1.1.15-2"],
        "unheard": [],
    }


def test_install_names_versions_and_removals() -> None:
    host = FakeHostIO(commands={("apt-get",): (0, "", "")})
    Apt(host).install([PackageRequest("docker-ce", "5:27.3.1-1"), PackageRequest("criu")], ["docker.io"])
    [argv] = host.ran
    assert argv[-3:] == ("docker-ce=5:27.3.1-1", "criu", "docker.io-")
    assert "--no-install-recommends" in argv
    assert "Dpkg::Options::=--force-confold" in argv


def test_an_interrupted_dpkg_is_finished_first() -> None:
    broken = (100, "", "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem.\n")
    host = FakeHostIO(commands={("apt-get",): [broken, (0, "", "")], ("dpkg",): (0, "", "")})
    Apt(host).install([PackageRequest("criu")])
    assert [argv[0] for argv in host.ran] == ["apt-get", "dpkg", "apt-get"]


def test_a_lock_is_waited_for_and_then_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apt, "LOCK_TIMEOUT_SECONDS", 6)
    locked = (100, "", "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt)\n")
    host = FakeHostIO(commands={("apt-get",): locked})
    with pytest.raises(HostError, match="another package manager has held its lock"):
        Apt(host).refresh()
    assert host.slept_seconds == 6


@pytest.mark.parametrize(
    "words",
    [
        "E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?\n",
        "E: Unable to lock the administration directory (/var/lib/dpkg/), is another process using it?\n",
    ],
)
def test_a_lock_that_apt_itself_has_waited_for_is_not_waited_for_again(words: str) -> None:
    def wait(_argv: tuple[str, ...], _text: str | None) -> tuple[int, str, str]:
        host.slept_seconds += apt.LOCK_TIMEOUT_SECONDS
        return 100, "", words

    host = FakeHostIO(commands={("apt-get",): wait})
    with pytest.raises(HostError, match="installing packages: another package manager has held its lock"):
        Apt(host).install([PackageRequest("criu")])
    assert len(host.ran) == 1


def test_a_lock_that_goes_away_is_no_error() -> None:
    locked = (100, "", "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt)\n")
    host = FakeHostIO(commands={("apt-get",): [locked, (0, "", "")]})
    Apt(host).refresh()
    assert [argv[0] for argv in host.ran] == ["apt-get", "apt-get"]
    assert host.slept_seconds > 0


def test_a_failure_gives_the_lines_that_are_errors() -> None:
    words = "Reading package lists...\nE: Unable to locate package nonsense\nsome more\n"
    host = FakeHostIO(commands={("apt-get",): (100, "", words)})
    with pytest.raises(
        HostError, match=r"installing packages: apt-get failed with 100: E: Unable to locate package nonsense$"
    ):
        Apt(host).install([PackageRequest("nonsense")])


def test_a_package_that_can_not_be_processed_is_named() -> None:
    # As apt hands on what dpkg said, through a terminal of its own.
    words = (
        "Setting up good (2) ...\r\nSetting up bad (2) ...\r\n"
        "dpkg: error processing package bad (--configure):\r\n"
        " installed bad package post-installation script subprocess returned error exit status 7\r\n"
        "dpkg: error processing archive /var/cache/apt/archives/worse_2_all.deb (--unpack):\r\n"
        " trying to overwrite '/usr/bin/x', which is also in package good 2\r\n"
        "Errors were encountered while processing:\r\n bad\r\n"
    )
    answer = (100, words, "E: Sub-process /usr/bin/dpkg returned an error code (1)\n")
    with pytest.raises(
        HostError,
        match=r"apt-get failed with 100: bad: installed bad package post-installation .* exit status 7; "
        r"worse_2_all\.deb: trying to overwrite '/usr/bin/x', which is also in package good 2$",
    ):
        Apt(FakeHostIO(commands={("apt-get",): answer})).install([PackageRequest("bad")])


def test_remove_leaves_out_what_is_absent() -> None:
    host = FakeHostIO(commands={("dpkg-query",): (1, QUERY, ""), ("apt-get",): (0, "", "")})
    Apt(host).remove(["podman", "docker.io", "crun"])
    assert host.ran[-1][-1] == "podman"
    assert "docker.io" not in host.ran[-1]


def test_hold_and_unhold_of_nothing_run_nothing() -> None:
    host = FakeHostIO()
    Apt(host).hold([])
    Apt(host).unhold([])
    assert host.ran == []


@pytest.mark.parametrize(
    ("recent", "lists", "updates"),
    [("/var/lib/apt/lists/partial\n", True, 0), ("/var/lib/apt/lists/partial\n", False, 1), ("", True, 1)],
)
def test_fresh_lists_are_not_fetched_again(recent: str, lists: bool, updates: int) -> None:
    files = {"/var/lib/apt/lists/deb.debian.org_dists_trixie_main_binary-amd64_Packages": ""} if lists else {}
    host = FakeHostIO(files=files, commands={("find",): (0, recent, ""), ("apt-get",): (0, "", "")})
    Apt(host).refresh(60)
    assert sum(argv[0] == "apt-get" for argv in host.ran) == updates


def test_hold_speaks_of_installed_packages_only() -> None:
    host = FakeHostIO(commands={("dpkg-query",): (1, QUERY, ""), ("dpkg",): (0, "", "")})
    Apt(host).hold(["podman", "criu"])
    Apt(host).unhold(["podman"])
    assert host.ran[1] == host.ran[3] == ("dpkg", "--set-selections")
    assert (host.inputs[1], host.inputs[3]) == ("podman hold\n", "podman install\n")


def test_installed_by_pattern_leaves_out_what_is_half_installed() -> None:
    host = FakeHostIO(commands={("dpkg-query",): (0, QUERY, "")})
    assert Apt(host).installed(["*"]) == [
        PackageStatus("podman", "5.4.2+ds1-2", True),
        PackageStatus("runc", "1.1.15-2", False),
    ]
    assert host.ran[0][-1] == "*"


def test_names_and_holds() -> None:
    selections = "bash\t\tinstall\nlinux-image-amd64:amd64\thold\npodman\thold\nold\tdeinstall\n"
    host = FakeHostIO(
        commands={("apt-cache",): (0, "b\na\nb\n", ""), ("dpkg", "--get-selections"): (0, selections, "")}
    )
    assert Apt(host).names("x") == ["a", "b"]
    assert Apt(host).holds() == {"linux-image-amd64", "podman"}
    for question in (lambda: Apt(host).names("x"), Apt(host).holds, lambda: Apt(host).installed(["*"])):
        host.commands = {("apt-cache",): (2, "", "E: x"), ("dpkg",): (2, "", "x"), ("dpkg-query",): (2, "", "x")}
        with pytest.raises(HostError, match="reading"):
            question()


def test_ready_takes_the_locks_and_installs_nothing() -> None:
    host = FakeHostIO(commands={("apt-get",): (0, "", "")})
    Apt(host).ready()
    assert host.ran[0][-1] == "install"
