# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Keeps which images a workload's revisions ran with, and removes those that its last revisions don't need.

Only images that were noted here are ever removed, and of them only what no other container or workload here uses.
"""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.actions import (
    BUILD_IMAGE,
    PULL_IMAGE,
    Action,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Project
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.observed import ObservedProject
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.revisions import (
    Images,
    Revisions,
    gone_containers,
    is_removable,
    new_containers,
    parse,
    removals,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.observe import (
    container_name,
    parse_container,
    with_algorithm,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

FOLDER = "/var/lib/container-host/revisions"


class Pruning:
    """The revisions of one workload.

    keep: how many stay; 0 when the workload is to be gone; None when it is to be gone and all images stay.
    """

    def __init__(self, client: EngineClient, io: HostIO, project: Project, keep: t.Optional[int]) -> None:
        self._client = client
        self._io = io
        self._project = project
        self._keep = keep or 0
        self._all_stay = keep is None
        self._path = f"{FOLDER}/{project.name}.json"
        self._noted = parse(io.read_text(self._path), self._path)

    def plan(self, actions: t.Sequence[Action], observed: ObservedProject) -> tuple[list[Action], bool]:
        """What to remove once ``actions`` are done, and whether the note has to be written or removed then."""
        if self._all_stay:
            return [], self._noted != Revisions()
        after = self._after(self._expected(actions, observed))
        unneeded = after.unneeded(self._keep)
        found = {image: self._client.image(image) for image in unneeded}
        removable = {
            image for image, inspected in found.items() if inspected and is_removable(inspected, after.names(image))
        }
        staying = set(observed.containers) - gone_containers(actions)
        steps = removals(unneeded, self._used(staying, observed), removable, self._keep)
        gone = {step.name for step in steps}
        left = after.trimmed(self._keep, {image for image, inspected in found.items() if inspected} - gone)
        return steps, left != self._noted

    def apply(self, actions: t.Sequence[Action]) -> None:
        """Remove the images and write the note. Comes last: until then a failed run has all it was made from."""
        for action in actions:
            self._client.remove_image(action.name)
        after = Revisions() if self._all_stay else self._after(self._running())
        left = after.trimmed(self._keep, {image for image in after.unneeded(self._keep) if self._client.image(image)})
        if left != Revisions():
            self._io.write_atomic(self._path, left.render(), 0o600)
        elif self._io.exists(self._path):
            self._io.remove(self._path)

    def _after(self, newest: Images) -> Revisions:
        return self._noted.with_newest(newest) if newest else self._noted

    def _expected(self, actions: t.Sequence[Action], observed: ObservedProject) -> Images:
        """The images of the revision that the actions lead to; one that is to be pulled has no id yet."""
        images: Images = {}
        made = new_containers(actions)
        pulled = {action.name for action in actions if action.kind in (PULL_IMAGE, BUILD_IMAGE)}
        for service in self._project.services.values() if self._keep else ():
            container = observed.containers.get(service.container_name)
            image = observed.images.get(service.image)
            if container is not None and service.container_name not in made:
                images[with_algorithm(container.image_id)] = service.image
            elif image is not None and service.image not in pulled:
                images[image.id] = service.image
            else:
                images[f"as pulled: {service.image}"] = service.image
        return images

    def _running(self) -> Images:
        """The images of the containers that are there now."""
        images: Images = {}
        for service in self._project.services.values() if self._keep else ():
            inspected = self._client.container(service.container_name)
            if inspected is not None:
                images[with_algorithm(parse_container(inspected).image_id)] = service.image
        return images

    def _used(self, staying: t.Collection[str], observed: ObservedProject) -> set[str]:
        """The images of containers that are there afterwards as well, and those that other workloads have noted."""
        used = {
            with_algorithm(str(raw.get("ImageID") or ""))
            for raw in self._client.containers()
            if container_name(raw) not in observed.containers or container_name(raw) in staying
        }
        for name in self._io.list_directory(FOLDER):
            path = f"{FOLDER}/{name}"
            if path != self._path and name.endswith(".json"):
                used.update(image for one in parse(self._io.read_text(path), path).images for image in one)
        return used
