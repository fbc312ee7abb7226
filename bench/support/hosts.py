# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Light hosts: an SSH server each, in namespaces of its own, over one shared file tree that none of them changes.

A host has its own /etc (an overlay in memory), its own network address, its own processes and its own stand-in for
/proc/sys: plain files with this machine's values, so that setting one sets nothing real. It lacks the capabilities
that reach beyond namespaces (modules, clock, audit, raw memory, restart). It has no running systemd.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

from support.namespaces import WORLD, run
from support.tree import USER

NETWORK = "198.18"
"""RFC 2544 sets 198.18.0.0/15 aside for benchmarks."""

MAXIMUM = 1000
"""Ports a Linux bridge can have, less a few."""

LOST = ("sys_module", "sys_time", "sys_boot", "sys_rawio", "audit_control", "mac_admin", "mac_override", "syslog")

START = """
set -e
cd {home}
mkdir upper work root
mount -t overlay overlay -o lowerdir={layers},upperdir=upper,workdir=work root
mount -t proc proc root/proc
mount --bind root/.sys root/proc/sys
mount -t sysfs -o ro sys root/sys
mount -t tmpfs tmpfs root/run
mkdir root/run/sshd
hostname {name}
echo 127.0.1.1 {name} >> root/etc/hosts
exec setpriv --bounding-set {lost} chroot root /usr/sbin/sshd -D
"""


@dataclass(frozen=True)
class Host:
    """One light host. interface: its end of the wire on the control node's side."""

    name: str
    address: str
    interface: str


class LightHosts:
    """As many hosts as asked for, more on demand. They end with the benchmark."""

    def __init__(self, folder: Path, keys: t.Iterable[str]) -> None:
        """folder: what support.tree made. keys: kernel parameters that shall be there, have them or not."""
        self.folder = folder
        self.hosts: list[Host] = []
        self._started: list[subprocess.Popen[bytes]] = []
        self.stand_in = WORLD / "stand_in"
        self._layers = [self.stand_in, folder / "root"]
        make_stand_in(self.stand_in / ".sys", keys)
        run("ip", "link", "add", "bench", "type", "bridge")
        run("ip", "address", "add", f"{NETWORK}.0.1/16", "dev", "bench")
        run("ip", "link", "set", "bench", "up")

    def at_least(self, count: int) -> list[Host]:
        """The first ``count`` hosts, started if need be, all of them answering."""
        if count > MAXIMUM:
            raise SystemExit(f"{count} light hosts are too many for one bridge: {MAXIMUM} at most")
        new = [self._place(number) for number in range(len(self.hosts) + 1, count + 1)]
        wires = []
        for host in new:
            run("ip", "netns", "add", host.name)
            wires.append(f"link add {host.interface} type veth peer name eth0 netns {host.name}")
            wires.append(f"link set {host.interface} master bench up")
        run("ip", "-batch", "-", input_text="\n".join(wires))
        for host in new:
            inside = f"link set lo up\naddress add {host.address}/16 dev eth0\nlink set eth0 up\n"
            run("ip", "-n", host.name, "-batch", "-", input_text=inside)
            self._start(host)
        for host in new:
            wait_for(host.address)
        self.hosts += new
        return self.hosts[:count]

    @staticmethod
    def _place(number: int) -> Host:
        high, low = divmod(number, 250)
        return Host(f"host{number:04d}", f"{NETWORK}.{high + 1}.{low + 1}", f"wire{number:04d}")

    def _start(self, host: Host) -> None:
        home = WORLD / "hosts" / host.name
        home.mkdir(parents=True)
        script = START.format(
            home=home,
            layers=":".join(map(str, self._layers)),
            name=host.name,
            lost=",".join(f"-{name}" for name in LOST),
        )
        unshare = ["unshare", "--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child", "sh", "-c", script]
        argv = ["nsenter", f"--net=/run/netns/{host.name}", *unshare]
        with (home / "log").open("wb") as log:
            self._started.append(subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    def start_like(self, host: Host) -> None:
        """Have all further hosts start as this one is now."""
        layer = WORLD / f"like_{host.name}"
        run("cp", "-a", str(WORLD / "hosts" / host.name / "upper"), str(layer))
        self._layers.insert(0, layer)

    def command(self, host: Host, *argv: str) -> list[str]:
        """The command that runs another one inside a host, as root, without SSH."""
        return ["nsenter", f"--target={self._first_process(host)}", "--all", "--root", "--wd", *argv]

    def _first_process(self, host: Host) -> str:
        """The host's SSH server, which is its process 1, as numbered outside."""
        outside = self._started[self.hosts.index(host)].pid
        return Path(f"/proc/{outside}/task/{outside}/children").read_text().split()[0]

    def file(self, host: Host, path: str) -> Path:
        """A file of a host, seen from outside."""
        return Path(f"/proc/{self._first_process(host)}/root{path}")

    def cpu_seconds(self, hosts: t.Iterable[Host]) -> float:
        """What these hosts have used so far: their first processes with all they have waited for (proc(5), stat)."""
        ticks = 0
        for host in hosts:
            fields = Path(f"/proc/{self._first_process(host)}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(int(field) for field in fields[11:15])
        return ticks / os.sysconf("SC_CLK_TCK")

    def inventory(self, hosts: t.Sequence[Host], port: int = 22, address: str = "") -> Path:
        """An inventory of some hosts; with a port and an address, of whatever passes on to the only one."""
        common = f"-o UserKnownHostsFile={self.folder}/known_hosts"
        document = {
            "all": {
                "hosts": {host.name: {"ansible_host": address or host.address} for host in hosts},
                "vars": {
                    "ansible_user": USER,
                    "ansible_port": port,
                    "ansible_ssh_private_key_file": str(self.folder / "id_ed25519"),
                    "ansible_ssh_common_args": common,
                    "ansible_python_interpreter": "/usr/bin/python3",
                },
            }
        }
        path = WORLD / f"inventory-{len(hosts)}-{port}.json"
        path.write_text(json.dumps(document))
        return path


def wait_for(address: str, port: int = 22, seconds: float = 60) -> None:
    """Wait until a port answers. Raises SystemExit."""
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection((address, port), timeout=2).close()
        except OSError as error:
            if time.monotonic() > end:
                raise SystemExit(f"{address} port {port} does not answer: {error}; see {WORLD}/hosts") from error
            time.sleep(0.1)
        else:
            return


def make_stand_in(folder: Path, keys: t.Iterable[str]) -> None:
    """Copy what can be read under /proc/sys, and add the keys this kernel lacks with the value 0."""
    source = Path("/proc/sys")
    for path in source.rglob("*"):
        if path.is_dir():
            continue
        target = folder / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            target.write_bytes(path.read_bytes())
        except OSError:
            # Some only take values; nothing reads those.
            continue
    for key in keys:
        target = folder / key
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("0\n")


def make_modules_built_in(tree: Path, names: t.Iterable[str]) -> None:
    """Say that this kernel has these modules built in: a light host can neither load them nor needs to."""
    folder = tree / "usr" / "lib" / "modules" / os.uname().release
    folder.mkdir(parents=True)
    (folder / "modules.builtin").write_text("".join(f"kernel/{name}.ko\n" for name in names))


def bytes_over(hosts: t.Iterable[Host]) -> tuple[int, int]:
    """Bytes sent to and received from these hosts so far, as their wires count them (Ethernet frames)."""
    sent = received = 0
    for host in hosts:
        counters = Path(f"/sys/class/net/{host.interface}/statistics")
        sent += int((counters / "tx_bytes").read_text())
        received += int((counters / "rx_bytes").read_text())
    return sent, received
