# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""dnf waits for others, and not for ever. tests/dnf_host has them both for real."""

from __future__ import annotations

import typing as t

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._packages import dnf_run
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.dnf_run import RPM_LOCK
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import PackageRequest
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.rpm import Dnf
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.updates_rpm import DnfUpdater

LOCKED = [
    (200, "", "RPMDB already locked by 7\n  The application with PID 7 is: dnf\n"),
    (1, "", "Failed to obtain rpm transaction lock."),
    (1, "", "RPM: error: can't create transaction lock on /var/lib/rpm/.rpm.lock (Resource temporarily unavailable)"),
]
WORK: list[tuple[t.Callable[[FakeHostIO], t.Any], str, str]] = [
    (lambda host: DnfUpdater(host).update(True), "updating packages", "--security"),
    (lambda host: Dnf(host).install([PackageRequest("kernel")]), "installing packages", "kernel"),
    (lambda host: Dnf(host).hold(["kernel-6-1"]), "holding packages by versionlock", "kernel-6-1"),
    (lambda host: Dnf(host).refresh(), "fetching the lists", "--refresh"),
]


@pytest.mark.parametrize("locked", LOCKED)
@pytest.mark.parametrize(("work", "what", "last"), WORK)
def test_a_lock_is_waited_for_a_while(
    work: t.Callable[[FakeHostIO], t.Any],
    what: str,
    last: str,
    locked: tuple[int, str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dnf_run, "LOCK_TIMEOUT_SECONDS", 6)
    host = FakeHostIO(commands={("dnf",): [locked, (0, "", "")]})
    work(host)
    assert host.slept_seconds == 3
    assert host.ran[-1][-1] == last
    host.commands[("dnf",)] = locked
    with pytest.raises(HostError, match=f"{what}: another package manager has held its lock for more than 6 s"):
        work(host)


def test_a_failure_is_no_lock() -> None:
    host = FakeHostIO(commands={("dnf",): (1, "", "Error: no mirror\n")})
    with pytest.raises(HostError, match="fetching the lists: dnf failed with 1: Error: no mirror"):
        Dnf(host).refresh()
    assert host.slept_seconds == 0


@pytest.mark.parametrize(("holder", "who"), [(7, r"manager \(packagekitd, process 7\) has"), (0, "manager has")])
def test_nothing_is_begun_while_packages_change(holder: int, who: str) -> None:
    host = FakeHostIO(files={"/proc/7/comm": "packagekitd\n"}, commands={("dnf",): (0, "", "")})
    host.lock_holders[RPM_LOCK] = holder
    with pytest.raises(HostError, match=who):
        Dnf(host).ready()
    assert host.slept_seconds == 180
    assert not host.ran
    host.lock_holders.clear()
    Dnf(host).ready()
    assert len(host.ran) == 1
