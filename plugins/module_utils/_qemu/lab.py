# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""A lab: several local virtual machines in one directory, observed and changed."""

from __future__ import annotations

import json
import re
import signal
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._qemu import host as _host
from ansible_collections.anycloud.container_host.plugins.module_utils._qemu.firmware import UEFI, firmware_files
from ansible_collections.anycloud.container_host.plugins.module_utils._qemu.monitor import Monitor
from ansible_collections.anycloud.container_host.plugins.module_utils._qemu.plan import LabPlan, ObservedHost

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

# sockaddr_un(7) has room for 107 characters, and the monitor's socket lies below the lab's directory
MAX_SOCKET_PATH = 107
FIRST_PORT = 42200
CLOUD_INIT_OFF = "/etc/cloud/cloud-init.disabled"
FIRST_BOOT = f"cloud-init status --wait --long && {{ test -e {CLOUD_INIT_OFF} || sudo -n touch {CLOUD_INIT_OFF}; }}"
"""Waits for the first boot, then switches cloud-init off: half of each later boot's time, for nothing."""


def _state_path(folder: str) -> str:
    return f"{folder}/host.json"


def running_pid(io: HostIO, folder: str) -> int | None:
    """The process id of the host's QEMU, when it really is alive and really this host's."""
    text = io.read_text(f"{folder}/pid")
    if text is None or not text.strip().isdigit():
        return None
    pid = int(text)
    command = io.read_text(f"/proc/{pid}/cmdline") or ""
    return pid if f"{folder}/disk.qcow2" in command else None


def _link_of(io: HostIO, folder: str) -> str:
    # what was set last; the monitor has no question for it that all versions answer
    return (io.read_text(f"{folder}/link") or "up").strip()


def observe(io: HostIO, directory: str) -> dict[str, ObservedHost]:
    """Every host of the lab, by name. Half-made ones (no host.json) are not hosts."""
    found: dict[str, ObservedHost] = {}
    for name in io.list_directory(f"{directory}/hosts"):
        folder = f"{directory}/hosts/{name}"
        text = io.read_text(_state_path(folder))
        if text is None:
            continue
        state = json.loads(text)
        ports = {int(port): int(local) for port, local in state["forwarded_ports"].items()}
        found[name] = ObservedHost(
            name=name,
            power="on" if running_pid(io, folder) else "off",
            link=_link_of(io, folder),
            shape={"firmware": UEFI, **state["shape"]},
            place=_host.HostPlace(folder, state["ssh_port"], ports, state["address"], state["mac_suffix"]),
            variables=state["variables"],
        )
    return found


class Lab:
    """Carries out a plan in one directory."""

    def __init__(self, io: HostIO, directory: str, name: str, user: str, accelerator: str, program: str) -> None:
        self.io, self.directory, self.name, self.user = io, directory, name, user
        self.accelerator, self.program = accelerator, program

    def check_directory(self, specs: t.Sequence[_host.HostSpec]) -> None:
        """Raises HostError when the lab's directory is too deep for a socket."""
        for spec in specs:
            path = f"{self.directory}/hosts/{spec.name}/monitor.sock"
            if len(path) > MAX_SOCKET_PATH:
                raise HostError(
                    f"{self.directory}: too long a path for a Unix socket ({len(path)} of {MAX_SOCKET_PATH} "
                    "characters); choose a shorter provision_lab_directory"
                )

    def check_firmware(self, specs: t.Sequence[_host.HostSpec]) -> None:
        """Raises HostError when firmware that a host shall have is not on this machine."""
        wanted = {path: spec for spec in specs for path in firmware_files(spec.firmware)}
        for path, spec in wanted.items():
            if not self.io.exists(path):
                raise HostError(
                    f"host {spec.name}: firmware {spec.firmware} needs {path}, which is not there; install the package "
                    "ovmf (2022.11 or newer)"
                )

    def apply(self, plan: LabPlan, specs: t.Mapping[str, _host.HostSpec]) -> None:
        """Do every step. Raises HostError at the first that fails; what was done stays and is found next time."""
        for step in plan.steps:
            getattr(self, f"_{step.action}")(step.name, specs.get(step.name))

    def _folder(self, name: str) -> str:
        return f"{self.directory}/hosts/{name}"

    def _place(self, name: str) -> _host.HostPlace:
        return observe(self.io, self.directory)[name].place

    def _free_port(self, taken: set[int]) -> int:
        for port in range(FIRST_PORT, FIRST_PORT + 4000):
            if port not in taken and self.io.local_port_is_free(port):
                taken.add(port)
                return port
        raise HostError("no free TCP port on the loopback address; close some listeners")

    def _write_state(self, folder: str, spec: _host.HostSpec, place: _host.HostPlace) -> None:
        state = {
            "shape": spec.shape,
            "variables": dict(spec.variables),
            "ssh_port": place.ssh_port,
            "forwarded_ports": {str(port): local for port, local in place.forwarded_ports.items()},
            "address": place.address,
            "mac_suffix": place.mac_suffix,
        }
        self.io.write_atomic(_state_path(folder), json.dumps(state, indent=1, sort_keys=True) + "\n")

    def _key(self, path: str, comment: str) -> None:
        if not self.io.exists(path):
            self.io.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path], check=True)

    def _make(self, name: str, spec: _host.HostSpec) -> None:
        io = self.io
        io.make_directory(f"{self.directory}/hosts", 0o700)
        self._key(f"{self.directory}/id_ed25519", f"lab-{self.name}")
        # made under another name and renamed when whole, so that a half-made host is never taken for one
        new = f"{self.directory}/hosts/.{name}.new"
        io.remove_tree(new)
        io.make_directory(new, 0o700)
        others = observe(io, self.directory)
        taken = {place.ssh_port for place in (other.place for other in others.values())}
        taken |= {local for other in others.values() for local in other.place.forwarded_ports.values()}
        addresses = {other.place.address for other in others.values()}
        address = next(a for a in (_host.lab_address(index) for index in range(240)) if a not in addresses)
        place = _host.HostPlace(
            folder=self._folder(name),
            ssh_port=self._free_port(taken),
            forwarded_ports={port: self._free_port(taken) for port in spec.forward_ports},
            address=address,
            mac_suffix=_host.mac_suffix(self.name, name),
        )
        self._key(f"{new}/ssh_host_ed25519_key", name)
        public_key = io.read_text(f"{self.directory}/id_ed25519.pub") or ""
        host_key = io.read_text(f"{new}/ssh_host_ed25519_key") or ""
        host_public_key = io.read_text(f"{new}/ssh_host_ed25519_key.pub") or ""
        io.write_atomic(
            f"{new}/user-data", _host.user_data(self.user, public_key, host_key, host_public_key), mode=0o600
        )
        io.write_atomic(f"{new}/meta-data", _host.meta_data(self.name, spec))
        io.write_atomic(f"{new}/network-config", _host.network_config(place))
        seed = f"{new}/seed.img"
        io.run(["mformat", "-C", "-i", seed, "-v", "CIDATA", "-T", "2048", "::"], check=True)
        texts = [f"{new}/{text}" for text in ("user-data", "meta-data", "network-config")]
        io.run(["mcopy", "-i", seed, *texts, "::"], check=True)
        create = ["qemu-img", "create", "-q", "-f", "qcow2", "-b", spec.image, "-F", "qcow2"]
        io.run([*create, f"{new}/disk.qcow2", f"{spec.disk_gib}G"], check=True)
        for path in firmware_files(spec.firmware)[1:]:
            variables = f"{new}/firmware_variables.qcow2"
            io.run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", path, variables], check=True)
        self._write_state(new, spec, place)
        io.remove_tree(self._folder(name))
        io.rename(new, self._folder(name))
        self._write_known_hosts()

    def _write_known_hosts(self) -> None:
        lines = []
        for name, found in observe(self.io, self.directory).items():
            key = (self.io.read_text(f"{self._folder(name)}/ssh_host_ed25519_key.pub") or "").split()[:2]
            lines.append(f"[127.0.0.1]:{found.place.ssh_port} {' '.join(key)}\n")
            lines.append(f"{found.place.address} {' '.join(key)}\n")
        self.io.write_atomic(f"{self.directory}/known_hosts", "".join(lines))

    def _remember(self, name: str, spec: _host.HostSpec) -> None:
        was = self._place(name)
        taken = set(was.forwarded_ports.values()) | {was.ssh_port}
        ports = {port: was.forwarded_ports.get(port) or self._free_port(taken) for port in spec.forward_ports}
        place = _host.HostPlace(was.folder, was.ssh_port, ports, was.address, was.mac_suffix)
        self._write_state(was.folder, spec, place)
        self.io.write_atomic(f"{was.folder}/link", f"{spec.link}\n")

    def _start(self, name: str, spec: _host.HostSpec, load_snapshot: str | None = None) -> None:
        place = self._place(name)
        for port in (place.ssh_port, *place.forwarded_ports.values()):
            if not self.io.local_port_is_free(port):
                raise HostError(
                    f"host {name} can't start: port {port} of the loopback address is taken; "
                    "end what listens there or remove the host"
                )
        argv = _host.qemu_command(self.program, self.name, spec, place, self.accelerator)
        if load_snapshot is not None:
            argv += ["-loadvm", load_snapshot]
        self.io.run(argv, check=True, timeout_seconds=120, env=_host.QEMU_ENVIRONMENT)
        if spec.link == "down" or _link_of(self.io, place.folder) != spec.link:
            self._link(name, spec)

    def _link(self, name: str, spec: _host.HostSpec) -> None:
        folder = self._folder(name)
        with Monitor(self.io, f"{folder}/monitor.sock") as monitor:
            for card in ("uplink", "lab"):
                monitor.execute("set_link", name=card, up=spec.link == "up")
        self.io.write_atomic(f"{folder}/link", f"{spec.link}\n")

    def _stop(self, name: str, _spec: _host.HostSpec | None, patience_seconds: float = 90) -> None:
        folder = self._folder(name)
        with Monitor(self.io, f"{folder}/monitor.sock") as monitor:
            monitor.execute("system_powerdown")
        deadline = self.io.monotonic() + patience_seconds
        while running_pid(self.io, folder) and self.io.monotonic() < deadline:
            self.io.sleep(0.5)
        if running_pid(self.io, folder):
            raise HostError(f"host {name} did not shut down within {patience_seconds:g} s; use power: cut")

    def _cut(self, name: str, _spec: _host.HostSpec | None) -> None:
        folder = self._folder(name)
        pid = running_pid(self.io, folder)
        if pid is None:
            return
        self.io.signal(pid, signal.SIGKILL)
        deadline = self.io.monotonic() + 10
        while running_pid(self.io, folder) and self.io.monotonic() < deadline:
            self.io.sleep(0.05)

    def _remove(self, name: str, spec: _host.HostSpec | None) -> None:
        self._cut(name, spec)
        self.io.remove_tree(self._folder(name))
        if observe(self.io, self.directory):
            self._write_known_hosts()

    def _ssh(self, place: _host.HostPlace) -> list[str]:
        options = [
            "BatchMode=yes",
            "ConnectTimeout=10",
            "StrictHostKeyChecking=yes",
            f"UserKnownHostsFile={self.directory}/known_hosts",
        ]
        argv = ["ssh", "-F", "/dev/null", "-i", f"{self.directory}/id_ed25519", "-p", str(place.ssh_port)]
        for option in options:
            argv += ["-o", option]
        return [*argv, f"{self.user}@127.0.0.1"]

    def wait_for_ssh(self, name: str, timeout_seconds: float) -> None:
        """Wait until cloud-init says the first boot is done. Raises HostError with the console's last lines."""
        place = self._place(name)
        deadline = self.io.monotonic() + timeout_seconds
        last = ""
        while self.io.monotonic() < deadline:
            if running_pid(self.io, place.folder) is None:
                raise HostError(f"host {name}: its virtual machine ended; console: {self._console_end(place.folder)}")
            done = self.io.run(
                [*self._ssh(place), FIRST_BOOT],
                timeout_seconds=max(5.0, deadline - self.io.monotonic()),
            )
            if "status: done" in done.stdout or "status: disabled" in done.stdout:
                return
            if "status: error" in done.stdout:
                raise HostError(f"host {name}: cloud-init failed at first boot: {done.stdout.strip()}")
            last = done.stderr.strip() or done.stdout.strip()
            self.io.sleep(1)
        raise HostError(
            f"host {name} did not finish its first boot within {timeout_seconds:g} s: {last}; "
            f"console: {self._console_end(place.folder)}"
        )

    def _console_end(self, folder: str) -> str:
        text = re.sub(r"\x1b\[[0-9;?!]*[a-zA-Z]", "", self.io.read_text(f"{folder}/console.log") or "")
        return " | ".join(line.strip() for line in text.splitlines()[-6:] if line.strip()) or "nothing"

    def snapshots(self, name: str) -> list[str]:
        """The names of the host's snapshots."""
        done = self.io.run(["qemu-img", "snapshot", "-l", "-U", f"{self._folder(name)}/disk.qcow2"], check=True)
        return [line.split()[1] for line in done.stdout.splitlines()[2:] if len(line.split()) > 2]

    def take_snapshot(self, name: str, snapshot: str) -> None:
        """Keep disk and memory of a running host under a name, replacing an older one of that name."""
        with Monitor(self.io, f"{self._folder(name)}/monitor.sock", 300) as monitor:
            monitor.human(f"savevm {snapshot}")

    def restore_snapshot(self, name: str, snapshot: str) -> None:
        """Bring a host back to a snapshot, in place when it runs, otherwise by starting it there."""
        folder = self._folder(name)
        if running_pid(self.io, folder):
            with Monitor(self.io, f"{folder}/monitor.sock", 300) as monitor:
                monitor.human(f"loadvm {snapshot}")
            return
        found = observe(self.io, self.directory)[name]
        shape = found.shape
        spec = _host.HostSpec(
            name=name,
            image=shape["image"],
            cpus=shape["cpus"],
            memory_mib=shape["memory_mib"],
            forward_ports=tuple(shape["forward_ports"]),
            firmware=shape["firmware"],
        )
        self._start(name, spec, load_snapshot=snapshot)

    def remove_snapshot(self, name: str, snapshot: str) -> None:
        """Forget a snapshot."""
        folder = self._folder(name)
        if running_pid(self.io, folder):
            with Monitor(self.io, f"{folder}/monitor.sock", 300) as monitor:
                monitor.human(f"delvm {snapshot}")
            return
        self.io.run(["qemu-img", "snapshot", "-d", snapshot, f"{folder}/disk.qcow2"], check=True)
