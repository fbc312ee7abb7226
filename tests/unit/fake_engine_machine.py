# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A machine in memory on which an engine can be installed, for unit tests of the engine modules."""

from __future__ import annotations

import typing as t
from pathlib import Path

import yaml
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._engine_host import EngineHost

VARS = Path(__file__).resolve().parents[2] / "roles" / "engine" / "vars"
TABLES = [table for file in sorted(VARS.glob("*.yml")) for table in yaml.safe_load(file.read_text()).values()]
OFFERED = {"docker.io": "26.1.5-9", "docker-cli": "26.1.5-9", "docker-ce": "5:28.1.1-1~x", "podman": "5.4.2-1"}


class Machine(FakeHostIO):
    """A small machine: a package database, systemd and files that change as commands ask for it."""

    def __init__(self, files: t.Optional[dict[str, str]] = None, **options: t.Any) -> None:
        base = {
            "/etc/os-release": 'ID=debian\nVERSION_ID="13"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n',
            "/proc/self/status": "Name:\tpython3\nUid:\t0\t0\t0\t0\n",
        }
        commands: dict[tuple[str, ...], t.Any] = {
            ("dpkg-query",): lambda argv, _input: (1, self._statuses(argv[4:]), ""),
            ("apt-get",): lambda argv, _input: self._apt_get(argv),
            ("apt-cache",): lambda argv, _input: (0, self._policy(argv[2:]), ""),
            ("dpkg", "--set-selections"): lambda _argv, text: self._mark(text),
            ("find",): (0, "", ""),
            ("systemctl",): lambda argv, _input: self._systemctl(argv),
            ("dockerd",): (0, "configuration OK\n", ""),
            ("podman", "info"): (0, "runc\n", ""),
            ("podman", "info", "--format", "{{.Host.OCIRuntime.Name}}"): (0, "runc\n", ""),
            ("podman", "ps", "-q"): (0, "", ""),
            ("docker", "ps", "-q"): (0, "c1\nc2\n", ""),
            ("docker", "stop", "c1", "c2"): (0, "", ""),
            ("podman", "stop", "c3"): (0, "", ""),
            ("umount",): (0, "", ""),
            ("rm",): (0, "", ""),
            ("journalctl",): (0, "something broke\n", ""),
        }
        commands.update(options.pop("commands", {}))
        super().__init__({**base, **(files or {})}, commands, directories={"/run/systemd/system"}, **options)
        self.installed: dict[str, str] = {}
        self.held: set[str] = set()
        self.offered = dict(OFFERED)
        self.enabled: set[str] = set()
        self.active: set[str] = set()
        self.unit_files: set[str] = set()
        self.installation: tuple[int, str, str] = (0, "", "")
        self.unstartable: set[str] = set()

    def _statuses(self, names: t.Sequence[str]) -> str:
        return "".join(
            f"{name}\t{self.installed[name]}\t{'hold' if name in self.held else 'install'}\tinstalled\n"
            for name in names
            if name in self.installed
        )

    def _policy(self, names: t.Sequence[str]) -> str:
        lines = []
        for name in names:
            version = self.offered.get(name, "1.0-1")
            lines += [f"{name}:", f"  Candidate: {version}", f"     {version} 500", "        500 http://x y Packages"]
        return "\n".join(lines) + "\n"

    def _apt_get(self, argv: tuple[str, ...]) -> tuple[int, str, str]:
        if "install" in argv:
            if self.installation[0]:
                return self.installation
            for word in argv[argv.index("--allow-change-held-packages") + 1 :]:
                name, _equals, version = word.partition("=")
                if word.endswith("-") and "=" not in word:
                    self.installed.pop(word[:-1], None)
                else:
                    self.installed[name] = version
            if "podman" in self.installed:
                self.unit_files |= {"podman.socket", "podman.service", "podman-restart.service"}
                self.enabled |= {"podman-restart.service"}
                self.files["/etc/containers/registries.conf.d/shortnames.conf"] = b"[aliases]\n"
            if {"docker.io", "docker-ce"} & set(self.installed):
                self.unit_files |= {"docker.socket", "docker.service", "containerd.service"}
        if "remove" in argv:
            for name in argv[argv.index("remove") + 2 :]:
                self.installed.pop(name, None)
        return (0, "", "")

    def _mark(self, text: t.Optional[str]) -> tuple[int, str, str]:
        for line in (text or "").splitlines():
            name, selection = line.split()
            self.held = self.held | {name} if selection == "hold" else self.held - {name}
        return (0, "", "")

    def _systemctl(self, argv: tuple[str, ...]) -> tuple[int, str, str]:
        argv = tuple(word for word in argv if word != "--no-reload")
        verb, names = argv[1], set(argv[2:])
        if verb == "show":
            return (0, "\n\n".join(self._show(name) for name in argv[3:]) + "\n", "")
        if verb == "list-unit-files":
            return (0, "".join(f"{name} disabled disabled\n" for name in sorted(names & self.unit_files)), "")
        if verb == "start" and names & self.unstartable:
            return (1, "", "Job failed.\n")
        if verb in ("enable", "disable"):
            self.enabled = self.enabled | names if verb == "enable" else self.enabled - names
        if verb in ("start", "stop"):
            self.active = self.active | names if verb == "start" else self.active - names
        return (0, "", "")

    def _show(self, name: str) -> str:
        there = name in self.unit_files
        values = {
            "Id": name,
            "LoadState": "loaded" if there else "not-found",
            "ActiveState": "active" if name in self.active else "inactive",
            "UnitFileState": ("enabled" if name in self.enabled else "disabled") if there else "",
            "NeedDaemonReload": "no",
        }
        return "\n".join(f"{key}={value}" for key, value in values.items())

    def changes(self) -> list[tuple[str, ...]]:
        """The commands that change something."""
        reads = ("show", "list-unit-files", "policy")
        return [argv for argv in self.ran if argv[0] != "dpkg-query" and argv[1] not in reads]


def run(machine: Machine, check_mode: bool = False, **options: t.Any) -> t.Any:
    return EngineHost(machine, {"distributions": TABLES, "hold": True, **options}, check_mode).run()
