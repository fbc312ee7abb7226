# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file tree all light hosts share: a small Debian with an SSH server, made once and kept in the user's cache."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

VERSION = 1
"""Of what is done to the tree below; a new one makes a new tree."""

SUITE = "bookworm"
PACKAGES = (
    "auditd",
    "ca-certificates",
    "cron",
    "iproute2",
    "libpam-pwquality",
    "nftables",
    "openssh-server",
    "procps",
    "python3",
    "python3-apt",
    "sudo",
    "systemd",
    "udev",
)
USER = "manager"
TOOLS = {
    "mmdebstrap": "mmdebstrap",
    "ssh-keygen": "openssh-client",
    "ip": "iproute2",
    "unshare": "util-linux",
    "setpriv": "util-linux",
}


def install_tools() -> None:
    """Install the programs the benchmarks need, asking nothing. Raises SystemExit when that can't be done."""
    missing = sorted({package for program, package in TOOLS.items() if shutil.which(program) is None})
    if not missing:
        return
    if shutil.which("apt-get") is None:
        raise SystemExit(f"Install {', '.join(missing)} with your distribution's package manager and run again.")
    print(f"Installing {', '.join(missing)} with apt-get", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-q"], check=True, env=environment, stdout=subprocess.DEVNULL)
    install = ["apt-get", "install", "-q", "-y", "--no-install-recommends", *missing]
    subprocess.run(install, check=True, env=environment, stdout=subprocess.DEVNULL)


def cache_folder() -> Path:
    """Where the trees are kept: one folder for each way of making one, so that a change makes a new one."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    recipe = repr((VERSION, SUITE, PACKAGES, USER))
    return base / "container-host" / "bench" / hashlib.sha256(recipe.encode()).hexdigest()[:12]


def prepare() -> Path:
    """The folder with ``root`` (the tree), ``id_ed25519`` (the key its user lets in) and ``known_hosts``."""
    folder = cache_folder()
    if (folder / "ready").exists():
        return folder
    install_tools()
    shutil.rmtree(folder, ignore_errors=True)
    root = folder / "root"
    root.mkdir(parents=True)
    print(f"Making the light hosts' file tree in {folder} (once; a minute or two)", flush=True)
    log = folder / "mmdebstrap.log"
    with log.open("wb") as stream:
        argv = ["mmdebstrap", "--variant=minbase", "--mode=root", f"--include={','.join(PACKAGES)}", SUITE, str(root)]
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, check=False)
    if done.returncode != 0:
        raise SystemExit(f"mmdebstrap failed; see {log}")
    _furnish(folder, root)
    (folder / "ready").touch()
    return folder


def _furnish(folder: Path, root: Path) -> None:
    """Add what makes the tree a host one can log in to: a user with a key and sudo, host keys, folders."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "id_ed25519")], check=True)
    subprocess.run(["chroot", str(root), "useradd", "--create-home", "--shell", "/bin/sh", USER], check=True)
    home = root / "home" / USER
    (home / ".ssh").mkdir(mode=0o700)
    shutil.copy(folder / "id_ed25519.pub", home / ".ssh" / "authorized_keys")
    subprocess.run(["chroot", str(root), "chown", "-R", f"{USER}:{USER}", f"/home/{USER}"], check=True)
    rule = root / "etc" / "sudoers.d" / USER
    rule.write_text(f"{USER} ALL=(ALL) NOPASSWD: ALL\n")
    rule.chmod(0o440)
    host_key = (root / "etc/ssh/ssh_host_ed25519_key.pub").read_text().split()
    (folder / "known_hosts").write_text(f"* {host_key[0]} {host_key[1]}\n")
    (root / "etc" / "resolv.conf").write_text("")
    (root / ".sys").mkdir()
    shutil.rmtree(root / "var" / "lib" / "apt" / "lists", ignore_errors=True)
