# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._registry import process
from ansible_collections.anycloud.container_host.plugins.module_utils._registry.process import ObservedProcess, Place

PLACE = Place("/lab", "/lab/config.yml", 5000, watched=("/lab/crt",))
RUNNING = {
    "/lab/registry.pid": "7\n",
    "/proc/7/cmdline": "/usr/bin/docker-registry\0serve\0/lab/config.yml\0",
    "/proc/7/stat": "7 (docker-registry) S 1",
    "/lab/registry.json": json.dumps({"started_with": "abc"}),
}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, ObservedProcess()),
        (RUNNING, ObservedProcess(7, "abc")),
        ({**RUNNING, "/proc/7/cmdline": "other\0"}, ObservedProcess()),
        ({**RUNNING, "/lab/registry.pid": ""}, ObservedProcess()),
        ({key: value for key, value in RUNNING.items() if "json" not in key}, ObservedProcess(7, None)),
    ],
)
def test_observe(files: dict[str, str], expected: ObservedProcess) -> None:
    assert process.observe(FakeHostIO(files=files), PLACE) == expected


@pytest.mark.parametrize(
    ("observed", "present", "names"),
    [
        (ObservedProcess(), True, ["running"]),
        (ObservedProcess(), False, []),
        (ObservedProcess(7, "abc"), True, []),
        (ObservedProcess(7, "old"), True, ["started_with"]),
        (ObservedProcess(7, None), True, ["started_with"]),
        (ObservedProcess(7, "abc"), False, ["running"]),
    ],
)
def test_compare(observed: ObservedProcess, present: bool, names: list[str]) -> None:
    assert process.compare(observed, present, "abc").names == names


def test_the_files_digest_knows_every_file() -> None:
    contents = [{}, {"/lab/config.yml": "a"}, {"/lab/config.yml": "a", "/lab/crt": ""}, {"/lab/crt": "a"}]
    assert len({process.files_digest(FakeHostIO(files=files), PLACE) for files in contents}) == len(contents)


@pytest.mark.parametrize(
    ("files", "available", "port_taken", "says"),
    [
        ({"/lab/config.yml": "a"}, (), False, "docker-registry is not there"),
        ({}, ("docker-registry",), False, "/lab/config.yml can't be read"),
        ({"/lab/config.yml": "a"}, ("docker-registry",), True, "port 5000 is taken by another process"),
    ],
)
def test_what_keeps_it_from_starting(
    files: dict[str, str], available: tuple[str, ...], port_taken: bool, says: str
) -> None:
    io = FakeHostIO(files=files, available=available)
    if port_taken:
        io.ports_in_use.add(5000)
    with pytest.raises(HostError, match=says):
        process.start(io, PLACE, "abc", 1)
    assert io.ran == []


def test_a_registry_that_ends_is_told_with_its_last_words() -> None:
    files = {"/lab/config.yml": "a", "/lab/registry.log": "starting\nconfiguration error: no storage\n"}
    io = FakeHostIO(files=files, available=("docker-registry",))

    def start(_argv: tuple[str, ...], _input: object) -> tuple[int, str, str]:
        io.files["/lab/registry.pid"] = b"9"
        return (0, "", "")

    io.commands[("setsid",)] = start
    with pytest.raises(HostError, match=r"the registry ended; .*\n.*\nconfiguration error: no storage"):
        process.start(io, PLACE, "abc", 1)


def test_start_and_stop() -> None:
    io = FakeHostIO(files={"/lab/config.yml": "a"}, available=("docker-registry",))

    def start(argv: tuple[str, ...], _input: object) -> tuple[int, str, str]:
        assert argv[-4:] == (
            "/lab/registry.pid",
            io.find_command("docker-registry"),
            "/lab/config.yml",
            "/lab/registry.log",
        )
        io.files.update({path: text.encode() for path, text in RUNNING.items() if "json" not in path})
        io.ports_in_use.add(5000)
        return (0, "", "")

    io.commands[("setsid",)] = start
    process.start(io, PLACE, "abc", 1)
    assert process.observe(io, PLACE) == ObservedProcess(7, "abc")
    io.processes.add(7)
    del io.files["/proc/7/stat"]
    io.ports_in_use.clear()
    process.stop(io, PLACE, 7)
    assert io.signals == [(7, 15)]
    assert process.observe(io, PLACE) == ObservedProcess()


def test_one_that_does_not_listen_is_killed() -> None:
    io = FakeHostIO(files=RUNNING)
    io.processes.add(7)
    io.ports_in_use.add(5000)
    process.stop(io, PLACE, 7)
    assert io.signals[0] == (7, 15)
    assert io.slept_seconds >= process.STOP_SECONDS
