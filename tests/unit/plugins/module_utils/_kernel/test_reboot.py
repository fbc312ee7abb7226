# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a reboot is needed, and why."""

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.reboot import (
    built_version,
    reboot_reasons,
)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("Linux version 6.1.0-25-amd64 (x) #1 SMP PREEMPT_DYNAMIC Debian 6.1.106-3 (2024-08-26)\n", "6.1.106-3"),
        ("Linux version 5.14.0-427.el9.x86_64 (gcc) #1 SMP Fri Feb 23 18:45:07 UTC 2024\n", ""),
        ("", ""),
    ],
)
def test_built_version(text: str, version: str) -> None:
    assert built_version(text) == version


@pytest.mark.parametrize(
    ("running", "built", "words", "reasons"),
    [
        ("2", "", ["a"], 0),
        ("2", "2-1", ["a"], 0),
        ("1", "1-1", ["a"], 1),
        ("2", "2-0", ["a"], 1),
        ("2", "", [], 1),
        ("1", "", ["q"], 3),
    ],
)
def test_reasons(running: str, built: str, words: list[str], reasons: int) -> None:
    assert len(reboot_reasons(running, built, "2", "2-1", words, ["a"], ["q"])) == reasons
