# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""A host with slices: systemctl reads the drop-ins as systemd does, and the kernel's files follow."""

from __future__ import annotations

import typing as t

from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.intent import cgroup_path
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.unit import FOLDER

ROOT = "/sys/fs/cgroup"
DEFAULTS = {
    "cpu.weight": "100", "cpu.max": "max 100000", "memory.min": "0", "memory.low": "0", "memory.high": "max",
    "memory.max": "max", "memory.swap.max": "max", "pids.max": "max", "io.max": "", "cgroup.events": "populated 0",
    "memory.current": "4096", "pids.current": "1", "cpu.stat": "usage_usec 1500000", "memory.events": "oom_kill 0",
    "cpu.pressure": "some avg10=0.00 avg60=0.00 avg300=0.00 total=5", "cgroup.controllers": "cpu io memory pids",
}  # fmt: skip
MEMORY = {
    "MemoryMin": "memory.min", "MemoryLow": "memory.low", "MemoryHigh": "memory.high", "MemoryMax": "memory.max",
    "MemorySwapMax": "memory.swap.max",
}  # fmt: skip
IO_KEYS = {
    "IOReadBandwidthMax": "rbps",
    "IOWriteBandwidthMax": "wbps",
    "IOReadIOPSMax": "riops",
    "IOWriteIOPSMax": "wiops",
}


class Machine(FakeHostIO):
    """A Debian host with 2 processors, 2 GiB and a running Docker; ``deaf``: slices whose limits systemd loses."""

    def __init__(self) -> None:
        super().__init__(
            files={
                "/proc/self/status": "Uid:\t0\t0\t0\t0\n",
                "/proc/meminfo": "MemTotal:        2097152 kB\nSwapTotal:             0 kB\n",
                "/proc/stat": "cpu  1 2\ncpu0 1 2\ncpu1 1 2\n",
                "/proc/sys/kernel/pid_max": "32768\n",
                f"{ROOT}/cgroup.controllers": "cpuset cpu io memory pids\n",
                "/sys/class/block/vda/dev": "254:0\n",
            },
            directories=["/run/systemd/system"],
            commands={("systemctl",): self._systemctl},
        )
        self.slice_of = {"docker.service": "system.slice", "containerd.service": "system.slice"}
        self.unread = False
        self.deaf: set[str] = set()
        self._start("system.slice")
        for unit, above in self.slice_of.items():
            self._run_in(above, unit)

    def _run_in(self, above: str, unit: str) -> None:
        """A service's own control group, in the slice it runs in."""
        for path in [path for path in self.files if path.endswith(f".slice/{unit}/cgroup.events")]:
            del self.files[path]
        self.files[f"{ROOT}/{cgroup_path(above)}/{unit}/cgroup.events"] = b"populated 1\n"
        self.slice_of[unit] = above

    def _start(self, unit: str) -> None:
        for name, value in DEFAULTS.items():
            self.files.setdefault(f"{ROOT}/{cgroup_path(unit)}/{name}", f"{value}\n".encode())
        self._realize(unit)

    def _active(self, unit: str) -> bool:
        return f"{ROOT}/{cgroup_path(unit)}/cgroup.events" in self.files

    def _set(self, unit: str, name: str, value: str) -> None:
        self.files[f"{ROOT}/{cgroup_path(unit)}/{name}"] = f"{value}\n".encode()

    def _lines(self, unit: str) -> list[str]:
        text = self.read_text(f"{FOLDER}/{unit}.d/60-container-host-cgroups.conf") or ""
        return [line for line in text.splitlines() if "=" in line and not line.startswith("#")]

    def _realize(self, unit: str) -> None:
        if unit in self.deaf:
            return
        for name in ("cpu.weight", "cpu.max", "pids.max", *MEMORY.values()):
            self._set(unit, name, DEFAULTS[name])
        devices: dict[str, str] = {}
        for key, _equals, value in (line.partition("=") for line in self._lines(unit)):
            if key == "CPUWeight":
                self._set(unit, "cpu.weight", value)
            elif key == "CPUQuota":
                self._set(unit, "cpu.max", f"{int(value[:-1]) * 1000} 100000")
            elif key == "TasksMax":
                self._set(unit, "pids.max", value)
            elif key in MEMORY:
                self._set(unit, MEMORY[key], str(int(value[:-1]) * 1024 * 1024))
            elif key in IO_KEYS:
                devices[IO_KEYS[key]] = value.split()[1]
        if devices:
            values = " ".join(f"{key}={devices.get(key, 'max')}" for key in IO_KEYS.values())
            self._set(unit, "io.max", f"254:0 {values}")

    def _systemctl(self, argv: tuple[str, ...], _input: t.Optional[str]) -> tuple[int, str, str]:
        verb, *units = [word for word in argv[1:] if not word.startswith("--")]
        if verb == "show":
            return 0, "\n\n".join(map(self._show, units)) + "\n", ""
        if verb == "daemon-reload":
            self.unread = False
            for path in list(self.files):
                if path.endswith(".slice/cgroup.events"):
                    self._realize(path.split("/")[-2])
        for unit in units:
            if verb == "start":
                self._start(unit)
            elif verb == "stop":
                self.remove_tree(f"{ROOT}/{cgroup_path(unit)}")
            elif verb == "restart":
                slices = [line.partition("=")[2] for line in self._lines(unit) if line.startswith("Slice=")]
                self._run_in(slices[0] if slices else "system.slice", unit)
        return 0, "", ""

    def _show(self, unit: str) -> str:
        if unit in self.slice_of:
            active, group = True, f"/{self.slice_of[unit]}/{unit}"
        else:
            active, group = unit.endswith(".slice") and self._active(unit), ""
        return "\n".join(
            [
                f"Id={unit}",
                "LoadState=loaded",
                f"ActiveState={'active' if active else 'inactive'}",
                f"NeedDaemonReload={'yes' if self.unread else 'no'}",
                f"ControlGroup={group}",
            ]
        )

    def changes(self) -> list[tuple[str, ...]]:
        """The commands that changed something."""
        return [argv for argv in self.ran if argv[1] != "show"]
