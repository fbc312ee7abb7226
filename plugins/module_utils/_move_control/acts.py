# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a step does on a host, through the engine: fencing, stopping, starting, bringing back.

Every action can be done again. ``plan`` says in lines what it would do, none when there is nothing; ``do`` does it.
"""

from __future__ import annotations

import copy
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose import actions as kinds
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.actions import (
    DISABLE_AT_BOOT,
    ENABLE_AT_BOOT,
    STATE_ABSENT,
    STATE_PRESENT,
    STATE_STOPPED,
    Plan,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine import arguments
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.deploy import Deployment, Settings
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.health import CONDITION_READY, Waiter
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.identity import DOCKER, PODMAN
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.observe import split_containers
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import snapshots, steps
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import Journal
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.definition import (
    Definition,
    Definitions,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.durable import settle_engine
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.fence import Fence, Mark
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.gate_lock import GateLock
from ansible_collections.anycloud.container_host.plugins.module_utils._move_staging import remove_staging

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

Json = dict[str, t.Any]

# What makes a workload and starts nothing of it.
MAKING = (
    kinds.REMOVE_CONTAINER, kinds.REMOVE_NETWORK, kinds.CREATE_NETWORK, kinds.CREATE_VOLUME, kinds.DELIVER_FILE,
    kinds.CREATE_CONTAINER, kinds.RECREATE_CONTAINER,
)  # fmt: skip
# It starts containers at boot that were never started before; the role
# engine turns it off.
RESTARTING = "/etc/systemd/system/*.wants/podman-restart.service"


class WithoutRestart:
    """An engine's client whose new containers have no restart policy: a copy on the target must not come back with a
    boot while the source may still be brought back instead. The labels, and so the digests in them, stay.
    """

    def __init__(self, client: EngineClient) -> None:
        self._client = client

    def __getattr__(self, name: str) -> t.Any:
        return getattr(self._client, name)

    def create_container(self, name: str, payload: Json) -> str:
        """As the client's; Docker alone starts containers at boot by their policy, Podman's stay as they are."""
        if self._client.identity.engine == DOCKER:
            payload = copy.deepcopy(payload)
            payload["HostConfig"]["RestartPolicy"] = {"Name": "no", "MaximumRetryCount": 0}
        return self._client.create_container(name, payload)


class Acts:
    """The actions of one move on one host. incoming: the definition the target gets, for staging."""

    def __init__(
        self,
        client: EngineClient,
        io: HostIO,
        journal: Journal,
        timeout_seconds: float,
        incoming: t.Optional[Definition] = None,
    ) -> None:
        self._client = client
        self._io = io
        self._journal = journal
        self._name = journal.project
        self._timeout_seconds = timeout_seconds
        self._incoming = incoming
        self._fence = Fence(io)
        self._gate = GateLock(io, journal.id)
        self._planned_start: t.Optional[tuple[Deployment, Plan]] = None
        self._definitions = Definitions(io)
        self._known: dict[str, tuple[t.Callable[[], list[str]], t.Callable[[], None]]] = {
            steps.STAGE: (self._plan_stage, self._stage),
            steps.PREPARE_TARGET: (self._plan_prepare, self._prepare),
            steps.FENCE: (self._plan_fence, self._set_fence),
            steps.STOP: (lambda: self._lines(STATE_STOPPED), lambda: self._deploy(STATE_STOPPED)),
            steps.CLOSE_GATE: (self._plan_close_gate, self._gate.close),
            steps.START_TARGET: (self._plan_start, self._start),
            steps.AWAIT_HEALTHY: (self._plan_start, self._await_healthy),
            steps.ENABLE_AT_BOOT: (self._plan_settle, self._settle),
            steps.REMOVE_TARGET: (self._plan_remove_target, self._remove_target),
            steps.UNFENCE: (self._plan_unfence, lambda: self._fence.lift(self._name)),
            steps.START_SOURCE: (lambda: self._lines(STATE_PRESENT), self._start_source),
            steps.REMOVE_KEPT: (self._plan_remove_kept, self._remove_kept),
        }

    def plan(self, action: str) -> list[str]:
        """What the action would do, one line each. Touches nothing. Raises what stands in its way."""
        return self._known[action][0]()

    def do(self, action: str) -> None:
        """Do it. Raises HostError or InputError."""
        self._known[action][1]()

    def wake(self) -> None:
        """Have the engine answer at once. Raises HostError when it doesn't at all."""
        self._client.wake()

    # the workload through the module workload's own machinery

    def _deployment(self, state: str, held_back: bool = False, **more: t.Any) -> Deployment:
        client = t.cast("EngineClient", WithoutRestart(self._client)) if held_back else self._client
        settings = Settings(
            state=state, pull="never", remove_orphans=False, wait=False, timeout_seconds=self._timeout_seconds, **more
        )
        return Deployment(client, self._io, self._definitions.get(self._name).project, settings)

    def _lines(self, state: str, **more: t.Any) -> list[str]:
        return [str(action) for action in self._deployment(state, **more).plan(True).actions]

    def _deploy(self, state: str, **more: t.Any) -> None:
        deployment = self._deployment(state, **more)
        deployment.apply(deployment.plan(True))

    def _remove_snapshots(self) -> None:
        """Those this move took or received: an engine can't remove a volume with them beside it."""
        mine = {volume.name for volume in self._definitions.get(self._name).project.volumes.values()}
        for raw in self._client.volumes():
            if str(raw["Name"]) in mine and raw.get("Mountpoint"):
                remove_staging(self._io, snapshots.staging(str(raw["Mountpoint"]), self._journal.id))

    # source

    def _plan_fence(self) -> list[str]:
        mark = self._fence.mark(self._name)
        if mark is not None and mark.move != self._journal.id:
            raise HostError(mark.sentence(self._name))
        boot = [line for line in self._lines(STATE_STOPPED) if line.startswith(DISABLE_AT_BOOT)]
        return ([] if mark else [f"fence {self._name}"]) + boot

    def _set_fence(self) -> None:
        self._definitions.get(self._name)
        # The mark comes first: from here on nobody starts the workload here but this move.
        self._fence.set(self._name, Mark(self._journal.id, self._journal.target))
        deployment = self._deployment(STATE_STOPPED)
        if any(action.kind == DISABLE_AT_BOOT for action in deployment.plan(True).actions):
            # It still runs: telling systemd takes longer than stopping the containers does.
            deployment.hold_at_boot()
        if self._client.identity.engine == DOCKER:
            # Also when that was done: the run before may have died in between.
            settle_engine(self._io, self._client)

    def _plan_unfence(self) -> list[str]:
        return [f"unfence {self._name}"] if self._fence.mark(self._name) else []

    def _start_source(self) -> None:
        self._deploy(STATE_PRESENT, recreate="never")

    def _keeps(self) -> bool:
        """Whether what this move left is still here. A workload that has come back since is no kept copy."""
        mark = self._fence.mark(self._name)
        mine = mark is not None and mark.move == self._journal.id
        return mine and self._definitions.find(self._name) is not None

    def _plan_remove_kept(self) -> list[str]:
        if not self._keeps():
            return []
        return [*self._lines(STATE_ABSENT, remove_volumes=True), f"forget the definition of {self._name}"]

    def _remove_kept(self) -> None:
        if self._keeps():
            self._remove_snapshots()
            self._deploy(STATE_ABSENT, remove_volumes=True)
            self._definitions.forget(self._name)

    # target

    def _plan_close_gate(self) -> list[str]:
        return [] if self._gate.is_free() else ["end a copy of data that an earlier run began"]

    def _plan_stage(self) -> list[str]:
        wanted = self._wanted()
        here = split_containers(self._client.containers(), self._name)[0]
        mine = self._definitions.find(self._name)
        if here and self._fence.mark(self._name) is None:
            raise HostError(f"a workload {self._name} is on this host already ({', '.join(here)}); remove it first")
        lines = [f"create_volume {volume}" for volume in self._missing_volumes()]
        if mine is None or mine.project != wanted.project:
            lines.insert(0, f"keep the definition of {self._name}")
        if self._fence.mark(self._name) is None:
            lines.insert(0, f"fence {self._name}")
        return lines

    def _wanted(self) -> Definition:
        if self._incoming is None:
            raise HostError("definition is missing: hand over what move_info says of the source")
        return self._incoming

    def _missing_volumes(self) -> list[str]:
        there = {str(raw["Name"]) for raw in self._client.volumes()}
        volumes = self._wanted().project.volumes.values()
        return [volume.name for volume in volumes if not volume.external and volume.name not in there]

    def _stage(self) -> None:
        self._plan_stage()
        wanted = self._wanted()
        if self._fence.mark(self._name) is None:
            self._fence.set(self._name, Mark(self._journal.id, self._journal.source, arriving=True))
        former = self._definitions.find(self._name)
        # What was here before the move came (a copy kept from an earlier one) isn't the move's to remove.
        own = self._journal.id if former is None or former.move == self._journal.id else ""
        self._definitions.keep(Definition(wanted.project, own))
        missing = self._missing_volumes()
        for key, volume in wanted.project.volumes.items():
            if volume.name in missing:
                made = arguments.volume_arguments(self._name, key, volume)
                self._client.create_volume(volume.name, made)

    def _plan_of(self, wanted: t.Callable[[str], bool]) -> tuple[Deployment, Plan]:
        """What of the way to a running workload is of these kinds; containers are made without a restart policy."""
        deployment = self._deployment(STATE_PRESENT, held_back=True)
        whole = deployment.plan(True)
        chosen = tuple(action for action in whole.actions if wanted(action.kind))
        return deployment, Plan(whole.project, whole.state, chosen)

    def _prepare_plan(self) -> tuple[Deployment, Plan]:
        unsafe = self._client.identity.engine == PODMAN and self._io.glob(RESTARTING)
        return self._plan_of(lambda kind: kind in MAKING and not unsafe)

    def _plan_prepare(self) -> list[str]:
        return [str(action) for action in self._prepare_plan()[1].actions]

    def _prepare(self) -> None:
        deployment, plan = self._prepare_plan()
        deployment.apply(plan)

    def _start_plan(self) -> tuple[Deployment, Plan]:
        """Made once and kept until it is carried out: one who waits for the word to start has it by then."""
        if self._planned_start is None:
            self._planned_start = self._plan_of(lambda kind: kind != ENABLE_AT_BOOT)
        return self._planned_start

    def _plan_start(self) -> list[str]:
        return [str(action) for action in self._start_plan()[1].actions]

    def _start(self) -> None:
        deployment, plan = self._start_plan()
        self._planned_start = None
        deployment.apply(plan)

    def _await_healthy(self) -> None:
        self._start()
        waiter = Waiter(self._client, self._io, self._timeout_seconds)
        services = self._definitions.get(self._name).project.services.values()
        waiter.wait_for_all({service.container_name: True for service in services}, CONDITION_READY)

    def _plan_settle(self) -> list[str]:
        return self._plan_unfence() + self._lines(STATE_PRESENT, recreate="never")

    def _settle(self) -> None:
        self._deploy(STATE_PRESENT, recreate="never")
        definition = self._definitions.get(self._name)
        if definition.move:
            self._definitions.keep(Definition(definition.project))
        self._fence.lift(self._name)

    def _plan_remove_target(self) -> list[str]:
        definition = self._definitions.find(self._name)
        mark = self._fence.mark(self._name)
        lifted = [f"unfence {self._name}"] if mark is not None and mark.move == self._journal.id else []
        if definition is None:
            return lifted
        if definition.move != self._journal.id:
            return self._lines(STATE_STOPPED) + lifted
        gone = self._lines(STATE_ABSENT, remove_volumes=True)
        return [*gone, f"forget the definition of {self._name}", *lifted]

    def _remove_target(self) -> None:
        definition = self._definitions.find(self._name)
        if definition is not None and definition.move == self._journal.id:
            self._remove_snapshots()
            self._deploy(STATE_ABSENT, remove_volumes=True)
            self._definitions.forget(self._name)
        elif definition is not None:
            self._deploy(STATE_STOPPED)
        mark = self._fence.mark(self._name)
        if mark is not None and mark.move == self._journal.id:
            self._fence.lift(self._name)
