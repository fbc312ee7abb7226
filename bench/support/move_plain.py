# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plain way to bring a volume and an image over the same link: rsync and docker save, through ssh(1)."""

from __future__ import annotations

import filecmp
import shlex
import shutil

from support.move_world import PORT, MoveWorld
from support.namespaces import run


class PlainWay:
    """What one does by hand. copy: where the volume goes to."""

    def __init__(self, world: MoveWorld) -> None:
        self.world = world
        self.copy = world.folder / "plain_copy"
        self.copy.mkdir()
        key = world.folder / "plain_key"
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key))
        with (world.folder / "authorized_keys").open("a") as keys:
            keys.write(key.with_suffix(".pub").read_text())
        known = world.folder / "plain_known_hosts"
        host_key = (world.folder / "host_key.pub").read_text()
        known.write_text(f"[{world.link.address}]:{PORT} {host_key}")
        options = ["BatchMode=yes", f"UserKnownHostsFile={known}", "IdentitiesOnly=yes"]
        self.ssh = ["ssh", "-F", "none", "-p", str(PORT), "-i", str(key)]
        self.ssh += [word for option in options for word in ("-o", option)]

    def send(self) -> None:
        """Send the volume, as it is now. Raises SystemExit."""
        source, target = f"{self.world.volume}/", f"root@{self.world.link.address}:{self.copy}/"
        run("rsync", "-a", "-e", shlex.join(self.ssh), source, target)

    def is_equal(self) -> bool:
        """Whether all files arrived."""
        names = [path.name for path in self.world.volume.iterdir()]
        _same, differing, failed = filecmp.cmpfiles(self.world.volume, self.copy, names, shallow=False)
        return not differing and not failed

    @staticmethod
    def has_engine_client() -> bool:
        """Whether docker(1) is there, which the plain way needs and the modules don't."""
        return shutil.which("docker") is not None

    def carry_image(self, reference: str, source_socket: str, target_socket: str) -> None:
        """Send a whole image from one engine to the other. Raises SystemExit."""
        load = shlex.join(["docker", "--host", f"unix://{target_socket}", "load"])
        there = shlex.join([*self.ssh, f"root@{self.world.link.address}", f"gunzip | {load}"])
        save = shlex.join(["docker", "--host", f"unix://{source_socket}", "save", reference])
        run("bash", "-o", "pipefail", "-c", f"{save} | gzip | {there}")
