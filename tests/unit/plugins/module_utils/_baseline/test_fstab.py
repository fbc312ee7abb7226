# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Editing fstab, and what mount options mean."""

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline import fstab

TEXT = "# /tmp is below\nUUID=1 / ext4 rw 0 1\n/dev/b\t/home   ext4\texec,defaults  0  2 # x\n/dev/c /my\\040disk xfs\n"

HOLDS: list[tuple[str, str, str]] = [
    # options, wanted, token
    ("rw,nodev", "nodev", "nodev"),
    ("nodev,dev", "nodev", "dev"),
    ("defaults", "nodev", ""),
    ("user", "noexec", "noexec"),
    ("user,exec", "noexec", "exec"),
    ("owner", "noexec", ""),
    ("hidepid=invisible", "hidepid=2", "hidepid=invisible"),
    ("hidepid=1,gid=3", "hidepid=2", "hidepid=1"),
]


@pytest.mark.parametrize(("options", "wanted", "token"), HOLDS)
def test_what_options_say(options: str, wanted: str, token: str) -> None:
    assert fstab.token_for(options.split(","), wanted) == token
    assert fstab.has(options.split(","), wanted) == (token in (wanted, "hidepid=invisible"))


@pytest.mark.parametrize(
    ("options", "wanted", "token", "result"),
    [
        ("defaults", "nodev", "nodev", "defaults,nodev"),
        ("exec,defaults", "noexec", "noexec", "noexec,defaults"),
        ("hidepid=1,gid=3", "hidepid=2", "hidepid=2", "hidepid=2,gid=3"),
        ("defaults,nodev", "nodev", "", "defaults"),
        ("noexec,defaults", "noexec", "exec", "exec,defaults"),
    ],
)
def test_options_change_in_place(options: str, wanted: str, token: str, result: str) -> None:
    assert ",".join(fstab.changed(options.split(","), wanted, token)) == result


def test_the_line_of_a_path() -> None:
    assert fstab.find(TEXT, "/home") == 2
    assert fstab.find(TEXT, "/my disk") == 3
    assert fstab.find(TEXT, "/tmp") is None
    assert fstab.find("a /x ext4\nb /x/ ext4\n", "/x") == 1


@pytest.mark.parametrize("path", ["/home", "/my disk", "/"])
def test_only_the_options_change_and_they_come_back(path: str) -> None:
    number = fstab.find(TEXT, path)
    assert number is not None
    line = fstab.line_at(TEXT, number)
    before = fstab.options_of(line)
    edited = fstab.replaced(TEXT, number, fstab.with_options(line, [*before, "nodev"]))
    assert fstab.options_of(fstab.line_at(edited, number)) == [*before, "nodev"]
    back = fstab.replaced(edited, number, fstab.with_options(fstab.line_at(edited, number), before))
    assert back == TEXT


@pytest.mark.parametrize("text", ["", "a /x ext4 rw\n", "a /x ext4 rw"])
def test_a_line_goes_as_it_came(text: str) -> None:
    one = fstab.added(text, "tmpfs /t tmpfs rw")
    two = fstab.added(one, "tmpfs /u tmpfs rw")
    first = fstab.find(two, "/t")
    assert first is not None
    rest = fstab.removed(two, first)
    last = fstab.find(rest, "/u")
    assert last is not None
    assert fstab.removed(rest, last) == text
