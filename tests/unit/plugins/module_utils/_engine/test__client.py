# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the client makes of the SDK's answers, with an API that only answers."""

from __future__ import annotations

import io
import typing as t

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._engine import _client
from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.identity import EngineIdentity, Raised
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError


class RefusedError(Exception):
    """What the SDK raises."""


class Api:
    """Remembers its calls; answers are given by their names."""

    def __init__(self, **answers: t.Any) -> None:
        self.answers = answers
        self.calls: list[tuple[str, tuple[t.Any, ...], dict[str, t.Any]]] = []

    def __getattr__(self, name: str) -> t.Callable[..., t.Any]:
        def call(*arguments: t.Any, **options: t.Any) -> t.Any:
            self.calls.append((name, arguments, options))
            return self.answers.get(name)

        return call

    @property
    def names(self) -> list[str]:
        return [name for name, _arguments, _options in self.calls]


def client(api: Api) -> EngineClient:
    raised = Raised((RefusedError,), (), (), ())
    return EngineClient(api, raised, EngineIdentity("docker", "1", "1.41", "/x"))


def test_sockets_that_are_not_there() -> None:
    with pytest.raises(HostError, match=r"docker is not reachable: no such file; start it .*podman is not reachable"):
        _client.connect(FakeHostIO(), "auto", "", 60)


def test_a_directory_of_sockets_that_lets_only_root_in(monkeypatch: pytest.MonkeyPatch) -> None:
    # systemd-tmpfiles makes /run/podman so at each boot
    monkeypatch.setattr(FakeHostIO, "why_absent", lambda _io, _path: "Permission denied")
    with pytest.raises(HostError, match=r"podman is not reachable: permission denied; become root \(become: true\)"):
        _client.connect(FakeHostIO(), "auto", "", 60)


def test_the_history_of_an_image() -> None:
    api = Api(history=[{"Size": 1}])
    assert client(api).image_history("a:1") == [{"Size": 1}]
    assert api.calls[-1] == ("history", ("a:1",), {})


def test_a_build_sends_the_archive_and_reads_to_the_end() -> None:
    api = Api(build=iter([{"stream": "Step 1/1 : FROM scratch\n"}, {"aux": {"ID": "sha256:1"}}]))
    archive = io.BytesIO(b"x")
    client(api).build("localhost/a:latest", archive, {"target": "run"})
    name, arguments, options = api.calls[-1]
    assert (name, arguments) == ("build", ())
    assert options == {
        "fileobj": archive, "custom_context": True, "encoding": "gzip", "tag": "localhost/a:latest", "decode": True,
        "target": "run",
    }  # fmt: skip
    assert list(api.answers["build"]) == []


def test_a_build_that_fails_tells_what_it_wrote_last() -> None:
    lines = [{"stream": f"line {number}\n"} for number in range(20)]
    api = Api(build=iter([*lines, {"error": "The command returned a non-zero code: 1"}]))
    with pytest.raises(HostError) as caught:
        client(api).build("localhost/a:latest", io.BytesIO(), {})
    text = str(caught.value)
    assert text.startswith("image localhost/a:latest can't be built: The command returned a non-zero code: 1; what it")
    assert text.endswith("  line 18\n  line 19")
    assert "line 7\n" not in text


def test_a_connection_that_has_been_idle_is_tried_before_anything_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    api = Api(create_container_from_config={"Id": "x"})
    made = client(api)
    made.create_container("a", {})
    assert api.names == ["ping", "create_container_from_config"]
    now += 0.9
    made.start_container("a")
    now += 1.1
    made.start_container("a")
    made.remove_container("a", volumes=False)
    assert api.names[2:] == ["start", "ping", "start", "remove_container"]


@pytest.mark.parametrize(
    ("reference", "registry"),
    [("docker.io/library/x:1", "docker.io"), ("registry.lan:5000/x@sha256:1", "registry.lan:5000")],
)
def test_an_image_that_cant_be_pulled_says_where_it_was_looked_for(reference: str, registry: str) -> None:
    api = Api(pull=iter([{"status": "Pulling"}, {"error": "manifest unknown"}]))
    with pytest.raises(HostError) as caught:
        client(api).pull(reference, None, "")
    assert str(caught.value).startswith(f"image {reference} can't be pulled from {registry}: manifest unknown; check ")


class LostError(Exception):
    """What the SDK raises when nothing answers."""


class Restarting(Api):
    """Doesn't answer the next ``away`` calls."""

    away = 0

    def inspect_container(self, name: str) -> dict[str, t.Any]:
        self.calls.append(("inspect_container", (name,), {}))
        if len(self.calls) <= self.away:
            raise LostError("('Connection aborted.', FileNotFoundError(2, 'No such file or directory'))")
        return {"Id": name}


def patient(monkeypatch: pytest.MonkeyPatch, away: int) -> tuple[EngineClient, Restarting, list[float]]:
    api, slept = Restarting(), list[float]()
    api.away = away
    monkeypatch.setattr(_client.time, "sleep", slept.append)
    raised = Raised((LostError,), (), (), (LostError,))
    return EngineClient(api, raised, EngineIdentity("docker", "1", "1.41", "/x")), api, slept


def test_an_engine_that_is_restarted_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, api, slept = patient(monkeypatch, 20)
    assert engine.container("a") == {"Id": "a"}
    assert (len(api.calls), sum(slept)) == (21, 20)


def test_one_that_does_not_come_back_is_waited_for_once_and_told_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine, api, slept = patient(monkeypatch, 1000)
    for _call in range(3):
        with pytest.raises(HostError) as caught:
            engine.container("a")
    assert str(caught.value) == (
        "container a can't be read: /x: docker is not reachable: no such file; start it (systemctl start docker) or "
        "install it (role engine)"
    )
    assert sum(slept) == _client.PAUSES
    assert len(api.calls) == _client.PAUSES + 3
