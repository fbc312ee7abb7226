# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""systemd-boot, told by bootctl."""

from __future__ import annotations

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._difference import Difference
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.plan import Plan
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.systemd_boot import variable_path
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_boot.systemd_boot import (
    COMMAND_LINE,
    SystemdBootLoader,
)

FOLDER = "/boot/efi/loader/entries"


def make_host() -> FakeHostIO:
    entry = "title Linux\nversion {0}\nlinux /id/{0}/linux\noptions root=LABEL=x ro quiet\n"
    return FakeHostIO(
        files={
            f"{FOLDER}/id-6.1.conf": entry.format("6.1"),
            f"{FOLDER}/id-6.12+3.conf": entry.format("6.12"),
            variable_path("LoaderEntryOneShot"): b"\x07\0\0\0" + "id-6.1.conf\0".encode("utf-16-le"),
        },
        commands={("bootctl",): (0, "", "")},
    )


def test_what_it_starts() -> None:
    state = SystemdBootLoader(make_host()).observe()
    assert (state.default, state.once, state.no_once) == ("6.12", "6.1", "")
    assert [entry.release for entry in state.entries] == ["6.12", "6.1"]


def test_what_it_is_told() -> None:
    host = make_host()
    loader = SystemdBootLoader(host)
    loader.set_default("6.12")
    loader.set_once("6.1")
    loader.set_default("")
    assert host.ran == [
        ("bootctl", "set-default", "id-6.12*.conf"),
        ("bootctl", "set-oneshot", "id-6.1.conf"),
        ("bootctl", "set-default", ""),
    ]
    with pytest.raises(HostError, match=r"no entry for kernel 6\.2"):
        loader.set_once("6.2")
    host.commands[("bootctl",)] = (1, "", "Read-only file system")
    with pytest.raises(HostError, match="Read-only file system; are EFI variables writable"):
        loader.set_default("6.1")


def test_parameters_of_those_that_are_there_and_of_those_to_come() -> None:
    host = make_host()
    SystemdBootLoader(host).change(Plan(None, Difference(), add=("panic=30",), remove=("quiet",)))
    assert host.written.pop(COMMAND_LINE) == "root=LABEL=x ro panic=30\n"
    assert len(host.written) == 2
    assert all("options root=LABEL=x ro panic=30\n" in text for text in host.written.values())
    host.written.clear()
    host.files[f"{FOLDER}/id-7.conf"] = b"version 7\nlinux /x\noptions ro\n"
    SystemdBootLoader(host).complete(Plan(None, Difference(), present=("panic=30",), absent=("quiet",)))
    assert host.written == {f"{FOLDER}/id-7.conf": "version 7\nlinux /x\noptions ro panic=30\n"}
    host.written.clear()
    SystemdBootLoader(host).change(Plan(None, Difference()))
    assert host.written == {}
