# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sources of packages: read, changed, put back."""

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.package_sources import (
    Draft,
    parse_sources,
)

LIST = """\
# deb http://old.example/x a main
deb http://plain.example/x stable main contrib
deb [arch=amd64 trusted=yes] https://user:secret@open.example/x stable main # ours
deb-src [ signed-by=/k.gpg ] http://named.example/x stable main
"""
SOURCES = """\
# The first stanza
Types: deb deb-src
URIs: http://plain.example/x
 http://second.example/x
Suites: stable
Components: main

Enabled: no
Types: deb
URIs: http://off.example/x
Suites: stable

Types: deb
URIs: http://open.example/x
trusted: Yes
Suites: stable
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 /abc
"""
REPO = """\
[one]
name=One
baseurl=https://one.example/x
gpgcheck=0

[two]
baseurl=https://two.example/x
enabled=0

[three]
metalink = https://three.example/x?a=b
gpgcheck = 1
gpgkey=file:///k
"""


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "/x.list",
            LIST,
            [
                ("/x.list line 2: http://plain.example/x", {}, ""),
                ("/x.list line 3: https://open.example/x", {"arch": "amd64", "trusted": "yes"}, ""),
                ("/x.list line 4: http://named.example/x", {"signed-by": "/k.gpg"}, "/k.gpg"),
            ],
        ),
        (
            "/x.sources",
            SOURCES,
            [
                ("/x.sources line 2: http://plain.example/x", {}, ""),
                ("/x.sources line 13: http://open.example/x", {"trusted": "Yes"}, "-----BEGIN PGP PUBLIC KEY"),
            ],
        ),
        (
            "/x.repo",
            REPO,
            [
                ("/x.repo line 1: https://one.example/x", {"gpgcheck": "0"}, ""),
                ("/x.repo line 10: https://three.example/x?a=b", {"gpgcheck": "1"}, "file:///k"),
            ],
        ),
        ("/empty.list", "", []),
        ("/empty.sources", "\n\n# nothing\n", []),
    ],
)
def test_read(path: str, text: str, expected: list[tuple[str, dict[str, str], str]]) -> None:
    entries = parse_sources(path, text)
    assert [entry.title for entry in entries] == [title for title, _options, _key in expected]
    for entry, (_title, options, key) in zip(entries, expected):
        assert options.items() <= entry.options.items()
        assert entry.key.startswith(key)
        assert bool(entry.key) == bool(key)


def test_keys_in_the_file_are_no_keyrings() -> None:
    assert [entry.key_files for entry in parse_sources("/x.sources", SOURCES)] == [[], []]
    assert parse_sources("/x.list", LIST)[2].key_files == ["/k.gpg"]


@pytest.mark.parametrize(
    ("path", "text", "options", "line"),
    [
        ("/x.list", LIST, ["trusted"], "deb [arch=amd64] https://user:secret@open.example/x stable main # ours"),
        ("/x.sources", SOURCES, ["trusted"], "#container-host: trusted: Yes"),
        ("/x.repo", REPO, ["gpgcheck"], "#container-host: gpgcheck=0"),
    ],
)
def test_option_is_taken_out_and_comes_back(path: str, text: str, options: list[str], line: str) -> None:
    draft = Draft(path, text)
    entry = next(entry for entry in draft.entries if set(options) <= set(entry.options))
    draft.drop(entry, options)
    assert line in draft.lines
    now = next(other for other in draft.entries if other.uris == entry.uris)
    assert not set(options) & set(now.options)
    draft.put_back()
    assert draft.text == text


@pytest.mark.parametrize(("path", "text"), [("/x.list", LIST), ("/x.sources", SOURCES)])
def test_key_is_named_and_taken_back(path: str, text: str) -> None:
    draft = Draft(path, text)
    draft.name_key(draft.entries[0], "/new.gpg")
    assert draft.entries[0].key == "/new.gpg"
    assert [entry.uris for entry in draft.entries] == [entry.uris for entry in parse_sources(path, text)]
    draft.put_back()
    assert draft.text == text


def test_two_changes_of_one_line_come_back_as_one() -> None:
    draft = Draft("/x.list", LIST)
    draft.drop(draft.entries[1], ["trusted"])
    draft.name_key(draft.entries[1], "/new.gpg")
    assert "deb [arch=amd64 signed-by=/new.gpg] https://user:secret@open.example/x stable main # ours" in draft.lines
    draft.put_back()
    assert draft.text == LIST


def test_what_somebody_rewrote_since_stays() -> None:
    draft = Draft(
        "/x.list", "#container-host: deb [trusted=yes] http://a.example/x s main\ndeb http://a.example/x s all\n"
    )
    draft.put_back()
    assert draft.text == "deb http://a.example/x s all\n"
