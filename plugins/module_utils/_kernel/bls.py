# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Entries of the Boot Loader Specification, as grubby and systemd-boot keep them."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.boot import Entry, release_of_image
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.command_line import has
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.grub import BootEntry
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.release import sort_key


def parse_fields(text: str) -> dict[str, str]:
    """The fields of an entry; of one that is given several times, the last."""
    fields: dict[str, str] = {}
    for line in text.splitlines():
        key, _space, value = line.strip().partition(" ")
        if key and not key.startswith("#"):
            fields[key] = value.strip()
    return fields


def parse_bls(text: str, variables: t.Mapping[str, str]) -> BootEntry | None:
    """An entry's image and parameters; ``$name`` in its options stands for a variable of GRUB."""
    fields = parse_fields(text)
    if "linux" not in fields:
        return None
    options = re.sub(r"\$(\w+)", lambda match: variables.get(match.group(1), ""), fields.get("options", ""))
    return BootEntry(fields["linux"], tuple(options.split()))


def parse_entries(texts: t.Mapping[str, str], variables: t.Mapping[str, str]) -> tuple[Entry, ...]:
    """All entries, the newest kernel first. texts: file name -> text. The id is the file's name without its ending."""
    found = []
    for name, text in texts.items():
        boot = parse_bls(text, variables)
        if boot is None:
            continue
        release = parse_fields(text).get("version") or release_of_image(boot.image)
        # ``+3-1`` counts the tries that are left and done; it is not part of the id.
        identity = re.sub(r"\+\d+(-\d+)?$", "", name.removesuffix(".conf"))
        found.append(Entry(identity, release, boot.parameters, "rescue" not in identity))
    return tuple(sorted(found, key=lambda entry: sort_key(entry.release), reverse=True))


def with_options(text: str, add: t.Sequence[str], remove: t.Sequence[str]) -> str:
    """An entry's text with parameters added and removed."""
    lines = []
    given = False
    for line in text.splitlines():
        key, _space, value = line.strip().partition(" ")
        if key == "options" and not given:
            given = True
            words = [word for word in value.split() if not has(remove, word)]
            lines.append(" ".join(["options", *words, *(word for word in add if not has(words, word))]))
        else:
            lines.append(line)
    if not given and add:
        lines.append(" ".join(["options", *add]))
    return "\n".join(lines) + "\n"
