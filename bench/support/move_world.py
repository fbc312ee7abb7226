# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A source and a target: an SSH server at the other end of a link, the move's own key, and the modules."""

from __future__ import annotations

import json
import pwd
import shutil
import subprocess
import sys
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

from support.hosts import wait_for
from support.namespaces import WORLD, run
from support.shaped_link import Loopback, ShapedLink

T = t.TypeVar("T")

MODULES = "ansible_collections.anycloud.container_host.plugins.modules"
TOOLS = {"rsync": "rsync", "/usr/sbin/sshd": "openssh-server", "ssh-keygen": "openssh-client", "setsid": "util-linux"}
PORT = 42022
MOVE = "bench"

SERVER = """
Port {port}
ListenAddress {address}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile {folder}/sshd.pid
StrictModes no
PermitRootLogin prohibit-password
"""


def check_tools() -> None:
    """Raises SystemExit naming every package that is missing."""
    missing = sorted({package for program, package in TOOLS.items() if shutil.which(program) is None})
    if missing:
        raise SystemExit(f"Install {', '.join(missing)} and run again.")


def module(name: str, **arguments: t.Any) -> dict[str, t.Any]:
    """Run a module of the collection as Ansible would. Raises SystemExit when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", f"{MODULES}.{name}"],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}),
        capture_output=True,
        text=True,
        check=False,
    )
    answer: dict[str, t.Any] = json.loads(done.stdout.strip().splitlines()[-1]) if done.stdout.strip() else {}
    if done.returncode or answer.get("failed"):
        raise SystemExit(f"{name}: {answer.get('msg') or done.stderr}")
    return answer


@dataclass(frozen=True)
class Sent:
    """What something took. wire_bytes: both ways, all headers included. payload_bytes: without those of TCP and IP."""

    seconds: float
    wire_bytes: int
    payload_bytes: int


def hide_shell_start_up(empty: Path) -> None:
    """Have the shells of SSH sessions read nothing of root's own first, in the benchmark's mounts only.

    What stands in there takes time, and may be cut off in the middle when the benchmark ends.
    """
    empty.touch()
    for name in (".bashrc", ".zshenv"):
        path = Path(pwd.getpwuid(0).pw_dir, name)
        if path.exists():
            run("mount", "--bind", str(empty), str(path))


class MoveWorld:
    """The two sides. source, target: where the modules keep the move's files on either. places: name of a volume -> its
    directory on either; ``more`` has some beside the volume ``data``.
    """

    def __init__(self, link: Loopback | ShapedLink, **more: tuple[Path, Path]) -> None:
        self.link = link
        self.folder = WORLD / "move"
        self.folder.mkdir()
        # Where the locks of moves are, whatever directory the modules are told: others on this machine have some, too.
        moves = Path("/var/lib/container-host/moves")
        moves.mkdir(parents=True, exist_ok=True)
        run("mount", "-t", "tmpfs", "-o", "mode=0700", "tmpfs", str(moves))
        self.source, self.target = str(self.folder / "source"), str(self.folder / "target")
        self.places = {"data": (self.folder / "volume", self.folder / "copy"), **more}
        self.volume, self.copy = self.places["data"]
        for path in self.places["data"]:
            path.mkdir()
        Path("/run/sshd").mkdir(exist_ok=True)
        hide_shell_start_up(self.folder / "nothing")
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{self.folder}/host_key")
        config = self.folder / "sshd_config"
        config.write_text(SERVER.format(port=PORT, address=link.address, folder=self.folder))
        run(*link.at_target("/usr/sbin/sshd", "-f", str(config), "-E", f"{self.folder}/sshd.log"))
        wait_for(link.address, PORT)
        self._open()

    def _open(self) -> None:
        """What the role does with move_key, and the key where this server looks for it."""
        here = {"move_id": MOVE, "directory": self.source, "side": "source"}
        key = module("move_key", **here)["public_key"]
        door = module(
            "move_key",
            move_id=MOVE,
            directory=self.target,
            side="target",
            public_key=key,
            volumes={name: str(copy) for name, (_volume, copy) in self.places.items()},
        )
        line = next(
            line for line in Path(door["authorized_keys"]).read_text().splitlines() if line.endswith(f":{MOVE}")
        )
        (self.folder / "authorized_keys").write_text(line + "\n")
        host_key = " ".join((self.folder / "host_key.pub").read_text().split()[:2])
        module("move_key", **here, address=self.link.address, port=PORT, host_keys=[host_key])

    def close(self) -> None:
        """Take the key away on both sides; the rest goes with the namespace."""
        module("move_key", move_id=MOVE, directory=self.source, side="source", state="absent")
        module("move_key", move_id=MOVE, directory=self.target, side="target", state="absent")

    def counted(self, action: t.Callable[[], T]) -> tuple[T, Sent]:
        """Do something; what it answers, and what it took."""
        before, started = self.link.sent(), time.monotonic()
        answer = action()
        seconds = time.monotonic() - started
        # The last acknowledgements are still under way.
        time.sleep(self.link.settle_seconds)
        wire, payload = (now - then for now, then in zip(self.link.sent(), before))
        return answer, Sent(seconds, wire, payload)

    def send(self, phase: str, name: str = "data", **more: t.Any) -> dict[str, t.Any]:
        """Send a volume; the module's answer."""
        volumes = [{"name": name, "path": str(self.places[name][0])}]
        return module(
            "move_volume", move_id=MOVE, directory=self.source, side="source", phase=phase, volumes=volumes, **more
        )

    def is_equal(self, name: str = "data") -> bool:
        """Whether the manifests agree."""
        volumes = [{"name": name, "path": str(self.places[name][1])}]
        return bool(
            module("move_volume_info", move_id=MOVE, directory=self.target, manifest="compare", volumes=volumes)[
                "equal"
            ]
        )
