# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""GRUB: its generated menu, its environment block, and our part of what the menu is generated from."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.boot import Entry, release_of_image

BANNER = "# Managed by anycloud.container_host.kernel_pin: changes made here are undone by its next run.\n"
BEGIN, END = "# BEGIN anycloud.container_host.kernel_pin\n", "# END anycloud.container_host.kernel_pin\n"

_LINUX = re.compile(r"^\s*linux(?:16|efi)?\s+(\S+)(.*)$")
_OWN_SECTION = re.compile(r"^### (BEGIN|END) \S*/(10_linux|20_linux_xen) ###$")
_TITLE = re.compile(r"""^\s*(menuentry|submenu)\s+(?:'((?:[^']|'\\'')*)'|"([^"]*)"|(\S+))(.*)\{\s*$""")
_ID = re.compile(r"""(?:\$\{?menuentry_id_option\}?|--id)[ =]\s*(?:'([^']*)'|"([^"]*)"|(\S+))""")
_RESCUE_WORDS = frozenset({"single", "recovery", "emergency", "rescue"})


@dataclass(frozen=True)
class BootEntry:
    """One way to start the host: the kernel's image and its parameters."""

    image: str
    parameters: tuple[str, ...]


@dataclass(frozen=True)
class _Level:
    """One level of a menu: the place among its siblings, the id, the title."""

    index: int
    id: str
    title: str

    @property
    def name(self) -> str:
        """What names it, whatever else is in the menu; ``>`` separates levels, so it is doubled inside of one."""
        return (self.id or self.title).replace(">", ">>")


@dataclass(frozen=True)
class MenuEntry:
    """An entry with the levels that lead to it. is_own: it starts this system, not another one or a memory test."""

    levels: tuple[_Level, ...]
    image: str
    parameters: tuple[str, ...]
    is_own: bool

    @property
    def path(self) -> str:
        """What GRUB is told to start it."""
        return ">".join(level.name for level in self.levels)


def parse_grub_cfg(text: str) -> tuple[BootEntry, ...]:
    """The ways to start this system in a generated grub.cfg; other systems and memory tests are left out."""
    entries = []
    has_sections = any(_OWN_SECTION.match(line) for line in text.splitlines())
    inside = not has_sections
    for line in text.splitlines():
        section = _OWN_SECTION.match(line)
        if section:
            inside = section.group(1) == "BEGIN"
            continue
        match = _LINUX.match(line)
        if inside and match:
            entries.append(BootEntry(match.group(1), tuple(match.group(2).split())))
    return tuple(entries)


def parse_menu(text: str) -> list[MenuEntry]:
    """The menu of a generated grub.cfg, submenus included, in its order."""
    entries: list[MenuEntry] = []
    open_levels: list[t.Optional[_Level]] = []
    counts = [0]
    image = ""
    parameters: tuple[str, ...] = ()
    is_own = not any(_OWN_SECTION.match(line) for line in text.splitlines())
    for line in text.splitlines():
        section, title, linux = _OWN_SECTION.match(line), _TITLE.match(line), _LINUX.match(line)
        if section:
            is_own = section.group(1) == "BEGIN"
        elif title:
            open_levels.append(_level(title, counts[-1]))
            counts[-1] += 1
            image, parameters = "", ()
            counts.append(0)
        elif linux and open_levels and not image:
            # An entry with a second way to start the same kernel names the ordinary one first.
            image, parameters = linux.group(1), tuple(linux.group(2).split())
        elif line.rstrip().endswith("{"):
            open_levels.append(None)
        elif line.strip() == "}" and open_levels:
            if open_levels[-1] is not None:
                counts.pop()
                if image:
                    levels = tuple(level for level in open_levels if level is not None)
                    entries.append(MenuEntry(levels, image, parameters, is_own))
                image, parameters = "", ()
            open_levels.pop()
    return entries


def _level(title: re.Match[str], index: int) -> _Level:
    words = next((group for group in title.groups()[1:4] if group is not None), "")
    found = _ID.search(title.group(5))
    identity = next((group for group in found.groups() if group is not None), "") if found else ""
    return _Level(index, identity, words.replace("'\\''", "'"))


def entries_of(menu: t.Sequence[MenuEntry]) -> tuple[Entry, ...]:
    """The entries of this system. Those whose own name has the release come first: others are the newest's, whichever.

    A name without the release, such as that of the first entry of all, stands for another kernel after the next update.
    """
    found = []
    for entry in menu:
        release = release_of_image(entry.image)
        if entry.is_own and release:
            rescue = _RESCUE_WORDS & set(entry.parameters) or any(word.startswith("init=") for word in entry.parameters)
            found.append((release not in entry.path, Entry(entry.path, release, entry.parameters, not rescue)))
    return tuple(entry for _unnamed, entry in sorted(found, key=lambda pair: pair[0]))


def parse_environment(text: t.Optional[str]) -> dict[str, str]:
    """The variables of an environment block."""
    pairs = (line.partition("=") for line in (text or "").splitlines() if not line.startswith("#"))
    return {name: re.sub(r"\\(.)", r"\1", value) for name, equals, value in pairs if equals}


SAVED = "${saved_entry}"
"""What a generated grub.cfg sets the default to when it is in the environment block."""


def default_name(text: str) -> str:
    """What a generated grub.cfg sets the default to when nothing is to be started once; empty when it says nothing."""
    settings = re.findall(r'^\s*set default="(.*)"\s*$', text, re.MULTILINE)
    named = [value for value in settings if value != "${next_entry}"]
    return named[-1] if named else ""


def default_entry(text: str, environment: t.Mapping[str, str], menu: t.Sequence[MenuEntry]) -> t.Optional[MenuEntry]:
    """The entry a generated grub.cfg starts when nothing is to be started once."""
    wanted = default_name(text)
    if wanted == SAVED:
        wanted = environment.get("saved_entry", "")
    # What GRUB doesn't find is the first entry.
    return find_entry(menu, wanted or "0") or (menu[0] if menu else None)


def find_entry(menu: t.Sequence[MenuEntry], name: str) -> t.Optional[MenuEntry]:
    """The entry a name stands for: numbers, ids or titles of its levels; a submenu stands for its first entry."""
    parts = [part.replace("\0", ">") for part in name.replace(">>", "\0").split(">")]
    for entry in menu:
        pairs = list(zip(parts, entry.levels))
        if len(parts) <= len(entry.levels) and all(part in (str(lv.index), lv.id, lv.title) for part, lv in pairs):
            return entry
    return None


def render_settings(present: t.Sequence[str], absent: t.Sequence[str]) -> str:
    """Shell that /etc/default/grub is followed by: the saved entry is the default, and the parameters are a set."""
    lines = [BANNER, "GRUB_DEFAULT=saved\n", "GRUB_SAVEDEFAULT=false\n"]
    if absent:
        lines.append(_WITHOUT)
    for word in absent:
        lines.extend(
            f'container_host_without "${{{name}-}}" "{word}"\n{name}=$container_host_rest\n'
            for name in ("GRUB_CMDLINE_LINUX", "GRUB_CMDLINE_LINUX_DEFAULT")
        )
    for word in present:
        given = f'case " ${{GRUB_CMDLINE_LINUX-}} " in\n  *" {word} "*) ;;\n'
        lines.append(f'{given}  *) GRUB_CMDLINE_LINUX="${{GRUB_CMDLINE_LINUX-}} {word}" ;;\nesac\n')
    return "".join(lines)


_WITHOUT = """\
container_host_without() {
  container_host_rest=" $1 "
  while :; do
    case $container_host_rest in
      *" $2 "*) container_host_rest="${container_host_rest%%" $2 "*} ${container_host_rest#*" $2 "}" ;;
      *) break ;;
    esac
  done
}
"""


def with_block(text: t.Optional[str], settings: t.Optional[str]) -> str:
    """A file that is not ours with our settings at its end, or without them."""
    rest = re.sub(rf"{re.escape(BEGIN)}.*?{re.escape(END)}", "", text or "", flags=re.DOTALL)
    if settings is None:
        return rest
    gap = "" if not rest or rest.endswith("\n") else "\n"
    return f"{rest}{gap}{BEGIN}{settings}{END}"
