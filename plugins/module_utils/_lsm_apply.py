# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Does what a plan for the access control says, in two parts: all that enforces nothing, then the switch."""

from __future__ import annotations

import typing as t
from copy import deepcopy

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.apparmor import loosened, profile_path
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.selinux import (
    CONFIG,
    parse_config,
    vanished_only,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.state import (
    LABELLED,
    LABELLING,
    OFFLINE,
    PATH,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
    from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.plan import Observed, Plan
    from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.settings import Settings

# The whole policy is linked anew with each change, which takes a quick host half a minute.
POLICY_TIMEOUT_SECONDS = 3600
# A file system with a million files, on an emulated host.
LABEL_TIMEOUT_SECONDS = 4 * 3600
# Debian's policycoreutils leaves this at each start without SELinux. At the next one with it, all files are labelled
# once more, levels of containers' files included, and the host starts again by itself (selinux-autorelabel.service).
AUTORELABEL = "/.autorelabel"


class LsmApplier:
    """Applies one plan; ``state`` is what the next run is told."""

    def __init__(self, io: HostIO, settings: Settings, observed: Observed) -> None:
        self.io = io
        self.settings = settings
        self.observed = observed
        self.state = deepcopy(observed.state)

    def now(self) -> float:
        """Seconds since the epoch, by the host's clock, which stamps its refusals."""
        return float(self._run("date", "+%s").strip())

    def _run(self, *argv: str, seconds: float = POLICY_TIMEOUT_SECONDS) -> str:
        return self.io.run(argv, timeout_seconds=seconds, check=True).stdout

    def _save(self) -> None:
        self.io.write_atomic(PATH, self.state.render(), 0o600)

    def prepare(self, plan: Plan, packages: t.Sequence[str]) -> None:
        """Files, policy and labels."""
        if plan.provider == "selinux":
            self._policy(plan, packages)
            self._labels(plan)
        else:
            self._profiles(plan)
        if plan.changes_policy:
            self.state.since_seconds = self.now()
            self._save()

    def _policy(self, plan: Plan, packages: t.Sequence[str]) -> None:
        if packages:
            self._run("semodule", "-i", *packages)
            self.state.modules.update({one.name: one.digest for one in plan.install})
            self._save()
        for name in plan.uninstall:
            self._run("semodule", "-r", name)
            del self.state.modules[name]
            self._save()
        if plan.booleans:
            self._run("setsebool", "-P", *(f"{name}={int(value)}" for name, value in plan.booleans.items()))
        for numbers, protocol in plan.drop_ports:
            self._run("semanage", "port", "-d", "-p", protocol, numbers)
        for path in plan.drop_contexts:
            self._run("semanage", "fcontext", "-d", path)
        # Noted first: a run that dies here leaves nothing behind that nobody owns.
        ports = [(one.ports, one.protocol) for one in self.settings.ports]
        contexts = [one.path for one in self.settings.file_contexts]
        if (ports, contexts) != (self.state.ports, self.state.contexts):
            self.state.ports, self.state.contexts = ports, contexts
            self._save()
        for one in plan.ports:
            self._semanage("port", (one.ports, one.protocol) in self.observed.local_ports,
                           ["-t", one.type, "-p", one.protocol, one.ports])  # fmt: skip
        for context in plan.contexts:
            self._semanage("fcontext", context.path in self.observed.local_contexts, ["-t", context.type, context.path])

    def _semanage(self, kind: str, exists: bool, words: t.Sequence[str]) -> None:
        """Add, or modify what is there; the policy's own entries are modified too, and semanage alone knows them."""
        if not exists:
            done = self.io.run(["semanage", kind, "-a", *words], timeout_seconds=POLICY_TIMEOUT_SECONDS)
            if done.rc == 0:
                return
            if "already defined" not in done.stderr:
                raise HostError(f"semanage {kind} {' '.join(words)}: failed with {done.rc}: {done.stderr.strip()}")
        self._run("semanage", kind, "-m", *words)

    def _labels(self, plan: Plan) -> None:
        if plan.relabel:
            under = bool(self.observed.mode)
            self.state.labels = LABELLING
            self._save()
            if under:
                # Not forced: levels of containers' files, which keep them apart, stay.
                self._label("restorecon", "-R", "-x", *self.observed.roots)
            else:
                self._label_offline()
            self.state.labels = LABELLED if under else OFFLINE
            self._save()
        for path in plan.restore:
            if self.io.exists(path):
                self._label("restorecon", "-R", "-F", path)

    def _label_offline(self) -> None:
        """Label all file systems that can carry labels, while SELinux can't tell which these are."""
        policy = parse_config(self.observed.config).get("SELINUXTYPE", "default")
        # It stays on the file systems it is given.
        self._label("setfiles", "-F", f"/etc/selinux/{policy}/contexts/files/file_contexts", *self.observed.roots)
        self.io.remove(AUTORELABEL)

    def _label(self, *argv: str) -> None:
        """Label files of a host at work, where some go away meanwhile. Raises HostError for any other failure."""
        done = self.io.run(argv, timeout_seconds=LABEL_TIMEOUT_SECONDS)
        if done.rc != 0 and not vanished_only(done.stderr):
            words = " ".join(done.stderr.strip().splitlines()[-5:])
            raise HostError(f"{' '.join(argv)}: failed with {done.rc}: {words}")

    def _profiles(self, plan: Plan) -> None:
        for path, profile in plan.remove.items():
            if profile and profile in self.observed.profiles:
                self._run("apparmor_parser", "--remove", path)
            self.io.remove(path)
        for path, content in plan.write.items():
            if path.endswith(".conf"):
                self.io.write_atomic(path, content)
        for one in self.settings.profiles:
            # Only noted at first, also after a boot, so that what it would break is seen.
            if one.profile in plan.changed:
                self.io.write_atomic(profile_path(one), loosened(one.content))
                if one.profile in plan.load:
                    self._run("apparmor_parser", "--replace", profile_path(one))
        if any(path.endswith(".conf") for path in [*plan.write, *plan.remove]):
            self._run("systemctl", "daemon-reload")

    def switch(self, plan: Plan) -> None:
        """What is enforced from now on, and at the next boot."""
        if plan.provider == "apparmor":
            for one in self.settings.profiles:
                path = profile_path(one)
                if path in plan.write:
                    self.io.write_atomic(path, plan.write[path])
                if one.profile in plan.load:
                    self._run("apparmor_parser", "--replace", path)
            return
        if plan.mode:
            self._run("setenforce", "1" if plan.mode == "enforcing" else "0")
        if plan.config is not None:
            self.io.write_atomic(CONFIG, plan.config)
