# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pam-auth-update in memory: builds /etc/pam.d/common-* from profiles, as far as the tests need it."""

from __future__ import annotations

from fake_host_io import FakeHostIO

PROFILES = "/usr/share/pam-configs/"
STACKS = ("auth", "account", "password", "session", "session-noninteractive")
MODULES = tuple(f"pam_{name}.so" for name in ("unix", "deny", "permit", "faillock", "succeed_if", "wheel", "rootok"))
UNIX = """Name: Unix
Default: yes
Priority: 256
Auth-Type: Primary
Auth:
	[success=end default=ignore] pam_unix.so nullok
"""
FILES: dict[str, str] = {
    "/usr/sbin/pam-auth-update": "",
    f"{PROFILES}unix": UNIX,
    "/etc/pam.d/common-auth": (
        "# made\nauth\t[success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\n"
        "auth required pam_permit.so\n"
    ),
    "/var/lib/pam/auth": "Module: unix\n[success=end default=ignore] pam_unix.so nullok\n",
    **{f"/usr/lib/x/security/{name}": "" for name in MODULES},
}


class PamAuthUpdate:
    """Answers ``--package --enable|--remove NAME...``. is_edited: the files were changed by hand. is_broken: it numbers
    its jumps wrongly.
    """

    def __init__(self, host: FakeHostIO) -> None:
        self.host = host
        self.is_edited = False
        self.is_broken = False
        host.commands["pam-auth-update",] = self.answer

    def answer(self, argv: tuple[str, ...], text: str | None) -> tuple[int, str, str]:
        if self.is_edited:
            return 0, "", "pam-auth-update: Local modifications to /etc/pam.d/common-*, not updating.\n"
        state = self.host.read_text("/var/lib/pam/auth") or ""
        enabled = {line[8:] for line in state.splitlines() if line.startswith("Module: ")}
        enabled = enabled | set(argv[3:]) if argv[2] == "--enable" else enabled - set(argv[3:])
        profiles = [(name, self.host.read_text(PROFILES + name) or "") for name in enabled]
        profiles.sort(key=lambda pair: -int(pair[1].partition("Priority: ")[2].split()[0]))
        lines = {name: [line[1:] for line in text.splitlines() if line.startswith("\t")] for name, text in profiles}
        count = sum(map(len, lines.values()))
        stack, position = ["# made"], 0
        for rules in lines.values():
            for rule in rules:
                position += 1
                jump = 0 if self.is_broken else count - position + 1
                stack.append("auth\t" + rule.replace("end", str(jump)))
        stack += ["auth requisite pam_deny.so", "auth required pam_permit.so"]
        self.host.files["/etc/pam.d/common-auth"] = "".join(f"{line}\n" for line in stack).encode()
        saved = "".join(f"Module: {name}\n" + "".join(f"{rule}\n" for rule in rules) for name, rules in lines.items())
        self.host.files["/var/lib/pam/auth"] = saved.encode()
        return 0, "", ""
