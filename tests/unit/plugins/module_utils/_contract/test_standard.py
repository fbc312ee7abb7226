# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The standard's demands and the accepted differences: what holds, and what is refused as input."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.standard import (
    parse_acceptances,
    parse_standard,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError

TEST_RULES: list[tuple[str, t.Any, t.Any, bool]] = [
    ("cgroup.version", "v2", "v2", True),
    ("cgroup.version", "v2", "v1", False),
    ("cgroup.version", "v2", None, False),
    ("cgroup.version", None, None, True),
    ("storage.backing_filesystem", ["ext4", "xfs"], "xfs", True),
    ("storage.backing_filesystem", ["ext4", "xfs"], "btrfs", False),
    ("storage.backing_filesystem", {"any_of": ["ext4"]}, "ext4", True),
    ("kernel.taints", [], [], True),
    ("kernel.taints", [], ["warning"], False),
    ("kernel.taints", {"any_of": [[], ["live_patch"]]}, ["live_patch"], True),
    ("cgroup.controllers", {"contains": ["cpu", "io"]}, ["cpu", "io", "memory"], True),
    ("cgroup.controllers", {"contains": ["cpu", "io"]}, ["cpu"], False),
    ("cgroup.controllers", {"contains": ["cpu"]}, None, False),
    ("limits.max_map_count", {"at_least": 262144}, 262144, True),
    ("limits.max_map_count", {"at_least": 262144}, 65530, False),
    ("limits.max_map_count", {"at_least": 262144}, None, False),
    ("limits.file_max", {"at_least": 100}, "unlimited", True),
    ("limits.file_max", {"at_most": 100}, "unlimited", False),
    ("limits.file_max", {"at_least": 100}, "sized by the kernel", False),
    ("kernel_settings.swappiness", {"at_most": 10}, 10, True),
    ("kernel_settings.swappiness", {"at_most": 10}, 60, False),
    ("engine.running", True, True, True),
    ("engine.running", True, False, False),
    ("os.id", "debian", "debian", True),
]


@pytest.mark.parametrize(("path", "demand", "value", "holds"), TEST_RULES)
def test_rule(path: str, demand: t.Any, value: t.Any, holds: bool) -> None:
    (rule,) = parse_standard({path: demand})
    assert rule.holds(value) is holds


TEST_BAD_STANDARDS: list[tuple[t.Any, str]] = [
    (["cgroup.version"], "standard: is no mapping; write `path: value`"),
    ({"cgroup.versoin": "v2"}, "standard['cgroup.versoin']: is no field of the contract; did you mean cgroup.version?"),
    ({"xyz": 1}, "standard['xyz']: is no field of the contract; docs/contract.md lists all fields"),
    ({"kernel.taint_events": []}, "standard['kernel.taint_events']: is no field of the contract"),
    ({"cgroup.version": 2}, "standard['cgroup.version']: can never be 2; the field is of kind string"),
    ({"engine.running": "yes"}, "standard['engine.running']: can never be 'yes'"),
    ({"cgroup.version": ["v2", 3]}, "standard['cgroup.version']: can never be 3"),
    ({"cgroup.version": []}, "standard['cgroup.version']: no value is allowed at all"),
    ({"cgroup.version": {"contains": ["v2"]}}, "standard['cgroup.version']: contains is for lists"),
    ({"cgroup.controllers": {"contains": "cpu"}}, "standard['cgroup.controllers']: contains needs a list, not 'cpu'"),
    ({"limits.pid_max": {"at_least": "9"}}, "standard['limits.pid_max']: at_least needs a number, not '9'"),
    ({"limits.pid_max": {"minimum": 9}}, "standard['limits.pid_max']: can never be {'minimum': 9}"),
]


@pytest.mark.parametrize(("standard", "message"), TEST_BAD_STANDARDS)
def test_bad_standard(standard: t.Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_standard(standard)
    assert str(caught.value).startswith(message)


def test_all_problems_at_once() -> None:
    with pytest.raises(InputError) as caught:
        parse_standard({"a.b": 1, "c.d": 2, "cgroup.version": 2})
    assert len(caught.value.problems) == 3


def test_acceptance() -> None:
    everywhere, one = parse_acceptances(
        [{"path": "engine*", "reason": "two engines"}, {"path": "os.id", "reason": "x", "hosts": ["b*"]}]
    )
    assert everywhere.covers("alpha", "engine.version")
    assert everywhere.covers("alpha", "engine_network.backend")
    assert not everywhere.covers("alpha", "kernel.release")
    assert one.covers("beta", "os.id")
    assert not one.covers("alpha", "os.id")


TEST_BAD_ACCEPTANCES: list[tuple[t.Any, str]] = [
    ("engine.*", "accepted: is no list"),
    (["engine.*"], "accepted[0]: is no mapping"),
    ([{"path": "engine.*"}], "accepted[0].reason: is missing; say why the difference is wanted"),
    ([{"path": "engine.*", "reason": " "}], "accepted[0].reason: is missing"),
    ([{"path": "motor.*", "reason": "x"}], "accepted[0].path: 'motor.*' matches no field"),
    (
        [{"path": "engine.verson", "reason": "x"}],
        "accepted[0].path: 'engine.verson' matches no field; did you mean engine.version?",
    ),
    ([{"path": "engine.*", "reason": "x", "host": "a"}], "accepted[0].host: is unknown"),
    ([{"path": "engine.*", "reason": "x", "hosts": "a"}], "accepted[0].hosts: is no list of names"),
]


@pytest.mark.parametrize(("accepted", "message"), TEST_BAD_ACCEPTANCES)
def test_bad_acceptance(accepted: t.Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_acceptances(accepted)
    assert str(caught.value).startswith(message)
