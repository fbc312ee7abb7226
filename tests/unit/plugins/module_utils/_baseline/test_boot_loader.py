# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What starts the kernel, with what, and the step that changes it."""

from __future__ import annotations

import pytest
from baseline_grub import grub_host, render
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.boot_loader import (
    DROP_IN,
    GRUB_CFG,
    NEW_GRUB_CFG,
    GenerateGrub,
    parse_drop_in,
    read_boot_loader,
    render_drop_in,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.grub import BootEntry, parse_grub_cfg

BLS = "title Linux\nlinux /vmlinuz-5\ninitrd /initramfs-5.img\noptions root=/dev/vda1 ro $kernelopts crashkernel=1G\n"


def test_only_entries_of_this_system_count() -> None:
    assert [entry.parameters[-1] for entry in parse_grub_cfg(render("audit=1"))] == ["audit=1", "audit=1"]
    assert parse_grub_cfg("linuxefi /vmlinuz ro\n") == (BootEntry("/vmlinuz", ("ro",)),)
    assert parse_grub_cfg("") == ()


def test_drop_in_is_read_as_it_is_written() -> None:
    text = render_drop_in("# ours\n", ("audit=1", "slab_nomerge"))
    assert text == '# ours\nGRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX audit=1 slab_nomerge"\n'
    assert parse_drop_in(text) == ("audit=1", "slab_nomerge")
    assert parse_drop_in(None) == ()


def test_entries_of_grubby() -> None:
    host = FakeHostIO(
        files={"/boot/loader/entries/a.conf": BLS, "/boot/grub2/grubenv": "# GRUB\nkernelopts=quiet audit=1\n"},
        available=["grubby"],
    )
    loader = read_boot_loader(host)
    assert loader.kind == "bls"
    assert loader.entries[0].parameters == ("root=/dev/vda1", "ro", "quiet", "audit=1", "crashkernel=1G")
    assert read_boot_loader(FakeHostIO(files={"/boot/loader/entries/a.conf": BLS})).kind == ""


def test_a_grub_without_drop_ins_is_left_alone() -> None:
    host, _grub = grub_host(files={"/usr/bin/grub-mkconfig": "no such folder"})
    assert read_boot_loader(host).kind == ""


def step() -> GenerateGrub:
    return GenerateGrub(("c",), render_drop_in("", ("audit=1",)), ("audit=1",))


def test_the_new_configuration_takes_the_place_and_mode_of_the_old() -> None:
    host, _grub = grub_host()
    host.modes[GRUB_CFG] = 0o600
    step().apply(host)
    assert host.read_text(GRUB_CFG) == render("quiet audit=1")
    assert host.modes[GRUB_CFG] == 0o600
    assert not host.exists(NEW_GRUB_CFG)


@pytest.mark.parametrize(
    ("line", "setting"), [("", "LANG=C"), ("  set lang=de_DE\n", "LANG=de_DE.UTF-8"), ("set lang=C\n", "LANG=C.UTF-8")]
)
def test_entries_keep_their_language(line: str, setting: str) -> None:
    host, _grub = grub_host()
    host.files[GRUB_CFG] += line.encode()
    step().apply(host)
    generator = ("env", "-u", "LC_ALL", "-u", "LANGUAGE", setting, "/usr/bin/grub-mkconfig", "-o", NEW_GRUB_CFG)
    assert host.ran[0] == generator


@pytest.mark.parametrize("before", [None, "# another\n"])
@pytest.mark.parametrize("failure", ["checker", "generator", "dropped", "kernel gone", "empty"])
def test_whatever_fails_all_stays_as_it_was(before: str | None, failure: str) -> None:
    host, grub = grub_host(files={DROP_IN: before} if before else {})
    old = host.files[GRUB_CFG]
    if failure == "checker":
        grub.refuses = True
    elif failure == "generator":
        host.commands[("env",)] = (1, "", "no space left on device")
    elif failure == "dropped":
        grub.drops = "audit=1"
    elif failure == "kernel gone":
        host.files[GRUB_CFG] = old = old.replace(b"vmlinuz-6.12.0", b"vmlinuz-other-6.12.0")
    else:
        host.commands[("env",)] = lambda argv, _text: host.files.update({argv[-1]: b""}) or (0, "", "")
    with pytest.raises(HostError):
        step().apply(host)
    assert host.read_text(DROP_IN) == before
    assert host.files[GRUB_CFG] == old
    assert not host.exists(NEW_GRUB_CFG)
