# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What containers use, read from a host of files; and that only workload_info tells it."""

from __future__ import annotations

import json
import pathlib

import pytest
from fake_engine import FakeEngine, image
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._engine.observe import workloads
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.usage import read_usage

FIXTURES = pathlib.Path(__file__).parent / "fixtures"
CAPTURED = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FIXTURES.glob("*.json"))}
GROUPS = {
    "docker_20_10": "/system.slice/docker-{}.scope",
    "podman_4_3": "/machine.slice/libpod-{}.scope",
}


@pytest.mark.parametrize("name", sorted(GROUPS))
def test_read_of_what_engines_answered(name: str) -> None:
    inspected = CAPTURED[name]["inspected"]["shop-web-1"]
    group = GROUPS[name].format(inspected["Id"])
    host = FakeHostIO(
        files={
            f"/proc/{inspected['State']['Pid']}/cgroup": f"0::{group}/container\n",
            f"/sys/fs/cgroup{group}/pids.current": "3\n",
            f"/sys/fs/cgroup{group}/container/pids.current": "2\n",
            f"/sys/fs/cgroup{group}/pids.max": "max\n",
            f"/sys/fs/cgroup{group}/container/pids.max": "100\n",
        }
    )
    found = read_usage(host, inspected)
    assert found is not None
    assert (found["pids"], found["pids_limit"]) == (3, 100)
    assert found["memory_bytes"] is None


@pytest.mark.parametrize("name", sorted(GROUPS))
def test_a_process_that_ended_meanwhile(name: str) -> None:
    assert read_usage(FakeHostIO(), CAPTURED[name]["inspected"]["shop-web-1"]) is None


@pytest.mark.parametrize("state", [{"Pid": 0}, {}])
def test_a_container_that_does_not_run(state: dict[str, int]) -> None:
    host = FakeHostIO(files={"/proc/0/cgroup": "0::/docker/x\n", "/sys/fs/cgroup/docker/x/pids.current": "1\n"})
    assert read_usage(host, {"Id": "x", "State": state}) is None


def test_each_container_of_a_workload_is_asked_for_when_wanted() -> None:
    engine = FakeEngine(images={"docker.io/library/x:1": image()})
    labels = {"com.docker.compose.project": "shop", "com.docker.compose.service": "web"}
    engine.create_container("shop-web-1", {"Image": "docker.io/library/x:1", "Labels": labels, "HostConfig": {}})
    (plain,) = workloads(engine)  # type: ignore[arg-type]
    assert "usage" not in plain["services"][0]
    (told,) = workloads(engine, usage=lambda inspected: inspected["Name"])  # type: ignore[arg-type]
    assert told["services"][0] == {**plain["services"][0], "usage": "/shop-web-1"}
