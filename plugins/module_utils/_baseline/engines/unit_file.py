# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""systemd's unit files without systemd: what a unit says with its drop-ins, and the words of its command.

systemd.unit(5): a drop-in adds to lists, an empty value clears them. systemd.exec(5) and systemd.service(5):
environment files, and how a command line is expanded.
"""

from __future__ import annotations

import posixpath
import re
import shlex
import typing as t

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

FOLDERS = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
)
"""The first that has a file of a name counts."""

Settings = dict[str, list[str]]


def read_unit(io: HostIO, name: str) -> tuple[str, ...]:
    """The texts of a unit and its drop-ins, in the order they count; empty when there is no such unit."""
    main = next((text for folder in FOLDERS if (text := io.read_text(f"{folder}/{name}")) is not None), None)
    drop_ins: dict[str, str] = {}
    for folder in FOLDERS:
        for path in io.glob(f"{folder}/{name}.d/*.conf"):
            drop_ins.setdefault(posixpath.basename(path), path)
    return () if main is None else (main, *(io.read_text(drop_ins[name]) or "" for name in sorted(drop_ins)))


def parse_unit(texts: t.Iterable[str]) -> Settings:
    """The values by key, whatever their section: the keys asked for here have one section each."""
    settings: Settings = {}
    for text in texts:
        for line in re.sub(r"\\\n\s*", " ", text).splitlines():
            key, equals, value = line.strip().partition("=")
            if not equals or key.startswith(("#", ";")):
                continue
            values = settings.setdefault(key.strip(), [])
            if value.strip():
                values.append(value.strip())
            else:
                values.clear()
    return settings


def environment_paths(settings: Settings) -> list[str]:
    """The files with variables for the command."""
    return [value.lstrip("-") for value in settings.get("EnvironmentFile", [])]


def parse_environment(texts: t.Iterable[str]) -> dict[str, str]:
    """Variables as an environment file gives them."""
    variables = {}
    for text in texts:
        for line in text.splitlines():
            name, equals, value = line.strip().partition("=")
            if equals and not name.startswith(("#", ";")):
                variables[name.strip()] = value.strip().strip("\"'")
    return variables


def command_words(settings: Settings, variables: t.Mapping[str, str]) -> list[str]:
    """The words after the program in the last ExecStart=, with its variables put in."""
    commands = settings.get("ExecStart", [])
    given = {**parse_environment(_assignments(settings)), **variables}
    words = []
    for word in _split(commands[-1] if commands else ""):
        whole = re.fullmatch(r"\$(\w+)", word)
        if whole:
            words += _split(given.get(whole.group(1), ""))
        else:
            words.append(re.sub(r"\$\{(\w+)\}", lambda found: given.get(found.group(1), ""), word))
    return words[1:]


def _assignments(settings: Settings) -> t.Iterator[str]:
    for value in settings.get("Environment", []):
        yield from _split(value)


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
