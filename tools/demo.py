# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job, shown: two virtual machines become the same container host and run the same workload.

Every step is one of the collection's own playbooks, so what is seen here is what an operator does. Each is idempotent:
an interrupted demo is simply run again. Full logs are kept in .artifacts/demo.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import typing as t
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ARTIFACTS = ROOT / ".artifacts"
LOGS = ARTIFACTS / "demo"
INVENTORY = ARTIFACTS / "inventory.yml"
TASK = re.compile(r"^TASK \[(?:anycloud\.container_host\.)?(.*?)\] \*")
RECAP = re.compile(r"^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)")
PATIENCE_SECONDS = 120


class DemoError(Exception):
    """A step did not do what it should; the message says what and where to look."""


class Display:
    """One line per step with its time; on a terminal the line shows what is being done."""

    def __init__(self) -> None:
        self.live = sys.stdout.isatty()
        self.times: list[tuple[str, float]] = []
        self._doing = ""

    def step(self, title: str, work: t.Callable[[], str]) -> None:
        """Do one step and show how it went."""
        started = time.monotonic()
        self._doing = ""
        done = threading.Event()
        ticker = threading.Thread(target=self._tick, args=(title, started, done), daemon=True)
        if self.live:
            ticker.start()
        else:
            print(f"  ...  {title}", flush=True)
        try:
            result = work()
        except BaseException:
            self._finish(done, ticker)
            print(f" FAIL  {title} ({time.monotonic() - started:.0f} s)", flush=True)
            raise
        self._finish(done, ticker)
        seconds = time.monotonic() - started
        self.times.append((title, seconds))
        print(f"  ok   {title} ({seconds:.0f} s){': ' + result if result else ''}", flush=True)

    def doing(self, what: str) -> None:
        """Say what the present step is at."""
        self._doing = what

    def _tick(self, title: str, started: float, done: threading.Event) -> None:
        while not done.wait(0.2):
            width = shutil.get_terminal_size().columns - 1
            line = f"  ...  {title} ({time.monotonic() - started:.0f} s) {self._doing}"
            print(f"\r\x1b[2K{line[:width]}", end="", flush=True)

    def _finish(self, done: threading.Event, ticker: threading.Thread) -> None:
        done.set()
        if self.live:
            ticker.join()
            print("\r\x1b[2K", end="")


def playbook(display: Display, log_name: str, *arguments: str) -> str:
    """Run a playbook; returns its recap in a few words. Raises DemoError with the end of its log."""
    log = LOGS / f"{log_name}.log"
    program = Path(sys.executable).with_name("ansible-playbook")
    environment = {**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
    recap: list[str] = []
    with log.open("w") as stream:
        process = subprocess.Popen(
            [str(program), *arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for line in process.stdout or ():
            stream.write(line)
            task, hosts = TASK.match(line), RECAP.match(line)
            if task:
                display.doing(task.group(1))
            if hosts and hosts.group(1) != "localhost":
                recap.append(f"{hosts.group(1)} changed={hosts.group(3)}")
        code = process.wait()
    if code != 0:
        tail = "".join(log.read_text().splitlines(keepends=True)[-40:])
        raise DemoError(f"{tail}\nThe playbook failed. Its whole log: {log.relative_to(ROOT)}")
    return ", ".join(recap)


def read_inventory() -> dict[str, dict[str, t.Any]]:
    """The hosts of the demo with their variables."""
    program = Path(sys.executable).with_name("ansible-inventory")
    done = subprocess.run(
        [str(program), "-i", str(INVENTORY), "--list"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    variables: dict[str, dict[str, t.Any]] = json.loads(done.stdout)["_meta"]["hostvars"]
    return variables


def http(url: str, body: dict[str, str] | None = None) -> t.Any:
    """Ask until there is an answer. Raises DemoError when there is none in time."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=10) as answer:
                return json.load(answer)
        except (OSError, ValueError) as error:  # URLError is an OSError
            if time.monotonic() > deadline:
                raise DemoError(f"{url}: no answer within {PATIENCE_SECONDS} s: {error}") from error
            time.sleep(1)


def urls() -> dict[str, str]:
    """Where each host's workload answers, seen from here."""
    return {
        name: f"http://127.0.0.1:{host['provision_forwarded_ports']['8080']}"
        for name, host in read_inventory().items()
        if "provision_forwarded_ports" in host
    }


def write_entries(mark: str) -> str:
    """Leave a message with each host's workload."""
    for name, url in urls().items():
        http(f"{url}/entries", {"author": "demo", "message": f"{mark} on {name}"})
    return "one message each"


def find_entries(mark: str) -> str:
    """Find those messages again. Raises DemoError when one is lost."""
    for name, url in urls().items():
        found = json.dumps(http(f"{url}/entries"))
        if f"{mark} on {name}" not in found:
            raise DemoError(f"{name}: the message written before the restart is lost; {url}/entries answers {found}")
    return "both messages are still there"


def proof(display: Display, seconds: float) -> None:
    """Print what was shown."""
    print("\nThe hosts\n")
    print((ARTIFACTS / "verify" / "table.txt").read_text().rstrip())
    print("\nThe workload, asked over HTTP\n")
    for name, host in read_inventory().items():
        url = urls()[name]
        who = http(f"{url}/whoami")
        entries = http(f"{url}/entries")
        count = len(entries if isinstance(entries, list) else entries["entries"])
        print(f"  {name:<8} {host['engine_provider']:<7} {url:<24} {count} messages, {json.dumps(who)[:70]}")
    print("\nHow long each part took\n")
    for title, part in display.times:
        print(f"  {part:>6.0f} s  {title}")
    print(f"  {seconds:>6.0f} s  in all\n")
    print("The hosts stay up. Look around with `ansible all -m ping`, end with `make lab-down`.")


def main() -> int:
    """Run the demo."""
    LOGS.mkdir(parents=True, exist_ok=True)
    display = Display()
    started = time.monotonic()
    mark = f"written {time.strftime('%Y-%m-%d %H:%M:%S')}"
    lab = ("-e", "@examples/lab/demo.yml", "-e", f"provision_inventory_path={INVENTORY}")
    here = ("-i", str(INVENTORY))
    print("Two virtual machines, standing for two providers, become the same container host.\n", flush=True)
    try:
        display.step(
            "Two hosts from a disk image: alpha of provider north, beta of provider south",
            lambda: playbook(display, "1-provision", "playbooks/provision.yml", *lab),
        )
        display.step(
            "The workload's images from Debian packages, served by a registry",
            lambda: playbook(display, "2-images", "examples/lab/services.yml"),
        )
        display.step(
            "The same container host: baseline and engine (site.yml)",
            lambda: playbook(display, "3-site", "site.yml", *here),
        )
        display.step(
            "The same Compose file under Podman and under Docker (deploy.yml)",
            lambda: playbook(display, "4-deploy", "playbooks/deploy.yml", *here),
        )
        display.step("A message to each guestbook", lambda: write_entries(mark))
        display.step(
            "A restart of both machines",
            lambda: playbook(display, "5-restart", "examples/lab/restart.yml", *here),
        )
        display.step("The messages again", lambda: find_entries(mark))
        display.step(
            "The hosts compared (verify.yml)",
            lambda: playbook(display, "6-verify", "playbooks/verify.yml", *here),
        )
        proof(display, time.monotonic() - started)
    except DemoError as failure:
        print(f"\n{failure}\nRun `make demo` again when the cause is gone; what is done is kept.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. Run `make demo` again; what is done is kept.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
