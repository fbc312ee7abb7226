# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is on a host after a move, seen with the engine's and the system's own tools, not with what is tested.

Runs as root with the host's own Python and imports the standard library only.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import typing as t

MOVES = "/var/lib/container-host/moves"
MARKER = "anycloud.container-host.move"
RECORD = re.compile(r"\[(\d+)\]\n")
Json = dict[str, t.Any]


def run(*argv: str, check: bool = True) -> str:
    """The output of a command. Raises RuntimeError with its last words."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(argv)}: {done.returncode}: {(done.stderr or done.stdout).strip()[-400:]}")
    return done.stdout


def read_text(path: str) -> str:
    """The text of a file; empty when it isn't there."""
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""


def journals(project: str) -> list[Json]:
    """The journals of a workload's moves."""
    found = []
    for path in sorted(glob.glob(f"{MOVES}/*.json")):
        text = read_text(path)
        document = json.loads(text) if text else {}
        if document.get("project") == project:
            found.append(document)
    return found


def engine() -> str:
    """The engine's command, which takes the same words for what is asked here."""
    return "podman" if shutil.which("podman") else "docker"


def mountpoint(volume: str) -> str:
    """The directory of a volume; empty when there is none."""
    said = run(engine(), "volume", "inspect", "--format", "{{.Mountpoint}}", volume, check=False).strip()
    return said if said.startswith("/") else ""


def containers(project: str) -> list[Json]:
    """The workload's containers."""
    found = []
    for name in run(engine(), "ps", "--all", "--format", "{{.Names}}").split():
        if name.startswith(f"{project}-"):
            shown = json.loads(run(engine(), "inspect", name))[0]
            policy = ((shown.get("HostConfig") or {}).get("RestartPolicy") or {}).get("Name") or "no"
            found.append({"name": name, "running": bool(shown["State"]["Running"]), "restart": policy})
    return found


def comes_back(project: str, found: t.Sequence[Json]) -> bool:
    """Whether a boot would start the workload: by Docker's policies, or by a unit for Podman."""
    if engine() == "docker":
        return any(container["restart"] not in ("", "no") for container in found)
    return bool(glob.glob(f"/etc/systemd/system/*.wants/*@{project}.service"))


def records(path: str) -> Json:
    """The numbers in the file of records, in its order, and whether the large file is as it was made."""
    text = read_text(f"{path}/records")
    digest = hashlib.sha256()
    if os.path.exists(f"{path}/ballast"):
        with open(f"{path}/ballast", "rb") as stream:
            for piece in iter(lambda: stream.read(1 << 20), b""):
                digest.update(piece)
    whole = digest.hexdigest() == read_text(f"{path}/ballast.sha256").strip()
    torn = [line for line in RECORD.sub("", text).splitlines() if line]
    return {"numbers": [int(number) for number in RECORD.findall(text)], "torn": torn, "ballast_whole": whole}


def left_behind() -> list[str]:
    """Files and folders of moves that should be gone with them; journals and locks stay."""
    found = [
        path for path in glob.glob(f"{MOVES}/*") + glob.glob(f"{MOVES}/.*") if os.path.basename(path) not in (".", "..")
    ]
    found = [path for path in found if not (os.path.isfile(path) and re.search(r"/[^./][^/]*\.(json|lock)$", path))]
    return sorted(found + glob.glob("/run/container-host-move-*") + glob.glob("/etc/sudoers.d/container-host-move-*"))


def keys() -> list[str]:
    """What moves' keys may still come in by."""
    places = [
        "/root/.ssh/authorized_keys",
        *glob.glob("/home/*/.ssh/authorized_keys*"),
        *glob.glob("/etc/ssh/authorized_keys*"),
    ]
    return [
        f"{path}: {line[line.index(MARKER) :]}"
        for path in places
        if os.path.isfile(path)
        for line in read_text(path).splitlines()
        if MARKER in line
    ]


def processes() -> list[str]:
    """Processes of moves that still run: copies, held connections, modules."""
    found = []
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        line = read_text(path).replace("\0", " ").strip()
        if f"{MOVES}/" in line or line.startswith("rsync ") or " rsync --server" in line:
            found.append(line[:200])
    return sorted(found)


def observe(project: str, volume: str) -> Json:
    """All a judge wants to know of this host."""
    found = containers(project)
    path = mountpoint(volume)
    fence = read_text(f"/var/lib/container-host/fences/{project}.json")
    return {
        "engine": engine(),
        "containers": found,
        "comes_back": comes_back(project, found),
        "volume": records(path) if path else None,
        "journals": [
            {key: journal[key] for key in ("id", "side", "phase", "intent", "outcome", "lease")}
            for journal in journals(project)
        ],
        "fence": json.loads(fence) if fence else None,
        "defined": os.path.exists(f"/var/lib/container-host/definitions/{project}.json"),
        "keys": keys(),
        "left": left_behind(),
        "processes": processes(),
    }


if __name__ == "__main__":
    print(json.dumps(observe(*sys.argv[1:3])))
