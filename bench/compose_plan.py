# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What planning a project of 50 services takes of processor time: the file on the control node, the plan on the host.

Needs no root and touches nothing: the file is text, the hosts are data. One step for each part that a deployment has:
reading (YAML, merging, checking), planning on an empty host, and planning where all is there already.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import typing as t
from pathlib import Path

from support.measure import facts, interleave, spread
from support.report import Goal, finish

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / ".cache" / "collections"))

from ansible_collections.anycloud.container_host.plugins.module_utils._compose import labels, observed  # noqa: E402
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.delivery import deliver  # noqa: E402
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.digest import service_digest  # noqa: E402
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Project  # noqa: E402
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.plan import plan  # noqa: E402
from ansible_collections.anycloud.container_host.plugins.plugin_utils._compose_file import (  # noqa: E402
    Source,
    read_project,
)

SERVICES = 50
LIMIT_SECONDS = 0.1
KEY = b"k" * 32

SERVICE = """\
  service-{number}:
    image: registry.example/team/service-{number}:${{TAG:-1}}
    restart: unless-stopped
    environment:
      DATABASE_URL: postgres://app@service-0/app
      LOG_LEVEL: ${{LOG_LEVEL:-info}}
    ports: ["{port}:8080"]
    volumes: ["data-{number}:/var/lib/data", "./service-{number}:/etc/service:ro"]
    networks: {{front: , back: {{aliases: [s{number}]}}}}
    secrets: [password]
    mem_limit: 256m
    cpus: 0.5
    healthcheck: {{test: [CMD, /healthcheck], interval: 10s, timeout: 3s, retries: 3}}
    labels: {{org.example.team: team, org.example.number: "{number}"}}
    logging: {{driver: json-file, options: {{max-size: 10m, max-file: "3"}}}}
{depends}"""


def compose_file(count: int) -> str:
    """A Compose file of ``count`` services in chains of five."""
    services = []
    for number in range(count):
        before = f"    depends_on: {{service-{number - 1}: {{condition: service_healthy}}}}\n" if number % 5 else ""
        services.append(SERVICE.format(number=number, port=20000 + number, depends=before))
    volumes = "".join(f"  data-{number}: {{labels: {{backup: daily}}}}\n" for number in range(count))
    top = "networks: {front: {}, back: {internal: true}}\nsecrets: {password: {environment: PASSWORD}}\n"
    return f"name: large\nservices:\n{''.join(services)}volumes:\n{volumes}{top}"


def read(text: str) -> Project:
    """The project, as the control node reads it."""
    source = Source(compose_file="/p/compose.yml", environment={"PASSWORD": "p"}, project_directory="/srv/p")
    return read_project(source, {"/p/compose.yml": text}.get)


def deployed(project: Project) -> observed.ObservedProject:
    """The host after the project was deployed."""
    made, files = deliver(project, KEY)
    containers = {
        service.container_name: observed.ObservedContainer(
            service.container_name,
            service.name,
            service.key,
            "running",
            service_digest(service),
            service.image,
            networks=tuple(service.networks),
            settings=observed.Settings(
                "unless-stopped", memory_bytes=256 << 20, memory_swap_bytes=512 << 20, nano_cpus=500_000_000
            ),
        )
        for service in made.services.values()
    }
    return observed.ObservedProject(
        project.name,
        containers,
        {service.image: observed.ObservedImage(service.image) for service in made.services.values()},
        {
            network.name: observed.ObservedNetwork(network.name, labels.network_labels(project.name, key, network))
            for key, network in project.networks.items()
        },
        {
            volume.name: observed.ObservedVolume(volume.name, labels.volume_labels(project.name, key, volume))
            for key, volume in project.volumes.items()
        },
        files=dict.fromkeys(files, observed.FILE_RIGHT),
    )


def planned(model: str, host: observed.ObservedProject) -> int:
    """What the module does with the model it is sent; returns the number of steps."""
    project, _files = deliver(Project.from_plain(json.loads(model)), KEY)
    return len(plan(project, host).actions)


def cpu_seconds(work: t.Callable[[], t.Any]) -> float:
    """The processor time of one run."""
    started = time.process_time()
    work()
    return time.process_time() - started


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(description="Planning a large project")
    parser.add_argument("--quick", action="store_true", help="few repetitions; shows that it works")
    parser.add_argument("--no-proof", action="store_true", help="print the figures, write no file")
    parser.add_argument("--services", type=int, default=SERVICES, help=f"default: {SERVICES}")
    options = parser.parse_args()
    machine, started = facts(), time.monotonic()
    text = compose_file(options.services)
    project = read(text)
    model, full = json.dumps(project.to_plain()), deployed(project)
    empty = observed.ObservedProject(project.name)
    if planned(model, full) or not planned(model, empty):
        raise SystemExit(
            "the plans are wrong: there is something to do where all is there, or nothing where nothing is"
        )
    arms: dict[str, t.Callable[[], float]] = {
        "reading the file": lambda: cpu_seconds(lambda: read(text)),
        "planning on an empty host": lambda: cpu_seconds(lambda: planned(model, empty)),
        "planning where all is there": lambda: cpu_seconds(lambda: planned(model, full)),
    }
    taken = interleave(arms, repetitions=3 if options.quick else 20)
    used = {name: spread(values, 4) for name, values in taken.items()}
    goals = [
        Goal(f"CPU of {name}, {options.services} services", values["min"], LIMIT_SECONDS, "s")
        for name, values in used.items()
    ]
    results = {
        "machine": machine,
        "services": options.services,
        "arms": {n: {"cpu_seconds": v} for n, v in used.items()},
    }
    claim = f"A project of {options.services} services is planned in less than 100 ms of processor time"
    return finish("compose_plan", claim, time.monotonic() - started, goals, results, not options.no_proof)


if __name__ == "__main__":
    sys.exit(main())
