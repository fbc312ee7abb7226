# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two made-up hosts for the role move: ansible-playbook runs it as on real ones, its modules are answered from here.

Journals, fences and workloads are handled by the collection's own code, on files and engines in memory that are kept in
one file between tasks. What carries data is made up: whether the way is open, and a volume as one line of text. Each
module's arguments are held against its own specification. Faults are set beforehand: a call may fail, find its host gone,
or be the last thing its run does.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import importlib
import json
import os
import pickle
import signal
import time
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

import move_pairs
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from fake_engine import FakeEngine
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_cutover_host, _move_waiting
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.deploy import Deployment, Settings
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError, HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.definition import (
    Definition,
    Definitions,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.generation import demand_may_carry
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.store import Store

Json = dict[str, t.Any]
MODULES = "ansible_collections.anycloud.container_host.plugins.modules"
NOW = 1_000_000.0


class GoneError(Exception):
    """The host does not answer."""


class Engine(FakeEngine):
    """With what a move asks for beyond a workload."""

    def containers(self) -> list[Json]:
        return [
            {**entry, "State": self.by_name[entry["Names"][0].lstrip("/")]["State"]["Status"]}
            for entry in super().containers()
        ]


@dataclass
class Host:
    """One host. data: volume -> its content. keys: accounts the move's key is let in by. facts: for the verdict."""

    io: FakeHostIO = field(default_factory=FakeHostIO)
    engine: Engine = field(
        default_factory=lambda: Engine(images={move_pairs.IMAGE: {"Id": "sha256:" + "1" * 64, "RepoDigests": []}})
    )
    data: dict[str, str] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    facts: Json = field(default_factory=move_pairs.side)
    down: bool = False
    waits_for: int = 0
    now: float = NOW

    def deploy(self) -> None:
        """As the role workload does."""
        deployment = Deployment(self.engine, self.io, move_pairs.SHOP, Settings(wait=False))  # type: ignore[arg-type]
        deployment.apply(deployment.plan(check_mode=False))
        Definitions(self.io).keep(Definition(move_pairs.SHOP))

    def wait(self, seconds: float) -> None:
        """Time goes by."""
        self.now += seconds

    def containers(self) -> list[Json]:
        """The containers, as move_host_info tells them."""
        return [
            {"name": name, "project": "shop", "running": body["State"]["Running"], "anonymous_volumes": []}
            for name, body in self.engine.by_name.items()
        ]

    def volume(self, name: str) -> Json:
        """A volume, as move_volume_info tells it."""
        there = name in self.engine.volume_labels
        return {"name": name, "exists": there, "allocated_bytes": 100_000_000 if there else None}

    @property
    def lives(self) -> bool:
        """Whether any container runs."""
        return any(body["State"]["Running"] for body in self.engine.by_name.values())


@dataclass
class Fault:
    """What happens at a call. where: its module, host and arguments. kind: fail, gone (for good), die (the run, before
    the call is carried out), dies (after it), away (the engine does not answer) or unheard (it is carried out, and the
    host does not answer this once).
    times: for how many calls it holds.
    """

    module: str
    host: str
    kind: str = "fail"
    where: Json = field(default_factory=dict)
    times: int = 1

    def hits(self, module: str, host: str, arguments: Json) -> bool:
        """Whether this call is meant; counts it."""
        meant = (module, host) == (self.module, self.host) and self.times > 0
        if not meant or any(arguments.get(name) != value for name, value in self.where.items()):
            return False
        self.times -= 1
        return True


@dataclass
class Stage:
    """The hosts, and what was asked of them. direct, relayed: whether there is a way so.

    ends_after: the module whose call cuts the way between the hosts, or ``freeze``, for when the workload has stopped.
    garbled: how many copies arrive as something else. waits: whether the target is found to wait for the source.
    """

    hosts: dict[str, Host] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    calls: list[tuple[str, str, Json]] = field(default_factory=list)
    direct: bool = True
    relayed: bool = True
    writes: int = 0
    ends_after: str = ""
    garbled: int = 0
    waits: bool = True

    def call(self, module: str, host: str, arguments: Json, check_mode: bool) -> Json:
        """A module's result. Raises GoneError."""
        arguments = validated(module, arguments)
        self.calls.append((module, host, arguments))
        fault = next((entry for entry in self.faults if entry.hits(module, host, arguments)), None)
        if fault is not None and fault.kind == "gone":
            self.hosts[host].down = True
        if host in self.hosts and self.hosts[host].down:
            raise GoneError(f"{host} does not answer")
        if fault is not None and fault.kind == "fail":
            return {"failed": True, "msg": f"{module} failed on {host} as it was told to"}
        if fault is not None and fault.kind == "away":
            return {"failed": True, "msg": "/run/x.sock: docker is not reachable: connection refused; start it"}
        if fault is not None and fault.kind == "die":
            raise SystemExit
        try:
            if module == self.ends_after:
                self.direct = self.relayed = False
            answer = getattr(self, f"_{module}", self._gather)(module, host, arguments, check_mode)
        except ContainerHostError as error:
            answer = {"failed": True, "msg": str(error), **held_by(error)}
        if fault is not None and fault.kind == "unheard":
            raise GoneError(f"{host} does not answer")
        if fault is not None:
            raise SystemExit
        return {"changed": False, **answer}

    # the modules

    def _gather(self, module: str, host: str, arguments: Json, check_mode: bool) -> Json:
        facts, here = self.hosts[host].facts, self.hosts[host]
        if module == "host_contract_info":
            return {"contract": facts["contract"]}
        if module == "move_host_info":
            containers = [*here.containers(), *facts["host"]["containers"]]
            skewed = time.time() + facts.get("skew_seconds", 0)
            return {**facts["host"], "containers": containers, "now_epoch_seconds": skewed}
        if module == "move_image_info":
            return {"images": facts["images"], "held": {"ids": [], "chains": []}}
        volumes = [here.volume(entry["name"]) for entry in arguments["volumes"]]
        return {"volumes": volumes, "equal": None}

    def sent(self, volume: str) -> str:
        """The content of a volume on the host that is the source of an unfinished move."""
        for host in self.hosts.values():
            if any(journal.side == "source" and journal.unfinished for journal in Store(host.io).all()):
                return host.data[volume]
        return ""

    def _move_info(self, _module: str, host: str, arguments: Json, _check_mode: bool) -> Json:
        here = self.hosts[host]
        return t.cast("Json", real("move_info").run(arguments["project_name"] or "", here.io, here.now))

    def _move_journal(self, _module: str, host: str, arguments: Json, check_mode: bool) -> Json:
        here = self.hosts[host]
        return t.cast("Json", real("move_journal").run(arguments, here.io, here.now, check_mode))

    def _move_workload(self, _module: str, host: str, arguments: Json, check_mode: bool) -> Json:
        here, module = self.hosts[host], real("move_workload")
        module.connect = lambda *_arguments: here.engine
        done = module.run(arguments, here.io, lambda: here.now, check_mode)
        return {"changed": done.changed, "actions": list(done.actions)}

    def _move_volume_quiesce(self, _module: str, _host: str, arguments: Json, _check_mode: bool) -> Json:
        return {"changed": True, "commands": [], "not_running": []}

    def _move_key(self, _module: str, host: str, arguments: Json, _check_mode: bool) -> Json:
        here = self.hosts[host]
        if arguments["state"] == "present":
            demand_may_carry(here.io, arguments["move_id"], arguments["generation"])
        folder = f"/var/lib/container-host/moves/{arguments['move_id']}"
        if arguments["state"] == "present":
            here.io.write_atomic(f"{folder}/key", "")
        else:
            here.io.remove_tree(folder)
        here.keys = [arguments["user"] or "by itself"] if arguments["state"] == "present" else []
        if arguments["side"] == "source" and arguments["address"]:
            here.facts["relayed"] = arguments["relayed"]
        return {"public_key": "ssh-ed25519 AAAA x", "host_keys": ["ssh-ed25519 BBBB"], "port": 22, "user": "admin"}

    def _move_key_info(self, _module: str, host: str, _arguments: Json, _check_mode: bool) -> Json:
        open_way = self.relayed if self.hosts[host].facts["relayed"] else self.direct
        return {"reachable": open_way, "reason": "" if open_way else "timed out"}

    def _move_relay(self, _module: str, _host: str, arguments: Json, _check_mode: bool) -> Json:
        return {"running": arguments["state"] == "present"}

    def _move_image(self, _module: str, host: str, arguments: Json, _check_mode: bool) -> Json:
        demand_may_carry(self.hosts[host].io, arguments["move_id"], arguments["generation"])
        return {"images": [{"reference": str(entry)} for entry in arguments["images"]]}

    def _move_volume(self, _module: str, host: str, arguments: Json, _check_mode: bool) -> Json:
        here, names = self.hosts[host], [entry["name"] for entry in arguments["volumes"]]
        demand_may_carry(here.io, arguments["move_id"], arguments["generation"])
        if arguments["side"] == "target":
            return {"volumes": {name: f"/volumes/{name}" for name in names}}
        sent_bytes = self.send(here, arguments)
        if here.lives:
            self.writes += 1
            here.data.update(dict.fromkeys(names, f"written {self.writes} times"))
        rates = {"link_bytes_per_second": 5000, "changed_bytes_per_second": 70}
        estimate = {"bytes": 0, "milliseconds": 900, **rates}
        return {"estimate": estimate, "stopped_because": "not_shrinking", **sent_bytes}

    def demand_way(self) -> None:
        """Raises HostError when the hosts don't see each other."""
        if not (self.direct or self.relayed):
            raise HostError("the target can't be reached: timed out")

    def send(self, here: Host, arguments: Json) -> Json:
        """Data go from this host to the other one. Raises HostError when there is no way, or the target refuses."""
        self.demand_way()
        there = next(entry for entry in self.hosts.values() if entry.keys and entry is not here)
        demand_may_carry(there.io, arguments["move_id"], arguments["target_generation"])
        sent = {entry["name"]: here.data[entry["name"]] for entry in arguments["volumes"]}
        if self.garbled:
            self.garbled -= 1
            sent = dict.fromkeys(sent, "something else")
        there.data.update(sent)
        return {"wire_bytes": 1000, "moved_bytes": 800, "rounds": [{"wire_bytes": 1000, "moved_bytes": 800}]}

    def _move_cutover(self, _module: str, host: str, arguments: Json, check_mode: bool) -> Json:
        here, module = self.hosts[host], real("move_cutover")
        names = [entry["name"] for entry in arguments["volumes"]]
        writer = module.writer_of(arguments)
        if arguments["ready"]:
            here.waits_for = arguments["generation"]
            done = _move_waiting.make_ready(here.io, here.engine, writer, 5, lambda: here.now, check_mode)  # type: ignore[arg-type]
            return _move_cutover_host.told(done)
        if arguments["side"] == "target":
            equal = all(here.data.get(name) == self.sent(name) for name in names)
            volumes = [{"name": name, "differences": [] if equal else ["a: content"]} for name in names]
            return {"volumes": volumes, "equal": equal, **module.noted(arguments, here.io, here.now, equal, check_mode)}
        self.demand_way()
        _move_cutover_host.freeze(here.io, here.engine, writer, 5, lambda: here.now, check_mode)  # type: ignore[arg-type]
        if self.ends_after == "freeze":
            self.direct = self.relayed = False
        demand_may_carry(here.io, arguments["move_id"], arguments["generation"])
        sent = self.send(here, arguments)
        return {"changed": True, **sent, **self.ask_target(here, writer, arguments)}

    def ask_target(self, here: Host, writer: _move_cutover_host.Writer, arguments: Json) -> Json:
        """What the source is told by the one who waits on the target, and what that does."""
        told = {"equal": None, "handed_over": False, "started": False, "why_not": "", "seconds_of": {"copy": 0.1}}
        there = next(entry for entry in self.hosts.values() if entry.keys and entry is not here)
        generation = arguments["target_generation"]
        if not arguments["direct"] or not self.waits or there.waits_for != generation or there.down:
            return {**told, "why_not": "nobody waits here" if arguments["direct"] else ""}
        its = dataclasses.replace(writer, generation=generation)
        equal = all(there.data.get(entry["name"]) == here.data[entry["name"]] for entry in arguments["volumes"])
        _move_cutover_host.note(there.io, its, equal, there.now, False)
        if not equal:
            return {**told, "equal": False}
        _move_cutover_host.hand_over(here.io, writer, lambda: here.now)
        one = _move_waiting.Waiting(
            t.cast("t.Any", there.io),
            t.cast("t.Any", None),
            its,
            [],
            {},
            lambda: there.engine,
            5,
            lambda: there.now,  # type: ignore[arg-type,return-value]
        )
        started = one.answer({"do": "start"})
        why = started.get("error", "")
        return {
            **told,
            "equal": True,
            "handed_over": True,
            "started": not why,
            "why_not": why,
            "stood_still_seconds": 1.5,
        }


def held_by(error: ContainerHostError) -> Json:
    """Who holds the lease, when that is why."""
    return {"held_by": error.holder} if hasattr(error, "holder") else {}


def real(module: str) -> t.Any:
    """The collection's own module."""
    return importlib.import_module(f"{MODULES}.{module}")


class _SpecError(Exception):
    """Carries what AnsibleModule was called with."""


def validated(module: str, arguments: Json) -> Json:
    """The arguments as the module gets them. Raises AssertionError for what it would refuse."""

    def caught(**given: t.Any) -> t.NoReturn:
        raise _SpecError(given)

    loaded = real(module)
    before, loaded.AnsibleModule = loaded.AnsibleModule, caught
    try:
        loaded.main()
    except _SpecError as error:
        given = error.args[0]
    finally:
        loaded.AnsibleModule = before
    rules = {name: given[name] for name in ("required_if", "required_one_of", "mutually_exclusive") if name in given}
    result = ArgumentSpecValidator(given["argument_spec"], **rules).validate(arguments)
    if result.error_messages:
        raise AssertionError(f"{module}: {'; '.join(result.error_messages)}")
    return dict(result.validated_parameters)


@contextlib.contextmanager
def opened(folder: Path) -> t.Iterator[Stage]:
    """The stage of a folder, alone; it is kept again afterwards, also when a run ends here."""
    with open(folder / "stage", "r+b") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        stage = pickle.load(stream)
        try:
            yield stage
        finally:
            stream.seek(0)
            stream.truncate()
            pickle.dump(stage, stream)


def answer(folder: Path, module: str, host: str, arguments: Json, check_mode: bool) -> Json:
    """What the action plugins of the stage return. Raises GoneError; may end the run as a power cut does."""
    try:
        with opened(folder) as stage:
            result = stage.call(module, host, json.loads(json.dumps(arguments)), check_mode)
    except SystemExit:
        os.kill(os.getppid(), signal.SIGKILL)
        os._exit(1)
    return t.cast("Json", json.loads(json.dumps(result)))


def keep(folder: Path, stage: Stage) -> None:
    """Put a stage where :func:`opened` finds it."""
    (folder / "stage").write_bytes(pickle.dumps(stage))


def two_hosts() -> Stage:
    """The workload shop on alpha, and bravo."""
    alpha, bravo = Host(), Host()
    alpha.deploy()
    alpha.data = {"shop_data": "written 0 times"}
    return Stage({"alpha": alpha, "bravo": bravo})
