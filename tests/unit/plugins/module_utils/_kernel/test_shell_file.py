# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One setting in a file of shell assignments."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.shell_file import value_of, with_value


@pytest.mark.parametrize(
    ("text", "value", "after"),
    [
        (None, "no", "U=no\n"),
        ("# U=x\nA=1\n", "no", "# U=x\nA=1\nU=no\n"),
        ("U=yes\nA=1\nU='yes'\n", "no", "U=no\nA=1\n"),
        ("U=no\n", "no", "U=no\n"),
        ("U=no\nA=1\n", None, "A=1\n"),
        ("U=no\n", None, None),
        (None, None, None),
    ],
)
def test_with_value(text: t.Optional[str], value: t.Optional[str], after: t.Optional[str]) -> None:
    assert with_value(text, "U", value) == after
    assert value_of(after, "U") == value
