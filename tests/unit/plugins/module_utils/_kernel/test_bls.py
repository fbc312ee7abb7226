# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of the Boot Loader Specification."""

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._kernel import bls

NEW = "title Linux\nversion 5.14.0-427.el9.x86_64\nlinux /vmlinuz-5.14.0-427.el9.x86_64\noptions root=/dev/vda1 ro $more\n"
OLD = NEW.replace("427", "362")
RESCUE = "version 0-rescue-ab\nlinux /vmlinuz-0-rescue-ab\n"


def test_entries_are_newest_first_and_ids_are_without_counted_tries() -> None:
    texts = {"id-362.conf": OLD, "id-427+3-1.conf": NEW, "id-0-rescue.conf": RESCUE, "broken.conf": "title x\n"}
    entries = bls.parse_entries(texts, {"more": "quiet"})
    assert [(entry.id, entry.release, entry.is_plain) for entry in entries] == [
        ("id-427", "5.14.0-427.el9.x86_64", True),
        ("id-362", "5.14.0-362.el9.x86_64", True),
        ("id-0-rescue", "0-rescue-ab", False),
    ]
    assert entries[0].parameters == ("root=/dev/vda1", "ro", "quiet")


@pytest.mark.parametrize(
    ("text", "add", "remove", "after"),
    [
        ("linux /x\noptions ro quiet\n", ["panic=30"], ["quiet"], "linux /x\noptions ro panic=30\n"),
        ("linux /x\noptions ro\n", ["ro"], [], "linux /x\noptions ro\n"),
        ("linux /x\n", ["a"], [], "linux /x\noptions a\n"),
        ("linux /x\n", [], ["a"], "linux /x\n"),
    ],
)
def test_options(text: str, add: list[str], remove: list[str], after: str) -> None:
    assert bls.with_options(text, add, remove) == after
