# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""systemd-boot: what it and the firmware tell in EFI variables."""

from __future__ import annotations

import fnmatch
import typing as t

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.boot import Entry

VENDOR = "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
ATTRIBUTE_BYTES = 4


def variable_path(name: str) -> str:
    """The file of one of the loader's variables (Boot Loader Interface)."""
    return f"/sys/firmware/efi/efivars/{name}-{VENDOR}"


def parse_variable(content: t.Optional[bytes]) -> str:
    """A variable's text: attributes, then UTF-16 with a zero at its end. Empty when there is no such variable."""
    if not content:
        return ""
    return content[ATTRIBUTE_BYTES:].decode("utf-16-le", "replace").rstrip("\0")


def find_release(entries: t.Sequence[Entry], wanted: str) -> str:
    """The release of the entry a variable names, by a shell pattern; empty when none fits."""
    pattern = wanted.removesuffix(".conf")
    found = next((entry for entry in entries if pattern and fnmatch.fnmatchcase(entry.id, pattern)), None)
    return found.release if found else ""
