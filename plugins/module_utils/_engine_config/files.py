# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""A configuration file the role owns, and what has to happen once it has changed."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

# What a changed file asks for. "engine" is refined by the engine's own rules: reload where that is enough.
ENGINE = "engine"
DAEMON_RELOAD = "daemon-reload"
JOURNAL = "journal"
NOTHING = "nothing"

NOTICE = "Managed by the collection anycloud.container_host, role engine: changes made here are overwritten."
SECCOMP_PATH = "/etc/container-host/seccomp.json"
JOURNAL_PATH = "/etc/systemd/journald.conf.d/50-container-host.conf"


@dataclass(frozen=True)
class ConfigFile:
    """One file, whole: path, content, permission bits and the effect of a change."""

    path: str
    content: str
    effect: str = NOTHING
    mode: int = 0o644


@dataclass(frozen=True)
class ConfigSet:
    """All files of one engine; ``owned`` are globs below which no other file of that name may stay."""

    files: tuple[ConfigFile, ...]
    owned: tuple[str, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of all files, in order."""
        return tuple(file.path for file in self.files)


def render_toml(sections: t.Mapping[str, t.Any]) -> str:
    """Render tables of scalars, lists and lists of tables as TOML, in the order given. None is left out.

    Keys with dots are tables in tables: ``storage.options``. The empty name holds the top-level keys.
    A list of mappings becomes an array of tables below the section's own keys.
    """
    lines = [f"# {NOTICE}"]
    for name, table in sections.items():
        values = {key: value for key, value in table.items() if value is not None and not _is_tables(value)}
        arrays = {key: value for key, value in table.items() if _is_tables(value)}
        if name and (values or not arrays):
            lines += ["", f"[{name}]"]
        lines += [f"{key} = {_toml_value(value)}" for key, value in values.items()]
        for key, entries in arrays.items():
            for entry in entries:
                lines += ["", f"[[{name}.{key}]]" if name else f"[[{key}]]"]
                lines += [f"{inner} = {_toml_value(value)}" for inner, value in entry.items() if not _is_tables(value)]
                for inner, children in entry.items():
                    if _is_tables(children):
                        for child in children:
                            lines += ["", f"[[{key}.{inner}]]"]
                            lines += [f"{leaf} = {_toml_value(value)}" for leaf, value in child.items()]
    return "\n".join(lines) + "\n"


def _is_tables(value: t.Any) -> bool:
    return isinstance(value, (list, tuple)) and bool(value) and all(isinstance(entry, dict) for entry in value)


class Inline(t.NamedTuple):
    """A list of inline tables, for keys that TOML files traditionally keep on one line each."""

    entries: tuple[tuple[tuple[str, t.Any], ...], ...]


def _toml_value(value: t.Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Inline):
        tables = (", ".join(f"{key} = {_toml_value(inner)}" for key, inner in entry) for entry in value.entries)
        return "[" + ", ".join(f"{{ {table} }}" for table in tables) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml_value(entry) for entry in value) + "]"
    # TOML 1.0, basic strings: quotation mark, backslash and control characters are escaped.
    text = "".join(f"\\u{ord(char):04X}" if char in '"\\' or ord(char) < 32 else char for char in str(value))
    return f'"{text}"'


def journal_file(max_size_mib: int) -> ConfigFile:
    """The journal's bound: with the journald log driver it is what keeps container output from filling the disk."""
    content = f"# {NOTICE}\n[Journal]\nSystemMaxUse={max_size_mib}M\n"
    return ConfigFile(JOURNAL_PATH, content, JOURNAL)
