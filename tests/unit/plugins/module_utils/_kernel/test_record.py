# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is noted about a pin."""

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.record import (
    Record,
    parse_record,
    render_record,
)


def test_it_is_read_as_it_is_written() -> None:
    record = Record("6.1", {"a": "1"}, ("a",), ("x",), ("y",), {"UPDATEDEFAULT": None})
    assert parse_record(render_record(record)) == record
    assert parse_record(None) == Record()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema_version": 2}', '{"schema_version": 1, "holds": []}'])
def test_what_it_is_not(text: str) -> None:
    with pytest.raises(HostError, match=r"kernel\.json"):
        parse_record(text)
