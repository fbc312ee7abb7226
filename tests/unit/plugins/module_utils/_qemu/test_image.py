# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the image recipe: its digest, its files and its commands."""

from __future__ import annotations

import dataclasses
import re
import subprocess

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._qemu import image

RECIPE = image.Recipe("trixie", "http://deb.debian.org/debian", "http://deb.debian.org/debian-security")

CHANGES = [
    {"suite": "bookworm"},
    {"mirror": "http://mirror.example.org/debian"},
    {"root_size_mib": 4096},
    {"packages": ("systemd-sysv",)},
    {"version": 99},
]


@pytest.mark.parametrize("change", CHANGES)
def test_another_recipe_has_another_name_and_file_system(change: dict[str, object]) -> None:
    other = dataclasses.replace(RECIPE, **change)  # type: ignore[arg-type]
    assert other.digest != RECIPE.digest
    assert other.root_uuid != RECIPE.root_uuid


def test_root_uuid_is_a_custom_uuid() -> None:
    assert re.match(r"^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$", RECIPE.root_uuid)


PROBE = [
    (["--target=fs_uuid", "/"], RECIPE.root_uuid),
    (["--target=device", "/boot"], "/dev/vda2"),
    (["--device", "/dev/vda2", "--target=fs"], "ext2"),
    (["-t", "partmap", "/"], "gpt"),
    (["--target=abstraction", "/"], ""),
]


@pytest.mark.parametrize(("arguments", "answer"), PROBE)
def test_stand_in_for_grub_probe(arguments: list[str], answer: str) -> None:
    done = subprocess.run(
        ["sh", "-c", image.grub_probe_answers(RECIPE), "grub-probe", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == answer


def test_partitions_do_not_overlap_and_fit() -> None:
    commands = image.disk_commands(RECIPE, "/b", "/b/disk.qcow2")
    table = next(text for argv, text in commands if argv[0] == "sfdisk")
    assert table is not None
    spans = [tuple(map(int, found)) for found in re.findall(r"start=(\d+)MiB, size=(\d+)MiB", table)]
    size = next(int(argv[2].rstrip("M")) for argv, _text in commands if argv[0] == "truncate")
    assert spans[0][0] + spans[0][1] == spans[1][0]
    assert spans[1][0] + spans[1][1] < size
    seeks = [argv[-1] for argv, _text in commands if argv[0] == "dd" and "bs=1M" in argv]
    assert seeks == [f"seek={start}" for start, _size in spans]


def test_a_bios_finds_grub_by_the_number_of_its_sector() -> None:
    commands = image.disk_commands(RECIPE, "/b", "/b/disk.qcow2")
    table = next(text for argv, text in commands if argv[0] == "sfdisk")
    start, size = image.BIOS_BOOT_START_SECTOR, image.BIOS_BOOT_SECTORS
    assert f"start={start}, size={size}, type=21686148-6449-6E6F-744E-656564454649" in (table or "")
    assert start + size == 2048, "it ends where the first MiB does"
    told = {argv[-1]: text for argv, text in commands if text and argv[0] == "dd"}
    # boot.img: the sector of core.img; core.img: the sector of the rest of it
    assert told == {"seek=92": "\x22" + "\0" * 7, f"seek={34 * 512 + 500}": "\x23" + "\0" * 7}
    assert [argv[0] for argv, _text in commands].index("sfdisk") < [argv[-1] for argv, _text in commands].index(
        "seek=92"
    )


def test_a_bios_lets_grub_find_its_commands() -> None:
    # configfile reads the menu without the list of what command is in what module, and GRUB found no "linux"
    hook = next(word for word in image.mmdebstrap_command(RECIPE, "/s", "/t") if "load.cfg" in word)
    command = hook.removeprefix("--customize-hook=").split(" /s/grub.cfg")[0]
    done = subprocess.run(
        ["sh", "-c", command], input=image.grub_config(RECIPE), capture_output=True, text=True, check=True
    )
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["search.fs_uuid", "set"]


def test_sid_has_no_security_suite() -> None:
    sid = dataclasses.replace(RECIPE, suite="sid")
    assert "security" not in sid.sources
    assert not [word for word in image.mmdebstrap_command(sid, "/s", "/t") if "security" in word]
    assert "trixie-security" in RECIPE.sources


def test_only_the_root_file_system_can_keep_a_host_from_booting() -> None:
    # 90 s were too little for a busy machine to show the EFI partition, and the host stopped in its emergency shell
    lines = [line.split() for line in image.files(RECIPE)["etc/fstab"].splitlines()]
    assert [line[1] for line in lines if "nofail" not in line[3]] == ["/"]
