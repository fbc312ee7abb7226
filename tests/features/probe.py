# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run on a host, as root: try what it offers to containers, by the table of probes.yml, and print what came of it.

    probe.py prepare|remove TABLE           TABLE is probes.yml as JSON
    probe.py probe TABLE [NAME ...]         all probes, or some
    probe.py bundle DIRECTORY ROOT ...      write an OCI bundle for the runtime, used by probes
    probe.py ask SOCKET PATH                ask an HTTP server behind a unix socket, used by probes

ENGINE and LOGIN_USER are taken from the environment. Standard library only. `probe` prints {"engine", "version",
"kernel", "boot_id", "seconds", "probes": {name: {"passed", "seconds", "output"}}} and exits with 0 whatever failed.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import re
import socket
import subprocess
import sys
import time
import typing as t
from pathlib import Path

TIMEOUT_SECONDS = 300
OUTPUT_LIMIT = 600
BEGIN, END = "=== probe ", "=== status "


class Outcome(t.NamedTuple):
    """What a piece of shell did: whether it ended well, what it printed, how long it took."""

    ok: bool
    output: str
    seconds: float


def shell(script: str, environment: t.Mapping[str, str]) -> Outcome:
    """Run a piece of shell. One that takes too long counts as failed."""
    started = time.monotonic()
    try:
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", script],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            timeout=TIMEOUT_SECONDS,
        )
        ok, output = done.returncode == 0, done.stdout
    except subprocess.TimeoutExpired as error:
        ok, output = False, f"no end after {TIMEOUT_SECONDS} s: {error.stdout!r}"
    return Outcome(ok, output.strip(), time.monotonic() - started)


def script_of(probe: t.Mapping[str, t.Any], engine: str) -> str:
    """What a probe runs with an engine."""
    return str(probe.get(engine) or probe["run"])


def together(probes: t.Sequence[t.Mapping[str, t.Any]], engine: str) -> str:
    """One script for all probes that share a container: each with a mark before it and its exit status after it."""
    return "\n".join(
        f"echo '{BEGIN}{one['name']}'; status=0; ( {script_of(one, engine)}\n) 2>&1 || status=$?; echo; echo '{END}'$status"
        for one in probes
    )


def apart(output: str) -> dict[str, Outcome]:
    """What each of the probes that shared a container printed."""
    found = {}
    for part in output.split(BEGIN)[1:]:
        name, rest = part.split("\n", 1)
        text, mark, status = rest.rpartition(END)
        found[name.strip()] = Outcome(mark != "" and status.strip() == "0", text.strip(), 0.0)
    return found


def judge(probe: t.Mapping[str, t.Any], outcome: Outcome) -> dict[str, t.Any]:
    """Whether a probe passed. What it printed decides when the table says what that must be, else its exit status."""
    expected = probe.get("expect")
    passed = outcome.ok and (not expected or re.search(expected, outcome.output, re.MULTILINE) is not None)
    return {"passed": passed, "seconds": round(outcome.seconds, 1), "output": outcome.output[-OUTPUT_LIMIT:]}


def run_inside(
    table: t.Mapping[str, t.Any], probes: t.Sequence[t.Mapping[str, t.Any]], environment: t.Mapping[str, str]
) -> dict[str, Outcome]:
    """Run all probes that share the client container in one."""
    script = f'timeout 240 "$ENGINE" run --rm --name probe-client {table["client"]} "$IMAGE" /bin/sh -c "$INSIDE"'
    outcome = shell(script, {**environment, "INSIDE": together(probes, environment["ENGINE"])})
    found = apart(outcome.output)
    for probe in probes:
        # A container that did not start fails every probe that was to run in it, for the reason the engine gave.
        found.setdefault(probe["name"], Outcome(False, outcome.output, outcome.seconds))
    return found


def run_probes(
    table: t.Mapping[str, t.Any], environment: t.Mapping[str, str], names: t.Sequence[str]
) -> dict[str, t.Any]:
    """Work through the table; what can't even begin is said in the output of every probe that needed it."""
    started = time.monotonic()
    chosen = [probe for probe in table["probes"] if not names or probe["name"] in names]
    shell(table["end"], environment)
    begun = shell(table["begin"], environment)
    inside = [probe for probe in chosen if probe.get("inside")]
    shared = run_inside(table, inside, environment) if inside else {}
    results = {}
    for probe in chosen:
        outcome = shared.get(probe["name"]) or shell(script_of(probe, environment["ENGINE"]), environment)
        results[probe["name"]] = judge(probe, outcome)
    shell(table["end"], environment)
    version = shell('"$ENGINE" --version', environment).output
    return {
        "engine": environment["ENGINE"],
        "version": version,
        "kernel": platform.release(),
        "boot_id": Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip(),
        "seconds": round(time.monotonic() - started, 1),
        "begin": {"passed": begun.ok, "output": begun.output[-OUTPUT_LIMIT:]},
        "probes": results,
    }


def write_bundle(directory: Path, root: Path, argv: list[str], uid_base: int | None, rootless: bool) -> None:
    """Make an OCI bundle that runs argv in root, without a terminal.

    uid_base: run it in a user namespace whose root is this user. rootless: in one of the caller's own.
    """
    directory.mkdir(parents=True, exist_ok=True)
    subprocess.run(["runc", "spec", *(["--rootless"] if rootless else [])], cwd=directory, check=True)
    path = directory / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["process"].update(terminal=False, args=argv)
    config["root"] = {"path": str(root), "readonly": False}
    if uid_base is not None:
        mapping = [{"containerID": 0, "hostID": uid_base, "size": 65536}]
        config["linux"]["namespaces"].append({"type": "user"})
        config["linux"].update(uidMappings=mapping, gidMappings=mapping)
    path.write_text(json.dumps(config), encoding="utf-8")


def ask(path: str, target: str) -> str:
    """What an HTTP server behind a unix socket answers."""
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.settimeout(30)
    connection.sock.connect(path)
    connection.request("GET", target)
    return connection.getresponse().read().decode()


def environment_of(table: t.Mapping[str, t.Any]) -> dict[str, str]:
    """What the pieces of shell find in their environment."""
    return {
        "ENGINE": os.environ["ENGINE"],
        "LOGIN_USER": os.environ.get("LOGIN_USER", "root"),
        "IMAGE": table["image"],
        "WORK": table["work"],
        "PEER": table["peer"],
        "HOST": table["host"],
        "PROBE": str(Path(__file__).resolve()),
    }


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Try what this host offers to containers.")
    actions = parser.add_subparsers(dest="action", required=True)
    for name in ("prepare", "probe", "remove"):
        action = actions.add_parser(name)
        action.add_argument("table", type=Path)
        action.add_argument("names", nargs="*")
    bundle = actions.add_parser("bundle")
    bundle.add_argument("directory", type=Path)
    bundle.add_argument("root", type=Path)
    bundle.add_argument("--uid-base", type=int)
    bundle.add_argument("--rootless", action="store_true")
    bundle.add_argument("argv", nargs="+")
    asking = actions.add_parser("ask")
    asking.add_argument("socket")
    asking.add_argument("target")
    return parser.parse_args()


def main() -> int:
    """Do what the command line asks."""
    arguments = parse_arguments()
    if arguments.action == "bundle":
        write_bundle(arguments.directory, arguments.root, arguments.argv, arguments.uid_base, arguments.rootless)
        return 0
    if arguments.action == "ask":
        print(ask(arguments.socket, arguments.target))
        return 0
    table = json.loads(arguments.table.read_text(encoding="utf-8"))
    environment = environment_of(table)
    if arguments.action == "probe":
        json.dump(run_probes(table, environment, arguments.names), sys.stdout)
        return 0
    outcome = shell(table[arguments.action], environment)
    print(outcome.output)
    return 0 if outcome.ok else 1


if __name__ == "__main__":
    sys.exit(main())
