# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Which layers of an image a host lacks (OCI image specification, config: DiffID and ChainID). Pure.

A layer is known by the digest of its uncompressed content, which both engines have in the image's configuration and
which stays whatever a registry compressed it with. Why not a registry, be it on loopback: a registry knows compressed
layers, an engine forgets what it pulled compressed, and compressing again gives other digests, so that a base that came
from elsewhere would be sent again; and skopeo reads all layers to write into Docker. Loading an archive needs neither.

Docker keeps a layer with all those below it: on loading it looks for that chain first, and does not open the layer's
file when it finds it. Podman looks for the layer's digest in all its store, and does not read the file either. So an
archive may leave out the content of what is there, and an engine that needs it after all finds that the digest is wrong
and refuses. Docker's containerd store takes whole images only.
"""

from __future__ import annotations

import hashlib
import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_ID = re.compile(r"(sha256:)?[0-9a-f]{12,64}")


@dataclass(frozen=True)
class Image:
    """An image that is moved. id: digest of its configuration. layers: digests of content, from the base up.

    missing: those that are not at the target.
    """

    reference: str
    id: str
    layers: tuple[str, ...]
    missing: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, t.Any]:
        """As plain values for a module's result."""
        return {
            "reference": self.reference,
            "id": self.id,
            "layers": list(self.layers),
            "missing": list(self.missing),
        }

    @property
    def tags(self) -> list[str]:
        """The names the archive gives it; none for one that is known by id or digest only."""
        if _ID.fullmatch(self.reference) or "@" in self.reference:
            return []
        last = self.reference.rpartition("/")[2]
        return [self.reference if ":" in last else f"{self.reference}:latest"]


@dataclass(frozen=True)
class Held:
    """What an engine has: ids of images, and chains of layers. named: name of an image that was asked for -> its id."""

    ids: frozenset[str] = frozenset()
    chains: frozenset[str] = frozenset()
    named: t.Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, t.Any]:
        """As plain values for a module's result."""
        return {"ids": sorted(self.ids), "chains": sorted(self.chains), "named": dict(self.named)}

    def has(self, image: Image) -> bool:
        """Whether this very image is there under this very name, so that nothing of it has to go."""
        return self.named.get(image.reference) == image.id


def hexadecimal(digest: str) -> str:
    """A digest without its algorithm."""
    return digest.rpartition(":")[2]


def chains(layers: t.Sequence[str]) -> list[str]:
    """The ChainID of each layer: it stands for the layer on top of all those below."""
    found: list[str] = []
    for layer in layers:
        text = f"{found[-1]} {layer}" if found else ""
        found.append(f"sha256:{hashlib.sha256(text.encode()).hexdigest()}" if found else layer)
    return found


def missing(layers: t.Sequence[str], held: Held) -> tuple[str, ...]:
    """The layers whose content has to be sent, each once."""
    lacking = [layer for layer, chain in zip(layers, chains(layers)) if chain not in held.chains]
    return tuple(dict.fromkeys(lacking))


def sizes(history: t.Sequence[t.Mapping[str, t.Any]]) -> list[int]:
    """The sizes of layers from the base up, from an engine's history, which has the last step first.

    Steps that only set something have no layer, and are told apart from layers without content by nothing.
    """
    return [int(step["Size"]) for step in reversed(history) if int(step.get("Size") or 0) > 0]


def lacking_bytes(images: t.Iterable[t.Mapping[str, t.Any]], held: Held) -> tuple[int, int]:
    """How much of images has to be sent, not compressed, and how much the largest layer of that has; at most.

    images: as the module move_image_info tells them. Exact where each layer's size is known, each layer once.
    """
    known: dict[str, int] = {}
    total, largest = 0, 0
    for image in images:
        digests, told = image.get("layers") or [], image.get("layer_bytes") or []
        lacking = [index for index, chain in enumerate(chains(digests)) if chain not in held.chains]
        if len(told) == len(digests) and told:
            known.update({digests[index]: told[index] for index in lacking})
        elif lacking or not digests:
            # Layers without content are not told. What is there is all below what is lacking, so of the sizes told only
            # as many of the last ones may be lacking as there are layers that are.
            there = told[: max(0, len(told) - len(lacking))]
            size = max(0, (image["size_bytes"] or 0) - sum(there))
            total += size
            largest = max([largest, *(told[len(there) :] or [size])])
    return total + sum(known.values()), max([largest, *known.values()])


def read_held(value: t.Mapping[str, t.Any]) -> Held:
    """What move_image_info told at the target. Raises InputError."""
    problems = []
    for name in ("ids", "chains"):
        entries = value.get(name, [])
        if not isinstance(entries, list) or not all(isinstance(e, str) and _DIGEST.fullmatch(e) for e in entries):
            problems.append(Problem(f"held.{name}", "is no list of digests", "give what move_image_info returned"))
    named = value.get("named", {})
    if not isinstance(named, dict) or not all(isinstance(e, str) and _DIGEST.fullmatch(e) for e in named.values()):
        problems.append(Problem("held.named", "has something else than digests", "give what move_image_info returned"))
    if problems:
        raise InputError(problems)
    return Held(frozenset(value.get("ids", [])), frozenset(value.get("chains", [])), named)


def read_images(values: t.Sequence[t.Any]) -> list[Image]:
    """The images as the source returned them. Raises InputError with every problem."""
    problems: list[Problem] = []
    found = []
    for index, value in enumerate(values):
        where = f"images[{index}]"
        if not isinstance(value, dict) or not isinstance(value.get("reference"), str):
            problems.append(Problem(where, "is not what the source returned", "give its images as they are"))
            continue
        layers, lacking = value.get("layers") or [], value.get("missing") or []
        digests = [value.get("id"), *layers, *lacking]
        if not all(isinstance(entry, str) and _DIGEST.fullmatch(entry) for entry in digests):
            problems.append(Problem(where, "has something else than digests", "give what the source returned"))
            continue
        found.append(Image(value["reference"], value["id"], tuple(layers), tuple(lacking)))
    if problems:
        raise InputError(problems)
    return found


def read_references(values: t.Sequence[t.Any]) -> list[str]:
    """Names or ids of images. Raises InputError."""
    problems = [
        Problem(f"images[{index}]", f"{value!r} is no image's name", "give name and tag, or an id")
        for index, value in enumerate(values)
        if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/:@-]*", value)
    ]
    if problems:
        raise InputError(problems)
    return list(dict.fromkeys(values))
