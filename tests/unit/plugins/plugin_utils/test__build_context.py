# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real directories: what gives which digest, and what is in the archive."""

from __future__ import annotations

import os
import pathlib
import socket
import tarfile
import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.build import OUTSIDE
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import BadValueError
from ansible_collections.anycloud.container_host.plugins.plugin_utils._build_context import Contexts


@pytest.fixture
def context(tmp_path: pathlib.Path) -> pathlib.Path:
    """A context with one of everything."""
    directory = tmp_path / "app"
    (directory / "src" / "deep").mkdir(parents=True)
    (directory / "empty").mkdir()
    for name, text in {
        "Dockerfile": "FROM scratch\n",
        "src/a.txt": "a",
        "src/deep/b.txt": "b",
        "notes.md": "n",
        ".dockerignore": "*.md\nDockerfile\n",
        ".containerignore": "src\n",
    }.items():
        (directory / name).write_text(text, encoding="utf-8")
    (directory / "link").symlink_to("src/a.txt")
    (directory / "other").symlink_to("src")
    os.utime(directory / "src" / "a.txt", (1_000_000_000, 1_000_000_000))
    return directory


def packed(directory: pathlib.Path, dockerfile: str = "", text: str = "") -> dict[str, tarfile.TarInfo]:
    contexts = Contexts()
    contexts.pack(contexts.read(str(directory), dockerfile, text), str(directory.parent / "x.tar.gz"))
    with tarfile.open(directory.parent / "x.tar.gz", "r:gz") as archive:
        return {member.name: member for member in archive.getmembers()}


def content(directory: pathlib.Path, name: str) -> bytes:
    with tarfile.open(directory.parent / "x.tar.gz", "r:gz") as archive:
        file = archive.extractfile(name)
        assert file is not None
        return file.read()


def digest(directory: pathlib.Path, dockerfile: str = "", text: str = "") -> str:
    return Contexts().read(str(directory), dockerfile, text)


def test_what_is_packed(context: pathlib.Path) -> None:
    found = packed(context)
    assert sorted(found) == ["Dockerfile", "empty", "link", "other", "src", "src/a.txt", "src/deep", "src/deep/b.txt"]
    assert content(context, "src/a.txt") == b"a"
    assert found["src/a.txt"].mtime == 1_000_000_000
    assert {(entry.uid, entry.gid, entry.uname) for entry in found.values()} == {(0, 0, "")}
    assert (found["link"].issym(), found["link"].linkname) == (True, "src/a.txt")
    assert found["empty"].isdir()


def test_a_dockerfile_from_elsewhere(context: pathlib.Path) -> None:
    (context.parent / "Other").write_text("FROM x\n", encoding="utf-8")
    found = packed(context, "../Other")
    # the usual one is an ordinary file then, which the ignore file leaves out
    assert OUTSIDE in found
    assert "Dockerfile" not in found
    assert content(context, OUTSIDE) == b"FROM x\n"
    packed(context, "", "FROM y\n")
    assert content(context, OUTSIDE) == b"FROM y\n"
    assert digest(context, "../Other") != digest(context, "", "FROM y\n")


def test_an_ignore_file_beside_the_dockerfile_wins(context: pathlib.Path) -> None:
    (context / "Dockerfile.dockerignore").write_text("*\n!src/deep\n", encoding="utf-8")
    assert sorted(packed(context)) == ["Dockerfile", "src", "src/deep", "src/deep/b.txt"]


CHANGES: dict[str, t.Callable[[pathlib.Path], t.Any]] = {
    "content": lambda directory: (directory / "src" / "a.txt").write_text("c", encoding="utf-8"),
    "name": lambda directory: (directory / "src" / "a.txt").rename(directory / "src" / "c.txt"),
    "mode": lambda directory: (directory / "src" / "a.txt").chmod(0o755),
    "mode of a directory": lambda directory: (directory / "src").chmod(0o700),
    "link": lambda directory: (directory / "link").rename(directory / "other link"),
    "where a link leads": lambda directory: os.replace(directory / "other", directory / "link"),
    "Dockerfile": lambda directory: (directory / "Dockerfile").write_text("FROM y\n", encoding="utf-8"),
    "directory": lambda directory: (directory / "empty").rmdir(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_the_digest(context: pathlib.Path, change: str) -> None:
    before = digest(context)
    CHANGES[change](context)
    assert digest(context) != before


def test_what_does_not(context: pathlib.Path) -> None:
    before = digest(context)
    os.utime(context / "src" / "a.txt", (1, 1))
    (context / "other.md").write_text("left out", encoding="utf-8")
    assert digest(context) == before
    os.rename(context, context.parent / "moved")
    assert digest(context.parent / "moved") == before


@pytest.mark.parametrize(
    ("dockerfile", "name", "part"),
    [("", "gone", "gone isn't there"), ("Nope", "app", "no Dockerfile"), ("src", "app", "no D")],
)
def test_what_is_missing(context: pathlib.Path, dockerfile: str, name: str, part: str) -> None:
    with pytest.raises(BadValueError, match=part):
        digest(context.parent / name, dockerfile)


def test_a_socket_is_refused_unless_it_is_left_out(context: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest(context)
    with socket.socket(socket.AF_UNIX) as listening:
        monkeypatch.chdir(context)
        listening.bind("s.sock")
        with pytest.raises(BadValueError, match=r"s.sock is no file.*name it in .dockerignore"):
            digest(context)
    with (context / ".dockerignore").open("a", encoding="utf-8") as file:
        file.write("*.sock\n")
    assert digest(context) == before


def test_a_bad_pattern(context: pathlib.Path) -> None:
    (context / ".dockerignore").write_text("[a", encoding="utf-8")
    with pytest.raises(BadValueError, match="isn't a pattern"):
        digest(context)
