# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.revisions import (
    Revisions,
    is_removable,
    parse,
    removals,
    repository,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

A, B, C = ({f"sha256:{letter}": f"example.org/x:{letter}"} for letter in "abc")


def test_the_newest_comes_first() -> None:
    assert Revisions((A,)).with_newest(B) == Revisions((B, A))


def test_going_back_makes_no_third_revision() -> None:
    assert Revisions((B, A)).with_newest(A) == Revisions((A, B))


def test_the_same_images_by_another_reference_are_the_same_revision() -> None:
    assert Revisions((A,)).with_newest({"sha256:a": "other"}) == Revisions(({"sha256:a": "other"},))


@pytest.mark.parametrize(("keep", "unneeded"), [(0, {**A, **B, **C}), (1, {**A, **B}), (2, A), (3, {}), (9, {})])
def test_unneeded(keep: int, unneeded: dict[str, str]) -> None:
    assert Revisions((C, B, A)).unneeded(keep) == unneeded


def test_what_a_kept_revision_shares_with_an_older_one_is_needed() -> None:
    assert Revisions(({**B, **A}, A)).unneeded(1) == {}
    assert Revisions((A, B), {**A, **C}).unneeded(1) == {**B, **C}


def test_trimmed() -> None:
    assert Revisions((C, B, A)).trimmed(1, ["sha256:a"]) == Revisions((C,), A)
    assert Revisions((C,), A).trimmed(1, []) == Revisions((C,))


def test_kept_and_read_again() -> None:
    revisions = Revisions((C, B), A)
    assert parse(revisions.render(), "f") == revisions
    assert parse(None, "f") == Revisions()


@pytest.mark.parametrize(
    "text", ["", "[]", '{"schema_version": 2}', '{"schema_version": 1, "images": [[]], "left": {}}']
)
def test_a_damaged_file(text: str) -> None:
    with pytest.raises(HostError, match=r"^/f: "):
        parse(text, "/f")


@pytest.mark.parametrize(("reference", "name"), [
    ("redis:7", "docker.io/library/redis"),
    ("docker.io/library/redis@sha256:" + "0" * 64, "docker.io/library/redis"),
    ("localhost:5000/team/app:1", "localhost:5000/team/app"),
    ("localhost:5000/team/app", "localhost:5000/team/app"),
    ("<bad>", "<bad>"),
])  # fmt: skip
def test_repository(reference: str, name: str) -> None:
    assert repository(reference) == name


DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(("tags", "digests", "removable"), [
    (["redis:7"], [f"redis@{DIGEST}"], True),
    ([], [f"docker.io/library/redis@{DIGEST}"], True),
    (["<none>:<none>"], ["<none>@<none>"], True),
    (None, None, True),
    (["redis:7", "redis:7.2"], [], False),
    (["mine/redis:7"], [], False),
    (["redis:7"], [f"mirror.example/redis@{DIGEST}"], False),
    ([], [f"redis@{DIGEST}", f"mirror.example/redis@{DIGEST}"], False),
])  # fmt: skip
def test_only_what_has_no_other_name_is_removed(
    tags: t.Optional[list[str]], digests: t.Optional[list[str]], removable: bool
) -> None:
    inspected = {"RepoTags": tags, "RepoDigests": digests}
    assert is_removable(inspected, {"docker.io/library/redis:7"}) is removable


def test_removals() -> None:
    steps = removals({**A, **B, **C}, used={"sha256:b"}, removable={"sha256:a", "sha256:b"}, keep=2)
    assert [(step.kind, step.resource, step.name, step.before, step.after) for step in steps] == [
        ("remove_image", "image", "sha256:a", {"reference": "example.org/x:a"}, None)
    ]
    assert steps[0].reason == "not of the last 2 revisions"
