# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hands of the fault runner on a host: waits for a journal's word, causes a fault, undoes it, tells what is there.

    python3 -m faults.host serve ADDRESS     reads requests, one JSON object a line, and answers each with one; ADDRESS is
                                             the control node as this host sees it
    python3 -m faults.host fault NAME JSON   causes a fault and undoes what undoes itself, apart from whoever asked

Runs as root with the host's own Python and imports the standard library only.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import typing as t

from faults.host_look import Json, journals, mountpoint, observe, read_text, run

LOG = "/run/container-host-fault.log"
TABLE = "container_host_fault"
FILLER = "/var/lib/container-host-fault-filler"
PODMAN = "/run/podman/podman.sock"
POLL_SECONDS = 0.05
PATIENCE_SECONDS = 30
UNIT = "container-host-fault"
AGE_SECONDS = 20
"""A file that is being written is younger; the one that is moved was made before the snapshot."""


def note(what: str, **more: t.Any) -> None:
    """Leave word for whoever reads the log afterwards."""
    with open(LOG, "a", encoding="utf-8") as stream:
        stream.write(json.dumps({"at": time.time(), "what": what, **more}) + "\n")


# --- waiting ----------------------------------------------------------------------------------------------------------


def has_word(project: str, word: str) -> bool:
    """Whether a journal's history has a line that begins with the word: a state may be gone before it is looked at."""
    return any(entry["what"].startswith(word) for journal in journals(project) for entry in journal["history"])


def wait(project: str, word: str, seconds: float) -> Json:
    """Wait so long for a journal's word."""
    deadline = time.monotonic() + seconds
    while True:
        if has_word(project, word):
            return {"reached": True, "at": time.time()}
        if time.monotonic() > deadline:
            return {"reached": False}
        time.sleep(POLL_SECONDS)


# --- faults -----------------------------------------------------------------------------------------------------------


def start_fault(name: str, values: Json) -> Json:
    """Cause a fault apart from this session, which it may cut."""
    run("systemd-run", "--quiet", "--collect", f"--unit={UNIT}-{name}-{time.time_ns()}",
        f"--working-directory={os.getcwd()}", sys.executable, "-m", "faults.host", "fault", name, json.dumps(values))  # fmt: skip
    return {"started": True, "at": time.time()}


def cut(rules: t.Sequence[str], seconds: float) -> None:
    """Drop what the rules match, without a word to either end; whole again after some seconds."""
    text = f"table inet {TABLE} {{\n chain incoming {{ type filter hook input priority -300;\n"
    text += "".join(f"  {rule}\n" for rule in rules if " saddr " in rule)
    text += " }\n chain outgoing { type filter hook output priority -300;\n"
    text += "".join(f"  {rule}\n" for rule in rules if " daddr " in rule)
    text += " }\n}\n"
    subprocess.run(["nft", "-f", "-"], input=text, text=True, check=True)
    note("cut")
    time.sleep(seconds)
    undo_cut()


def undo_cut() -> None:
    """Take the rules away, and keep how much they dropped."""
    listed = run("nft", "list", "table", "inet", TABLE, check=False)
    if listed:
        dropped = sum(int(number) for number in re.findall(r"counter packets (\d+)", listed))
        run("nft", "delete", "table", "inet", TABLE, check=False)
        note("whole again", dropped=dropped)


def control_cut(address: str, seconds: float) -> None:
    """This host does not hear the control node's SSH any more, nor the other way round."""
    cut([f"ip saddr {address} tcp dport 22 counter drop", f"ip daddr {address} tcp sport 22 counter drop"], seconds)


def peer_cut(peer: str, after_bytes: int, seconds: float) -> None:
    """What this host sends to another one's SSH is dropped once so many bytes of it have gone by."""
    cut([f"ip daddr {peer} tcp dport 22 quota over {after_bytes} bytes counter drop"], seconds)


def bad_link(peer: str, seconds: float) -> None:
    """What goes to another host comes late, out of order, damaged, or not at all."""
    interface = re.search(r"\bdev (\S+)", run("ip", "-4", "route", "get", peer))
    if interface is None:
        raise RuntimeError(f"no way to {peer}")
    run("modprobe", "sch_netem")
    run("tc", "qdisc", "replace", "dev", interface[1], "root", "netem", "delay", "80ms", "30ms", "loss", "2%",
        "corrupt", "0.2%", "reorder", "2%")  # fmt: skip
    note("bad link", interface=interface[1])
    time.sleep(seconds)
    undo_bad_link()


def undo_bad_link() -> None:
    """As it was. The counters of what was dropped are kept."""
    for line in run("tc", "qdisc", "show").splitlines():
        if "netem" in line:
            interface = line.split(" dev ")[1].split()[0]
            shown = run("tc", "-s", "qdisc", "show", "dev", interface)
            dropped = sum(int(number) for number in re.findall(r"dropped (\d+)", shown))
            run("tc", "qdisc", "del", "dev", interface, "root", check=False)
            note("good link", dropped=dropped)


def disk_full() -> None:
    """Nothing is left on the file system, for root either."""
    room = os.statvfs("/var/lib")
    with open(FILLER, "wb") as stream:
        for size in (room.f_bfree * room.f_frsize, 64 << 20, 1 << 20, 1 << 16, 4096):
            try:
                while True:
                    os.posix_fallocate(stream.fileno(), os.fstat(stream.fileno()).st_size, size)
            except OSError:  # noqa: PERF203 - a smaller piece may still fit
                continue
    note("disk full", left=os.statvfs("/var/lib").f_bavail)


def kill_engine() -> list[str]:
    """Kill the engine's own processes, and no container nor what watches over one; returns the units they were of."""
    killed = []
    for unit in ("docker.service", "containerd.service", "podman.service"):
        said = run("systemctl", "show", "--property=MainPID", "--value", unit, check=False).strip()
        if said.isdigit() and int(said) > 1:
            try:
                os.kill(int(said), signal.SIGKILL)
            except ProcessLookupError:  # it has ended by itself
                continue
            killed.append(unit)
    return killed


def wake_podman() -> None:
    """Ask its socket something, which starts its service."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(10)
        connection.connect(PODMAN)
        connection.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")


def engine_kill(seconds: float) -> None:
    """The engine is killed. Podman's service is there only while it is asked something: when it is asked nothing for so
    long, it is asked here, since there is no other engine to be killed then.
    """
    deadline = time.monotonic() + seconds
    idle = False
    while True:
        killed = kill_engine()
        for unit in killed:
            note("killed", unit=unit, idle=idle)
        if killed or time.monotonic() > deadline + PATIENCE_SECONDS:
            return
        if time.monotonic() > deadline:
            idle = True
            wake_podman()
        time.sleep(POLL_SECONDS)


def arrived(path: str, size: int) -> bool:
    """Whether the large file is there as a whole: rsync gives it the time it had on the source last of all."""
    try:
        found = os.stat(path)
    except OSError:
        return False
    return found.st_size >= size and time.time() - found.st_mtime > AGE_SECONDS


def bit_flip(volume: str, size: int, seconds: float) -> None:
    """One bit of the large file is another one at the target than it was sent; size and time tell nothing."""
    deadline = time.monotonic() + seconds
    path = ""
    while not (path and arrived(f"{path}/ballast", size)):
        if time.monotonic() > deadline:
            note("not flipped", path=path)
            return
        path = path or mountpoint(volume)
        time.sleep(POLL_SECONDS)
    before = os.stat(f"{path}/ballast")
    with open(f"{path}/ballast", "r+b") as stream:
        stream.seek(size // 2)
        byte = stream.read(1)
        stream.seek(size // 2)
        stream.write(bytes([byte[0] ^ 1]))
        stream.flush()
        os.fsync(stream.fileno())
    os.utime(f"{path}/ballast", ns=(before.st_atime_ns, before.st_mtime_ns))
    note("flipped", at_byte=size // 2)


FAULTS: dict[str, t.Callable[..., None]] = {
    "control_cut": control_cut,
    "peer_cut": peer_cut,
    "bad_link": bad_link,
    "disk_full": disk_full,
    "engine_kill": engine_kill,
    "bit_flip": bit_flip,
}


def let_end(name: str, seconds: float) -> None:
    """Wait so long for a fault that is still to come: a run may be over before it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and run("systemctl", "list-units", "--plain", "--no-legend", f"{UNIT}-{name}-*"):
        time.sleep(POLL_SECONDS)


def heal() -> Json:
    """Undo what does not undo itself; returns what the faults have left word of."""
    let_end("engine_kill", 2 * PATIENCE_SECONDS)
    undo_cut()
    undo_bad_link()
    if os.path.exists(FILLER):
        os.unlink(FILLER)
        note("disk has room")
    return {"log": [json.loads(line) for line in read_text(LOG).splitlines()]}


def set_clock(now: float) -> Json:
    """A host that came back from a snapshot believes it is then."""
    run("date", "-s", f"@{now:.0f}")
    return {}


REQUESTS: dict[str, t.Callable[..., Json]] = {
    "wait": wait,
    "clock": set_clock,
    "fault": start_fault,
    "heal": heal,
    "observe": observe,
}


def serve(control: str) -> None:
    """Answer requests until there are no more. control: the control node's address as this host sees it."""
    for line in sys.stdin:
        request = json.loads(line)
        if request.get("name") == "control_cut":
            request["values"]["address"] = control
        try:
            answer = REQUESTS[request.pop("do")](**request)
        except Exception as error:  # noqa: BLE001 - whoever asked is told, whatever it is
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


def main() -> None:
    """Do what the arguments say."""
    if sys.argv[1:2] == ["serve"]:
        serve(sys.argv[2])
        return
    name, values = sys.argv[2], json.loads(sys.argv[3])
    try:
        FAULTS[name](**values)
    except Exception as error:
        note("failed", fault=name, why=str(error))
        raise


if __name__ == "__main__":
    main()
