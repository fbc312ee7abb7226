# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from fake_engine import FakeEngine
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.durable import (
    settle,
    settle_engine,
)


def test_what_was_copied_is_on_the_disk_or_that_is_said() -> None:
    io = FakeHostIO(commands={("sync",): [(0, "", ""), (1, "", "Input/output error")]})
    settle(io, [])
    assert not io.ran
    settle(io, ["/v", "/w"])
    assert io.ran == [("sync", "--file-system", "/v", "/w")]
    with pytest.raises(HostError, match="Input/output error"):
        settle(io, ["/v"])


def test_all_is_synced_where_the_engine_does_not_tell_where_it_keeps_its_data() -> None:
    io, engine = FakeHostIO(), FakeEngine()
    settle_engine(io, t.cast("t.Any", engine))
    engine.about = dict  # type: ignore[method-assign]
    settle_engine(io, t.cast("t.Any", engine))
    assert io.ran == [("sync", "--file-system", "/var/lib/docker"), ("sync",)]
