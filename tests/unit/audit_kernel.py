# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit of a kernel in memory, with the programs that fill it."""

from __future__ import annotations

from fake_host_io import FakeHostIO

X86 = b"\x7fELF\x02\x01" + bytes(12) + b"\x3e\x00"
"""What a program for x86-64 begins with."""

AUDIT_FILES = {
    "/etc/audit/rules.d/audit.rules": "-D\n-b 8192\n-f 1\n",
    "/usr/sbin/auditctl": "",
    "/usr/sbin/auditd": "",
    "/usr/sbin/augenrules": "",
    "/etc/audit/auditd.conf": "log_group = adm\nmax_log_file = 8\nmax_log_file_action = ROTATE\n",
}
"""What the package brings."""


class Kernel:
    """auditctl and augenrules: a rule that is there already, or has a wrong call, ends the loading."""

    def __init__(self, host: FakeHostIO) -> None:
        self.host = host
        self.rules: list[str] = []
        self.status = {"enabled": "1", "failure": "1", "backlog_limit": "8192"}
        host.commands["auditctl",] = self.auditctl
        host.commands["augenrules",] = self.augenrules

    def auditctl(self, argv: tuple[str, ...], text: str | None) -> tuple[int, str, str]:
        if argv[1] == "-s":
            return 0, "".join(f"{name} {value}\n" for name, value in self.status.items()), ""
        return 0, "".join(f"{self.listed(rule)}\n" for rule in self.rules) or "No rules\n", ""

    @staticmethod
    def listed(rule: str) -> str:
        """The rule as auditctl -l words it."""
        if not rule.startswith("-w"):
            rule = rule.replace("-k ", "-F key=").replace("auid!=unset", "auid!=-1")
            rule = rule if "-S" in rule else rule.replace("always,exit", "always,exit -S all")
        return rule

    def augenrules(self, argv: tuple[str, ...], text: str | None) -> tuple[int, str, str]:
        if self.status["enabled"] == "2":
            return 1, "", "The audit system is in immutable mode, no rule changes allowed"
        lines = [
            line
            for path in self.host.glob("/etc/audit/rules.d/*.rules")
            for line in (self.host.read_text(path) or "").splitlines()
            if line and not line.startswith("#")
        ]
        lines = [line for line in lines if line != "-D"]
        self.host.files["/etc/audit/audit.rules"] = "".join(f"{line}\n" for line in lines).encode()
        self.host.modes["/etc/audit/audit.rules"] = 0o640
        self.rules = []
        for number, line in enumerate(lines, 1):
            if line in self.rules or "nosuchcall" in line:
                return 1, "", f"Syscall name unknown\nThere was an error in line {number} of /etc/audit/audit.rules"
            if line.startswith("-e"):
                self.status["enabled"] = line.split()[1]
            elif not line.startswith(("-f", "-b")):
                self.rules.append(line)
        return 0, "", ""
