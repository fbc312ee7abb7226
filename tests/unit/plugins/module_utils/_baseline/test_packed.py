# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controls as one text and back."""

from __future__ import annotations

import base64
import typing as t
import zlib

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline import packed
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.packed import pack, unpack

CONTROLS = [{"id": f"one_{number}", "status": "passed", "reason": "ä", "before": None} for number in range(200)]


@pytest.mark.parametrize("controls", [[], CONTROLS])
def test_what_is_packed_is_unpacked(controls: list[dict[str, t.Any]]) -> None:
    assert unpack(pack(controls)) == controls


def test_it_is_short() -> None:
    assert len(pack(CONTROLS)) < len(str(CONTROLS)) / 5


def test_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    text = pack(CONTROLS)
    monkeypatch.setattr(packed, "MOST_BYTES", 1000)
    with pytest.raises(ValueError, match="too much"):
        unpack(text)


@pytest.mark.parametrize(
    "text", [None, 3, "", "[{", "ä", "eJyLjgUAARUAuQ", base64.b64encode(zlib.compress(b"[{")).decode()]
)
def test_what_was_not_packed_is_refused(text: t.Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says
        unpack(text)
