# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""A vendor's package repository as files: one deb822 source or one .repo file, and the key beside it."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.distribution import Repository
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.files import (
    NOTHING,
    NOTICE,
    ConfigFile,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem

APT_SOURCE = "/etc/apt/sources.list.d/container-host-engine.sources"
APT_KEY = "/etc/apt/keyrings/container-host-engine.asc"
DNF_SOURCE = "/etc/yum.repos.d/container-host-engine.repo"
DNF_KEY = "/etc/pki/rpm-gpg/RPM-GPG-KEY-container-host-engine"
# Where package managers look for sources, by package manager.
SOURCE_PATTERNS = {
    "apt": ("/etc/apt/sources.list", "/etc/apt/sources.list.d/*.list", "/etc/apt/sources.list.d/*.sources"),
    "dnf": ("/etc/yum.repos.d/*.repo",),
}
OWN_PATHS = {"apt": (APT_SOURCE, APT_KEY), "dnf": (DNF_SOURCE, DNF_KEY)}


def render_repository(manager: str, repository: Repository, key: str) -> tuple[ConfigFile, ...]:
    """The source and its key for this package manager. Raises InputError without a usable key or for zypper."""
    if manager not in OWN_PATHS:
        message = f"a vendor's repository can't be set up with {manager}"
        raise InputError([Problem("package_source", message, "use distribution")])
    if "-----BEGIN PGP PUBLIC KEY BLOCK-----" not in key:
        message = "the vendor's signing key is missing or not in ASCII armour"
        raise InputError([Problem("vendor_key", message, "give the key's text, or a path or URL to it")])
    source_path, key_path = OWN_PATHS[manager]
    if manager == "apt":
        lines = [
            f"# {NOTICE}",
            "Types: deb",
            f"URIs: {repository.url}",
            f"Suites: {repository.suite}",
            f"Components: {' '.join(repository.components)}",
            f"Signed-By: {key_path}",
        ]
        if repository.suite.endswith("/"):  # a flat repository has no components (sources.list(5))
            lines = [line for line in lines if not line.startswith("Components:")]
    else:
        lines = [
            f"# {NOTICE}",
            "[container-host-engine]",
            "name=Container engine of its vendor",
            f"baseurl={repository.url}",
            "enabled=1",
            "gpgcheck=1",
            f"gpgkey=file://{key_path}",
        ]
    source = "\n".join(lines) + "\n"
    return (ConfigFile(key_path, key.strip() + "\n", NOTHING), ConfigFile(source_path, source, NOTHING))


def source_urls(path: str, text: str) -> list[str]:
    """The repository addresses of a source file: one-line style, deb822 or .repo; comments are left out."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    if path.endswith(".list"):
        found = (re.match(r"deb(?:-src)?\s+(?:\[[^\]]*\]\s+)?(\S+)", line) for line in lines)
        return [match.group(1) for match in found if match]
    key = r"baseurl\s*=" if path.endswith(".repo") else r"uris:"
    return [
        url for line in lines for url in re.sub(rf"(?i)^{key}\s*", "", line).split() if re.match(rf"(?i){key}", line)
    ]


def legacy_sources(files: t.Mapping[str, str], repository: Repository, own: t.Sequence[str]) -> list[str]:
    """The source files that speak of the same vendor's repository and nothing else, and so make way for ours.

    Two entries with different keys for one address make apt refuse both. Raises InputError for a file that names other
    repositories too: that one is for its owner to change.
    """
    address = repository.url.split("://", 1)[-1].rstrip("/")
    found, problems = [], []
    for path, text in sorted(files.items()):
        urls = source_urls(path, text)
        same = [url for url in urls if url.split("://", 1)[-1].rstrip("/") == address]
        if path in own or not same:
            continue
        if len(same) == len(urls) and path != "/etc/apt/sources.list":
            found.append(path)
        else:
            message = f"names {repository.url} beside other repositories"
            problems.append(Problem(path, message, "remove that entry; the role brings its own"))
    if problems:
        raise InputError(problems)
    return found
