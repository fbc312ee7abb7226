# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What fuzzes Compose files sees a traceback, a hang and filled memory, and changes files to YAML. atheris isn't needed."""

from __future__ import annotations

import signal
import typing as t
from pathlib import Path

import pytest
import yaml
from compose_made import STACKS
from fuzz import compose, mutate, target

GOOD = b"services: {web: {image: a}}"


@pytest.fixture(name="tried")
def fixture_tried(tmp_path: Path) -> t.Iterator[target.Target]:
    before = signal.getsignal(signal.SIGVTALRM)
    yield target.Target(tmp_path / "project", limit_seconds=0.3, limit_mib=40)
    signal.signal(signal.SIGVTALRM, before)


ENDINGS: list[tuple[bytes, str]] = [
    (GOOD, "planned"),
    (b"services: {web: {image: A}}", "refused"),
    (b"\xff", "refused"),
    (b"services: {web: {image: a, env_file: x.env}}\n#file x.env\nA=1", "planned"),
    (b"services: {web: {image: a, env_file: x.env}}\n#file other\nA=1", "refused"),
    (b"services: {web: {image: a, env_file: /etc/passwd}}", "refused"),
    (b"services: {web: {build: /}}", "refused"),
    (b"services: {web: {build: .}}\n#file Dockerfile\nFROM scratch", "planned"),
    (b"services: {web: {image: a}}\n#file over.yml\nservices: {web: {image: A}}", "refused"),
    (b"services: {web: {image: a}}\nnetworks: {default: {external: true}}", "refused by the host"),
]


@pytest.mark.parametrize(("data", "expected"), ENDINGS)
def test_endings(tried: target.Target, data: bytes, expected: str) -> None:
    assert tried.try_input(data) == expected


def _hang() -> None:
    while True:
        pass


def _fail() -> None:
    raise KeyError("lost")


def _fill() -> str:
    # Each page is touched, so that it counts as used.
    return "planned" if bytearray(b"x" * (80 * 1024 * 1024)) else ""


@pytest.mark.parametrize(
    ("instead", "kind"), [(_hang, "slow"), (_fail, "KeyError"), (_fill, "memory")], ids=["slow", "fails", "fills"]
)
def test_findings(tried: target.Target, instead: t.Any, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, "outcome_of", lambda _make: instead())
    ended = tried.try_input(GOOD)
    assert isinstance(ended, target.Finding)
    assert ended.kind == kind


def test_files_of_an_input() -> None:
    data = b"a: 1\n#file .env\nB=2\n\n#file over.yml\nc: 3"
    assert target.split(data) == {"compose.yml": b"a: 1\n", ".env": b"B=2\n\n", "over.yml": b"c: 3"}
    assert target.split(target.join(target.split(data)))["over.yml"] == b"c: 3"


def test_changes_are_yaml_and_differ() -> None:
    texts = [path.read_bytes() for path in STACKS[:10]]
    changed = [mutate.mutate(text, texts[0], seed, 4) for seed in range(20) for text in texts[:5]]
    done = [text for text in changed if text is not None]
    assert len(done) > len(changed) * 0.9
    assert len(set(done)) > len(done) * 0.9
    for text in done:
        assert yaml.compose(text) is not None


def test_the_same_seed_makes_the_same() -> None:
    assert mutate.fresh(7) == mutate.fresh(7)
    assert len({mutate.fresh(seed) for seed in range(20)}) > 10


def test_text_that_is_no_mapping_is_left_to_changes_of_bytes() -> None:
    assert mutate.mutate(b"[", b"a: 1", 1, 4) is None
    assert mutate.mutate(b"text", b"a: 1", 1, 4) is None


def test_the_status_is_read_from_the_last_line() -> None:
    lines = [
        "#2\tINITED cov: 10 ft: 11 corp: 1/1b exec/s: 0 rss: 70Mb",
        "#900\tNEW    cov: 2854 ft: 10609 corp: 623/819Kb lim: 32768 exec/s: 54 rss: 79Mb L: 3/9 MS: 3 ",
        "Done 901 runs in 5 second(s)",
    ]
    assert compose.read_status(lines) == (900, 2854, 623)
    assert compose.read_status([]) == (0, 0, 0)


def test_the_dictionary_is_one_quoted_word_a_line(tmp_path: Path) -> None:
    compose.write_dictionary(tmp_path / "words")
    lines = (tmp_path / "words").read_text("ascii").splitlines()
    assert len(lines) > 200
    assert all(line.startswith('"\\x') and line.endswith('"') for line in lines)


def test_there_are_files_to_begin_with(tmp_path: Path) -> None:
    compose.copy_seeds(tmp_path / "seeds")
    assert len(list((tmp_path / "seeds").iterdir())) > len(STACKS)
