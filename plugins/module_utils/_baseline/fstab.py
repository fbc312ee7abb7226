# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Editing of fstab(5) that leaves everything else byte for byte, and what mount options mean (mount(8)). Pure."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.mounts import unescape

PATH = "/etc/fstab"

FLAGS = {"nodev": "dev", "nosuid": "suid", "noexec": "exec"}
"""Option of one mount -> its opposite."""

# What mount(8) reads into options that let users mount.
_IMPLIED = {
    "user": ("nodev", "nosuid", "noexec"),
    "users": ("nodev", "nosuid", "noexec"),
    "owner": ("nodev", "nosuid"),
    "group": ("nodev", "nosuid"),
}
# proc_pid hidepid: numbers are what every kernel takes, words what newer ones show.
_WORDS = {"hidepid": {"off": "0", "noaccess": "1", "invisible": "2", "ptraceable": "4"}}
_LINE = re.compile(r"^(\s*\S+\s+(\S+)\s+\S+)(?:(\s+)(\S+))?(.*)$")


def name_of(option: str) -> str:
    """The part of an option that says what it is about: ``hidepid`` of ``hidepid=2``."""
    return option.partition("=")[0]


def normal(option: str) -> str:
    """An option with its value as every kernel takes it."""
    name, equals, value = option.partition("=")
    return f"{name}={_WORDS.get(name, {}).get(value, value)}" if equals else option


def token_for(options: t.Iterable[str], wanted: str) -> str:
    """What a list of options says about a wanted one: the wanted one itself, its opposite, another value, or "".

    The last one counts.
    """
    found = ""
    for option in options:
        if wanted in FLAGS:
            if option in (wanted, FLAGS[wanted]):
                found = option
            elif wanted in _IMPLIED.get(option, ()):
                found = wanted
        elif name_of(option) == name_of(wanted):
            found = option
    return found


def has(options: t.Iterable[str], wanted: str) -> bool:
    """Whether a list of options amounts to the wanted one."""
    return normal(token_for(options, wanted)) == normal(wanted)


def changed(options: t.Sequence[str], wanted: str, token: str) -> list[str]:
    """The options with a token in place of what they say about ``wanted``; without a token, with nothing about it."""
    about = {wanted, FLAGS.get(wanted, wanted)}
    result: list[str] = []
    is_placed = False
    for option in options:
        if option in about or ("=" in wanted and name_of(option) == name_of(wanted)):
            if token and not is_placed:
                result.append(token)
                is_placed = True
        else:
            result.append(option)
    return result if is_placed or not token else [*result, token]


def find(text: str, path: str) -> int | None:
    """The number of the line that mounts something at a path (counted from 0); the last one when there are several."""
    found = None
    for number, line in enumerate(text.split("\n")):
        match = _LINE.match(line)
        if match and not line.lstrip().startswith("#") and _normal_path(unescape(match.group(2))) == path:
            found = number
    return found


def _normal_path(path: str) -> str:
    return path.rstrip("/") or "/"


def line_at(text: str, number: int) -> str:
    """One line."""
    return text.split("\n")[number]


def options_of(line: str) -> list[str]:
    """The options of a line; empty when it names none."""
    match = _LINE.match(line)
    return match.group(4).split(",") if match and match.group(4) else []


def with_options(line: str, options: t.Sequence[str]) -> str:
    """The line with other options and nothing else changed."""
    match = _LINE.match(line)
    if match is None:
        return line
    rest = match.group(5)
    if not options:
        return match.group(1) + rest
    return f"{match.group(1)}{match.group(3) or ' '}{','.join(options)}{rest}"


def replaced(text: str, number: int, line: str) -> str:
    """The text with another line in the place of one."""
    lines = text.split("\n")
    lines[number] = line
    return "\n".join(lines)


def added(text: str, line: str) -> str:
    """The text with a line more at its end; whether the last line ends in a newline stays as it is."""
    lines = text.split("\n")
    lines.insert(len(lines) - 1 if lines[-1] == "" else len(lines), line)
    return "\n".join(lines)


def removed(text: str, number: int) -> str:
    """The text without a line: the inverse of added."""
    lines = text.split("\n")
    del lines[number]
    return "\n".join(lines)
