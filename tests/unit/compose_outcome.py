# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a Compose file ends, whatever is in it: planned for both engines, or refused in words. For all that fuzzes."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.delivery import deliver
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Project
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.observed import ObservedProject
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.plan import plan
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.arguments import (
    container_payload,
    network_arguments,
    volume_arguments,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.identity import EngineIdentity
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.lacks import problems
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem
from ansible_collections.anycloud.container_host.plugins.plugin_utils._workload_options import (
    MODEL_OPTION,
    input_failure,
    module_arguments,
)

_T = t.TypeVar("_T")
PLANNED, REFUSED, REFUSED_BY_THE_HOST = "planned", "refused", "refused by the host"
ENGINES = (EngineIdentity("docker", "28.0.1", "1.48", "/s"), EngineIdentity("podman", "5.4.2", "1.41", "/s"))


def _attempt(make: t.Callable[[], _T]) -> tuple[t.Optional[_T], t.Sequence[Problem]]:
    try:
        return make(), ()
    except InputError as error:
        return None, error.problems


def outcome_of(make: t.Callable[[], Project]) -> str:
    """PLANNED, REFUSED or REFUSED_BY_THE_HOST; anything else is raised. make: reads the project."""
    project, refusal = _attempt(make)
    if project is None:
        assert refusal
        for problem in refusal:
            assert problem.path
            assert problem.message
            assert problem.remedy
        _sent(input_failure(InputError(refusal), "compose.yml"))
        return REFUSED
    model = module_arguments({}, project)[MODEL_OPTION]
    again = Project.from_plain(json.loads(model))
    assert again == project
    delivered, _files = deliver(again, b"k" * 32)
    made, refusal = _attempt(lambda: plan(delivered, ObservedProject("p")))
    if made is None:
        assert all("isn't on the host" in problem.message for problem in refusal)
        return REFUSED_BY_THE_HOST
    assert [action.key for action in made.actions if action.kind == "create_container"]
    _sent(made.to_plain())
    for identity in ENGINES:
        problems(delivered, identity)
        for service in delivered.services.values():
            _sent(container_payload("p", service, identity.engine))
        for key, network in delivered.networks.items():
            _sent(network_arguments("p", key, network, identity.engine))
        for key, volume in delivered.volumes.items():
            _sent(volume_arguments("p", key, volume))
    return PLANNED


def _sent(document: t.Any) -> None:
    """It is JSON as an engine reads it, whose numbers have 64 bits; raises ValueError for anything else."""
    json.dumps(document, allow_nan=False).encode("utf-8")
