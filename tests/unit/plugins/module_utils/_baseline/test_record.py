# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of what was before."""

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import Kept
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.record import (
    extended,
    is_empty,
    parse_record,
    render_record,
    without,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

RECORD = {"sysctl": {"value:a": Kept("one", {"value": "0"})}}


def test_round_trip() -> None:
    assert parse_record(render_record(RECORD)) == RECORD
    assert parse_record(None) == {}


def test_what_was_kept_first_stays() -> None:
    later = extended(RECORD, "sysctl", {"value:a": Kept("two", "x"), "value:b": Kept("two", None)})
    assert later["sysctl"] == {"value:a": Kept("one", {"value": "0"}), "value:b": Kept("two", None)}


def test_what_is_back_goes() -> None:
    assert is_empty(without(RECORD, "sysctl", ["value:a"]))
    assert not is_empty(without(RECORD, "sysctl", ["value:b"]))
    assert render_record(without(RECORD, "sysctl", ["value:a"])) == render_record({})


BROKEN = ["", "{", "[]", '{"schema_version": 1}', '{"schema_version": 1, "kinds": {"a": {"b": {}}}}']


@pytest.mark.parametrize("text", BROKEN)
def test_broken_record_stops_everything(text: str) -> None:
    with pytest.raises(HostError, match="can't be understood"):
        parse_record(text)


def test_record_of_a_later_release() -> None:
    with pytest.raises(HostError, match="schema version 2"):
        parse_record('{"schema_version": 2, "kinds": {}}')
