# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GRUB's menu, and the settings it is made from, which a real shell reads here."""

from __future__ import annotations

import pytest
from fake_kernel_machine import read_settings, render_menu

from ansible_collections.anycloud.container_host.plugins.module_utils._kernel import grub

NEW, OLD = "6.12.43+deb13-amd64", "6.1.0-50-amd64"
MENU = grub.parse_menu(render_menu("0", [NEW, OLD], ["audit=1"], ["quiet"]))
SUBMENU = "gnulinux-advanced-UUID"


def test_entries_are_named_by_ids_that_have_the_release() -> None:
    entries = grub.entries_of(MENU)
    assert [(entry.id, entry.is_plain) for entry in entries] == [
        (f"{SUBMENU}>gnulinux-{NEW}-advanced-UUID", True),
        (f"{SUBMENU}>gnulinux-{NEW}-recovery-UUID", False),
        (f"{SUBMENU}>gnulinux-{OLD}-advanced-UUID", True),
        (f"{SUBMENU}>gnulinux-{OLD}-recovery-UUID", False),
        ("gnulinux-simple-UUID", True),
    ]
    assert entries[0].parameters == ("root=UUID=1", "ro", "audit=1", "quiet")


@pytest.mark.parametrize(
    ("name", "image"),
    [
        ("0", NEW),
        ("1>2", OLD),
        ("1", NEW),
        (f"{SUBMENU}>gnulinux-{OLD}-advanced-UUID", OLD),
        (f"Advanced options for Linux>Linux, with Linux {OLD}", OLD),
        (f"1>gnulinux-{OLD}-recovery-UUID", OLD),
        (f"gnulinux-{OLD}-advanced-UUID", None),
        ("2", None),
        ("gone", None),
    ],
)
def test_names_of_entries(name: str, image: str) -> None:
    found = grub.find_entry(MENU, name)
    assert (found.image.removeprefix("/boot/vmlinuz-") if found else None) == image


@pytest.mark.parametrize(
    ("default", "saved", "release"),
    [("0", "", NEW), ("1>2", "", OLD), ("saved", "", NEW), ("saved", f"{SUBMENU}>gnulinux-{OLD}-advanced-UUID", OLD)],
)
def test_default(default: str, saved: str, release: str) -> None:
    text = render_menu(default, [NEW, OLD], [], [])
    found = grub.default_entry(text, {"saved_entry": saved}, grub.parse_menu(text))
    assert found
    assert found.image.endswith(release)


def test_titles_with_quotes_and_arrows() -> None:
    text = "submenu 'It'\\''s > more' {\nmenuentry \"x\" --id 'y' {\n linux /vmlinuz-6.1 ro\n}\n}\n"
    (entry,) = grub.parse_menu(text)
    assert entry.path == "It's >> more>y"
    assert grub.find_entry([entry], entry.path) is entry


def test_an_entry_with_two_ways_to_start_its_kernel() -> None:
    text = "menuentry 'x' --id 'x-6.1' {\nif a; then\n linux /vmlinuz-6.1 ro\nelse\n linux /vmlinuz-6.1 ro panic=-1\nfi\n}\n"
    (entry,) = grub.parse_menu(text)
    assert entry.parameters == ("ro",)


def test_environment() -> None:
    text = "# GRUB Environment Block\nsaved_entry=a>b\nnext_entry=\nodd=a\\\\b\n####"
    assert grub.parse_environment(text) == {"saved_entry": "a>b", "next_entry": "", "odd": "a\\b"}
    assert grub.parse_environment(None) == {}


@pytest.mark.parametrize(
    ("base", "present", "absent", "words", "plain"),
    [
        ("", [], [], [], []),
        ('GRUB_CMDLINE_LINUX="audit=1"\n', ["audit=1", "panic=30"], [], ["audit=1", "panic=30"], []),
        ('GRUB_CMDLINE_LINUX="a q q b q"\n', [], ["q"], ["a", "b"], []),
        ('GRUB_CMDLINE_LINUX="q"\nGRUB_CMDLINE_LINUX_DEFAULT="quiet q=1 q"\n', ["x"], ["q"], ["x"], ["quiet", "q=1"]),
        ('GRUB_CMDLINE_LINUX="a*b"\n', ["a?b"], ["*"], ["a*b", "a?b"], []),
        ('GRUB_CMDLINE_LINUX="xa=1"\n', ["a=1"], [], ["xa=1", "a=1"], []),
    ],
)
def test_settings_as_a_shell_reads_them(
    base: str, present: list[str], absent: list[str], words: list[str], plain: list[str]
) -> None:
    text = grub.render_settings(present, absent)
    assert read_settings(f"GRUB_DEFAULT=0\n{base}", text) == ("saved", words, plain)
    assert read_settings(f"GRUB_DEFAULT=0\n{base}", text, text) == ("saved", words, plain)


@pytest.mark.parametrize("before", ["", "A=1\n", "A=1"])
def test_block_in_a_file_of_others(before: str) -> None:
    once = grub.with_block(before, "B=2\n")
    assert grub.with_block(once, "B=3\n") == once.replace("B=2", "B=3")
    assert grub.with_block(once, None).rstrip("\n") == before.rstrip("\n")
