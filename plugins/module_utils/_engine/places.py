# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Of which place in the Compose file a failure of the host comes. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.delivery import service_of
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import Path, dotted
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.health import NotReadyError
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.remedies import key_of
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, PlacedError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._compose.actions import Action
    from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Project


def placed(
    error: HostError, project: Project, action: t.Optional[Action] = None, more: t.Sequence[str] = ()
) -> HostError:
    """The failure with its place, where it comes of one, and with further sentences. action: what was being done."""
    text = "\n".join([str(error), *more])
    path = _waited_for(error, project) if isinstance(error, NotReadyError) else _of_step(error, project, action)
    return PlacedError(dotted(path), text) if path else HostError(text)


def _waited_for(error: NotReadyError, project: Project) -> Path:
    name = next((one.name for one in project.services.values() if one.container_name == error.container), "")
    return _under(name, error.key)


def _of_step(error: HostError, project: Project, action: t.Optional[Action]) -> Path:
    if action is None:
        return ()
    if action.resource == "file":
        return _under(service_of(action.name))
    if action.resource in ("network", "volume"):
        return (f"{action.resource}s", action.key) if action.key else ()
    service = project.services.get(action.key)
    if service is None:
        return ()
    if action.resource == "image":
        return _under(service.name, "image" if service.build is None else "build")
    return _under(service.name, key_of(str(error)))


def _under(service: str, key: str = "") -> Path:
    return tuple(part for part in ("services", service, key) if part) if service else ()
