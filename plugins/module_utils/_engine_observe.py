# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Reads everything an engine's plan depends on, with the HostIO handed in. Changes nothing."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.plan import (
    STEPS,
    FoundFile,
    Observed,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.units import PROPERTIES, parse_show
from ansible_collections.anycloud.container_host.plugins.module_utils._machine import check_machine

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.units import Unit
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
    from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import PackageManager

PENDING_PATTERN = "/run/container-host/engine-{provider}.pending"


def check_host(io: HostIO) -> None:
    """Raise HostError unless this is a machine that can be a container host: root, systemd, no container itself."""
    check_machine(io, "container engines", "an engine is managed by its units")


def read_file(io: HostIO, path: str) -> t.Optional[FoundFile]:
    """A file with its permission bits, or None when there is none."""
    content = io.read_text(path)
    status = io.status(path)
    return FoundFile(content, status.mode) if content is not None and status is not None else None


def read_files(io: HostIO, paths: t.Iterable[str]) -> dict[str, FoundFile]:
    """The files that are there, by path."""
    found = {path: read_file(io, path) for path in paths}
    return {path: file for path, file in found.items() if file is not None}


def read_units(io: HostIO, names: t.Sequence[str]) -> dict[str, Unit]:
    """All units by one call."""
    argv = ["systemctl", "show", f"--property={','.join(PROPERTIES)}", *names]
    return parse_show(io.run(argv, check=True).stdout)


def pending_path(provider: str) -> str:
    """Where steps wait that a run has announced and not finished; gone after a reboot, as are the steps."""
    return PENDING_PATTERN.format(provider=provider)


def read_pending(io: HostIO, provider: str) -> tuple[str, ...]:
    """The steps a run that died has left undone."""
    text = io.read_text(pending_path(provider))
    if not text:
        return ()
    try:
        steps = json.loads(text)
    except ValueError:
        return STEPS
    return tuple(step for step in STEPS if step in steps)


def observe(
    io: HostIO,
    manager: PackageManager,
    provider: str,
    packages: t.Sequence[str],
    paths: t.Sequence[str],
    units: t.Sequence[str],
    data: t.Sequence[str] = (),
) -> Observed:
    """Everything at once: one question to the package database, one to systemd, the rest are file reads."""
    return Observed(
        packages=manager.query(packages),
        files=read_files(io, paths),
        units=read_units(io, units),
        pending=read_pending(io, provider),
        data=tuple(path for path in data if io.exists(path)),
    )
