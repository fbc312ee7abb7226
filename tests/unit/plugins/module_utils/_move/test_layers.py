# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import layers

A, B, C = (f"sha256:{letter * 64}" for letter in "abc")
CHAIN_AB = f"sha256:{hashlib.sha256(f'{A} {B}'.encode()).hexdigest()}"


def held(*images: t.Sequence[str]) -> layers.Held:
    return layers.Held(chains=frozenset(chain for image in images for chain in layers.chains(image)))


def test_chains() -> None:
    assert layers.chains([A, B]) == [A, CHAIN_AB]
    assert layers.chains([]) == []


MISSING: list[tuple[list[str], layers.Held, list[str]]] = [
    ([A, B], held(), [A, B]),
    ([A, B], held([A]), [B]),
    ([A, B], held([A, B]), []),
    ([A, B, C], held([A, B], [C]), [C]),  # there, and on top of something else
    ([B, A], held([A, B]), [B, A]),
    ([A, B, B], held([A]), [B]),  # twice in the image, once on the wire
]


@pytest.mark.parametrize(("image", "there", "lacking"), MISSING)
def test_missing(image: list[str], there: layers.Held, lacking: list[str]) -> None:
    assert list(layers.missing(image, there)) == lacking


@pytest.mark.parametrize(
    ("reference", "tags"),
    [
        ("shop/web:3", ["shop/web:3"]),
        ("shop/web", ["shop/web:latest"]),
        ("localhost:5000/web", ["localhost:5000/web:latest"]),
        (A, []),
        ("0123456789ab", []),
        (f"shop/web@{A}", []),
    ],
)
def test_tags(reference: str, tags: list[str]) -> None:
    assert layers.Image(reference, A, ()).tags == tags


def test_what_the_source_returns_the_target_reads() -> None:
    image = layers.Image("a:1", A, (A, B), (B,))
    assert layers.read_images([image.as_dict()]) == [image]
    there = layers.Held(frozenset([A]), frozenset([CHAIN_AB]), {"a:1": A})
    assert layers.read_held(there.as_dict()) == there


@pytest.mark.parametrize(("named", "has"), [({}, False), ({"a:1": A}, True), ({"a:1": B}, False), ({"b:1": A}, False)])
def test_an_image_is_there_by_name_and_id(named: dict[str, str], has: bool) -> None:
    assert layers.Held(frozenset([A]), named=named).has(layers.Image("a:1", A, (A,))) is has


@pytest.mark.parametrize(
    ("values", "places"),
    [
        (["a:1"], ["images[0]"]),
        ([{"reference": "a:1", "id": "x", "layers": []}], ["images[0]"]),
        ([{"reference": "a:1", "id": A, "layers": ["../../etc/passwd"]}, {}], ["images[0]", "images[1]"]),
    ],
)
def test_other_images_are_refused(values: list[t.Any], places: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        layers.read_images(values)
    assert [problem.path for problem in caught.value.problems] == places


def test_other_input_is_refused() -> None:
    with pytest.raises(InputError, match=r"held\.ids"):
        layers.read_held({"ids": ["x"], "chains": []})
    with pytest.raises(InputError, match=r"held\.named"):
        layers.read_held({"named": {"a:1": "x"}})
    with pytest.raises(InputError, match=r"images\[1\]"):
        layers.read_references(["a:1", {"b": 1}, "--x"])
    assert layers.read_references(["a:1", "b", "a:1"]) == ["a:1", "b"]


def test_sizes_are_told_from_the_base_up() -> None:
    history = [{"Size": 30}, {"Size": 0, "CreatedBy": "ENV"}, {"Size": 20}, {"Size": None}, {}]
    assert layers.sizes(history) == [20, 30]


CHAIN_AB_ONLY = layers.Held(chains=frozenset([A, CHAIN_AB]))


def told(digests: list[str], sizes: list[int], size: int = 100) -> dict[str, t.Any]:
    return {"layers": digests, "layer_bytes": sizes, "size_bytes": size}


@pytest.mark.parametrize(
    ("images", "held", "lacking", "largest"),
    [
        ([told([A, B, C], [50, 30, 20])], layers.Held(), 100, 50),
        ([told([A, B, C], [50, 30, 20])], CHAIN_AB_ONLY, 20, 20),
        ([told([A, B], [50, 30], 80)], CHAIN_AB_ONLY, 0, 0),
        # What two images share goes once.
        ([told([A, B], [50, 30], 80), told([A, C], [50, 20], 70)], layers.Held(), 100, 50),
        # One layer has no content; it may be the one that is lacking, or not.
        ([told([A, B, C], [50, 30], 80)], CHAIN_AB_ONLY, 30, 30),
        ([told([A, B, C], [50, 30], 80)], layers.Held(chains=frozenset([A])), 80, 50),
        # Neither layers nor sizes are known.
        ([{"size_bytes": 70}], CHAIN_AB_ONLY, 70, 70),
        ([told([A, B], [], 80)], layers.Held(), 80, 80),
        ([told([A, B], [], 80)], CHAIN_AB_ONLY, 0, 0),
        ([{"size_bytes": None}], layers.Held(), 0, 0),
        ([], layers.Held(), 0, 0),
    ],
)
def test_how_much_is_lacking(images: list[t.Any], held: layers.Held, lacking: int, largest: int) -> None:
    assert layers.lacking_bytes(images, held) == (lacking, largest)
