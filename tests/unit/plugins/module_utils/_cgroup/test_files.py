# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.files import (
    parse_cpu_max,
    parse_io_max,
    parse_io_weight,
    parse_keyed,
    parse_number,
    parse_pressure,
)


@pytest.mark.parametrize(("text", "value"), [("max\n", None), ("", None), (None, None), ("67108864\n", 67108864)])
def test_number(text: t.Optional[str], value: t.Optional[int]) -> None:
    assert parse_number(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("max 100000\n", None), ("150000 100000\n", 150.0), ("5000 50000", 10.0), (None, None), ("1 0", None)],
)
def test_cpu_max(text: t.Optional[str], value: t.Optional[float]) -> None:
    assert parse_cpu_max(text) == value


def test_io_max() -> None:
    text = "254:0 rbps=max wbps=1048576 riops=max wiops=100\n8:0 rbps=5 wbps=max riops=max wiops=max\n"
    assert parse_io_max(text) == {
        "254:0": {"rbps": None, "wbps": 1048576, "riops": None, "wiops": 100},
        "8:0": {"rbps": 5, "wbps": None, "riops": None, "wiops": None},
    }
    assert parse_io_max(None) == {}


@pytest.mark.parametrize(("text", "value"), [("default 250\n8:0 10\n", 250), ("100\n", 100), (None, None), ("", None)])
def test_io_weight(text: t.Optional[str], value: t.Optional[int]) -> None:
    assert parse_io_weight(text) == value


def test_keyed() -> None:
    assert parse_keyed("populated 1\nfrozen 0\n") == {"populated": 1, "frozen": 0}


def test_pressure() -> None:
    text = "some avg10=1.53 avg60=0.40 avg300=0.10 total=812345\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=17\n"
    assert parse_pressure(text) == {
        "some": {"avg10": 1.53, "avg60": 0.4, "avg300": 0.1, "total": 812345},
        "full": {"avg10": 0.0, "avg60": 0.0, "avg300": 0.0, "total": 17},
    }
    assert parse_pressure(None) is None
