# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Parsers of SELinux' files and tools, and what its configuration shall say."""

from __future__ import annotations

import re
import typing as t

CONFIG = "/etc/selinux/config"
MODES = ("enforcing", "permissive", "disabled")
LABELLED_FILE_SYSTEMS = ("btrfs", "ext2", "ext3", "ext4", "f2fs", "xfs")


def parse_config(text: t.Optional[str]) -> dict[str, str]:
    """selinux_config(5): SELINUX, SELINUXTYPE and the rest."""
    found = {}
    for line in (text or "").splitlines():
        key, equals, value = line.strip().partition("=")
        if equals and not key.startswith("#"):
            found[key.strip()] = value.strip()
    return found


def set_mode(text: t.Optional[str], mode: str) -> str:
    """The configuration with another mode for the next boot; all other lines stay."""
    lines = (text or "SELINUXTYPE=default\n").splitlines()
    kept = [line for line in lines if not re.match(r"\s*SELINUX\s*=", line)]
    return "\n".join([f"SELINUX={mode}", *kept]) + "\n" if len(kept) == len(lines) else _replaced(lines, mode)


def _replaced(lines: t.Sequence[str], mode: str) -> str:
    result, done = [], False
    for line in lines:
        if not re.match(r"\s*SELINUX\s*=", line):
            result.append(line)
        elif not done:
            result.append(f"SELINUX={mode}")
            done = True
    return "\n".join(result) + "\n"


def parse_booleans(output: str) -> dict[str, bool]:
    """``getsebool -a``: ``name --> on``."""
    found = {}
    for line in output.splitlines():
        name, arrow, value = line.partition(" --> ")
        if arrow:
            found[name.strip()] = value.split()[0] == "on"
    return found


def parse_modules(output: str) -> set[str]:
    """``semodule -l``: one name a line, with a version on old releases."""
    return {line.split()[0] for line in output.splitlines() if line.strip()}


def parse_ports(output: str) -> dict[tuple[str, str], str]:
    """``semanage port -l -n``, all or local ones: (ports, protocol) to type."""
    found = {}
    for line in output.splitlines():
        words = line.split(None, 2)
        if len(words) == 3:
            for ports in words[2].split(","):
                found[ports.strip(), words[1]] = words[0]
    return found


def parse_contexts(output: str) -> dict[str, str]:
    """``semanage fcontext -l -C -n``: path expression to type."""
    found = {}
    for line in output.splitlines():
        words = line.split()
        if len(words) > 2 and words[-1].count(":") >= 2:
            found[words[0]] = words[-1].split(":")[2]
    return found


def parse_mounts(text: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """/proc/mounts: mount point to (file system, options); the last one mounted there counts."""
    found = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) > 3:
            found[words[1].replace("\\040", " ")] = (words[2], tuple(words[3].split(",")))
    return found


def labelled_roots(text: str) -> tuple[str, ...]:
    """/proc/mounts: the root, and where file systems that carry labels on disk are mounted, each at its first place.

    What is mounted a second time, as parts of one often are, has its labels by its first path. Subvolumes of btrfs have
    one device and are file systems of their own.
    """
    found = {"": "/"}
    for line in text.splitlines():
        words = line.split()
        if len(words) > 3 and words[2] in LABELLED_FILE_SYSTEMS:
            found.setdefault(words[1] if words[2] == "btrfs" else words[0], words[1].replace("\\040", " "))
    return tuple(dict.fromkeys(found.values()))


def vanished_only(stderr: str) -> bool:
    """Whether restorecon(8) or setfiles(8) failed for nothing but files that went away under its hands."""
    lines = [line for line in stderr.splitlines() if "Could not" in line or "failed" in line or "rror" in line]
    return bool(lines) and all(line.rstrip(". ").endswith("No such file or directory") for line in lines)


def mount_of(path: str, mounts: t.Iterable[str]) -> str:
    """The mount point a path is on."""
    above = [point for point in mounts if point in ("/", path) or path.startswith(point.rstrip("/") + "/")]
    return max(above, key=len, default="/")
