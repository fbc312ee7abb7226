# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host with SELinux' and AppArmor's tools: policy, modes and labels in memory, refusals in a log."""

from __future__ import annotations

import re
import typing as t

from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

LOG = "/var/log/audit/audit.log"
AVC = (
    'type=AVC msg=audit({when}.0:1): avc:  denied  {{ read }} for  pid=7 comm="app" name="x"'
    " scontext=u:r:{source}:s0 tcontext=u:object_r:etc_t:s0 tclass=file permissive=1\n"
)
TYPES = {"container_file_t", "http_port_t"}


class Machine(FakeHostIO):
    """AppArmor in force, SELinux' packages installed; ``boot`` starts it with other parameters."""

    def __init__(self, **options: t.Any) -> None:
        tools = ("setfiles", "restorecon", "semodule", "getsebool", "setsebool", "semanage", "setenforce", "date")
        compilers = ("checkmodule", "semodule_package", "apparmor_parser", "systemctl")
        super().__init__(
            files={
                "/proc/self/status": "Uid:\t0\t0\t0\t0\n",
                "/proc/cmdline": "root=/dev/vda1\n",
                "/proc/mounts": "/dev/vda1 / ext4 rw 0 0\nproc /proc proc rw 0 0\n/dev/vdb /srv/usb vfat rw 0 0\n",
                "/sys/kernel/security/lsm": "lockdown,capability,apparmor\n",
                "/sys/kernel/security/apparmor/profiles": "docker-default (enforce)\n",
                "/etc/selinux/config": "SELINUX=disabled\nSELINUXTYPE=default\n",
                LOG: "type=DAEMON_START msg=audit(1.0:1): op=start\n",
            },
            directories=["/run/systemd/system", "/srv/data"],
            commands={(name,): getattr(self, f"_{name}", self._done) for name in (*tools, *compilers)},
            **options,
        )
        self.seconds = 1000
        self.booleans = {"container_use_nfs": False}
        self.modules = {"container"}
        self.ports: dict[tuple[str, str], str] = {}
        self.contexts: dict[str, str] = {}
        self.interrupted = False

    def boot(self, lsm: str) -> None:
        """Start with one of the two in force."""
        self.seconds += 100
        self.files["/sys/kernel/security/lsm"] = f"lockdown,capability,{lsm}\n".encode()
        self.files["/proc/mounts"] = b"/dev/vda1 / ext4 rw,seclabel 0 0\n/dev/vdb /srv/usb vfat rw 0 0\n"
        mode = re.search(r"^SELINUX=(\w+)", self.read_text("/etc/selinux/config") or "", re.MULTILINE)
        if lsm == "selinux" and mode:
            self.files["/sys/fs/selinux/enforce"] = b"1" if mode.group(1) == "enforcing" else b"0"
            self.files["/sys/fs/selinux/mls"] = b"1"
            self.files["/sys/fs/selinux/context"] = b""

    def refuse(self, source: str) -> None:
        """A program of this type would have been refused something now."""
        self.files[LOG] += AVC.format(when=self.seconds, source=source).encode()

    @property
    def mode(self) -> str:
        """SELinux' mode."""
        return {b"1": "enforcing", b"0": "permissive"}.get(self.files.get("/sys/fs/selinux/enforce", b""), "")

    def write_in_place(self, path: str, content: str) -> None:
        if path == "/sys/fs/selinux/context":
            if content.split(":")[2] not in TYPES:
                raise HostError(f"{path}: can't be written: Invalid argument")
            return
        super().write_in_place(path, content)

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.seconds += int(seconds)

    def changes(self) -> list[str]:
        """The tools that changed something, in order."""
        reading = {"date", "getsebool", "checkmodule", "semodule_package", "journalctl"}
        return [
            " ".join(argv)
            for argv in self.ran
            if argv[0] not in reading and not {"-l", "--skip-kernel-load"} & set(argv)
        ]

    @staticmethod
    def _done(_argv: tuple[str, ...], _input: t.Optional[str]) -> tuple[int, str, str]:
        return 0, "", ""

    def _date(self, _argv: tuple[str, ...], _input: t.Optional[str]) -> tuple[int, str, str]:
        return 0, f"{self.seconds}\n", ""

    def _label(self) -> tuple[int, str, str]:
        return (1, "", "killed") if self.interrupted else (0, "", "")

    def _setfiles(self, _argv: tuple[str, ...], _input: t.Optional[str]) -> tuple[int, str, str]:
        return self._label()

    def _restorecon(self, _argv: tuple[str, ...], _input: t.Optional[str]) -> tuple[int, str, str]:
        return self._label()

    def _setenforce(self, argv: tuple[str, ...], _input: t.Optional[str]) -> tuple[int, str, str]:
        self.files["/sys/fs/selinux/enforce"] = argv[1].encode()
        return 0, "", ""

    def _getsebool(self, _argv: tuple[str, ...], _input: t.Optional[str]) -> tuple[int, str, str]:
        return 0, "".join(f"{name} --> {'on' if value else 'off'}\n" for name, value in self.booleans.items()), ""

    def _setsebool(self, argv: tuple[str, ...], _input: t.Optional[str]) -> tuple[int, str, str]:
        self.booleans.update({name: value == "1" for name, value in (word.split("=") for word in argv[2:])})
        return 0, "", ""

    def _semodule(self, argv: tuple[str, ...], _input: t.Optional[str]) -> tuple[int, str, str]:
        names = {word.rpartition("/")[2].rpartition(".")[0] or word for word in argv[2:]}
        if argv[1] == "-l":
            return 0, "".join(f"{name}\n" for name in sorted(self.modules)), ""
        self.modules = self.modules | names if argv[1] == "-i" else self.modules - names
        return 0, "", ""

    def _checkmodule(self, argv: tuple[str, ...], _input: t.Optional[str]) -> tuple[int, str, str]:
        bad = "nonsense" in (self.read_text(argv[-1]) or "")
        return (1, "", f"{argv[-1]}:2:ERROR 'syntax error' at token 'nonsense'") if bad else (0, "", "")

    def _apparmor_parser(self, argv: tuple[str, ...], _input: t.Optional[str]) -> tuple[int, str, str]:
        content = self.read_text(argv[-1]) or ""
        if "nonsense" in content:
            return 1, "", f"AppArmor parser error in {argv[-1]} at line 2: syntax error"
        name = (re.search(r"profile (\S+)", content) or [""] * 2)[1]
        profiles = dict(line.rsplit(" ", 1) for line in (self.read_text(PROFILES) or "").splitlines())
        if "--remove" in argv:
            profiles.pop(name, None)
        elif "--replace" in argv:
            profiles[name] = "(complain)" if "complain" in content else "(enforce)"
        self.files[PROFILES] = "".join(f"{key} {value}\n" for key, value in profiles.items()).encode()
        return 0, "", ""

    def _semanage(self, argv: tuple[str, ...], _input: t.Optional[str]) -> tuple[int, str, str]:
        kind, verb = argv[1:3]
        if verb == "-l" and kind == "port":
            return 0, "".join(f"{name} {key[1]} {key[0]}\n" for key, name in self.ports.items()), ""
        if verb == "-l":
            return 0, "".join(f"{path} all files u:object_r:{name}:s0\n" for path, name in self.contexts.items()), ""
        if verb == "-a" and argv[-1] == "80":
            return 1, "", "ValueError: Port tcp/80 already defined"
        words = dict(zip(argv, argv[1:]))
        store: dict[t.Any, str] = self.ports if kind == "port" else self.contexts
        key = (argv[-1], words["-p"]) if kind == "port" else argv[-1]
        if verb == "-d":
            del store[key]
        else:
            store[key] = words["-t"]
        return 0, "", ""


PROFILES = "/sys/kernel/security/apparmor/profiles"
