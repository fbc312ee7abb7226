# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Which images the revisions of a workload ran with, and which of them its last revisions don't need any more."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils._compose import actions as act
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.actions import Action
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import BadValueError
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.scalars import parse_image
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

SCHEMA_VERSION = 1
_NEW = (act.CREATE_CONTAINER, act.RECREATE_CONTAINER)

# Image id -> the reference in the Compose file that it was made a container by.
Images = dict[str, str]


@dataclass(frozen=True)
class Revisions:
    """The images of each revision, the one that runs first. Two revisions with the same images are one.

    left: images of older revisions that could not be removed yet, since something else uses them.
    """

    images: tuple[Images, ...] = ()
    left: Images = field(default_factory=dict)

    def with_newest(self, newest: Images) -> Revisions:
        """After a deployment; a revision that is gone back to comes first again."""
        return Revisions((newest, *(one for one in self.images if set(one) != set(newest))), self.left)

    def unneeded(self, keep: int) -> Images:
        """The images that none of the first ``keep`` revisions has."""
        needed = {image for one in self.images[:keep] for image in one}
        older = (*self.images[keep:], self.left)
        return {image: name for one in older for image, name in one.items() if image not in needed}

    def trimmed(self, keep: int, there: t.Collection[str]) -> Revisions:
        """The first ``keep`` revisions, and what is there of the others: it is tried again the next time."""
        left = {image: name for image, name in self.unneeded(keep).items() if image in there}
        return Revisions(self.images[:keep], left)

    def names(self, image: str) -> set[str]:
        """All references that an image was used by."""
        return {one[image] for one in (*self.images, self.left) if image in one}

    def render(self) -> str:
        """The text of the file that keeps it."""
        document = {"schema_version": SCHEMA_VERSION, "images": list(self.images), "left": self.left}
        return json.dumps(document, sort_keys=True) + "\n"


def parse(text: t.Optional[str], where: str) -> Revisions:
    """The revisions from :meth:`Revisions.render`; none without a text. Raises HostError."""
    if text is None:
        return Revisions()
    try:
        document = json.loads(text)
        if document["schema_version"] != SCHEMA_VERSION:
            raise HostError(f"{where}: has schema version {document['schema_version']}; use the release that wrote it")
        return Revisions(tuple(_images(one) for one in document["images"]), _images(document["left"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise HostError(f"{where}: can't be understood ({error}); remove it, and no older image is removed") from error


def _images(value: t.Mapping[str, str]) -> Images:
    return {str(image): str(name) for image, name in value.items()}


def new_containers(actions: t.Iterable[Action]) -> set[str]:
    """The names of the containers that a plan makes, or makes anew."""
    return {action.name for action in actions if action.kind in _NEW}


def gone_containers(actions: t.Iterable[Action]) -> set[str]:
    """The names of the containers that are there before a plan and not after it, by that name."""
    return {action.name for action in actions if action.kind in (act.RECREATE_CONTAINER, act.REMOVE_CONTAINER)}


def is_removable(inspected: t.Mapping[str, t.Any], names: t.Collection[str]) -> bool:
    """Whether an image has no name but one of these: others' names stay, and engines refuse images with several."""
    tags = [tag for tag in inspected.get("RepoTags") or [] if not tag.startswith("<none>")]
    digests = [entry for entry in inspected.get("RepoDigests") or [] if not entry.startswith("<none>")]
    if len(tags) > 1 or len(digests) > 1:
        return False
    repositories = {repository(entry) for entry in (*tags, *digests)}
    return len(repositories) <= 1 and repositories <= {repository(name) for name in names}


def repository(reference: str) -> str:
    """A reference without tag and digest, short names written out; one that is none of Compose's stays as it is."""
    try:
        full = parse_image(reference)
    except BadValueError:
        full = reference
    name = full.partition("@")[0]
    return name[: name.rindex(":")] if ":" in name.rpartition("/")[2] else name


def removals(unneeded: Images, used: t.Collection[str], removable: t.Collection[str], keep: int) -> list[Action]:
    """The steps that remove what isn't needed, used by no other container or workload, and known to nobody else."""
    reason = f"not of the last {keep} revisions" if keep > 1 else "not of the revision that runs" if keep else "unused"
    return [
        Action(act.REMOVE_IMAGE, "image", image, before={"reference": unneeded[image]}, reason=reason)
        for image in sorted(unneeded)
        if image in removable and image not in used
    ]
