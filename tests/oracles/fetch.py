# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetch the newest package of OpenSCAP's content and unpack its data streams; nothing is installed.

fetch.py ORACLES.yml DIRECTORY
"""

from __future__ import annotations

import hashlib
import lzma
import shutil
import subprocess
import sys
import tempfile
import typing as t
import urllib.request
from pathlib import Path

import yaml

FOLDER = "usr/share/xml/scap/ssg/content"


def get(url: str) -> bytes:
    """What a web server answers."""
    with urllib.request.urlopen(url, timeout=120) as answer:
        return bytes(answer.read())


def find_package(index: str, name: str) -> dict[str, str]:
    """A package's fields in an index of a Debian archive (deb822). Raises SystemExit when it is not in it."""
    for paragraph in index.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in paragraph.splitlines() if ": " in line and line[0] != " ")
        if fields.get("Package") == name:
            return fields
    raise SystemExit(f"the index has no package {name}")


def main() -> int:
    """Fetch and unpack, unless the newest is there."""
    content: dict[str, t.Any] = yaml.safe_load(Path(sys.argv[1]).read_text(encoding="utf-8"))["content"]
    target = Path(sys.argv[2])
    url = f"{content['mirror']}/dists/{content['suite']}/main/binary-all/Packages.xz"
    fields = find_package(lzma.decompress(get(url)).decode(), content["package"])
    mark = target / "version"
    is_there = all((target / name).is_file() for name in content["data_streams"].values())
    if is_there and mark.is_file() and mark.read_text(encoding="utf-8") == fields["Version"]:
        return 0
    package = get(f"{content['mirror']}/{fields['Filename']}")
    if hashlib.sha256(package).hexdigest() != fields["SHA256"]:
        raise SystemExit(f"{fields['Filename']} is not what the index says; fetch it again")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "package.deb"
        file.write_bytes(package)
        subprocess.run(["dpkg-deb", "--extract", str(file), folder], check=True)
        for name in content["data_streams"].values():
            shutil.copy(Path(folder) / FOLDER / name, target / name)
    mark.write_text(fields["Version"], encoding="utf-8")
    print(f"unpacked {content['package']} {fields['Version']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
