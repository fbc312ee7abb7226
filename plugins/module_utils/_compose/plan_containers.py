# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The steps for the containers of a project that shall run, and why each is needed."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose import actions as act
from ansible_collections.anycloud.container_host.plugins.module_utils._compose import model
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.actions import Action
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.delivery import source_of
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.digest import (
    service_digest,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.drift import (
    deviations,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model_build import Build
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.observed import (
    FILE_CHANGED,
    ObservedContainer,
    ObservedImage,
    ObservedProject,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.order import start_order
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.ports import ports_overlap
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import Report


def remove_container(container: ObservedContainer, key: str, reason: str) -> Action:
    """The step that removes a container; ``key`` is "" for one that the file doesn't have."""
    return Action(act.REMOVE_CONTAINER, "container", container.name, key, shown(container), reason=reason)


def shown(container: ObservedContainer) -> dict[str, t.Any]:
    """What a person sees of a container in a plan."""
    return {"state": container.state, "spec_sha256": container.spec_digest, "image_id": container.image_id}


def _changed_definition(service: model.Service, container: ObservedContainer) -> str:
    """The cause, with the names of configs and secrets that have another content or are new."""
    changed = sorted({source_of(path) for path in set(service.files) - set(container.files)})
    return (
        f"its definition or {', '.join(changed)} changed" if changed and container.files else "its definition changed"
    )


class Containers:
    """The steps for the containers; ``pulls``, builds among them, and ``removals`` come before networks and volumes."""

    def __init__(
        self,
        project: model.Project,
        observed: ObservedProject,
        recreate: str,
        replaced: t.Sequence[str],
        report: Report,
    ) -> None:
        self._project = project
        self._observed = observed
        self._recreate = recreate
        self._replaced = {project.networks[key].name for key in replaced}
        self._report = report
        self._pulled: dict[str, Action] = {}
        self._renewed: set[str] = set()
        self._started: set[str] = set()
        # By reference: a service that shares the image of one that asks for the newest gets it too.
        self._newer = {service.image for service in project.services.values() if self._newer_image(service)}
        self.removals: list[Action] = []
        self._in_the_way = self._holding_ports_of_others()

    @property
    def pulls(self) -> list[Action]:
        return list(self._pulled.values())

    def steps(self) -> list[Action]:
        """Create, recreate and start, in start order."""
        result: list[Action] = []
        order = start_order({name: list(service.depends_on) for name, service in self._project.services.items()})
        for name in order:
            result.extend(self._service(self._project.services[name]))
        return result

    def _service(self, service: model.Service) -> list[Action]:
        container = self._observed.containers.get(service.container_name)
        if container is not None and container.service != service.name:
            container = None
        newer = service.image in self._newer
        if container is None:
            self._pull(service, "not on the host")
            return [self._create(service, ""), self._start(service, None)]
        reason = self._reason(service, container, newer) or self._joined_reason(service)
        if reason:
            self._renewed.add(service.key)
            self._pull(service, self._why_newer(service) if newer else "not on the host", newer)
            joined = any(service.key in other.joins for other in self._project.services.values())
            if self._replaced & set(service.networks) or service.name in self._in_the_way or service.joins or joined:
                self._remove_first(service, remove_container(container, service.key, reason))
                return [self._create(service, reason), self._start(service, None)]
            after = self._wanted(service, "created")
            key, before = service.key, shown(container)
            step = Action(act.RECREATE_CONTAINER, "container", container.name, key, before, after, reason)
            return [step, self._start(service, None)]
        if container.state == "paused":
            before = shown(container)
            after = {**before, "state": "running"}
            reason = "changed by hand: paused"
            return [Action(act.RESUME_CONTAINER, "container", container.name, service.key, before, after, reason)]
        if container.running:
            return self._restart(service, container)
        if self._is_done(service, container):
            return []
        self._started.add(service.key)
        return [self._start(service, container)]

    def _remove_first(self, service: model.Service, removal: Action) -> None:
        """Before the steps for services; a part of another container goes before that, which would take it along."""
        keys = [action.key for action in self.removals]
        index = min((keys.index(key) for key in service.joins if key in keys), default=len(keys))
        self.removals.insert(index, removal)

    def _joined_reason(self, service: model.Service) -> str:
        """A container of which another one is a part lives no longer than that one."""
        renewed = [name for name in service.joins if name in self._renewed]
        return f"{', '.join(renewed)}, whose namespaces it shares, is made anew" if renewed else ""

    def _restart(self, service: model.Service, container: ObservedContainer) -> list[Action]:
        """Stop and start, when another service has to be followed: by the file's word, or for its namespaces."""
        followed = {*service.depends_restart} & self._renewed | {*service.joins} & self._started
        renewed = [name for name in service.depends_on if name in followed]
        if not renewed:
            return []
        word = "made anew" if self._renewed & followed else "started again"
        reason = f"{', '.join(renewed)} was {word}"
        before, key = shown(container), service.key
        stop = Action(
            act.STOP_CONTAINER, "container", container.name, key, before, {**before, "state": "exited"}, reason
        )
        return [stop, self._start(service, dataclasses.replace(container, state="exited"))]

    def _holding_ports_of_others(self) -> set[str]:
        """Services whose running container holds a port that another service gets: it has to go before that starts."""
        services = self._project.services
        return {
            container.service
            for container in self._observed.containers.values()
            if container.service in services
            for other in services.values()
            if other.name != container.service
            and any(ports_overlap(port, taken) for port in other.ports for taken in container.ports)
        }

    def _reason(self, service: model.Service, container: ObservedContainer, newer: bool) -> str:
        """Why the container has to be made anew; "" when it hasn't."""
        if self._recreate == "never":
            return ""
        if self._recreate == "always":
            return "asked for"
        image = self._observed.images.get(service.image)
        if container.spec_digest != service_digest(service):
            return _changed_definition(service, container)
        # Written anew, the file is another one than what the container has mounted.
        tampered = sorted({source_of(path) for path in service.files if self._observed.files.get(path) == FILE_CHANGED})
        if tampered:
            return f"{', '.join(tampered)} was changed on the host"
        if newer or (image is not None and container.image_id and image.id != container.image_id):
            return "its image changed"
        if self._replaced & set(service.networks):
            return "its network changed"
        changed = deviations(service, container, not self._observed.policies_in_place)
        if changed:
            return f"changed by hand: {', '.join(changed)}"
        return "it is dead" if container.state == "dead" else ""

    def _is_done(self, service: model.Service, container: ObservedContainer) -> bool:
        """Whether it is a job that others wait for, and that has done its work."""
        waited_for = any(
            other.depends_on.get(service.name) == model.CONDITION_COMPLETED for other in self._project.services.values()
        )
        return waited_for and container.state in ("exited", "stopped") and container.exit_code == 0

    @staticmethod
    def _why_newer(service: model.Service) -> str:
        return "newer in the registry" if service.build is None else "what it is built from changed"

    def _newer_image(self, service: model.Service) -> bool:
        """Whether the image on the host is not the one to run any more."""
        image = self._observed.images.get(service.image)
        if service.build is not None:
            return image is not None and image.build_digest != service.build.digest
        if service.pull_policy != "always" or image is None or image.registry_digest is None:
            return False
        return image.registry_digest not in image.digests

    def _pull(self, service: model.Service, reason: str, newer: bool = False) -> None:
        image = self._observed.images.get(service.image)
        if service.build is not None:
            self._build(service, service.build, image)
            return
        if image is not None and not newer:
            return
        if service.pull_policy == "never":
            remedy = "load it onto the host, or allow pull_policy: missing"
            self._report.add(("services", service.name, "image"), f"{service.image} isn't on the host", remedy)
            return
        before = {"id": image.id, "digests": list(image.digests)} if image else None
        after = {"digests": [image.registry_digest]} if image else {"exists": True}
        step = Action(act.PULL_IMAGE, "image", service.image, service.name, before, after, reason)
        self._pulled.setdefault(service.image, step)

    def _build(self, service: model.Service, build: Build, image: t.Optional[ObservedImage]) -> None:
        if image is not None and image.build_digest == build.digest:
            return
        before = {"id": image.id, "build_sha256": image.build_digest} if image else None
        reason = self._why_newer(service) if image else "not on the host"
        after = {"build_sha256": build.digest}
        self._pulled[service.image] = Action(
            act.BUILD_IMAGE, "image", service.image, service.key, before, after, reason
        )

    def _wanted(self, service: model.Service, state: str) -> dict[str, t.Any]:
        image = self._observed.images.get(service.image)
        known = image is not None and service.image not in self._pulled
        how = "pulled" if service.build is None else "built"
        image_id = image.id if image is not None and known else f"as {how}: {service.image}"
        return {"state": state, "spec_sha256": service_digest(service), "image_id": image_id}

    def _create(self, service: model.Service, reason: str) -> Action:
        after = self._wanted(service, "created")
        return Action(act.CREATE_CONTAINER, "container", service.container_name, service.key, None, after, reason)

    def _start(self, service: model.Service, container: t.Optional[ObservedContainer]) -> Action:
        """``container`` None: it was just created."""
        before = shown(container) if container else self._wanted(service, "created")
        after = {**before, "state": "running"}
        wait_for = {
            self._project.services[name].container_name: condition for name, condition in service.depends_on.items()
        }
        name, key = service.container_name, service.key
        optional = tuple(self._project.services[other].container_name for other in service.depends_optional)
        return Action(act.START_CONTAINER, "container", name, key, before, after, wait_for=wait_for, optional=optional)
