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
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.delivery import DeliveredFile, deliver
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Project
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.observed import ObservedProject
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.order import start_order
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.plan import PlanOptions, plan
from ansible_collections.anycloud.container_host.plugins.module_utils._engine import observe
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.apply import Applier, Gap, pull
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.boot import boot_of, wanted_setup
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.files import FileStore
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.health import CONDITION_READY, Waiter
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.identity import DOCKER
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.lacks import problems
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.revisions import Pruning
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine.auth import Credentials
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
    ) -> None:
        self._client = client
        self._io = io
        self._given = with_pull_policy(project, settings.pull)
        self._project = self._given
        self._settings = settings
        self._credentials = credentials
        self._boot = boot_of(client, io)
        self._store = FileStore(io)
        self._files: dict[str, DeliveredFile] = {}
        self._pruning: t.Optional[Pruning] = None
        if settings.state == STATE_ABSENT:
            self._pruning = Pruning(client, io, project, None if settings.keep_revisions is None else 0)
        elif settings.state == STATE_PRESENT and settings.keep_revisions is not None:
            self._pruning = Pruning(client, io, project, settings.keep_revisions)
        self.notes_revision = False
        order = start_order({name: service.depends_on for name, service in self._project.services.items()})
        self._boot_setup = wanted_setup(self._project, order)

    def plan(self, check_mode: bool) -> Plan:
        """What has to be done.

        Touches nothing but, outside check mode, images with the pull policy ``always`` and the host's secret for
        digests of configs and secrets, which is made once.

        Raises InputError for what can't be met on this host: a port taken, an external network missing, ...
        """
        if self._settings.state == STATE_PRESENT:
            lacking = problems(self._given, self._client.identity)
            if lacking:
                raise InputError(lacking)
        has_files = any(service.grants for service in self._given.services.values())
        is_made = self._settings.state == STATE_PRESENT and not check_mode
        key = self._store.key(make=is_made) if has_files else b""
        self._project, self._files = deliver(self._given, key)
        newest = self._newest_digests(check_mode) if self._settings.state == STATE_PRESENT else {}
        boot_enabled = self._boot.enabled(self._project, self._settings.state, self._boot_setup)
        observed = observe.observe(self._client, self._project, boot_enabled)
        observed = dataclasses.replace(
            observed,
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
        taken = self._taken_ports(made, observed)
        if taken:
            raise InputError(taken)
        if self._pruning is None:
            return made
        unneeded, self.notes_revision = self._pruning.plan(made.actions, observed)
        return dataclasses.replace(made, actions=(*made.actions, *unneeded))

    def apply(self, made: Plan) -> list[Gap]:
        """Do what the plan says, then wait for the services when that is wanted.

        Returns how long each container that was replaced or restarted was away. Raises HostError for the first thing
        that fails.
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
        )
        unneeded = [action for action in made.actions if action.kind == kinds.REMOVE_IMAGE]
        applier.apply(dataclasses.replace(made, actions=tuple(one for one in made.actions if one not in unneeded)))
        if self._settings.wait and self._settings.state == STATE_PRESENT:
            started = {action.name for action in made.actions if action.kind == kinds.START_CONTAINER}
            for service in self._project.services.values():
                waiter.wait(service.container_name, CONDITION_READY, service.container_name in started)
        if self._pruning is not None and (unneeded or self.notes_revision):
            self._pruning.apply(unneeded)
        return applier.gaps

    def hold_at_boot(self) -> None:
        """Have nothing of the project come back with a boot, and what runs go on. Raises HostError."""
        self._boot.hold(self._project)

    def _newest_digests(self, check_mode: bool) -> dict[str, str]:
        """What the registries have now, for images to be pulled always; asked, or else pulled outside check mode."""
        newest: dict[str, str] = {}
        for service in self._project.services.values():
            if service.pull_policy != "always" or service.image in newest:
                continue
            auth = self._credentials.for_image(service.image) if self._credentials else None
            digest = self._client.registry_digest(service.image, auth)
            if digest:
                newest[service.image] = digest
            elif not check_mode:
                pull(self._client, service.image, self._credentials, service.platform)
        return newest

    def _taken_ports(self, made: Plan, observed: ObservedProject) -> list[Problem]:
        """Ports to publish that a process of the host listens on; other containers' ports are the plan's concern."""
        own: set[t.Optional[int]] = set()
        for raw in self._client.containers():
            if observe.container_name(raw) in observed.containers:
                own.update(port.published for port in observe.parse_listed_ports(raw))
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


def with_pull_policy(project: Project, pull_policy: str) -> Project:
    """The project with another pull policy for all services; "" changes nothing."""
    if not pull_policy:
        return project
    services = {
        name: dataclasses.replace(service, pull_policy=pull_policy) for name, service in project.services.items()
    }
    return dataclasses.replace(project, services=services)
