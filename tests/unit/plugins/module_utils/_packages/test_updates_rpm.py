# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Updates by dnf and zypper: what they write, and what is run."""

from __future__ import annotations

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.updates import Held, Pending, Update
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.updates_rpm import (
    DnfUpdater,
    ZypperUpdater,
    parse_duplicates,
    parse_renewed,
    parse_transaction,
    parse_zypper,
)

DNF4 = """\
Last metadata expiration check: 0:12:03 ago on Tue 24 Nov 2026 07:55:01 AM UTC.
Dependencies resolved.
================================================================================
 Package           Arch    Version                         Repository      Size
================================================================================
Installing:
 kernel            x86_64  5.14.0-503.15.1.el9_5           baseos         2.0 M
Upgrading:
 bash              x86_64  5.1.8-9.el9                     baseos         1.7 M
 NetworkManager-initscripts-updown
                   noarch  1:1.48.10-2.el9_5               baseos          18 k
 openssl-libs      x86_64  1:3.2.2-6.el9_5                 baseos         2.1 M
     replacing  openssl-compat.x86_64 1:1.1.1k-4.el9
Installing dependencies:
 kernel-core       x86_64  5.14.0-503.15.1.el9_5           baseos          18 M
Removing:
 kernel            x86_64  5.14.0-362.8.1.el9_3            @baseos         0
 kernel-core-of-a-long-name
                   x86_64  5.14.0-362.8.1.el9_3            @baseos         62 M
 oldthing          x86_64  1:1-1.el9                       @baseos        1.0 M

Transaction Summary
================================================================================
Install  2 Packages
Upgrade  3 Packages

Total download size: 25 M
Operation aborted.
"""
DNF5 = """\
Updating and loading repositories:
Repositories loaded.
Package                Arch   Version              Repository      Size
Upgrading:
 bash                  x86_64 5.2.32-1.fc41        updates      8.1 MiB
   replacing bash      x86_64 5.2.26-4.fc41        fedora       8.1 MiB

Transaction Summary:
 Upgrading:         1 package
 Replacing:         1 package

Operation aborted by the user.
"""
ZYPPER = """\
<?xml version='1.0'?>
<stream>
<install-summary download-size="1" space-usage-diff="2" packages-to-change="3">
<to-upgrade>
<solvable type="package" name="bash" edition="5.2.15-2" arch="x86_64" edition-old="5.2.15-1" repository="repo-update" summary="x"/>
<solvable type="patch" name="SUSE-2026-1" edition="1" arch="noarch"/>
</to-upgrade>
<to-install>
<solvable type="package" name="kernel-default" edition="6.4.0-150600.23.25.1" arch="x86_64" repository="repo-update"/>
</to-install>
<to-remove>
<solvable type="package" name="old" edition="1" arch="noarch"/>
</to-remove>
</install-summary>
</stream>
"""


def test_transactions_are_parsed() -> None:
    found = parse_transaction(DNF4)
    assert {update.name: (update.after, update.origins) for update in found.updates} == {
        "kernel.x86_64": ("5.14.0-503.15.1.el9_5", ("baseos",)),
        "bash.x86_64": ("5.1.8-9.el9", ("baseos",)),
        "NetworkManager-initscripts-updown.noarch": ("1:1.48.10-2.el9_5", ("baseos",)),
        "openssl-libs.x86_64": ("1:3.2.2-6.el9_5", ("baseos",)),
        "kernel-core.x86_64": ("5.14.0-503.15.1.el9_5", ("baseos",)),
    }
    assert found.removed == (
        "kernel-5.14.0-362.8.1.el9_3",
        "kernel-core-of-a-long-name-5.14.0-362.8.1.el9_3",
        "oldthing-1:1-1.el9",
    )
    assert parse_transaction(DNF5).updates == (Update("bash.x86_64", None, "5.2.32-1.fc41", ("updates",)),)
    assert parse_transaction("Dependencies resolved.\nNothing to do.\nComplete!\n") == Pending()


def dnf(security: tuple[int, str, str], everything: tuple[int, str, str]) -> FakeHostIO:
    return FakeHostIO(
        commands={
            ("dnf",): lambda argv, _text: security if "--security" in argv else everything,
            ("rpm",): (2, "bash\t0:5.1.8-6.el9\nkernel\t0:5.14.0-427.el9\npackage x is not installed\n", ""),
        }
    )


def test_dnf_tells_versions_before_and_which_are_for_security() -> None:
    host = dnf((1, DNF5.replace("fc41", "el9"), ""), (1, DNF4, ""))
    found = {update.name: update for update in DnfUpdater(host).pending(False).updates}
    assert found["bash.x86_64"].before == "5.1.8-6.el9"
    assert found["bash.x86_64"].security
    assert found["kernel.x86_64"].before is None  # kernels are installed beside each other
    assert not found["kernel.x86_64"].security
    [only] = DnfUpdater(host).pending(True).updates
    assert only.name == "bash.x86_64"
    assert not DnfUpdater(dnf((0, "Nothing to do.\n", ""), (0, "Nothing to do.\n", ""))).pending(False).updates
    with pytest.raises(HostError, match=r"reading the updates: dnf failed with 1: Error: no mirror"):
        DnfUpdater(dnf((1, "", "Error: no mirror\n"), (1, "", ""))).pending(True)


def test_dnf_finishes_what_a_power_cut_has_left_twice() -> None:
    listed = "bash.x86_64\nbash.x86_64\nkernel.x86_64\nkernel.x86_64\nglibc.i686\nglibc.x86_64\ngpg-pubkey.(none)\n"
    assert parse_duplicates(listed) == ("bash.x86_64",)
    host = FakeHostIO(commands={("rpm",): (0, listed, ""), ("dnf",): (0, "", "")})
    assert DnfUpdater(host).interrupted() == ("bash.x86_64",)
    DnfUpdater(host).finish()
    assert host.ran[-1][-3:] == ("-y", "remove", "--duplicates")


def test_packages_that_count_after_a_reboot() -> None:
    output = "glibc\t1000\nsystemd\t2000\npackage dbus is not installed\n"
    assert parse_renewed(output, 1500) == ("systemd",)
    host = FakeHostIO(commands={("rpm",): (1, output, "")})
    assert DnfUpdater(host).renewed_since(1500) == ("systemd",)
    assert ZypperUpdater(host).renewed_since(500) == ("glibc", "systemd")


HELD: list[tuple[str, str, str, tuple[Held, ...]]] = [
    (
        "podman-4:5.2.2-1.el9.*",
        "podman\t4:5.2.2-1.el9\n",
        "podman\t4:5.10.2-1.el9\npodman\t4:5.2.2-9.el9\n",
        (Held("podman", "4:5.2.2-1.el9", "4:5.10.2-1.el9"),),
    ),
    # The newest is there, and the repositories have lost it.
    ("podman-4:5.2.2-1.el9.*", "podman\t4:5.2.2-1.el9\n", "podman\t4:5.1.0-1.el9\n", ()),
    # Two kernels are installed; the older one is held.
    (
        "kernel-core-0:5.14.0-70.el9.*",
        "kernel-core\t0:5.14.0-70.el9\nkernel-core\t0:5.14.0-362.el9\n",
        "kernel-core\t0:5.14.0-362.el9\nkernel-core\t0:5.14.0-427.el9\nkernel-core\t0:5.14.0-70.el9\n",
        (Held("kernel-core", "5.14.0-70.el9", "5.14.0-427.el9"),),
    ),
    ("gone-0:1-1.*", "", "", ()),
]


@pytest.mark.parametrize(("lock", "there", "offered", "held"), HELD)
def test_dnf_names_what_is_held(lock: str, there: str, offered: str, held: tuple[Held, ...]) -> None:
    host = FakeHostIO(
        files={"/etc/dnf/plugins/versionlock.list": f"{lock}\n"},
        commands={("rpm",): (0, there, ""), ("dnf",): (0, offered, "")},
    )
    assert DnfUpdater(host).held() == held


def test_zypper() -> None:
    found = parse_zypper(ZYPPER, True)
    assert found.updates == (
        Update("bash.x86_64", "5.2.15-1", "5.2.15-2", ("repo-update",), True),
        Update("kernel-default.x86_64", None, "6.4.0-150600.23.25.1", ("repo-update",), True),
    )
    assert found.removed == ("old.noarch",)
    host = FakeHostIO(commands={("zypper",): (102, ZYPPER, "")})
    updater = ZypperUpdater(host)
    assert len(updater.pending(False).updates) == 2
    assert host.ran[-1][-2:] == ("update", "--dry-run")
    assert updater.interrupted() == ()
    host.commands[("zypper",)] = [(103, "", ""), (0, "", "")]
    updater.update(True)
    assert sum(argv[-3:] == ("patch", "--category", "security") for argv in host.ran) == 2
    host.commands[("zypper",)] = (4, "", "x")
    for question in (lambda: updater.update(False), lambda: updater.pending(False)):
        with pytest.raises(HostError, match="zypper failed with 4: x"):
            question()
