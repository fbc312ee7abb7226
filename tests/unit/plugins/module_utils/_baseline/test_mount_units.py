# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which mount unit makes a mount, and with which options."""

from __future__ import annotations

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.mount_units import read_unit, unit_name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/tmp", "tmp.mount"),
        ("/", "-.mount"),
        ("/var/lib/a-b", "var-lib-a\\x2db.mount"),
        ("/.x.y", "\\x2ex.y.mount"),
        ("/é", "\\xc3\\xa9.mount"),
    ],
)
def test_name(path: str, name: str) -> None:
    assert unit_name(path) == name


def test_options_come_from_the_last_drop_in_and_ours_is_told_apart() -> None:
    host = FakeHostIO(
        files={
            "/usr/lib/systemd/system/tmp.mount": "[Mount]\nOptions=mode=1777,nosuid\n",
            "/etc/systemd/system/tmp.mount.d/b.conf": "[Mount]\nOptions = nodev\n",
            "/usr/lib/systemd/system/tmp.mount.d/b.conf": "[Mount]\nOptions=hidden\n",
            "/run/systemd/system/tmp.mount.d/a.conf": "[Mount]\nOptions=dev\n",
            "/etc/systemd/system/tmp.mount.d/zz-container-host.conf": "[Mount]\nOptions=nodev,noexec\n",
        }
    )
    unit = read_unit(host, "/tmp")
    assert (unit.is_there, unit.is_masked, unit.options) == (True, False, ("nodev",))
    assert unit.options_now == ("nodev", "noexec")


def test_masked_and_absent() -> None:
    host = FakeHostIO(links={"/etc/systemd/system/tmp.mount": "/dev/null"})
    assert read_unit(host, "/tmp").is_masked
    assert not read_unit(host, "/srv").is_there
