# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Carries out a plan, one handler per kind of action, and takes back what failed half way."""

from __future__ import annotations

import contextlib
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._compose import actions as kinds
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.actions import Action
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Project, Service
from ansible_collections.anycloud.container_host.plugins.module_utils._engine import arguments, differences
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.boot import Boot, BootSetup
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.files import FileStore
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.health import (
    CONDITION_READY,
    NotReadyError,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.host_address import (
    needs_host_address,
    with_host_address,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.places import placed
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.selinux_labels import with_labels
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.undo import Predecessor, Undo
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._compose.delivery import DeliveredFile
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine.auth import Credentials
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine.health import Waiter
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

# What a container is called while its successor is being made.
REPLACED_SUFFIX = "-replaced"


@dataclass(frozen=True)
class Gap:
    """How long a container was away: from the order to stop it until its start, or its successor's, was done."""

    container: str
    service: str
    seconds: float


class Applier:
    """Everything a plan's actions need, handed in. ``gaps`` is filled while a plan is applied."""

    def __init__(
        self,
        client: EngineClient,
        io: HostIO,
        project: Project,
        boot: Boot,
        boot_setup: BootSetup,
        waiter: Waiter,
        credentials: t.Optional[Credentials] = None,
        remove_volumes: bool = False,
        files: t.Optional[t.Mapping[str, DeliveredFile]] = None,
        contexts: t.Optional[t.Mapping[str, str]] = None,
    ) -> None:
        """``contexts``: digest of a context -> path of its archive on the host, for all that is to be built."""
        store, files = FileStore(io), files or {}
        self._client = client
        self._io = io
        self._project = project
        self._boot = boot
        self._boot_setup = boot_setup
        self._waiter = waiter
        self._credentials = credentials
        self._remove_volumes = remove_volumes
        self._contexts = contexts or {}
        self._undo = Undo(client)
        self._down_since: dict[str, float] = {}
        self.gaps: list[Gap] = []
        self._handlers: dict[str, t.Callable[[Action], None]] = {
            kinds.PULL_IMAGE: self._pull_image,
            kinds.BUILD_IMAGE: self._build_image,
            kinds.CREATE_NETWORK: self._create_network,
            kinds.REMOVE_NETWORK: lambda action: client.remove_network(action.name),
            kinds.CREATE_VOLUME: self._create_volume,
            kinds.REMOVE_VOLUME: lambda action: client.remove_volume(action.name),
            kinds.CREATE_CONTAINER: self._create_container,
            kinds.RECREATE_CONTAINER: self._recreate_container,
            kinds.REMOVE_CONTAINER: self._remove_container,
            kinds.START_CONTAINER: self._start_container,
            kinds.STOP_CONTAINER: self._stop_container,
            kinds.RESUME_CONTAINER: lambda action: client.resume_container(action.name),
            kinds.DELIVER_FILE: lambda action: store.write(files[action.key]),
            kinds.REMOVE_FILE: lambda action: store.remove(action.name),
            kinds.ENABLE_AT_BOOT: lambda _action: boot.enable(project, boot_setup),
            kinds.DISABLE_AT_BOOT: lambda _action: boot.disable(project),
        }

    def apply(self, actions: t.Iterable[Action]) -> None:
        """Do every action in order.

        When one fails, what this run made and didn't yet bring to life is removed, and a container whose successor
        isn't ready is put back. HostError says what failed, of which place in the file, and what was or couldn't be
        taken back.
        """
        for action in actions:
            with self._or_back(action):
                self._handlers[action.kind](action)

    def settle(self, names: t.Mapping[str, bool]) -> None:
        """Wait until the containers are ready (see Waiter), then let the predecessors go. Fails as :meth:`apply`."""
        with self._or_back():
            self._waiter.wait_for_all(names, CONDITION_READY)
        self._undo.commit()

    @contextlib.contextmanager
    def _or_back(self, action: t.Optional[Action] = None) -> t.Iterator[None]:
        try:
            yield
        except HostError as error:
            sick = error.container if isinstance(error, NotReadyError) else ""
            raise placed(error, self._project, action, self._undo.roll_back(sick)) from error

    def _pull_image(self, action: Action) -> None:
        try:
            pull(self._client, action.name, self._credentials, self._platform(action.name))
        except HostError as error:
            raise HostError(f"{error}" if action.before else f"not on the host, and {error}") from error

    def _build_image(self, action: Action) -> None:
        service = self._project.services[action.key]
        if service.build is None or service.build.context not in self._contexts:
            # Who runs a workload from what is kept on the host has no directory to build from.
            raise HostError(
                f"service {service.name}: its image {service.image} isn't on the host, or is another one, and there is "
                "nothing here to build it from; deploy the workload with the role workload"
            )
        with self._io.open_stream(self._contexts[service.build.context]) as archive:
            self._client.build(service.image, archive, arguments.build_arguments(service.build, service.platform))

    def _platform(self, reference: str) -> str:
        return next((entry.platform for entry in self._project.services.values() if entry.image == reference), "")

    def _create_network(self, action: Action) -> None:
        network = self._project.networks[action.key]
        engine = self._client.identity.engine
        made = arguments.network_arguments(self._project.name, action.key, network, engine)
        self._client.create_network(action.name, made)
        self._undo.network_created(action.name)

    def _create_volume(self, action: Action) -> None:
        volume = self._project.volumes[action.key]
        self._client.create_volume(action.name, arguments.volume_arguments(self._project.name, action.key, volume))
        self._undo.volume_created(action.name)

    def _create_container(self, action: Action) -> None:
        self._create(self._project.services[action.key], {})

    def _create(self, service: Service, kept_volumes: t.Mapping[str, str]) -> None:
        for mount in service.mounts:
            if mount.type == "bind" and mount.create_source and not self._io.exists(mount.source):
                self._io.make_directory(mount.source)
        profiles = {path: self._io.read_text(path) or "" for path in differences.seccomp_paths(service.security_opt)}
        missing = [path for path, content in profiles.items() if not content]
        if missing:
            raise HostError(
                f"service {service.name}: the seccomp profile {missing[0]} is not on the host; copy it there"
            )
        engine = self._client.identity.engine
        payload = arguments.container_payload(self._project.name, service, engine, kept_volumes, profiles)
        # beside the payload, too: its labels tell what the file says, the same on every host
        payload["HostConfig"].update(arguments.mounts_config(with_labels(service.mounts, self._io), kept_volumes))
        if needs_host_address(service, engine):
            # beside the payload: its labels tell what the file says
            reachable = with_host_address(service, self._client.networks())
            payload["HostConfig"]["ExtraHosts"] = arguments.extra_hosts(reachable)
        name = service.container_name
        self._client.create_container(name, payload)
        self._undo.container_created(name)
        for network, endpoint in arguments.further_networks(service).items():
            self._client.connect_network(network, name, endpoint)

    def _recreate_container(self, action: Action) -> None:
        service = self._project.services[action.key]
        old = self._client.container(action.name)
        if old is None:
            self._create(service, {})
            return
        backup = action.name + REPLACED_SUFFIX
        predecessor = Predecessor.of(backup, old)
        if predecessor.was_running:
            self._down_since[action.name] = self._io.monotonic()
        self._client.stop_container(action.name, None)
        self._client.rename_container(action.name, backup)
        self._undo.container_replaced(action.name, predecessor)
        self._create(service, kept_volumes(old, service))

    def _remove_container(self, action: Action) -> None:
        old = self._client.container(action.name)
        if old is None:
            return
        if old["State"].get("Running"):
            self._down_since[action.name] = self._io.monotonic()
            self._client.stop_container(action.name, self._grace_seconds(action))
        kept = str((old["Config"].get("Labels") or {}).get(differences.KEPT_VOLUMES_LABEL, ""))
        self._client.remove_container(action.name, volumes=self._remove_volumes)
        if self._remove_volumes:
            for volume in filter(None, kept.split(",")):
                self._client.remove_volume(volume)

    def _start_container(self, action: Action) -> None:
        for name, condition in action.wait_for.items():
            # What may fail by the file's own word (required: false) only has to be given its time.
            with contextlib.suppress(*([HostError] if name in action.optional else [])):
                self._waiter.wait_once(name, condition)
        self._client.start_container(action.name)
        self._waiter.started(action.name)
        self._undo.container_started(action.name)
        since = self._down_since.pop(action.name, None)
        if since is not None:
            service = self._project.services[action.key].name
            self.gaps.append(Gap(action.name, service, round(self._io.monotonic() - since, 3)))

    def _stop_container(self, action: Action) -> None:
        self._down_since[action.name] = self._io.monotonic()
        self._client.stop_container(action.name, self._grace_seconds(action))

    def _grace_seconds(self, action: Action) -> t.Optional[int]:
        """The file's grace period, which may be newer than the container; None for the container's own."""
        service = self._project.services.get(action.key)
        return None if service is None else service.stop_grace_period_seconds


def pull(client: EngineClient, reference: str, credentials: t.Optional[Credentials], platform: str) -> None:
    """Pull one image, with the credentials when they are for its registry."""
    client.pull(reference, credentials.for_image(reference) if credentials else None, platform)


def kept_volumes(old: dict[str, t.Any], service: Service) -> dict[str, str]:
    """The anonymous volumes of a container that its successor takes over (path -> name), as Compose does.

    Those are the volumes at paths where the service mounts nothing by name: declared by the image or without a source.
    """
    named = {mount.target for mount in service.mounts if mount.source or mount.type == "tmpfs"}
    former = {
        str(entry.get("Target", "")): str(entry.get("Source", ""))
        for entry in (old.get("HostConfig") or {}).get("Mounts") or []
    }
    kept = set(str((old["Config"].get("Labels") or {}).get(differences.KEPT_VOLUMES_LABEL, "")).split(","))
    result = {}
    for entry in old.get("Mounts") or []:
        name, target = str(entry.get("Name") or ""), str(entry.get("Destination", ""))
        anonymous = name in kept or (former.get(target, "") != name and _looks_anonymous(name))
        if entry.get("Type") == "volume" and name and anonymous and target not in named:
            result[target] = name
    return result


def _looks_anonymous(name: str) -> bool:
    """Both engines name anonymous volumes by 64 random hexadecimal digits."""
    return len(name) == 64 and all(digit in "0123456789abcdef" for digit in name)
