# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The boot loader's password: looked at, never set. It is a secret, and used wrongly it keeps a host from booting."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.protocol import (
    Item,
    Kind,
    Record,
    Scope,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import (
    FAILED,
    NOT_APPLICABLE,
    PASSED,
    Finding,
    KindPlan,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader

CONFIGURATIONS = ("/boot/grub/grub.cfg", "/boot/grub2/grub.cfg")
PASSWORD_FILE = "/boot/grub2/user.cfg"  # noqa: S105 - a path
NOT_SET = (
    "none is set, and none is set here: it would have to be a secret of yours, and it guards nothing where only the "
    "provider reaches the console; with one, mark the entries --unrestricted so that the host boots by itself"
)


@dataclass(frozen=True)
class Parameters:
    """There are none."""


@dataclass(frozen=True)
class Seen:
    """has_password: editing entries needs one. locked: entries that don't boot without one."""

    is_grub: bool
    has_password: bool
    locked: tuple[str, ...]


def parse_entries(text: str) -> tuple[str, ...]:
    """The titles of entries that nobody boots without the password, where there is one."""
    entries = re.findall(r"^\s*(?:menuentry|submenu)\s+(['\"])(.*?)\1(.*)$", text, re.MULTILINE)
    return tuple(title for _quote, title, rest in entries if "--unrestricted" not in rest)


class BootLoaderPassword(Kind[Parameters, Seen]):
    """Kind ``boot_loader_password``."""

    name = "boot_loader_password"

    def parse(self, reader: Reader) -> Parameters:  # noqa: ARG002 - nothing to read
        return Parameters()

    def observe(self, scope: Scope[Parameters]) -> Seen:
        texts = [text for path in CONFIGURATIONS if (text := scope.io.read_text(path)) is not None]
        has_user = any(re.search(r"^\s*set\s+superusers=.", text, re.MULTILINE) for text in texts)
        has_hash = any(re.search(r"^\s*password(_pbkdf2)?\s", text, re.MULTILINE) for text in texts)
        in_file = "GRUB2_PASSWORD=" in (scope.io.read_text(PASSWORD_FILE) or "")
        has_password = has_user and (has_hash or in_file)
        locked = tuple(title for text in texts for title in parse_entries(text)) if has_password else ()
        return Seen(bool(texts), has_password, locked)

    def compare(self, items: t.Sequence[Item[Parameters]], seen: Seen, _kept: Record) -> KindPlan:
        return KindPlan(tuple(self._compare_one(item.id, seen) for item in items))

    @staticmethod
    def _compare_one(control: str, seen: Seen) -> Finding:
        if not seen.is_grub:
            return Finding(control, NOT_APPLICABLE, reason="this host is not started by GRUB")
        if not seen.has_password:
            return Finding(control, NOT_APPLICABLE, reason=NOT_SET)
        after = {"to change an entry": "password", "to boot": "none needed"}
        if not seen.locked:
            return Finding(control, PASSED, after, after)
        reason = f"mark as --unrestricted, or the host does not boot by itself: {'; '.join(seen.locked)}"
        return Finding(control, FAILED, {**after, "to boot": "password"}, after, reason)
