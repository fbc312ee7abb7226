# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Audit rules in one form, whichever way they are written: as in rules.d or as ``auditctl -l`` prints them. Pure.

The grammar is that of auditctl(8).
"""

from __future__ import annotations

import errno
import functools
import re
import typing as t
from dataclasses import dataclass

STORAGE = ("/var/lib/docker", "/var/lib/containers", "/var/lib/containerd")
"""Where engines keep images, containers and volumes: every write in every container goes there."""
HOME_STORAGE = re.compile(
    r"/home(/[^/]+(/\.local(/share(/containers(/.*)?)?)?)?)?|/root/\.local/share/containers(/.*)?"
)

FIELD = re.compile(r"([a-z0-9_]+)(!=|>=|<=|&=|=|>|<|&)(.+)")
COMPARED = re.compile(r"([a-z_]+)(!=|=)([a-z_]+)")
# Written -1, 4294967295 or unset: no login stands behind the process.
UNSET = ("-1", "4294967295", "unset")
USER_FIELDS = ("auid", "uid", "euid", "suid", "fsuid", "obj_uid")
NAMES = {"loginuid": "auid", "dir": "path"}
ARCHITECTURES = {"x86_64": "b64", "aarch64": "b64", "i386": "b32", "i686": "b32", "arm": "b32"}

# Which system calls an ABI does not have. auditctl refuses a whole line for one it does not know.
_ONLY_32 = frozenset(
    {
        "chown32",
        "clock_settime64",
        "fchown32",
        "ftruncate64",
        "lchown32",
        "stime",
        "truncate64",
        "umount",
    }
)
_NOT_GENERIC = frozenset(
    {
        "access",
        "chmod",
        "chown",
        "creat",
        "create_module",
        "lchown",
        "link",
        "mkdir",
        "mknod",
        "open",
        "query_module",
        "rename",
        "rmdir",
        "symlink",
        "unlink",
        "utime",
        "utimes",
    }
)
_NOT_ARM = frozenset({"create_module", "query_module", "stime", "umount", "utime"})
ABIS_OF_MACHINE: t.Mapping[int, t.Mapping[str, frozenset[str]]] = {
    3: {"b32": frozenset()},
    62: {"b64": _ONLY_32, "b32": frozenset()},
    183: {"b64": _ONLY_32 | _NOT_GENERIC, "b32": _NOT_ARM},
}
"""ELF machine number (elf(5)) -> ABI -> the calls it lacks; other machines: see OTHER_ABIS."""
OTHER_ABIS: t.Mapping[str, frozenset[str]] = {"b64": _ONLY_32 | _NOT_GENERIC}

# Lines that set something instead of adding a rule: option -> its name in `auditctl -s`.
SETTINGS = {"-e": "enabled", "-f": "failure", "-b": "backlog_limit"}
LOCKED = "2"


@dataclass(frozen=True)
class Rule:
    """One rule. calls: empty for all. fields: sorted, so that their order doesn't matter."""

    where: frozenset[str]
    calls: frozenset[str]
    fields: tuple[tuple[str, str, str], ...]

    def field(self, name: str) -> str:
        """The value of a field; empty when the rule doesn't have it."""
        return next((value for field, _operator, value in self.fields if field == name), "")


@dataclass(frozen=True)
class Setting:
    """A line such as ``-f 1``. name: as in ``auditctl -s``."""

    name: str
    value: str


class RuleError(ValueError):
    """A line that can't be understood."""


def machine_of(elf_header: bytes) -> int:
    """The machine number of an ELF file out of its first 20 bytes (elf(5)); 0 when it is none."""
    if len(elf_header) < 20 or elf_header[:4] != b"\x7fELF":
        return 0
    return int.from_bytes(elf_header[18:20], "little" if elf_header[5] == 1 else "big")


def _value(name: str, operator: str, value: str) -> tuple[str, str, str]:
    name = NAMES.get(name, name)
    if name == "path":
        value = value.rstrip("/") or "/"
    elif name == "perm":
        value = "".join(sorted(value))
    elif name == "arch":
        value = ARCHITECTURES.get(value, value)
    elif name in USER_FIELDS:
        value = "unset" if value in UNSET else "0" if value == "root" else value
    elif name == "exit" and value.lstrip("-") in errno.errorcode.values():
        sign = "-" if value.startswith("-") else ""
        value = f"{sign}{getattr(errno, value.lstrip('-'))}"
    elif re.fullmatch(r"a[0-3]", name) and re.fullmatch(r"0[xX][0-9a-fA-F]+|\d+", value):
        value = str(int(value, 0) if value.lower().startswith("0x") else int(value))
    return name, operator, value


@functools.lru_cache(maxsize=None)  # noqa: UP033 - each line is compared several times
def parse_line(line: str) -> Rule | Setting | None:
    """The rule or setting of one line; None for an empty line, a comment and ``-D``. Raises RuleError."""
    words = line.split()
    if not words or words[0].startswith("#") or words[0] in ("-D", "-c", "-i", "-r", "--backlog_wait_time"):
        return None
    if words[0] in SETTINGS:
        if len(words) != 2 or not words[1].isdigit():
            raise RuleError(f"{words[0]} takes one number")
        return Setting(SETTINGS[words[0]], words[1])
    if len(words) % 2:
        raise RuleError("every option takes one value")
    pairs = list(zip(words[::2], words[1::2]))
    if pairs[0][0] not in ("-a", "-A", "-w"):
        raise RuleError("a rule begins with -a or -w")
    where, calls, fields = frozenset({"always", "exit"}), set(), []
    for option, value in pairs:
        if option in ("-a", "-A"):
            where = frozenset(value.split(","))
        elif option == "-S":
            calls |= set(value.split(","))
        elif option == "-w":
            if not value.startswith("/"):
                raise RuleError(f"-w takes an absolute path, not {value}")
            fields.append(_value("path", "=", value))
        elif option == "-p":
            fields.append(_value("perm", "=", value))
        elif option == "-k":
            fields.append(("key", "=", value))
        elif option == "-F" and FIELD.fullmatch(value):
            fields.append(_value(*FIELD.fullmatch(value).groups()))  # type: ignore[union-attr]
        elif option == "-C" and COMPARED.fullmatch(value):
            left, operator, right = COMPARED.fullmatch(value).groups()  # type: ignore[union-attr]
            fields.append(("compared", operator, " ".join(sorted((left, right)))))
        else:
            raise RuleError(f"{option} {value} is not understood")
    if pairs[0][0] == "-w" and not any(field[0] == "perm" for field in fields):
        fields.append(("perm", "=", "arwx"))
    return Rule(where, frozenset(calls - {"all"}), tuple(sorted(fields)))


def parse_listing(text: str) -> frozenset[Rule]:
    """The rules of ``auditctl -l`` or of a file; lines that can't be understood are none of ours and left out."""
    rules = set()
    for line in text.splitlines():
        try:
            rule = parse_line(line)
        except RuleError:
            continue
        if isinstance(rule, Rule):
            rules.add(rule)
    return frozenset(rules)


def parse_status(text: str) -> dict[str, str]:
    """The lines of ``auditctl -s``: a name and a value."""
    pairs = (line.split(None, 1) for line in text.splitlines())
    return {pair[0]: pair[1].strip() for pair in pairs if len(pair) == 2}


def floods(line: str) -> bool:
    """Whether a rule would watch container storage with all below it."""
    words = line.split()
    for option, value in zip(words, words[1:]):
        path = value if option == "-w" else value[4:] if option == "-F" and value.startswith("dir=") else ""
        path = path.rstrip("/") if len(path) > 1 else path
        if path and (
            path == "/"
            or HOME_STORAGE.fullmatch(path)
            or any(path == place or path.startswith(f"{place}/") or place.startswith(f"{path}/") for place in STORAGE)
        ):
            return True
    return False


def for_abis(line: str, abis: t.Mapping[str, frozenset[str]]) -> list[str]:
    """A line that names system calls but no architecture, once for each ABI, with the calls that ABI has."""
    words = line.split()
    if "-S" not in words or any(word.startswith("arch=") for word in words):
        return [line]
    lines = []
    for abi, lacking in abis.items():
        at = words.index("-S")
        calls = [call for call in words[at + 1].split(",") if call not in lacking]
        if calls:
            lines.append(" ".join([*words[:at], "-F", f"arch={abi}", "-S", ",".join(calls), *words[at + 2 :]]))
    return lines
