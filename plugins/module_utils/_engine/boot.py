# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What makes a workload come back after a reboot, the same on both engines: present comes back, stopped doesn't.

Docker starts containers at boot by their restart policy, so that policy is what is set and what is read. Podman has no
daemon: a template unit of systemd starts the project's containers in dependency order and stops them in the reverse
one, with the order in one environment file per project.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.actions import STATE_PRESENT
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Project, Service
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.observed import ObservedContainer
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.arguments import restart_policy
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.identity import PODMAN

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

UNIT_NAME = "container-host-workload@.service"
UNIT_PATH = f"/etc/systemd/system/{UNIT_NAME}"
WANTS_PATH = "/etc/systemd/system/multi-user.target.wants"
ENVIRONMENT_PATH = "/var/lib/container-host/workloads"

# What runs already, all of it after a deployment, is told by one call: each podman start takes its time as well.
# A job that has ended well stays ended, as under Docker: only on-failure containers are asked for their last exit.
_LAST_EXIT = "{{.State.Status}} {{.State.ExitCode}} {{.State.FinishedAt.After .State.StartedAt}}"
UNIT = """\
# Managed by the Ansible collection anycloud.container_host.
[Unit]
Description=Workload %i
Documentation=man:podman-start(1) man:podman-stop(1)
Wants=network-online.target
After=network-online.target podman.socket
RequiresMountsFor=/var/lib/containers /var/lib/container-host
ConditionPathExists=/var/lib/container-host/workloads/%i.env

[Service]
Type=oneshot
RemainAfterExit=yes
EnvironmentFile=/var/lib/container-host/workloads/%i.env
ExecStart=/bin/sh -c 'failed=0; \\
running=" $$(echo $$(podman ps --format "{{.Names}}")) "; \\
for name in $$CONTAINERS_START; do \\
    case "$$running" in *" $$name "*) continue;; esac; \\
    case " $$CONTAINERS_ON_FAILURE " in *" $$name "*) \\
        last=$$(podman inspect --type container --format "{LAST_EXIT}" "$$name"); \\
        if [ "$$last" = "exited 0 true" ]; then continue; fi;; \\
    esac; \\
    podman start "$$name" || failed=1; \\
done; exit $$failed'
ExecStop=/bin/sh -c 'for name in $$CONTAINERS_STOP; do podman stop --ignore "$$name"; done'
TimeoutStartSec=900
TimeoutStopSec=600

[Install]
WantedBy=multi-user.target
""".replace("{LAST_EXIT}", _LAST_EXIT)


@dataclass(frozen=True)
class BootSetup:
    """Which containers come back at boot. order: in start order; on_failure: those with that restart policy."""

    order: tuple[str, ...] = ()
    on_failure: tuple[str, ...] = ()

    def render(self) -> str:
        """The environment file of the unit."""
        return (
            f'CONTAINERS_START="{" ".join(self.order)}"\n'
            f'CONTAINERS_STOP="{" ".join(reversed(self.order))}"\n'
            f'CONTAINERS_ON_FAILURE="{" ".join(self.on_failure)}"\n'
        )


def unit_of(project: str) -> str:
    """The project's instance of the template unit."""
    return UNIT_NAME.replace("@", f"@{project}")


def wanted_setup(project: Project, order: t.Sequence[str]) -> BootSetup:
    """The boot set-up of a project that shall come back; ``order`` is the services' start order."""
    services = [project.services[name] for name in order if project.services[name].restart != "no"]
    return BootSetup(
        tuple(service.container_name for service in services),
        tuple(service.container_name for service in services if service.restart == "on-failure"),
    )


class UnitBoot:
    """Boot by systemd, for Podman."""

    def __init__(self, io: HostIO) -> None:
        self._io = io

    def enabled(self, project: Project, state: str, wanted: BootSetup) -> bool:
        """Whether the set-up is whole and current (state present), or anything of it is there (other states)."""
        environment = self._io.read_text(self._environment_path(project.name))
        link = self._io.read_link(self._link_path(project.name))
        if state != STATE_PRESENT or not wanted.order:
            there = environment is not None or link is not None
            return not there if state == STATE_PRESENT else there
        return (
            environment == wanted.render()
            and link == UNIT_PATH
            and self._io.read_text(UNIT_PATH) == UNIT
            and self._io.run(["systemctl", "is-active", "--quiet", unit_of(project.name)]).rc == 0
        )

    def enable(self, project: Project, wanted: BootSetup) -> None:
        """Install, enable and start the unit; its containers run already, so starting it changes none of them."""
        if not wanted.order:
            self.disable(project)
            return
        # Only another template has to be read anew: that an instance of it is enabled matters at the next boot.
        options = ["--no-reload"] if self._io.read_text(UNIT_PATH) == UNIT else []
        if not options:
            self._io.write_atomic(UNIT_PATH, UNIT)
        self._io.make_directory(ENVIRONMENT_PATH)
        self._io.write_atomic(self._environment_path(project.name), wanted.render())
        self._io.run(["systemctl", "enable", *options, unit_of(project.name)], check=True)
        self._io.run(["systemctl", "start", unit_of(project.name)], timeout_seconds=900, check=True)

    def disable(self, project: Project) -> None:
        """Stop, disable and remove the project's part; the template goes with the last project."""
        unit = unit_of(project.name)
        if self._io.exists(UNIT_PATH):
            self._io.run(["systemctl", "stop", unit], timeout_seconds=600, check=True)
            self._io.run(["systemctl", "disable", "--no-reload", unit], check=True)
        self._io.remove(self._environment_path(project.name))
        self._io.remove(self._link_path(project.name))
        if self._io.exists(UNIT_PATH) and not self._io.glob(f"{ENVIRONMENT_PATH}/*.env"):
            self._io.remove(UNIT_PATH)
            self._io.run(["systemctl", "daemon-reload"], check=True)

    def hold(self, project: Project) -> None:
        """Disable it on the disk, for good, while its containers go on running."""
        unit, environment = unit_of(project.name), self._environment_path(project.name)
        if self._io.exists(environment):
            # The unit's commands read it anew: with nothing in it, they stop nothing and start nothing.
            if not self._has_processes(unit):
                self._io.write_atomic(environment, BootSetup().render())
            self._io.remove(self._link_path(project.name))
        self.disable(project)
        for folder in (ENVIRONMENT_PATH, WANTS_PATH):
            if self._io.exists(folder):
                self._io.sync_directory(folder)

    def _has_processes(self, unit: str) -> bool:
        """Whether stopping the unit would kill something: Podman has moved what it started elsewhere, by default."""
        done = self._io.run(["systemctl", "show", "--property=ControlGroup", "--value", unit], check=True)
        group = done.stdout.strip()
        return bool(group and (self._io.read_text(f"/sys/fs/cgroup{group}/cgroup.procs") or "").strip())

    @staticmethod
    def _environment_path(project: str) -> str:
        return f"{ENVIRONMENT_PATH}/{project}.env"

    @staticmethod
    def _link_path(project: str) -> str:
        return f"{WANTS_PATH}/{unit_of(project)}"


class PolicyBoot:
    """Boot by restart policy, for Docker. Containers that are made later have theirs from the beginning."""

    def __init__(self, client: EngineClient, containers: t.Mapping[str, ObservedContainer]) -> None:
        """``containers``: the project's, as they were observed."""
        self._client = client
        self._policies = {
            name: (container.settings.restart, container.settings.restart_max_retries)
            for name, container in containers.items()
            if container.settings is not None
        }

    def enabled(self, project: Project, state: str, wanted: BootSetup) -> bool:
        """Whether all containers have their policy (state present), or any container has one (other states)."""
        policies = self._policies
        if state != STATE_PRESENT:
            return any(name != "no" for name, _times in policies.values())
        return all(name in policies for name in wanted.order) and all(
            policies.get(service.container_name, _wanted(service)) == _wanted(service)
            for service in project.services.values()
        )

    def enable(self, project: Project, wanted: BootSetup) -> None:  # noqa: ARG002 - as UnitBoot has it
        """Give every container the restart policy of its service."""
        policies = self._policies
        for service in project.services.values():
            name = service.container_name
            if name in policies and policies[name] != _wanted(service):
                self._client.set_restart_policy(name, restart_policy(service, self._client.identity.engine))

    def disable(self, project: Project) -> None:  # noqa: ARG002 - as UnitBoot has it
        """Take the restart policy from every container."""
        for name, (policy, _times) in self._policies.items():
            if policy != "no":
                self._client.set_restart_policy(name, {"Name": "no", "MaximumRetryCount": 0})

    def hold(self, project: Project) -> None:
        """As :meth:`disable`, which leaves containers running."""
        self.disable(project)


def _wanted(service: Service) -> tuple[str, int]:
    return service.restart, service.restart_max_retries if service.restart == "on-failure" else 0


Boot = t.Union[UnitBoot, PolicyBoot]


def boot_of(client: EngineClient, io: HostIO, containers: t.Mapping[str, ObservedContainer]) -> Boot:
    """What brings workloads back on this engine. ``containers``: the project's, as they were observed."""
    return UnitBoot(io) if client.identity.engine == PODMAN else PolicyBoot(client, containers)
