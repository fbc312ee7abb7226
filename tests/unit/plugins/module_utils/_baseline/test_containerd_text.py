# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of plug-ins in containerd's configuration."""

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.containerd_text import (
    differs_elsewhere,
    disable,
    disabled_plugins,
    enable,
    version_of,
)

NAMES = ["a.cri", "b"]

CASES = [
    # before, version, the line that says it afterwards
    ("", 1, 'disabled_plugins = ["a.cri", "b"]'),
    ("version = 2\n\n[plugins]\n  [plugins.x]\n    a = 1\n", 2, 'disabled_plugins = ["a.cri", "b"]'),
    ("[plugins]\nversion = 3\ndisabled_plugins = []\n", 1, 'disabled_plugins = ["a.cri", "b"]'),
    ("disabled_plugins = []\nversion = 3\n", 3, 'disabled_plugins = ["a.cri", "b"]'),
    ('disabled_plugins = ["x"] # why\n', 1, 'disabled_plugins = ["a.cri", "b", "x"] # why'),
    ("disabled_plugins = [\n  'x', # this one\n]\n[grpc]\n", 1, 'disabled_plugins = ["a.cri", "b", '),
    ('#disabled_plugins = ["cri"]\nversion = 2', 2, 'disabled_plugins = ["a.cri", "b"]'),
]


@pytest.mark.parametrize(("text", "version", "line"), CASES)
def test_disabled_and_enabled_again(text: str, version: int, line: str) -> None:
    assert version_of(text) == version
    old = disabled_plugins(text)
    new = disable(text, NAMES)
    assert line in new.split("\n")
    assert disabled_plugins(new) == [*NAMES, *old]
    assert not differs_elsewhere(text, new)
    root = text.partition("[plugins]")[0]
    assert enable(new, NAMES, "\ndisabled_plugins" not in f"\n{root}") == text


def test_what_others_disabled_since_stays() -> None:
    assert enable('disabled_plugins = ["z", "a.cri"]\n', ["a.cri"], True) == 'disabled_plugins = ["z", ]\n'


def test_difference_elsewhere_is_seen() -> None:
    assert differs_elsewhere("[a]\nx = 1\n", "disabled_plugins = []\n[a]\nx = 2\n")
