# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""From a project and a wanted state to a plan and from the plan to the state: observe, plan, apply."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose import actions as kinds
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.actions import (
    STATE_ABSENT,
    STATE_PRESENT,
    Plan,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.delivery import (
    RUN_DIRECTORY,
    DeliveredFile,
    deliver,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Project, Service
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.observed import ObservedProject
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.order import start_order
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.plan import PlanOptions, plan
from ansible_collections.anycloud.container_host.plugins.module_utils._engine import observe
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.apply import Applier, Gap, pull
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.boot import boot_of, wanted_setup
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.files import FileStore
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.health import (
    CONDITION_READY,
    REACHED,
    Waiter,
    judge,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.identity import DOCKER
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.lacks import problems
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.seen import Seen
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import (
    HostError,
    InputError,
    PlacedError,
    Problem,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine.auth import Credentials
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine.revisions import Pruning
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


@dataclasses.dataclass(frozen=True)
class Settings:
    """What the user said beside the project. ``pull`` "" leaves it to each service's pull_policy.

    keep_revisions: how many revisions' images stay on the host; None: all of them, and nothing is noted.
    """

    state: str = STATE_PRESENT
    pull: str = ""
    recreate: str = "auto"
    remove_orphans: bool = True
    remove_volumes: bool = False
    wait: bool = True
    timeout_seconds: float = 300
    keep_revisions: t.Optional[int] = None


class Deployment:
    """One project on one host."""

    def __init__(
        self,
        client: EngineClient,
        io: HostIO,
        project: Project,
        settings: Settings,
        credentials: t.Optional[Credentials] = None,
        contexts: t.Optional[t.Mapping[str, str]] = None,
    ) -> None:
        """``contexts``: digest of a context to build from -> path of its archive on the host."""
        self._client = client
        self._io = io
        self._given = with_pull_policy(project, settings.pull)
        self._project = self._given
        self._settings = settings
        self._is_present = settings.state == STATE_PRESENT
        self._credentials = credentials
        self._contexts = contexts or {}
        self._boot = boot_of(client, io, {})
        self._seen = Seen(client)
        self._store = FileStore(io)
        self._files: dict[str, DeliveredFile] = {}
        self._pruning = self._pruning_of(settings.state, settings.keep_revisions)
        self.notes_revision = False
        order = start_order({name: service.depends_on for name, service in self._project.services.items()})
        self._boot_setup = wanted_setup(self._project, order)

    def _pruning_of(self, state: str, keep: t.Optional[int]) -> t.Optional[Pruning]:
        if state not in (STATE_ABSENT, STATE_PRESENT) or (state == STATE_PRESENT and keep is None):
            return None
        # Every file imported costs its compilation on each run, on the host.
        from ansible_collections.anycloud.container_host.plugins.module_utils._engine import (  # noqa: PLC0415
            revisions,
        )

        is_gone = state == STATE_ABSENT and keep is not None
        return revisions.Pruning(self._client, self._io, self._given, 0 if is_gone else keep)

    def plan(self, check_mode: bool) -> Plan:
        """What has to be done.

        Touches nothing but, outside check mode, images with the pull policy ``always`` and the host's secret for
        digests of configs and secrets, which is made once.

        Raises InputError for what can't be met on this host: a port taken, an external network missing, ...
        """
        if self._is_present:
            lacking = problems(self._given, self._client.identity)
            if lacking:
                raise InputError(lacking)
        has_files = any(service.grants for service in self._given.services.values())
        is_made = self._is_present and not check_mode
        key = self._store.key(make=is_made) if has_files else b""
        self._project, self._files = deliver(self._given, key)
        newest = self._newest_digests(check_mode) if self._is_present else {}
        self._seen = Seen(self._client)
        observed = observe.observe(self._seen, self._project)
        self._boot = boot_of(self._client, self._io, observed.containers)
        observed = dataclasses.replace(
            observed,
            boot_enabled=self._boot.enabled(self._project, self._settings.state, self._boot_setup),
            files=self._store.observe(self._project.name, self._files),
            policies_in_place=self._client.identity.engine == DOCKER,
        )
        images = {
            reference: dataclasses.replace(image, registry_digest=newest.get(reference))
            for reference, image in observed.images.items()
        }
        options = PlanOptions(
            recreate=self._settings.recreate,
            remove_orphans=self._settings.remove_orphans,
            remove_volumes=self._settings.remove_volumes,
        )
        made = plan(self._project, dataclasses.replace(observed, images=images), self._settings.state, options)
        in_the_way = [*self._taken_ports(made, observed), *self._missing_sources(made)]
        if in_the_way:
            raise InputError(in_the_way)
        if self._pruning is None:
            return made
        unneeded, self.notes_revision = self._pruning.plan(made.actions, observed)
        return dataclasses.replace(made, actions=(*made.actions, *unneeded))

    def lacking_contexts(self, made: Plan) -> list[str]:
        """The contexts without which the plan can't be carried out, by their digests."""
        builds = [self._project.services[one.key].build for one in made.actions if one.kind == kinds.BUILD_IMAGE]
        wanted = {build.context for build in builds if build is not None}
        return sorted(wanted - set(self._contexts))

    def apply(self, made: Plan) -> list[Gap]:
        """Do what the plan says, then wait for the services when that is wanted.

        Returns how long each container that was replaced or restarted was away. Raises HostError for the first thing
        that fails. What only predecessors of containers use goes after the wait: until then they can be put back.
        """
        waiter = Waiter(self._client, self._io, self._settings.timeout_seconds)
        applier = Applier(
            self._client,
            self._io,
            self._project,
            self._boot,
            self._boot_setup,
            waiter,
            self._credentials,
            self._settings.remove_volumes,
            self._files,
            self._contexts,
        )
        unneeded = [action for action in made.actions if action.kind == kinds.REMOVE_IMAGE]
        last = [action for action in made.actions if action.is_last] if self._is_present else unneeded
        applier.apply(action for action in made.actions if action not in last)
        if made.actions:
            self._seen = Seen(self._client)
        names = self._waited_for(made)
        applier.settle(names)
        applier.apply(action for action in last if action not in unneeded)
        if names:
            self._seen = Seen(self._client)
        if self._pruning is not None and (unneeded or self.notes_revision):
            self._pruning.apply(unneeded)
        return applier.gaps

    def _waited_for(self, made: Plan) -> dict[str, bool]:
        """The containers that have to be ready in the end, and whether they were just started."""
        if not self._settings.wait or not self._is_present:
            return {}
        started = {action.name for action in made.actions if action.kind == kinds.START_CONTAINER}
        names = [service.container_name for service in self._project.services.values()]
        if not made.actions:
            names = [name for name in names if judge(self._seen.container(name), CONDITION_READY)[0] != REACHED]
        return {name: name in started for name in names}

    def described(self) -> list[dict[str, t.Any]]:
        """The project's containers as plain values, as they are now."""
        found = observe.workloads(self._seen, self._project.name)
        return list(found[0]["services"]) if found else []

    def hold_at_boot(self) -> None:
        """Have nothing of the project come back with a boot, and what runs go on. Raises HostError."""
        self._boot.hold(self._project)

    def _newest_digests(self, check_mode: bool) -> dict[str, str]:
        """What the registries have now, for images to be pulled always; asked, or else pulled outside check mode."""
        newest: dict[str, str] = {}
        for service in self._project.services.values():
            if service.pull_policy != "always" or service.build is not None or service.image in newest:
                continue
            auth = self._credentials.for_image(service.image) if self._credentials else None
            digest = self._client.registry_digest(service.image, auth)
            if digest:
                newest[service.image] = digest
            elif not check_mode:
                self._pull(service)
        return newest

    def _pull(self, service: Service) -> None:
        try:
            pull(self._client, service.image, self._credentials, service.platform)
        except HostError as error:
            raise PlacedError(f"services.{service.name}.image", str(error)) from error

    def _taken_ports(self, made: Plan, observed: ObservedProject) -> list[Problem]:
        """Ports to publish that a process of the host listens on; other containers' ports are the plan's concern."""
        own = {port.published for container in observed.containers.values() for port in container.ports}
        found = []
        for action in made.actions:
            service = self._project.services.get(action.key)
            if action.kind != kinds.START_CONTAINER or service is None:
                continue
            for index, port in enumerate(service.ports):
                everywhere = port.host_ip in ("", "0.0.0.0", "127.0.0.1")  # noqa: S104
                if port.published is None or port.published in own or port.protocol != "tcp" or not everywhere:
                    continue
                if not self._io.local_port_is_free(port.published):
                    found.append(
                        Problem(
                            f"services.{service.name}.ports[{index}]",
                            f"port {port.published} is taken on this host",
                            f"stop what listens there (ss -ltnp 'sport = :{port.published}') or publish another port",
                        )
                    )
        return found

    def _missing_sources(self, made: Plan) -> list[Problem]:
        """Bind mounts of what isn't there and isn't to be made: Podman's socket would make it all the same."""
        mounts = [mount for service in self._project.services.values() for mount in service.mounts]
        known = {mount.source for mount in mounts if mount.create_source}
        known.update(f"{RUN_DIRECTORY}/{path}" for path in self._files)
        return [
            Problem(
                f"services.{service.name}.volumes",
                f"{mount.source} isn't on this host",
                "make it there first, or leave out create_host_path: false",
            )
            for action in made.actions
            if action.kind in (kinds.CREATE_CONTAINER, kinds.RECREATE_CONTAINER)
            for service in [self._project.services[action.key]]
            for mount in service.mounts
            if mount.type == "bind" and mount.source not in known and not self._io.exists(mount.source)
        ]


def with_pull_policy(project: Project, pull_policy: str) -> Project:
    """The project with another pull policy for all services; "" changes nothing."""
    if not pull_policy:
        return project
    services = {
        name: dataclasses.replace(service, pull_policy=pull_policy) for name, service in project.services.items()
    }
    return dataclasses.replace(project, services=services)
