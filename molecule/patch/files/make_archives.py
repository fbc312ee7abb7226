#!/usr/bin/python3
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make apt archives with small packages on the host itself, and have apt use them alone.

    make_archives.py FOLDER < WANTED

WANTED is a JSON document with versions (name: version) and packages (name: definition). A definition has archive (its
suite), and perhaps postinst (shell, to configure it) and service (true: it brings a program that runs as a service).
"""

from __future__ import annotations

import email.utils
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

APT = Path("/etc/apt")
UNIT = """\
[Unit]
Description=A program that {name} brings

[Service]
ExecStart=/usr/lib/{name}/busybox sleep 100000000
"""
# A new program counts for a service that runs only once somebody restarts it, which the package does not.
START = 'systemctl daemon-reload\n[ -n "$2" ] || systemctl start {name}.service\n'


def write(path: Path, content: str, mode: int = 0o644) -> None:
    """Write a file and make the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    path.chmod(mode)


def build(name: str, version: str, package: dict[str, t.Any], archive: Path) -> None:
    """Build one package into its archive."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        root.mkdir(mode=0o755)
        write(root / "usr/share" / name / "version", f"{version}\n")
        script = str(package.get("postinst", ""))
        if package.get("service"):
            units = root / "usr/lib/systemd/system"
            write(units / f"{name}.service", UNIT.format(name=name))
            (units / "multi-user.target.wants").mkdir()
            (units / "multi-user.target.wants" / f"{name}.service").symlink_to(f"../{name}.service")
            program = root / "usr/lib" / name / "busybox"
            program.parent.mkdir()
            shutil.copy(str(shutil.which("busybox")), program)
            script += START.format(name=name)
        fields = {
            "Package": name,
            "Version": version,
            "Architecture": "all",
            "Maintainer": "Nobody <nobody@localhost>",
            "Description": "a package to update",
        }
        write(root / "DEBIAN/control", "".join(f"{key}: {value}\n" for key, value in fields.items()))
        if script:
            write(root / "DEBIAN/postinst", f"#!/bin/sh\nset -e\n{script}", 0o755)
        target = archive / f"{name}_{version}_all.deb"
        argv = ["dpkg-deb", "--root-owner-group", "-Znone", "--build", str(root), str(target)]
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)


def index(archive: Path) -> None:
    """Write the archive's index, packed as archives have it, and its Release file with the digest of both."""
    stanzas = []
    for path in sorted(archive.glob("*.deb")):
        control = subprocess.run(["dpkg-deb", "--field", str(path)], check=True, capture_output=True, text=True).stdout
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        stanzas.append(f"{control.rstrip()}\nFilename: ./{path.name}\nSize: {len(content)}\nSHA256: {digest}\n")
    plain = "\n".join(stanzas).encode()
    packed = gzip.compress(plain, mtime=0)
    (archive / "Packages.gz").write_bytes(packed)
    lines = ["Origin: Scenario", "Label: Scenario", f"Suite: {archive.name}", "Architectures: all amd64"]
    lines += [f"Date: {email.utils.formatdate(usegmt=True)}", "SHA256:"]
    for name, content in (("Packages", plain), ("Packages.gz", packed)):
        lines.append(f" {hashlib.sha256(content).hexdigest()} {len(content)} {name}")
    write(archive / "Release", "\n".join(lines) + "\n")


def use_alone(folder: Path, archives: t.Sequence[Path]) -> None:
    """Put every other source of packages aside: what a distribution publishes today is not to be updated here."""
    own = APT / "sources.list.d/scenario.list"
    aside = folder / "aside"
    aside.mkdir(exist_ok=True)
    for pattern in ("sources.list", "sources.list.d/*.list", "sources.list.d/*.sources"):
        for path in APT.glob(pattern):
            if path != own:
                shutil.move(str(path), str(aside / path.name))
    write(own, "".join(f"deb [trusted=yes] file:{archive} ./\n" for archive in archives))


def main() -> int:
    """Make what the command line says of what the standard input says."""
    os.umask(0o022)  # apt reads archives as a user of its own, whatever a hardened host's umask
    folder = Path(sys.argv[1])
    shutil.rmtree(folder / "archives", ignore_errors=True)
    archives: dict[str, Path] = {}
    wanted = json.load(sys.stdin)
    for name, version in wanted["versions"].items():
        package = wanted["packages"][name]
        archive = archives.setdefault(package["archive"], folder / "archives" / package["archive"])
        archive.mkdir(parents=True, exist_ok=True)
        build(name, str(version), package, archive)
    for archive in archives.values():
        index(archive)
    use_alone(folder, list(archives.values()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
