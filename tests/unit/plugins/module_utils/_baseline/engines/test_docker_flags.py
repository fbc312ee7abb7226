# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""dockerd's command line."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.engines.docker_flags import (
    merge_options,
    parse_flags,
)

FLAGS: list[tuple[str, dict[str, t.Any]]] = [
    ("-H fd:// --host=tcp://:2375", {"hosts": ["fd://", "tcp://:2375"]}),
    ("-D --icc=false", {"debug": True, "icc": False}),
    ("--live-restore --group root", {"live-restore": True, "group": "root"}),
    ("--log-opt max-size=1m --log-opt max-file=2", {"log-opts": {"max-size": "1m", "max-file": "2"}}),
    ("--default-ulimit nofile=1:2", {"default-ulimits": {"nofile": {"Soft": "1", "Hard": "2"}}}),
    ("--default-ulimit core=0", {"default-ulimits": {"core": {"Soft": "0", "Hard": "0"}}}),
    ("--insecure-registry=r:5000", {"insecure-registries": ["r:5000"]}),
    ("stray --log-level", {"log-level": ""}),
]


@pytest.mark.parametrize(("line", "options"), FLAGS)
def test_parse_flags(line: str, options: dict[str, t.Any]) -> None:
    assert parse_flags(line.split()) == options


def test_merge_options() -> None:
    first = {"hosts": ["a"], "log-opts": {"max-size": "1m"}, "icc": True, "mtu": 1}
    second = {"hosts": ["a", "b"], "log-opts": {"max-file": "2"}, "icc": False}
    assert merge_options(first, second) == {
        "hosts": ["a", "b"],
        "log-opts": {"max-size": "1m", "max-file": "2"},
        "icc": False,
        "mtu": 1,
    }
