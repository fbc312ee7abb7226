# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stacks that are deployed on hosts: their files fit together, and what is seen of them is judged."""

from __future__ import annotations

import os
import pathlib
import re
import socket
import subprocess
import sys
import threading
import time
import typing as t

import pytest
import yaml
from stacks.write import ENGINES, judge, names

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Project
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.identity import EngineIdentity
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.lacks import problems
from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image.containerfile import parse
from ansible_collections.anycloud.container_host.plugins.plugin_utils._compose_file import Source, read_project

ROOT = pathlib.Path(__file__).resolve().parents[3]
STACKS = ROOT / "tests" / "stacks"
TABLE = yaml.safe_load((STACKS / "stacks.yml").read_text(encoding="utf-8"))["stacks"]
PROGRAM = STACKS / "build" / "app" / "stand_in.py"
IMAGES = {name: f"10.0.2.2:40990/stack-{name.lower()}@sha256:{'0' * 64}" for name in ("APP", "POSTGRES", "SERVICES")}
# The oldest engines of the lab.
IDENTITIES = {
    "docker": EngineIdentity("docker", "20.10.24", "1.41", "/s"),
    "podman": EngineIdentity("podman", "5.4.2", "1.41", "/s"),
}


def read(stack: dict[str, t.Any]) -> Project:
    """The stack with what is laid over it, beside the files that the runner writes and no others."""
    laid_out = {f"/p/{name}": content for name, content in stack.get("files", {}).items()}
    laid_out["/p/compose.yml"] = (ROOT / f"tests/unit/fixtures/compose/{stack['name']}.yml").read_text(encoding="utf-8")
    over = STACKS / "images" / f"{stack['name']}.yml"
    laid_out[str(over)] = over.read_text(encoding="utf-8")
    source = Source(
        f"stack-{stack['name'].replace('_', '-')}",
        "/p/compose.yml",
        more_files=(str(over),),
        environment={**IMAGES, **stack.get("variables", {})},
        project_directory="/srv/p",
    )
    return read_project(source, laid_out.get)


def test_there_are_ten_and_each_has_its_images() -> None:
    assert len(TABLE) == 10
    assert sorted(entry["name"] for entry in TABLE) == sorted(path.stem for path in (STACKS / "images").glob("*.yml"))


@pytest.mark.parametrize("stack", TABLE, ids=lambda stack: stack["name"])
class TestStack:
    def test_every_image_is_one_of_ours(self, stack: dict[str, t.Any]) -> None:
        assert {service.image for service in read(stack).services.values()} <= set(IMAGES.values())

    def test_it_has_the_containers_and_jobs_the_table_says(self, stack: dict[str, t.Any]) -> None:
        services = read(stack).services
        assert len(services) == stack["containers"]
        jobs = {service.name for service in services.values() if "STAND_IN_ENDS" in service.environment}
        assert jobs == set(stack.get("jobs", []))

    @pytest.mark.parametrize("engine", IDENTITIES)
    def test_no_engine_lacks_anything(self, stack: dict[str, t.Any], engine: str) -> None:
        assert problems(read(stack), IDENTITIES[engine]) == []

    def test_what_is_waited_for_is_there(self, stack: dict[str, t.Any]) -> None:
        services = read(stack).services
        listening = {service.name for service in services.values()}
        for service in services.values():
            for need in service.environment.get("STAND_IN_NEEDS", "").split():
                name, _colon, port = need.partition(":")
                assert name in listening
                serving = next(one for one in services.values() if one.name == name)
                assert port in serving.environment.get("STAND_IN_SERVES", port).split()

    def test_what_bind_mounts_make_is_known(self, stack: dict[str, t.Any]) -> None:
        binds = [mount for service in read(stack).services.values() for mount in service.mounts if mount.type == "bind"]
        known = ["/srv/p", *stack.get("leaves", []), "/var/log"]
        assert [mount.source for mount in binds if not mount.source.startswith(tuple(known))] == []
        files = {f"/srv/p/{name}" for name in stack.get("on_host", {})}
        assert files <= {mount.source for mount in binds}


def test_every_program_a_stack_names_is_in_an_image() -> None:
    kinds = set(re.findall(r"^    (\w+)\)", (STACKS / "build/services/entrypoint.sh").read_text(), re.MULTILINE))
    wanted = set()
    for path in (STACKS / "images").glob("*.yml"):
        for service in yaml.safe_load(path.read_text(encoding="utf-8"))["services"].values():
            entrypoint = service.get("entrypoint", ["/usr/local/bin/stand-in"])
            wanted.update(entrypoint[1:])
            assert entrypoint[0] in ("/usr/local/bin/stand-in", "/usr/local/bin/service")
    assert wanted <= kinds
    for image, program in (("app", "stand-in"), ("services", "service")):
        recipe = parse((STACKS / "build" / image / "Containerfile").read_text(encoding="utf-8"))
        assert f"/usr/local/bin/{program}" in next(one.text for one in recipe if one.name == "ENTRYPOINT")
        copied = [word for one in recipe if one.name == "COPY" for word in one.text.split()]
        assert program in copied or f"/usr/local/bin/{program}" in copied
        assert all((STACKS / "build" / image / word).is_file() for word in copied if not word.startswith("/"))


def test_health_checks_have_time_on_emulated_hosts() -> None:
    for stack in TABLE:
        for service in read(stack).services.values():
            check = service.healthcheck
            assert check is None or (check.timeout_ns or 30_000_000_000) >= 30_000_000_000, service


def entry(stack: str, engine: str, why: str = "") -> dict[str, t.Any]:
    told = {"passed": False, "why": why} if why else {"passed": True, "seconds": 2.5, "containers": 3}
    return {"stack": stack, "engine": {"name": engine, "version": "1"}, **told}


def test_judged() -> None:
    verdict = judge([entry("a", "docker"), entry("a", "podman", "Deploy: no"), entry("b", "podman")], ["a", "b"])
    assert (verdict.passed, verdict.failed) == (2, 2)
    assert verdict.stacks == {
        "a": {"docker": {"seconds": 2.5, "containers": 3}, "podman": {"why": "Deploy: no"}},
        "b": {"docker": {"why": "it was not tried"}, "podman": {"seconds": 2.5, "containers": 3}},
    }


def test_all_that_passed() -> None:
    verdict = judge([entry(name, engine) for name in names() for engine in ENGINES], names())
    assert (verdict.passed, verdict.failed) == (20, 0)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def start(**environment: str) -> subprocess.Popen[str]:
    argv = [sys.executable, str(PROGRAM), "whatever", "--the-application=takes"]
    return subprocess.Popen(argv, env={"PATH": os.environ["PATH"], **environment}, stdout=subprocess.PIPE, text=True)


def ask(port: int) -> bytes:
    deadline = time.monotonic() + 30
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                connection.sendall(b"GET /ready HTTP/1.0\r\n\r\n")
                return connection.recv(4096)
        except OSError:  # noqa: PERF203 - trying again is what the loop is for
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_the_stand_in_answers_and_ends_on_the_signal() -> None:
    port = free_port()
    process = start(STAND_IN_SERVES=str(port))
    try:
        assert ask(port).startswith(b"HTTP/1.0 200 OK")
        assert ask(port).endswith(b"ok\n")
    finally:
        process.terminate()
    assert process.wait(timeout=30) == 0


def test_a_job_waits_for_what_it_needs_and_ends() -> None:
    port = free_port()
    process = start(STAND_IN_ENDS="yes", STAND_IN_NEEDS=f"127.0.0.1:{port}", PYTHONUNBUFFERED="1")
    assert process.stdout is not None
    assert process.stdout.readline().startswith(f"waiting for 127.0.0.1:{port}")
    with socket.create_server(("127.0.0.1", port)) as listener:
        accepted = threading.Thread(target=listener.accept, daemon=True)
        accepted.start()
        assert process.wait(timeout=30) == 0
        accepted.join(timeout=30)


def test_a_secret_that_is_not_there_ends_it() -> None:
    process = start(DB_PASSWORD_FILE="/run/secrets/no-such-secret", STAND_IN_ENDS="yes")
    assert process.wait(timeout=30) == 1


@pytest.mark.parametrize("image", ["app", "postgres", "services"])
def test_the_builder_understands_the_recipes(image: str) -> None:
    folder = STACKS / "build" / image
    instructions = parse((folder / "Containerfile").read_text(encoding="utf-8"))
    assert instructions[0].name == "FROM"
    assert any(instruction.name == "ENTRYPOINT" for instruction in instructions)
