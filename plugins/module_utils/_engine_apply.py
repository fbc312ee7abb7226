# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Does what an engine's plan says, with the HostIO and the package manager handed in."""

from __future__ import annotations

import json
import os.path
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.mounts import mount_of, parse_mountinfo
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.units import SOCKETS
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_observe import pending_path
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_places import (
    CONTAINERS_CONF,
    DAEMON_JSON,
    REGISTRIES_CONF,
    STORAGE_CONF,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import upstream_version

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.files import (
        ConfigFile,
        ConfigSet,
    )
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.plan import FoundFile, Plan
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import Completed, HostIO
    from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import PackageManager

STAGE = "/run/container-host/engine-check"
UNIT_TIMEOUT_SECONDS = 300
# What engines mount below their data besides these directories themselves: containers' file systems, shm, namespaces.
CONTAINER_MOUNTS = ("overlay", "tmpfs", "nsfs")
# containers.conf(5), containers-storage.conf(5), containers-registries.conf(5): where to read each file instead.
PODMAN_VARIABLES = {
    CONTAINERS_CONF: "CONTAINERS_CONF",
    STORAGE_CONF: "CONTAINERS_STORAGE_CONF",
    REGISTRIES_CONF: "CONTAINERS_REGISTRIES_CONF",
}


class EngineApplier:
    """Applies plans for one provider.

    Order: configuration before the packages, so that an engine started by its own package reads it at once; then units.
    When packages can't be installed, the files are put back as they were.
    """

    def __init__(self, io: HostIO, manager: PackageManager, provider: str, engine_unit: str) -> None:
        self.io = io
        self.manager = manager
        self.provider = provider
        self.engine_unit = engine_unit

    def apply(
        self,
        plan: Plan,
        config: ConfigSet,
        found: t.Mapping[str, FoundFile],
        installed_version: t.Optional[str],
    ) -> None:
        """Carry the plan out.

        config: the whole configuration; found: the files before; installed_version: of the engine before.
        """
        files = config.files
        if plan.write and installed_version is not None:
            self.validate(files, installed_version)
        self._announce(plan)
        self._stop(plan)
        for file in plan.write:
            self.io.write_atomic(file.path, file.content, file.mode)
        for file in plan.set_mode:
            self.io.set_mode(file.path, file.mode)
        for path in plan.remove_files:
            self.io.remove(path)
        if plan.unhold:
            self.manager.unhold(plan.unhold)
        if plan.install:
            self._install(plan, config, found)
        elif plan.remove_packages:
            self.manager.remove(plan.remove_packages)
        if plan.hold:
            self.manager.hold(plan.hold)
        if plan.install and installed_version is None:
            self.validate(files, plan.install[0].version or "")
        self._units(plan)
        if self._goes(plan):
            # systemd leaves it behind, and who looks for an engine would take it for one.
            self.io.remove(SOCKETS[self.provider])
        for path in plan.remove_data:
            self._remove_data(path)
        self.io.remove(pending_path(self.provider))

    def _install(self, plan: Plan, config: ConfigSet, found: t.Mapping[str, FoundFile]) -> None:
        try:
            self.manager.install(plan.install, plan.remove_packages)
        except HostError:
            for file in plan.write:
                if file.path not in found:
                    self.io.remove(file.path)
            for path in {*(file.path for file in plan.write), *plan.remove_files} & set(found):
                self.io.write_atomic(path, found[path].content, found[path].mode)
            raise
        # A package may bring drop-ins of its own.
        for pattern in config.owned:
            for path in self.io.glob(pattern):
                if path not in config.paths:
                    self.io.remove(path)

    def validate(self, files: t.Sequence[ConfigFile], version: str) -> None:
        """Have the engine itself judge the files before it uses them. Raises HostError with its words."""
        by_path = {file.path: file for file in files}
        if self.provider == "docker":
            # --validate came with 23.0 (moby#42393).
            if DAEMON_JSON in by_path and upstream_version(version)[:1] >= (23,):
                staged = self._stage([by_path[DAEMON_JSON]])
                self._judge(["dockerd", "--validate", f"--config-file={staged[DAEMON_JSON]}"], {}, DAEMON_JSON)
        else:
            wanted = [by_path[path] for path in PODMAN_VARIABLES if path in by_path]
            if wanted:
                staged = self._stage(wanted)
                environment = {PODMAN_VARIABLES[path]: place for path, place in staged.items()}
                self._judge(["podman", "info", "--format", "{{.Host.OCIRuntime.Name}}"], environment, "/etc/containers")

    def _stage(self, files: t.Sequence[ConfigFile]) -> dict[str, str]:
        staged = {file.path: f"{STAGE}/{os.path.basename(file.path)}" for file in files}
        for file in files:
            self.io.write_atomic(staged[file.path], file.content, 0o600)
        return staged

    def _judge(self, argv: t.Sequence[str], environment: t.Mapping[str, str], what: str) -> None:
        try:
            done = self.io.run(argv, timeout_seconds=UNIT_TIMEOUT_SECONDS, env=environment)
        finally:
            self.io.run(["rm", "-rf", STAGE])
        if done.rc != 0:
            words = " ".join((done.stderr.strip() or done.stdout.strip()).splitlines()[-3:])
            raise HostError(f"{what}: {argv[0]} refuses the new configuration: {words}; nothing was put in its place")

    def _goes(self, plan: Plan) -> bool:
        """Whether the engine itself is taken away."""
        return bool(plan.remove_packages) and not plan.install

    def _remove_data(self, path: str) -> None:
        """What is mounted can't be removed, and Podman mounts its storage onto itself. Another disk stays mounted."""
        mounts = parse_mountinfo(self.io.read_text("/proc/self/mountinfo") or "")
        around = mount_of(path, mounts)
        for mount in reversed(mounts):
            same_disk = around is not None and mount.source == around.source
            if mount.path.startswith(f"{path}/") and (same_disk or mount.kind in CONTAINER_MOUNTS):
                self.io.run(["umount", mount.path], timeout_seconds=UNIT_TIMEOUT_SECONDS, check=True)
        self.io.run(["rm", "-rf", "--one-file-system", path], timeout_seconds=UNIT_TIMEOUT_SECONDS, check=True)

    def _announce(self, plan: Plan) -> None:
        """Note what the changed files ask for, so that a run after a crash does it."""
        if plan.steps:
            self.io.write_atomic(pending_path(self.provider), json.dumps(plan.steps) + "\n")

    def _stop(self, plan: Plan) -> None:
        # Podman's containers run without its service; Docker can't be asked when it does not run.
        if self._goes(plan) and (self.provider == "podman" or self.engine_unit in plan.stop):
            self._stop_containers()
        if plan.stop or plan.disable:
            # Units a fresh package brings are not there yet; those are settled after the installation.
            present = [name for name in plan.stop if not plan.install]
            if present:
                self._systemctl("stop", present)

    def _stop_containers(self) -> None:
        """Containers outlive a live-restoring daemon, and Podman has none; without an engine nobody can stop them."""
        if self.io.find_command(self.provider) is None:
            return
        listed = self.io.run([self.provider, "ps", "-q"], timeout_seconds=UNIT_TIMEOUT_SECONDS, check=True)
        running = listed.stdout.split()
        if running:
            self.io.run([self.provider, "stop", *running], timeout_seconds=UNIT_TIMEOUT_SECONDS, check=True)

    def _units(self, plan: Plan) -> None:
        changes = {"unmask": plan.unmask, "disable": self._known(plan.disable), "enable": plan.enable}
        for verb, names in changes.items():
            if names:
                self._systemctl(verb, names, "--no-reload")
        # systemd reads all its files anew: once, not after each of these.
        if "daemon-reload" in plan.steps or any(changes.values()):
            self._systemctl("daemon-reload", [])
        if "journal" in plan.steps:
            self._systemctl("restart", ["systemd-journald.service"])
        if "reload" in plan.steps:
            self._systemctl("reload", [self.engine_unit])
        if "restart" in plan.steps:
            self._systemctl("try-restart", [self.engine_unit])
        if plan.install and plan.stop:
            self._systemctl("stop", self._known(plan.stop))
        if plan.start:
            self._systemctl("start", plan.start)

    def _known(self, names: t.Sequence[str]) -> list[str]:
        """The units that have a unit file: to disable one that has none is done already."""
        if not names:
            return []
        listed = self.io.run(["systemctl", "list-unit-files", "--no-legend", *names])
        present = {line.split()[0] for line in listed.stdout.splitlines() if line.strip()}
        return [name for name in names if name in present]

    def _systemctl(self, verb: str, names: t.Sequence[str], *options: str) -> Completed:
        done = self.io.run(["systemctl", *options, verb, *names], timeout_seconds=UNIT_TIMEOUT_SECONDS)
        if done.rc != 0:
            words = " ".join(done.stderr.strip().splitlines()[-3:])
            raise HostError(f"systemctl {verb} {' '.join(names)}: failed: {words}{self._last_log_lines(names)}")
        return done

    def _last_log_lines(self, names: t.Sequence[str]) -> str:
        selection = [word for name in names for word in ("-u", name)]
        if not selection:
            return ""
        log = self.io.run(["journalctl", "-o", "cat", "-n", "8", "--no-pager", *selection])
        lines = [line.strip() for line in log.stdout.splitlines() if line.strip()]
        return f"; its last words: {' | '.join(lines)}" if lines else ""
