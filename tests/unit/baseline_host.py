# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host in memory for the tests of the baseline, with the answers its programs would give."""

from __future__ import annotations

import json
import typing as t

from fake_host_io import FakeHostIO

DROP_IN = "/etc/ssh/sshd_config.d/00-container-host.conf"

FILES = {
    "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\nadmin:x:1000:1000::/home/admin:/bin/bash\n",
    "/etc/group": "root:x:0:\nadmin:x:1000:\nsudo:x:27:admin\nshadow:x:42:\n",
    "/etc/shadow": "root:*:1::::::\n",
    "/home/admin/.ssh/authorized_keys": "ssh-ed25519 AAAA admin\n",
    "/proc/self/environ": b"PATH=/bin\0SUDO_USER=admin\0",
    "/proc/self/stat": "40 (python3) S 30 40 40 0",
    "/proc/30/stat": "30 (sudo (x)) S 20 30 30 0",
    "/proc/20/environ": b"HOME=/home/admin\0SSH_CONNECTION=192.0.2.7 50000 192.0.2.1 22\0",
    "/proc/20/stat": "20 (sh) S 1 20 20 0",
    "/proc/self/loginuid": "1000",
    "/proc/sys/kernel/osrelease": "6.12.0\n",
    "/proc/sys/kernel/dmesg_restrict": "0\n",
    "/proc/sys/kernel/kptr_restrict": "2\n",
    "/proc/sys/net/ipv4/tcp_rmem": "4096\t131072\t6291456\n",
    "/proc/sys/fs/file-max": "9223372036854775807\n",
    "/proc/sys/kernel/kexec_load_disabled": "0\n",
    "/proc/modules": "overlay 151552 3 - Live 0x0\ndccp 1 0 - Live 0x0\nsctp 1 2 - Live 0x0\n",
    "/proc/net/tcp": "  sl  local_address rem_address   st\n   0: 00000000:0016 00000000:0000 0A\n",
    "/lib/modules/6.12.0/modules.builtin": "kernel/fs/ext4/ext4.ko\n",
    "/lib/modules/6.12.0/modules.dep": "kernel/net/bridge/br_netfilter.ko.xz: kernel/net/bridge/bridge.ko.xz\n",
    "/etc/ssh/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\nX11Forwarding yes\n",
}

SSHD_DEFAULTS = {
    "port": "22",
    "permitrootlogin": "without-password",
    "pubkeyauthentication": "yes",
    "passwordauthentication": "yes",
    "kbdinteractiveauthentication": "no",
    "maxauthtries": "6",
    "loglevel": "INFO",
    "x11forwarding": "no",
    "kexalgorithms": "curve25519-sha256,ecdh-sha2-nistp256,diffie-hellman-group14-sha1",
    "authorizedkeysfile": ".ssh/authorized_keys .ssh/authorized_keys2",
    "authorizedkeyscommand": "none",
    "trustedusercakeys": "none",
}


class Programs:
    """sshd, systemctl, dpkg-query, apt-get and modprobe over a FakeHostIO."""

    def __init__(self) -> None:
        self.packages: dict[str, str] = {"telnetd": "1", "cowsay": "1"}
        self.removal_takes: list[str] = []
        self.installable: tuple[str, ...] = ("telnetd", "htop")
        self.brings: dict[str, dict[str, tuple[str, str, str]]] = {}
        self.units: dict[str, tuple[str, str, str]] = {"ssh.service": ("loaded", "active", "enabled")}
        self.unread_units: dict[str, tuple[str, str, str]] = {}
        self.sshd_dies_on_reload = False
        self.systemctl_fails: dict[str, str] = {}
        self.firewall: str | None = None
        self.firewall_refuses = ""
        self.loads = 0
        self.host = FakeHostIO()

    def sshd(self, argv: tuple[str, ...], text: str | None) -> tuple[int, str, str]:
        """The first value of an option counts, Includes are followed, unknown options are refused."""
        options: dict[str, str] = {}
        known = {*SSHD_DEFAULTS, "allowusers"}
        lines = (text if text is not None else self.host.read_text("/etc/ssh/sshd_config") or "").splitlines()
        while lines:
            words = lines.pop(0).split("#")[0].split(None, 1)
            if not words:
                continue
            if words[0] == "Include":
                paths = self.host.glob(words[1])
                lines = [line for path in paths for line in (self.host.read_text(path) or "").splitlines()] + lines
            elif words[0].lower() not in known:
                return 255, "", f"/dev/stdin: line 1: Bad configuration option: {words[0]}"
            else:
                options.setdefault(words[0].lower(), words[1])
        return 0, "".join(f"{name} {value}\n" for name, value in {**SSHD_DEFAULTS, **options}.items()), ""

    def systemctl(self, argv: tuple[str, ...], text: str | None) -> tuple[int, str, str]:
        if argv[1] == "show":
            names = argv[argv.index("--") + 1 :]
            states = [self.units.get(name, ("not-found", "inactive", "")) for name in names]
            blocks = [f"LoadState={load}\nActiveState={active}\nUnitFileState={file}" for load, active, file in states]
            return 0, "\n\n".join(blocks) + "\n", ""
        is_told_later = "--no-reload" in argv
        argv = tuple(word for word in argv if word != "--no-reload")
        if argv[1] in self.systemctl_fails:
            return 1, "", self.systemctl_fails[argv[1]]
        found = self.units.get(argv[-1], ("not-found", "inactive", ""))
        load, active, file = self.unread_units.get(argv[-1], found) if is_told_later else found
        if argv[1] == "is-active":
            return (0 if active == "active" else 3), "", ""
        if argv[1] == "reload" and self.sshd_dies_on_reload:
            self.host.files["/proc/net/tcp"] = b"  sl  local_address rem_address   st\n"
        if argv[1] == "restart":
            self.host.files["/proc/net/tcp"] = FILES["/proc/net/tcp"].encode()  # type: ignore[union-attr]
        after = {
            "start": (load, "active", file),
            "stop": (load, "inactive", file),
            "enable": (load, active, "enabled"),
            "disable": (load, active, "disabled"),
            "mask": ("masked", active, "masked"),
            "unmask": ("loaded", active, "disabled"),
        }
        if argv[1] == "daemon-reload":
            self.units.update(self.unread_units)
            self.unread_units.clear()
        elif argv[1] in after:
            # systemd itself goes by what it read last
            (self.unread_units if is_told_later else self.units)[argv[-1]] = after[argv[1]]
        return 0, "", ""

    def nft(self, argv: tuple[str, ...], text: str | None) -> tuple[int, str, str]:
        """One table, listed a rule at a time; handles and counts are different after every load and listing."""
        if argv[1] == "-c":
            return (1, "", f"{argv[-1]}:1:1: {self.firewall_refuses}") if self.firewall_refuses else (0, "", "")
        if argv[1] == "-f":
            content = self.host.read_text(argv[2])
            if content is None:
                return 1, "", "No such file or directory"
            self.firewall, self.loads = content, self.loads + 1
            return 0, "", ""
        if self.firewall is None:
            return 1, "", "Error: No such file or directory\nlist table inet container_host"
        if argv[1] == "delete":
            self.firewall = None
            return 0, "", ""
        self.loads += 1
        entries: list[dict[str, t.Any]] = [{"metainfo": {"version": "1"}}, {"table": {"handle": self.loads}}]
        chain = ""
        for line in self.firewall.splitlines():
            if line.startswith("\tchain"):
                chain = line.split()[1]
                entries.append({"chain": {"name": chain, "handle": self.loads}})
            elif line.startswith("\t\t"):
                count = {"counter": {"packets": self.loads, "bytes": 0}}
                entries.append({"rule": {"chain": chain, "handle": self.loads, "expr": [line.strip(), count]}})
        return 0, json.dumps({"nftables": entries}), ""

    def dpkg_query(self, argv: tuple[str, ...], text: str | None) -> tuple[int, str, str]:
        found = [name for name in argv[4:] if name in self.packages]
        rows = "".join(f"{name}\t{self.packages[name]}\tinstall\tinstalled\n" for name in found)
        return (0 if len(found) == len(argv[4:]) else 1), rows, ""

    def apt_get(self, argv: tuple[str, ...], text: str | None) -> tuple[int, str, str]:
        names = [word for word in argv if word in self.packages or word in self.installable]
        if "--simulate" in argv:
            return 0, "".join(f"Remv {name} [1]\n" for name in [*names, *self.removal_takes]), ""
        for name in names:
            if "remove" in argv:
                self.packages.pop(name, None)
                self.units.pop(f"{name}.service", None)
            else:
                self.packages[name] = "1"
                self.units.update(self.brings.get(name, {}))
        return 0, "", ""

    def apt_cache(self, argv: tuple[str, ...], text: str | None) -> tuple[int, str, str]:
        if argv[1] == "policy":
            return 0, "".join(f"{name}:\n  Candidate: 1\n" for name in argv[2:]), ""
        return (
            0,
            "".join(f" {name} | 1 | http://deb.debian.org/debian trixie/main amd64 Packages\n" for name in argv[2:]),
            "",
        )

    def modprobe(self, argv: tuple[str, ...], text: str | None) -> tuple[int, str, str]:
        lines = (self.host.read_text("/proc/modules") or "").splitlines()
        if argv[1] == "-r":
            lines = [line for line in lines if line.split()[0] != argv[2]]
        else:
            lines.append(f"{argv[1]} 1 0 - Live 0x0")
            if argv[1] == "br_netfilter":
                self.host.files["/proc/sys/net/bridge/bridge-nf-call-iptables"] = b"0\n"
        self.host.files["/proc/modules"] = "".join(f"{line}\n" for line in lines).encode()
        return 0, "", ""


def make_host(files: t.Mapping[str, str | bytes] | None = None, **options: t.Any) -> tuple[FakeHostIO, Programs]:
    """A host with the files given besides its own, and its programs."""
    programs = Programs()
    host = FakeHostIO(
        files={**FILES, **(files or {})},
        commands={
            ("sshd",): programs.sshd,
            ("systemctl",): programs.systemctl,
            ("dpkg-query",): programs.dpkg_query,
            ("apt-get",): programs.apt_get,
            ("apt-cache",): programs.apt_cache,
            ("modprobe",): programs.modprobe,
            ("nft",): programs.nft,
        },
        **options,
    )
    programs.host = host
    return host, programs
