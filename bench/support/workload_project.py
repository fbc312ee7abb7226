# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The project that every arm deploys, the bare calls it takes of an engine, and what the arms' times come to.

Pure: text and values in, text and values out.
"""

from __future__ import annotations

import statistics
import sys
import typing as t
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / ".cache" / "collections"))

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Project
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.order import start_order
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.arguments import (
    container_payload,
    network_arguments,
    volume_arguments,
)
from ansible_collections.anycloud.container_host.plugins.plugin_utils._compose_file import Source, read_project

IMAGE = "localhost/container-host-test:1"
CHAIN = 5
"""Every service but each fifth depends on the one before it."""

FIRST_PORT = 21000
GRACE_SECONDS = 5

FIRST, AGAIN, CHANGE, REMOVE = "first", "again", "change", "remove"
STEPS = {
    FIRST: "first deployment",
    AGAIN: "nothing to do",
    CHANGE: "one service changed",
    REMOVE: "removal with volumes",
}

# The process ends on the signal, so that no arm waits for the end of a grace period. Only keys that docker-compose 1.29
# and 2 and podman-compose 1.0 all know, and a volume where the image wants one: none is left without a name.
_SERVICE = """\
  service-{number}:
    image: {image}
    command: ["/bin/sh", "-c", "trap 'exit 0' TERM; sleep 86400 & wait"]
    restart: unless-stopped
    stop_grace_period: {grace}s
    mem_limit: 64m
    environment:
      REVISION: "{revision}"
      LOG_LEVEL: info
    labels:
      org.example.number: "{number}"
    volumes: ["data-{number}:/anonymous"]
{more}"""

Call = dict[str, t.Any]
Times = t.Mapping[tuple[str, str], t.Sequence[float]]


def compose_file(count: int, revision: int = 1) -> str:
    """A Compose file of ``count`` services in chains of five, each with a volume, every tenth with a published port.

    revision: an environment variable of the last service, on which no other one depends.
    """
    services = []
    for number in range(count):
        more = f"    depends_on: [service-{number - 1}]\n" if number % CHAIN else ""
        more += f'    ports: ["127.0.0.1:{FIRST_PORT + number}:8080"]\n' if number % 10 == 0 else ""
        newest = revision if number == count - 1 else 1
        services.append(_SERVICE.format(number=number, image=IMAGE, grace=GRACE_SECONDS, revision=newest, more=more))
    volumes = "".join(f"  data-{number}: {{}}\n" for number in range(count))
    return f"services:\n{''.join(services)}volumes:\n{volumes}"


def project(name: str, text: str) -> Project:
    """The project a Compose file's text describes."""
    return read_project(Source(name, "/p/compose.yml"), {"/p/compose.yml": text}.get)


def calls(before: Project, after: Project, engine: str) -> dict[str, list[Call]]:
    """What each step takes of the engine's API at least, in order: calls of the SDK, with the product's own payloads.

    before, after: the project at first, and with one service changed. Nothing is asked, compared or waited for; where
    there is nothing to do, nothing is called.
    """
    order = start_order({name: service.depends_on for name, service in before.services.items()})
    networks = [
        _call("create_network", network.name, **network_arguments(before.name, key, network, engine))
        for key, network in before.networks.items()
    ]
    volumes = [
        _call("create_volume", volume.name, **volume_arguments(before.name, key, volume))
        for key, volume in before.volumes.items()
    ]
    changed = [name for name in order if before.services[name] != after.services[name]]
    running = [before.services[name].container_name for name in reversed(order)]
    return {
        FIRST: [*networks, *volumes, *(call for name in order for call in _made(before, name, engine))],
        AGAIN: [],
        CHANGE: [call for name in changed for call in (*_gone(before, name), *_made(after, name, engine))],
        REMOVE: [
            *(_call("stop", container, timeout=GRACE_SECONDS) for container in running),
            *(_call("remove_container", container, v=True, force=True) for container in running),
            *(_call("remove_network", network.name) for network in before.networks.values()),
            *(_call("remove_volume", volume.name) for volume in before.volumes.values()),
        ],
    }


def _made(project: Project, name: str, engine: str) -> list[Call]:
    service = project.services[name]
    payload = container_payload(project.name, service, engine)
    container = service.container_name
    return [_call("create_container_from_config", payload, container), _call("start", container)]


def _gone(project: Project, name: str) -> list[Call]:
    container = project.services[name].container_name
    return [_call("stop", container, timeout=GRACE_SECONDS), _call("remove_container", container, v=False, force=True)]


def _call(name: str, *arguments: t.Any, **options: t.Any) -> Call:
    return {"call": name, "arguments": list(arguments), "options": options}


def turns(arms: t.Sequence[str], repetitions: int) -> list[list[str]]:
    """The arms' order in each repetition: another one goes first each time, so that none always has a warm host."""
    return [[*arms[number % len(arms) :], *arms[: number % len(arms)]] for number in range(repetitions)]


def ratios(times: Times, over: str, under: t.Sequence[str]) -> dict[str, float]:
    """How many times as long the arm ``over`` takes as each of the others, by medians, where both have the step."""
    found = {}
    for step, words in STEPS.items():
        mine = times.get((over, step))
        for other in under:
            theirs = times.get((other, step))
            if mine and theirs:
                found[f"{words}: {over} over {other}"] = round(statistics.median(mine) / statistics.median(theirs), 3)
    return found


def replaced(before: t.Collection[str], after: t.Collection[str]) -> int:
    """How many containers run afterwards that did not before."""
    return len(set(after) - set(before))


def table(times: Times) -> list[str]:
    """Arm, step, minimum and median, as lines to print."""
    lines = [f"  {'':<24}{'':<22}{'minimum':>10}{'median':>10}"]
    for (arm, step), taken in times.items():
        lines.append(f"  {arm:<24}{STEPS.get(step, step):<22}{min(taken):>8.2f} s{statistics.median(taken):>8.2f} s")
    return lines


def tool_version(lines: t.Sequence[str]) -> str:
    """What a Compose tool says of itself: some tell the versions of everything they use, before or after."""
    return next((" ".join(line.split()) for line in lines if "compose" in line.lower()), "unknown version")
