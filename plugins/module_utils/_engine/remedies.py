# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What to do about the failures engines are known to report. Pure."""

from __future__ import annotations

import re

# Patterns over the engines' own words (Docker's, then Podman's and its helpers'), each with its remedy and the key of a
# service that it is about, "" for none alone.
_REMEDIES: tuple[tuple[str, str, str], ...] = (
    (
        r"port is already allocated|address already in use|proxy already running",
        "the port is taken: stop what listens there (ss -ltnp) or publish another one",
        "ports",
    ),
    (
        r"no space left on device|disk quota exceeded",
        "the disk is full: free space (unused images: {engine} image prune) and run again",
        "",
    ),
    (
        r"unauthorized|authentication required|access denied|denied: requested access|403 \(Forbidden\)",
        "check registry_username and registry_password, and that the image's name is right",
        "",
    ),
    (
        r"manifest unknown|no such image|name unknown|not found: manifest|repository does not exist|no pull access",
        "check the image's name and tag, push it to its registry or load it on the host",
        "",
    ),
    (
        r"no such host|connection refused|timeout|server misbehaving|is unreachable|name resolution|no route to host",
        "check that the registry is up and reachable from the managed node",
        "",
    ),
    (
        r"server gave HTTP response to HTTPS client|certificate signed by unknown authority|x509:",
        "the registry's certificate is not accepted: configure the registry in the role engine",
        "",
    ),
    (
        r"apparmor (failed|profile)",
        "load the profile on the host first (apparmor_parser -r FILE), or leave it out of security_opt",
        "security_opt",
    ),
    (
        r"custom device|\bstat /dev/",
        "give the host the device, or leave it out",
        "devices",
    ),
    (
        r"setting rlimit",
        "the host allows no such limit: ask for less, or raise fs.nr_open on it for nofile",
        "ulimits",
    ),
    (
        r"executable file not found|no such file or directory.*(exec|OCI)|(exec|OCI).*no such file or directory",
        "the image has no such command: check command and entrypoint",
        "command",
    ),
    (
        r"bind source path does not exist|statfs .*no such file or directory",
        "make the directory on the host first, or set bind.create_host_path",
        "volumes",
    ),
    (
        r"user-specified IP address|invalid IPAM|pool overlaps|subnet .*already (used|being used)|is already used",
        "choose another subnet or address",
        "networks",
    ),
)


def with_remedy(message: str, engine: str) -> str:
    """The message on one line, with a remedy behind it where the failure is a known one."""
    text = " ".join(message.split())
    for pattern, remedy, _key in _REMEDIES:
        if re.search(pattern, text, re.IGNORECASE):
            return f"{text}; {remedy.format(engine=engine)}"
    return text


def key_of(message: str) -> str:
    """Which key of a service a known failure of its container is about, "" when that isn't told by it."""
    return next((key for pattern, _remedy, key in _REMEDIES if re.search(pattern, message, re.IGNORECASE)), "")
