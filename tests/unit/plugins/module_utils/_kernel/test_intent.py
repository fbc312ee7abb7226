# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which kernel is meant."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.intent import choose, parse_intent
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.packages import Kernel

RUNNING = "6.1.0-50-amd64"


def kernel(release: str, version: str = "1", flavour: str = "amd64") -> Kernel:
    return Kernel(release, flavour, f"linux-image-{release}", version)


INSTALLED = [kernel(RUNNING), kernel("6.1.0-49-amd64")]
OFFERED = [
    kernel("6.1.0-52-amd64", "2"),
    kernel("6.1.0-52-amd64", "1"),
    kernel(RUNNING, "3"),
    kernel("6.1.0-60-rt", "1", "rt"),
]


@pytest.mark.parametrize(
    ("options", "release", "version"),
    [
        ({}, "6.1.0-52-amd64", "2"),
        ({"flavour": "rt"}, "6.1.0-60-rt", "1"),
        ({"pattern": "*-50-*"}, RUNNING, "3"),
        ({"pattern": "*-50-*", "upgrade": False}, RUNNING, "1"),
        ({"release": RUNNING}, RUNNING, "1"),
        ({"release": "running"}, RUNNING, "1"),
        ({"release": "6.1.0-60-rt"}, "6.1.0-60-rt", "1"),
        ({"release": "6.1.0-49-amd64"}, "6.1.0-49-amd64", "1"),
    ],
)
def test_what_is_meant(options: dict[str, t.Any], release: str, version: str) -> None:
    chosen = choose(parse_intent(options), INSTALLED, OFFERED, RUNNING, "amd64")
    assert (chosen.release, chosen.version) == (release, version)


@pytest.mark.parametrize(
    ("options", "flavour", "message"),
    [
        ({"release": "5"}, "amd64", "there are 6.1.0-60-rt, 6.1.0-52-amd64, 6.1.0-50-amd64, 6.1.0-49-amd64"),
        ({"pattern": "5*"}, "amd64", "there are 6.1.0-52-amd64, 6.1.0-50-amd64, 6.1.0-49-amd64"),
        ({}, None, "flavour: can't be told from the running kernel"),
    ],
)
def test_nothing_is_meant(options: dict[str, t.Any], flavour: t.Optional[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        choose(parse_intent(options), INSTALLED, OFFERED, RUNNING, flavour)


def test_a_running_kernel_of_no_package() -> None:
    with pytest.raises(InputError, match="comes from no package"):
        choose(parse_intent({"release": "running"}), INSTALLED, OFFERED, "6.18.0-own", None)


@pytest.mark.parametrize(
    ("options", "places"),
    [
        ({"release": "1", "pattern": "1*"}, ["pattern"]),
        ({"release": "1", "flavour": "x"}, ["flavour"]),
        ({"release": "6.*"}, ["release"]),
        ({"fallbacks": -1, "confirm_seconds": 5}, ["fallbacks", "confirm_seconds"]),
        (
            {"parameters_present": ["a", "a=$x"], "parameters_absent": ["a"]},
            ["parameters_present[1]", "parameters_absent"],
        ),
    ],
)
def test_all_that_is_wrong_is_told_at_once(options: dict[str, t.Any], places: list[str]) -> None:
    with pytest.raises(InputError) as error:
        parse_intent(options)
    assert [problem.path for problem in error.value.problems] == places
