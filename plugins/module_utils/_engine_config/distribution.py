# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Which packages a distribution offers for an engine: the role's tables and os-release in, one selection out."""

from __future__ import annotations

import shlex
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, InputError, Problem


@dataclass(frozen=True)
class Repository:
    """A vendor's package repository; ``key``: the text of the key it is signed with."""

    url: str
    key: str = ""
    suite: str = ""
    components: tuple[str, ...] = ()


@dataclass(frozen=True)
class Selection:
    """Packages of one engine on one distribution.

    engine: carry the engine's own version, the first one is the engine; runtime: held and removed together with it;
    shared: held too, but other engines may need them; tools: only installed; replaces: may not stay beside them.
    """

    engine: tuple[str, ...]
    runtime: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    repository: t.Optional[Repository] = None

    @property
    def packages(self) -> tuple[str, ...]:
        """All packages that shall be there."""
        return (*self.holdable, *self.tools)

    @property
    def holdable(self) -> tuple[str, ...]:
        """The packages that are held on request: all that a container can notice."""
        return (*self.engine, *self.runtime, *self.shared)

    @property
    def removable(self) -> tuple[str, ...]:
        """The packages that go with the engine."""
        return (*self.engine, *self.runtime)


def parse_os_release(text: str) -> dict[str, str]:
    """Parse os-release(5): shell-like assignments, values possibly quoted."""
    found = {}
    for line in text.splitlines():
        key, equals, value = line.strip().partition("=")
        if equals and not key.startswith("#"):
            found[key] = "".join(shlex.split(value))
    return found


def _releases(
    distributions: t.Sequence[t.Mapping[str, t.Any]], os_release: t.Mapping[str, str]
) -> t.Optional[t.Mapping[str, t.Any]]:
    """The releases table of the distribution itself, else of the first one it says it is like."""
    for wanted in [os_release.get("ID", ""), *os_release.get("ID_LIKE", "").split()]:
        for table in distributions:
            if wanted in table.get("ids", ()):
                return table.get("releases", {})
    return None


def select_packages(
    distributions: t.Sequence[t.Mapping[str, t.Any]],
    os_release: t.Mapping[str, str],
    provider: str,
    source: str,
    oci_runtime: str,
) -> Selection:
    """Choose by ID, then ID_LIKE; by VERSION_ID, then its major part.

    Raises HostError for a distribution or release without an entry, InputError when the entry lacks what was asked for.
    """
    name = os_release.get("PRETTY_NAME") or os_release.get("ID") or "this system"
    releases = _releases(distributions, os_release)
    version = os_release.get("VERSION_ID", "")
    release = (releases or {}).get(version) or (releases or {}).get(version.partition(".")[0])
    if not release:
        known = sorted(f"{table['ids'][0]} {', '.join(table['releases'])}" for table in distributions)
        raise HostError(f"{name}: unsupported distribution; use one of: {'; '.join(known)}")
    engines = release.get(provider) or {}
    entry = engines.get(source)
    if not entry:
        offers = [
            f"provider {engine} with package_source {one}" for engine, table in release.items() for one in table or ()
        ]
        raise InputError(
            [Problem("package_source", f"{name} has no {provider} from the {source}", f"use {' or '.join(offers)}")]
        )
    runtimes = entry.get("oci_runtimes") or {}
    if oci_runtime not in runtimes:
        message = f"{name} has no package of {oci_runtime} for {provider}"
        raise InputError([Problem("oci_runtime", message, f"use one of: {', '.join(runtimes)}")])
    repository = entry.get("repository")
    return Selection(
        engine=tuple(entry["engine"]),
        runtime=tuple(entry.get("runtime", ())),
        shared=(*entry.get("shared", ()), *runtimes[oci_runtime]),
        tools=tuple(entry.get("tools", ())),
        replaces=tuple(entry.get("replaces", ())),
        repository=Repository(
            url=str(repository["url"]),
            key=str(repository.get("key", "")),
            suite=str(repository.get("suite", "")),
            components=tuple(repository.get("components", ())),
        )
        if repository
        else None,
    )
