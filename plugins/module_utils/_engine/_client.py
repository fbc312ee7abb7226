# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The container engine's API: the only file that imports the Docker SDK for Python.

Docker Engine and Podman's Docker-compatible socket answer the same calls; the low-level client is used throughout, so
that what is sent is what :mod:`arguments` made and what comes back is what :mod:`observe` parses. Every failure comes
out as HostError with the engine's own words.
"""

from __future__ import annotations

import contextlib
import sys
import time
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._engine.auth import registry_of
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.identity import (
    DOCKER,
    PODMAN,
    EngineIdentity,
    Raised,
    hung_up,
    identify,
    unreachable,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.remedies import with_remedy
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

SOCKETS = {DOCKER: "/var/run/docker.sock", PODMAN: "/run/podman/podman.sock"}
SDK_MISSING = (
    "the Docker SDK for Python can't be imported by {python}: {error}; "
    "install the package python3-docker (on PyPI: docker) on the managed node, the role engine does"
)

ATTEMPTS = 4  # Podman's socket closes idle connections after seconds.
PAUSES, PAUSE_SECONDS = 30, 1.0
FRESH_SECONDS = 1.0  # Within it an idle connection is still open: Podman's service gives up after five seconds.
BUILD_LINES = 12

Json = dict[str, t.Any]


def connect(io: HostIO, engine: str, socket: str, timeout_seconds: float) -> EngineClient:
    """A client of the engine wanted: docker, podman, or auto for the one that runs.

    Raises HostError when the SDK is missing, no engine answers, another one answers than asked for, or two do.
    """
    if socket:
        client = _open(socket, timeout_seconds, engine if engine in SOCKETS else DOCKER)
        if engine in SOCKETS and client.identity.engine != engine:
            raise HostError(
                f"{socket}: {client.identity.engine} answers there, not {engine}; set engine or socket accordingly"
            )
        return client
    if engine in SOCKETS:
        return connect(io, engine, SOCKETS[engine], timeout_seconds)
    found: dict[str, EngineClient] = {}
    failures: list[str] = []
    for name, path in SOCKETS.items():
        if not io.exists(path):
            failures.append(unreachable(name, path, io.why_absent(path)))
            continue
        try:
            client = _open(path, timeout_seconds, name)
        except HostError as error:
            failures.append(str(error))
        else:
            found[client.identity.engine] = client
    if len(found) > 1:
        raise HostError("both Docker and Podman answer on this host; set engine to docker or to podman")
    if not found:
        raise HostError("no container engine answers: " + "; ".join(failures))
    return next(iter(found.values()))


def _open(socket: str, timeout_seconds: float, expected: str) -> EngineClient:
    try:
        import docker  # noqa: PLC0415 - only where it is needed, to say clearly that it is missing
        import requests  # noqa: PLC0415
        from docker.constants import MINIMUM_DOCKER_API_VERSION  # noqa: PLC0415
    except ImportError as error:
        raise HostError(SDK_MISSING.format(python=sys.executable, error=error)) from error
    failures = (docker.errors.DockerException, requests.exceptions.RequestException)
    raised = Raised(
        failures,
        (docker.errors.NotFound,),
        (docker.errors.APIError, docker.errors.InvalidVersion),
        (requests.exceptions.ConnectionError,),
    )
    address, timeout = f"unix://{socket}", max(60, int(timeout_seconds))
    for attempt in range(1, ATTEMPTS + 1):
        try:
            # Asked once, and without a version, which all engines answer; the SDK's "auto" would ask once more.
            answer = docker.APIClient(base_url=address, version=MINIMUM_DOCKER_API_VERSION, timeout=timeout).version(
                api_version=False
            )
            identity = identify(answer, socket)
            api = docker.APIClient(base_url=address, version=identity.api_version, timeout=timeout)
        except failures as error:  # noqa: PERF203 - trying again is what the loop is for
            if attempt == ATTEMPTS or not hung_up(str(error)):
                raise HostError(unreachable(expected, socket, str(error))) from error
            time.sleep(PAUSE_SECONDS)
        else:
            break
    return EngineClient(api, raised, identity)


class EngineClient:
    """The calls the collection needs. Readers return None for what isn't there."""

    def __init__(self, api: t.Any, raised: Raised, identity: EngineIdentity) -> None:
        """``api``: a docker.APIClient; ``raised``: its exceptions."""
        self._api = api
        self._raised = raised
        self._answered, self._pauses_left = float("-inf"), PAUSES
        self.identity = identity

    @contextlib.contextmanager
    def _explained(self, doing: str) -> t.Iterator[None]:
        try:
            yield
        except self._raised.lost as error:
            gone = unreachable(self.identity.engine, self.identity.socket, str(error))
            raise HostError(f"{doing}: {gone}") from error
        except self._raised.all as error:
            words = getattr(error, "explanation", None) or str(error)
            raise HostError(with_remedy(f"{doing}: {words}", self.identity.engine)) from error

    def _patiently(self, call: t.Callable[..., t.Any], *arguments: t.Any, **options: t.Any) -> t.Any:
        """Call what only reads, again when the connection is lost: for as long as an engine takes to be restarted.

        One that doesn't come back costs that time once, not with each call.
        """
        while self._pauses_left:
            with contextlib.suppress(*self._raised.lost):
                return self._once(call, *arguments, **options)
            self._pauses_left -= 1
            time.sleep(PAUSE_SECONDS)
        return self._once(call, *arguments, **options)

    def _once(self, call: t.Callable[..., t.Any], *arguments: t.Any, **options: t.Any) -> t.Any:
        answer = call(*arguments, **options)
        self._answered, self._pauses_left = time.monotonic(), PAUSES
        return answer

    def _freshen(self) -> None:
        """See to it that the next call doesn't go down a connection that is closed already, by one that only reads."""
        if time.monotonic() - self._answered > FRESH_SECONDS:
            self._patiently(self._api.ping)

    def _optional(self, doing: str, call: t.Callable[..., t.Any], *arguments: t.Any) -> t.Optional[Json]:
        with self._explained(doing):
            try:
                return t.cast(Json, self._patiently(call, *arguments))
            except self._raised.not_found:
                return None

    def _write(self, doing: str, call: t.Callable[..., t.Any], *arguments: t.Any, **options: t.Any) -> t.Any:
        """Call what changes something, once: it might have been done although the answer got lost."""
        with self._explained(doing):
            self._freshen()
            return self._once(call, *arguments, **options)

    def _gone(self, doing: str, call: t.Callable[..., t.Any], *arguments: t.Any, **options: t.Any) -> None:
        """Call what removes something; that it is gone already is as good."""
        with self._explained(doing), contextlib.suppress(*self._raised.not_found):
            self._freshen()
            self._once(call, *arguments, **options)

    def wake(self) -> None:
        """Have the engine awake: Podman's service is started by the first call, and ends when it has been idle."""
        with self._explained("the engine does not answer"):
            self._patiently(self._api.ping)

    # images

    def image(self, reference: str) -> t.Optional[Json]:
        """The image's inspection."""
        return self._optional(f"image {reference} can't be read", self._api.inspect_image, reference)

    def registry_digest(self, reference: str, auth: t.Optional[Json]) -> t.Optional[str]:
        """The manifest digest the registry has for a reference, asked through the engine; None where it can't be told.

        Podman's socket doesn't offer the call in all versions.
        """
        try:
            answer = self._patiently(self._api.inspect_distribution, reference, auth_config=auth)
        except self._raised.refused:
            return None
        return t.cast(t.Optional[str], (answer.get("Descriptor") or {}).get("digest"))

    def pull(self, reference: str, auth: t.Optional[Json], platform: str) -> None:
        """Pull an image. The stream reports failures in its text, which count as failures."""
        doing = f"image {reference} can't be pulled from {registry_of(reference)}"
        with self._explained(doing):
            self._freshen()
            for line in self._api.pull(
                reference, stream=True, decode=True, auth_config=auth, platform=platform or None
            ):
                if line.get("error"):
                    raise HostError(with_remedy(f"{doing}: {line['error']}", self.identity.engine))

    def build(self, reference: str, archive: t.IO[bytes], options: Json) -> None:
        """Build an image from the archive of its context, compressed with gzip. options: see ``build_arguments``.

        The stream reports failures in its text, which count as failures; what the build wrote last is told with them.
        """
        doing = f"image {reference} can't be built"
        with self._explained(doing):
            self._freshen()
            words: list[str] = []
            options = {**options, "custom_context": True, "encoding": "gzip", "decode": True}
            for line in self._api.build(fileobj=archive, tag=reference, **options):
                words = [*words, *str(line.get("stream") or "").splitlines()][-BUILD_LINES:]
                if line.get("error"):
                    told = with_remedy(f"{doing}: {line['error']}", self.identity.engine)
                    last = "\n".join(f"  {word}" for word in words if word.strip())
                    raise HostError(f"{told}; what it wrote last:\n{last}" if last else told)

    def images(self) -> list[Json]:
        """All images of the host, as the engine lists them."""
        with self._explained("images can't be listed"):
            return t.cast("list[Json]", self._patiently(self._api.images))

    def image_history(self, reference: str) -> list[Json]:
        """The steps an image was made in, the last one first, each with its size; none when the image is absent."""
        return t.cast("list[Json]", self._optional(f"no history of {reference}", self._api.history, reference) or [])

    def remove_image(self, image: str) -> None:
        """Remove an image by its id. The engine refuses one that a container uses."""
        self._gone(f"image {image} can't be removed", self._api.remove_image, image)

    def about(self) -> Json:
        """What the engine tells of itself and its store, as ``docker info`` does."""
        with self._explained("the engine can't be asked about its store"):
            return t.cast("Json", self._patiently(self._api.info))

    def save_image(self, reference: str) -> t.Iterator[bytes]:
        """The image as an archive, piece by piece."""
        with self._explained(f"image {reference} can't be saved"):
            yield from self._patiently(self._api.get_image, reference)

    def load_image(self, reference: str, archive: t.Iterator[bytes]) -> None:
        """Load an archive. The stream reports failures in its text, which count as failures."""
        doing = f"image {reference} can't be loaded"
        with self._explained(doing):
            self._freshen()
            for line in self._api.load_image(archive):
                if line.get("error"):
                    raise HostError(with_remedy(f"{doing}: {line['error']}", self.identity.engine))

    # containers

    def containers(self, **filters: list[str]) -> list[Json]:
        """All containers of the host, as the engine lists them; with filters those of them that run and match."""
        with self._explained("containers can't be listed"):
            return t.cast("list[Json]", self._patiently(self._api.containers, all=not filters, filters=filters))

    def container(self, name: str) -> t.Optional[Json]:
        """The container's inspection."""
        return self._optional(f"container {name} can't be read", self._api.inspect_container, name)

    def create_container(self, name: str, payload: Json) -> str:
        """Create a container from the body of the API's call; returns its id."""
        doing = f"container {name} can't be created"
        return str(self._write(doing, self._api.create_container_from_config, payload, name)["Id"])

    def start_container(self, name: str) -> None:
        """Start a container; one that runs is left alone."""
        self._write(f"container {name} can't be started", self._api.start, name)

    def stop_container(self, name: str, grace_seconds: t.Optional[int]) -> None:
        """Stop a container, killing it after its grace period (None: the one it was made with)."""
        if grace_seconds is None:
            own = ((self.container(name) or {}).get("Config") or {}).get("StopTimeout")
            grace_seconds = 10 if own is None else int(own)
        # Said rather than left to the engine, so that the SDK waits as long for the answer.
        self._write(f"container {name} can't be stopped", self._api.stop, name, timeout=grace_seconds)

    def resume_container(self, name: str) -> None:
        """Let a paused container go on."""
        self._write(f"container {name} can't be resumed", self._api.unpause, name)

    def remove_container(self, name: str, volumes: bool) -> None:
        """Remove a container, running or not, with its anonymous volumes or without."""
        self._gone(f"container {name} can't be removed", self._api.remove_container, name, v=volumes, force=True)

    def rename_container(self, name: str, new_name: str) -> None:
        """Give a container another name."""
        self._write(f"container {name} can't be renamed to {new_name}", self._api.rename, name, new_name)

    def set_restart_policy(self, name: str, policy: Json) -> None:
        """Change a container's restart policy without touching the container otherwise."""
        doing = f"container {name}: its restart policy can't be changed"
        self._write(doing, self._api.update_container, name, restart_policy=policy)

    def logs(self, name: str, lines: int) -> str:
        """The last lines a container wrote."""
        with self._explained(f"container {name}: its log can't be read"):
            text: bytes = self._patiently(self._api.logs, name, stdout=True, stderr=True, tail=lines)
        return text.decode("utf-8", "replace")

    def execute(self, name: str, argv: t.Sequence[str]) -> tuple[int, str]:
        """Run a command inside a running container: its exit code and what it wrote."""
        with self._explained(f"container {name}: {' '.join(argv)} can't be run"):
            self._freshen()
            identity = self._api.exec_create(name, list(argv))["Id"]
            output: bytes = self._api.exec_start(identity)
            code = self._patiently(self._api.exec_inspect, identity)["ExitCode"]
        return int(code if code is not None else -1), output.decode("utf-8", "replace")

    # networks and volumes

    def networks(self) -> list[Json]:
        """All networks of the host."""
        with self._explained("networks can't be listed"):
            return t.cast("list[Json]", self._patiently(self._api.networks))

    def create_network(self, name: str, arguments: Json) -> None:
        """Create a network from the SDK's keyword arguments."""
        self._write(f"network {name} can't be created", self._api.create_network, name, **arguments)

    def remove_network(self, name: str) -> None:
        """Remove a network."""
        self._gone(f"network {name} can't be removed", self._api.remove_network, name)

    def connect_network(self, network: str, container: str, endpoint: Json) -> None:
        """Attach a container to one more network."""
        doing = f"container {container} can't be attached to the network {network}"
        self._write(doing, self._api.connect_container_to_network, container, network, **endpoint)

    def volumes(self) -> list[Json]:
        """All volumes of the host."""
        with self._explained("volumes can't be listed"):
            return t.cast("list[Json]", self._patiently(self._api.volumes).get("Volumes") or [])

    def create_volume(self, name: str, arguments: Json) -> None:
        """Create a volume from the SDK's keyword arguments."""
        self._write(f"volume {name} can't be created", self._api.create_volume, name, **arguments)

    def remove_volume(self, name: str) -> None:
        """Remove a volume."""
        self._gone(f"volume {name} can't be removed", self._api.remove_volume, name)
