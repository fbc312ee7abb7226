# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What an access control refused, or would have: lines of the kernel's audit messages in, rules that allow it out.

The formats: SELinux' AVC messages (The SELinux Notebook, "Auditing SELinux Events"), AppArmor's (apparmor_parser(8) and
the kernel's security/apparmor/audit.c).
"""

from __future__ import annotations

import fnmatch
import re
import typing as t
from dataclasses import dataclass

_STAMP = re.compile(r"audit\((\d+\.\d+):(\d+)\)")
_PERMISSIONS = re.compile(r"avc:\s+denied\s+\{ ([^}]+) \}")
_FIELD = re.compile(r'(\w+)=(?:"([^"]*)"|(\S+))')
_MASKS = {"r": "r", "w": "w", "x": "ix", "m": "m", "k": "k", "l": "l", "a": "a", "c": "w", "d": "w"}


@dataclass(frozen=True)
class Denial:
    """One kind of refusal. when: seconds since the epoch of its last message; count: how many messages.

    source: SELinux' type of the process, or AppArmor's profile; target: the type, or what was reached for.
    enforced: whether it was refused, not only noted. command, path, serial: those of the first message.
    """

    provider: str
    source: str
    target: str
    category: str
    permissions: tuple[str, ...]
    enforced: bool
    when: float
    count: int = 1
    command: str = ""
    path: str = ""
    serial: str = ""

    @property
    def rule(self) -> str:
        """The rule that would allow it, in the language of the access control."""
        if self.provider == "selinux":
            target = "self" if self.target == self.source else self.target
            return f"allow {self.source} {target}:{self.category} {{ {' '.join(self.permissions)} }};"
        return _apparmor_rule(self)

    def __str__(self) -> str:
        what = f"{self.command or '?'} in {self.source}: {' '.join(self.permissions)} of {self.category} {self.target}"
        where = f" ({self.path})" if self.path and self.path != self.target else ""
        return f"{what}{where}, {self.count} times; allow it by: {self.rule}"

    def as_dict(self) -> dict[str, t.Any]:
        """As plain values for a module's result."""
        return {
            "provider": self.provider,
            "source": self.source,
            "target": self.target,
            "category": self.category,
            "permissions": list(self.permissions),
            "enforced": self.enforced,
            "count": self.count,
            "last_seconds": self.when,
            "command": self.command,
            "path": self.path,
            "rule": self.rule,
        }


def _apparmor_rule(denial: Denial) -> str:
    words = " ".join(denial.permissions)
    if denial.category == "capability":
        return f"capability {denial.target},"
    if denial.category == "file":
        return f"{denial.target} {''.join(dict.fromkeys(_MASKS.get(one, one) for one in denial.permissions))},"
    if denial.category in ("ptrace", "signal"):
        return f"{denial.category} ({words}) peer={denial.target},"
    if denial.category == "mount":
        return f"mount {denial.target},"
    return f"{denial.category} {words},"


def parse_line(line: str) -> t.Optional[Denial]:
    """One line of the audit log or of the kernel's messages; None when it is no refusal."""
    stamp = _STAMP.search(line)
    if not stamp:
        return None
    fields = {name: quoted or plain for name, quoted, plain in _FIELD.findall(line)}
    when = float(stamp.group(1))
    if 'apparmor="' in line:
        return _apparmor(fields, when, stamp.group(2))
    permissions = _PERMISSIONS.search(line)
    if not permissions or "scontext" not in fields:
        return None
    return Denial(
        provider="selinux",
        source=_type(fields["scontext"]),
        target=_type(fields.get("tcontext", "")),
        category=fields.get("tclass", ""),
        permissions=tuple(permissions.group(1).split()),
        enforced=fields.get("permissive") != "1",
        when=when,
        command=_text(fields.get("comm", "")),
        path=_text(fields.get("path") or fields.get("name", "")),
        serial=stamp.group(2),
    )


def _type(context: str) -> str:
    parts = context.split(":")
    return parts[2] if len(parts) > 2 else context


def _text(value: str) -> str:
    """A value the kernel wrote as hexadecimal digits, since it holds spaces or quotes."""
    if len(value) >= 8 and len(value) % 2 == 0 and re.fullmatch(r"[0-9A-F]+", value):
        return bytes.fromhex(value).decode("utf-8", "replace")
    return value


def _apparmor(fields: t.Mapping[str, str], when: float, serial: str) -> t.Optional[Denial]:
    if fields.get("apparmor") not in ("DENIED", "ALLOWED"):
        return None
    operation = fields.get("operation", "")
    category, target = operation, _text(fields.get("name", ""))
    permissions = tuple(fields.get("denied_mask") or fields.get("requested_mask") or operation)
    if "capname" in fields:
        category, target, permissions = "capability", fields["capname"], ("use",)
    elif operation in ("ptrace", "signal"):
        target = fields.get("peer", "")
        permissions = (fields.get("denied_mask", operation),)
    elif operation in ("mount", "umount", "pivotroot"):
        category, permissions = operation, (operation,)
    elif "denied_mask" in fields:
        category = "file"
    else:
        permissions = (operation,)
    return Denial(
        provider="apparmor",
        source=_text(fields.get("profile", "")),
        target=target,
        category=category,
        permissions=permissions,
        enforced=fields["apparmor"] == "DENIED",
        when=when,
        command=_text(fields.get("comm", "")),
        path=target,
        serial=serial,
    )


def parse_denials(text: str, provider: str = "", since_seconds: float = 0) -> list[Denial]:
    """The refusals in logs from a time on, those of one kind joined, in the order of their first message.

    A message that is in two logs counts once: the kernel numbers them.
    """
    found: dict[tuple[t.Any, ...], Denial] = {}
    seen: set[Denial] = set()
    for line in text.splitlines():
        one = parse_line(line)
        if one is None or one.when < since_seconds or (provider and one.provider != provider) or one in seen:
            continue
        seen.add(one)
        key = (one.provider, one.source, one.target, one.category, one.enforced)
        before = found.get(key)
        if before is None:
            found[key] = one
            continue
        found[key] = Denial(
            one.provider,
            one.source,
            one.target,
            one.category,
            tuple(dict.fromkeys([*before.permissions, *one.permissions])),
            one.enforced,
            max(before.when, one.when),
            before.count + 1,
            before.command,
            before.path,
            before.serial,
        )
    return list(found.values())


def blocking(denials: t.Iterable[Denial], domains: t.Sequence[str]) -> list[Denial]:
    """The refusals whose source is one of the shell patterns in ``domains``: what enforcing would break."""
    return [one for one in denials if any(fnmatch.fnmatchcase(one.source, pattern) for pattern in domains)]
