# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job, shown: two virtual machines become the same container host, run the same workload, and one moves.

Every step is one of the collection's own playbooks, so what is seen here is what an operator does. Each is idempotent:
an interrupted demo is simply run again. Full logs are kept in .artifacts/demo.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
import typing as t
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from demo_display import DemoError, Display  # noqa: E402
from demo_move import LedgerMove  # noqa: E402 - it finds its client beside the tests
from proof import write_proof  # noqa: E402

TASK = re.compile(r"^TASK \[(?:anycloud\.container_host\.)?(.*?)\] \*")
RECAP = re.compile(r"^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)")
PATIENCE_SECONDS = 120
CLAIM = "Two virtual machines become the same container host, run the same Compose file and hand a workload over"


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


def report_of(report: dict[str, t.Any], name: str) -> dict[str, t.Any]:
    """The contract id and the group ids of one host in a fleet's report."""
    found = report["contracts"][name]
    return {key: found.get(key) for key in ("contract_id", "group_ids")}


class Demo:
    """One demo on one lab: its inventory, logs and reports lie in one directory."""

    def __init__(self, lab: str, artifacts: Path, profile: str = "level1") -> None:
        self.lab, self.artifacts = lab, artifacts
        self.inventory = artifacts / "inventory.yml"
        self.logs = artifacts / "demo"
        self.display = Display()
        self.on_lab = ["-e", "@examples/lab/demo.yml", "-e", f"provision_lab={lab}"]
        self.on_lab += ["-e", f"provision_inventory_path={self.inventory}"]
        self.on_hosts = ["-i", str(self.inventory), "-e", f"verify_report_directory={artifacts / 'verify'}"]
        self.on_hosts += ["-e", f"baseline_profile={profile}"]
        self.move = LedgerMove(self.logs, self.playbook, self.on_hosts)

    def playbook(self, log_name: str, *arguments: str) -> str:
        """Run a playbook; returns its recap in a few words. Raises DemoError with the end of its log."""
        log = self.logs / f"{log_name}.log"
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
                    self.display.doing(task.group(1))
                if hosts and hosts.group(1) != "localhost":
                    recap.append(f"{hosts.group(1)} changed={hosts.group(3)}")
            code = process.wait()
        if code != 0:
            tail = "".join(log.read_text().splitlines(keepends=True)[-40:])
            raise DemoError(f"{tail}\nThe playbook failed. Its whole log: {log}")
        return ", ".join(recap)

    def hosts(self) -> dict[str, dict[str, t.Any]]:
        """The hosts of the demo with their variables."""
        program = Path(sys.executable).with_name("ansible-inventory")
        done = subprocess.run(
            [str(program), "-i", str(self.inventory), "--list"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        variables: dict[str, dict[str, t.Any]] = json.loads(done.stdout)["_meta"]["hostvars"]
        return variables

    def urls(self) -> dict[str, str]:
        """Where each host's workload answers, seen from here."""
        return {
            name: f"http://127.0.0.1:{host['provision_forwarded_ports']['8080']}" for name, host in self.hosts().items()
        }

    def write_entries(self, mark: str) -> str:
        """Leave a message with each host's workload."""
        for name, url in self.urls().items():
            http(f"{url}/entries", {"author": "demo", "message": f"{mark} on {name}"})
        return "one message each"

    def find_entries(self, mark: str) -> str:
        """Find those messages again. Raises DemoError when one is lost."""
        for name, url in self.urls().items():
            found = json.dumps(http(f"{url}/entries"))
            if f"{mark} on {name}" not in found:
                raise DemoError(f"{name}: the message written before the restart is lost; {url}/entries has {found}")
        return "both messages are still there"

    def proof(self, seconds: float) -> None:
        """Print what was shown."""
        print("\nThe hosts\n")
        print((self.artifacts / "verify" / "verify.txt").read_text().rstrip())
        print("\nThe workload, asked over HTTP\n")
        for name, host in self.hosts().items():
            url = self.urls()[name]
            who = http(f"{url}/whoami")
            entries = http(f"{url}/entries")
            count = len(entries if isinstance(entries, list) else entries["entries"])
            engine = host["engine_provider"]
            print(
                f"  {name:<6} {engine:<7} {url}  {count} message(s)  hostname {who['hostname']}, kernel {who['kernel']}"
            )
        print("\nThe move\n")
        print("\n".join(f"  {line}" for line in self.move.lines(self.hosts())))
        print("\nHow long each part took\n")
        for title, part in self.display.times:
            print(f"  {part:>6.0f} s  {title}")
        print(f"  {seconds:>6.0f} s  in all\n")

    def site_again(self) -> str:
        """Run site.yml on hosts that are as it wants them. Raises DemoError when it changes anything."""
        recap = self.playbook("7-site-again", "site.yml", *self.on_hosts)
        if "changed=0" not in recap or re.search(r"changed=[1-9]", recap):
            raise DemoError(
                f"site.yml changed something the second time: {recap}; see {self.logs / '7-site-again.log'}"
            )
        return recap

    def results(self) -> dict[str, t.Any]:
        """What was found, for the record: times by part and the hosts' contract ids."""
        report = json.loads((self.artifacts / "verify" / "contracts.json").read_text())
        return {
            "seconds_by_part": {title: round(part, 1) for title, part in self.display.times},
            "table": (self.artifacts / "verify" / "verify.txt").read_text().splitlines(),
            "hosts": {name: report_of(report, name) for name in self.hosts()},
            "move": self.move.results(),
        }

    def run(self) -> float:
        """Do every step; returns the seconds it took. Raises DemoError at the first that fails."""
        self.logs.mkdir(parents=True, exist_ok=True)
        mark = f"written {time.strftime('%Y-%m-%d %H:%M:%S')}"
        step, playbook, started = self.display.step, self.playbook, time.monotonic()
        step(
            "Two hosts from a disk image: alpha of provider north, beta of provider south",
            lambda: playbook("1-provision", "playbooks/provision.yml", *self.on_lab),
        )
        step(
            "The workload's images from Debian packages, served by a registry",
            lambda: playbook("2-images", "examples/lab/services.yml", *self.on_lab),
        )
        step(
            "The same container host: baseline and engine (site.yml)",
            lambda: playbook("3-site", "site.yml", *self.on_hosts),
        )
        step(
            "The same Compose file under Podman and under Docker (deploy.yml)",
            lambda: playbook("4-deploy", "playbooks/deploy.yml", *self.on_hosts, "-e", "deploy_batches=100%"),
        )
        step("A message to each guestbook", lambda: self.write_entries(mark))
        step("A restart of both machines", lambda: playbook("5-restart", "examples/lab/restart.yml", *self.on_hosts))
        step("The messages again", lambda: self.find_entries(mark))
        step("The hosts compared (verify.yml)", lambda: playbook("6-verify", "playbooks/verify.yml", *self.on_hosts))
        step("Everything once more, which changes nothing (site.yml)", self.site_again)
        step("A ledger on one of them, to be moved (deploy.yml)", lambda: self.move.deploy(self.hosts()))
        step("The ledger goes to the other provider while a client writes (move.yml)", self.move.go)
        seconds = time.monotonic() - started
        self.proof(seconds)
        return seconds

    def remove(self) -> None:
        """Remove the lab and the registry."""
        self.logs.mkdir(parents=True, exist_ok=True)
        self.playbook("10-services", "examples/lab/services.yml", *self.on_lab, "-e", "registry_state=absent")
        self.playbook("11-remove", "playbooks/provision.yml", *self.on_lab, "-e", "provision_state=absent")
        shutil.rmtree(self.artifacts)


def main() -> int:
    """Run the demo."""
    parser = argparse.ArgumentParser(description="Show the main job on two virtual machines.")
    parser.add_argument("--lab", default="demo", help="the lab's name (default: demo)")
    parser.add_argument("--artifacts", type=Path, default=ROOT / ".artifacts", help="where inventory and logs are kept")
    parser.add_argument("--profile", default="level1", help="the profile of the baseline (default: level1)")
    parser.add_argument("--proof", action="store_true", help="record the result in docs/proof/demo.json")
    parser.add_argument("--remove", action="store_true", help="remove the lab instead")
    arguments = parser.parse_args()
    demo = Demo(arguments.lab, arguments.artifacts.resolve(), arguments.profile)
    try:
        if arguments.remove:
            demo.remove()
            return 0
        print("Two virtual machines, standing for two providers, become the same container host.", flush=True)
        print("At the end a workload moves from one to the other.\n", flush=True)
        seconds = demo.run()
        if arguments.proof:
            write_proof(
                name="demo",
                claim=CLAIM,
                where="real VM",
                command="make demo",
                seconds=seconds,
                passed=len(demo.display.times),
                failed=0,
                results=demo.results(),
            )
        print("The hosts stay up. Look around with `ansible all -m ping`, end with `make lab-down`.")
    except DemoError as error:
        print(f"\n{error}\nRun `make demo` again when the cause is gone; what is done is kept.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. Run `make demo` again; what is done is kept.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
