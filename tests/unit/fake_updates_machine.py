# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine in memory with packages to update, a kernel, engines and processes, for unit tests of updates."""

from __future__ import annotations

import json
import re
import typing as t

from fake_kernel_machine import Answer
from fake_kernel_machine import Machine as KernelMachine

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.updates_apt import SECURITY_PREFERENCES

SECURITY, STABLE = "Debian-Security:13/stable-security", "Debian:13.2/stable"


class Machine(KernelMachine):
    """``newer``: name -> version and origin on offer. ``unsettled``: packages dpkg was interrupted at.

    ``stops``: units that packages leave stopped. ``dead``: units that do not start. ``silent``: sockets that don't answer.
    ``update_error``: how apt fails after it has unpacked everything. ``finish_error``: what it says of what it can't finish.
    """

    def __init__(self, **options: t.Any) -> None:
        super().__init__(**options)
        self.commands[("systemctl",)] = self._systemctl
        self.commands[("journalctl",)] = (0, "level=fatal\n", "")
        self.newer = {"bash": ("5.3", STABLE), "linux-base": ("4.13", SECURITY)}
        self.unsettled: set[str] = set()
        self.units = {"docker.service": True, "containerd.service": True, "docker.socket": True}
        self.stops: set[str] = set()
        self.dead: set[str] = set()
        self.silent: set[str] = set()
        self.update_error = ""
        self.finish_error = ""
        self.info: dict[str, t.Any] = {"LiveRestoreEnabled": True, "ContainersRunning": 2}
        self.files["/proc/stat"] = b"cpu 1\nbtime 1795593600\n"

    # --- packages ---

    def _dpkg_query(self, argv: tuple[str, ...], text: t.Optional[str]) -> Answer:
        if len(argv) == 4:
            lines = [f"{n}\t{'half-configured' if n in self.unsettled else 'installed'}" for n in self.packages]
            return 0, "\n".join(lines), ""
        return super()._dpkg_query(argv, text)

    def _offered(self) -> dict[str, tuple[str, str]]:
        only_security = self.exists(SECURITY_PREFERENCES)
        return {
            name: (version, origin)
            for name, (version, origin) in self.newer.items()
            if name not in self.held and self.packages.get(name) != version
            if not only_security or origin == SECURITY
        }

    def _apt_cache(self, argv: tuple[str, ...], text: t.Optional[str]) -> Answer:
        if argv[1] != "policy" or not set(argv[2:]) & set(self.newer):
            return super()._apt_cache(argv, text)
        table = ""
        for name in argv[2:]:
            version = self.newer[name][0]
            table += f"{name}:\n  Candidate: {version}\n  Version table:\n     {version} 500\n        500 http://x\n"
        return 0, table, ""

    def _apt_get(self, argv: tuple[str, ...], text: t.Optional[str]) -> Answer:
        if "--fix-broken" in argv:
            if self.finish_error:
                return 100, "", self.finish_error
            self.unsettled.clear()
            return 0, "", ""
        if "upgrade" not in argv:
            return super()._apt_get(argv, text)
        if self.unsettled and not self.finish_error:
            return 100, "", "E: Unmet dependencies. Try 'apt --fix-broken install'\n"
        lines = [
            f"Inst {name} [{self.packages[name]}] ({version} {origin} [amd64])"
            if name in self.packages
            else f"Inst {name} ({version} {origin} [amd64])"
            for name, (version, origin) in self._offered().items()
        ]
        if "--simulate" not in argv:
            for name, (version, _origin) in self._offered().items():
                self._unpack(name, version)
                self.unsettled.discard(name)
            for name in self.stops:
                self.units[name] = False
            if self.update_error:
                return 100, "", self.update_error
            self._generate(("/boot/grub/grub.cfg",), None)
        return 0, "\n".join(lines), ""

    def _unpack(self, name: str, version: str) -> None:
        self.packages[name] = version
        if name.startswith("linux-image-"):
            super()._unpack(name, version)

    # --- engines ---

    def _systemctl(self, argv: tuple[str, ...], _text: t.Optional[str]) -> Answer:
        if argv[1] == "show":
            blocks = []
            for name in argv[3:]:
                loaded = "loaded" if name in self.units else "not-found"
                active = "active" if self.units.get(name) else "inactive"
                blocks.append(
                    f"Id={name}\nLoadState={loaded}\nActiveState={active}\nUnitFileState=enabled\nNeedDaemonReload=no"
                )
            return 0, "\n\n".join(blocks), ""
        if argv[1] == "start":
            if argv[2] in self.dead:
                return 1, "", f"Job for {argv[2]} failed.\n"
            self.units[argv[2]] = True
        return 0, "", ""

    def get_from_socket(self, path: str, target: str, timeout_seconds: float = 10) -> tuple[int, str]:
        provider = (re.search(r"docker|podman", path) or [""])[0]
        if path in self.silent or not any(active for name, active in self.units.items() if name.startswith(provider)):
            raise HostError(f"{path}: no answer: Connection refused")
        return (200, json.dumps(self.info)) if target == "/info" else (200, "OK")

    # --- processes ---

    def run_process(self, pid: int, unit: str, path: str) -> None:
        """A process that runs a replaced file."""
        self.files[f"/proc/{pid}/maps"] = f"7f00-7f01 r-xp 00000000 08:01 9 {path} (deleted)\n".encode()
        self.files[f"/proc/{pid}/comm"] = b"x\n"
        self.files[f"/proc/{pid}/cgroup"] = f"0::/system.slice/{unit}\n".encode()

    def state(self) -> dict[str, t.Any]:
        """Everything a run may change."""
        return {**super().state(), "units": dict(self.units), "unsettled": set(self.unsettled)}
