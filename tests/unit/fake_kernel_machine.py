# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine in memory with apt and GRUB that installs kernels, makes its menu and starts what GRUB would start.

The settings its menu is made from are read by a real shell, as grub-mkconfig reads them.
"""

from __future__ import annotations

import re
import subprocess
import typing as t

from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.grub import (
    default_entry,
    find_entry,
    parse_environment,
    parse_menu,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.packages_apt import PREFERENCES
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_host import KernelHost, Result

OLD, MIDDLE, NEW, NEWEST = (f"6.12.{number}+deb13-amd64" for number in (38, 41, 43, 48))
CLOUD = "6.12.48+deb13-cloud-amd64"
META = "linux-image-amd64"
GENERATOR = "/usr/bin/grub-mkconfig"
GRUB_CFG, GRUB_ENV = "/boot/grub/grub.cfg", "/boot/grub/grubenv"
SETTINGS = "/etc/default/grub"
HEADER = """\
### BEGIN /etc/grub.d/00_header ###
if [ "${next_entry}" ] ; then
   set default="${next_entry}"
   set next_entry=
   save_env next_entry
   set boot_once=true
else
   set default="%s"
fi
function savedefault {
  if [ -z "${boot_once}" ]; then
    saved_entry="${chosen}"
  fi
}
### END /etc/grub.d/00_header ###
### BEGIN /etc/grub.d/10_linux ###
"""
ENTRY = """\
menuentry 'Linux, with Linux %s' --class os $menuentry_id_option 'gnulinux-%s-UUID' {
\tinsmod gzio
\techo\t'Loading ...'
\tlinux\t/boot/vmlinuz-%s root=UUID=1 ro %s
\tinitrd\t/boot/initrd.img-%s
}
"""
TAIL = """\
### END /etc/grub.d/10_linux ###
### BEGIN /etc/grub.d/30_uefi-firmware ###
menuentry 'UEFI Firmware Settings' $menuentry_id_option 'uefi-firmware' {
\tfwsetup
}
### END /etc/grub.d/30_uefi-firmware ###
"""
SHOW = '\nprintf "%s\\n" "$GRUB_DEFAULT" "$GRUB_CMDLINE_LINUX" "$GRUB_CMDLINE_LINUX_DEFAULT"'

Answer = tuple[int, str, str]


def read_settings(*texts: str) -> tuple[str, list[str], list[str]]:
    """GRUB_DEFAULT, the words of GRUB_CMDLINE_LINUX and of GRUB_CMDLINE_LINUX_DEFAULT, as a shell reads them."""
    program = "set -e\n" + "".join(texts) + SHOW
    done = subprocess.run(["sh"], input=program, capture_output=True, text=True, check=True)
    default, all_words, plain_words = done.stdout.split("\n")[:3]
    return default, all_words.split(), plain_words.split()


def render_menu(default: str, releases: t.Sequence[str], words: t.Sequence[str], plain: t.Sequence[str]) -> str:
    """A grub.cfg as 10_linux writes it: the newest first, then all of them in a submenu, each with a rescue entry."""
    default = "${saved_entry}" if default == "saved" else default or "0"
    both, rescue = " ".join([*words, *plain]), " ".join(["single", *words])
    simple = (ENTRY % (releases[0], "simple", releases[0], both, releases[0])).replace(", with Linux", "", 1)
    inner = "".join(
        ENTRY % (release, f"{release}-{kind}", release, parameters, release)
        for release in releases
        for kind, parameters in (("advanced", both), ("recovery", rescue))
    )
    submenu = f"submenu 'Advanced options for Linux' $menuentry_id_option 'gnulinux-advanced-UUID' {{\n{inner}}}\n"
    return HEADER % default + simple + submenu + TAIL


class Machine(FakeHostIO):
    """``packages``: name -> version. ``offered``: name -> versions. ``panics``: releases that don't come up."""

    def __init__(self, running: str = NEW, installed: t.Sequence[str] = (NEW, OLD)) -> None:
        super().__init__(
            files={
                GENERATOR: "for x in /etc/default/grub.d/*.cfg",
                SETTINGS: 'GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX_DEFAULT="quiet"\nGRUB_CMDLINE_LINUX="console=ttyS0"\n',
                GRUB_ENV: "# GRUB Environment Block\n",
                "/proc/self/status": "Uid:\t0\t0\t0\t0\n",
                "/proc/version": "Linux version x #1 SMP\n",
            },
            directories=["/run/systemd/system"],
            available=["grub-mkconfig"],
            commands={
                ("dpkg-query",): self._dpkg_query,
                ("dpkg",): self._dpkg,
                ("apt-get",): self._apt_get,
                ("apt-cache",): self._apt_cache,
                ("env",): self._generate,
                ("grub-script-check",): (0, "", ""),
                ("grub-editenv",): self._editenv,
                ("grub-probe",): lambda argv, _text: (0, "ext2\n" if argv[1] == "--target=fs" else "", ""),
                ("sync",): (0, "", ""),
                ("systemctl",): (0, "", ""),
                ("systemd-detect-virt",): (1, "", ""),
                ("uname", "-m"): (0, "x86_64\n", ""),
                ("find",): (0, "/var/lib/apt/lists/partial\n", ""),
            },
        )
        self.files["/var/lib/apt/lists/x_Packages"] = b""
        self.packages = {META: "6.12.43-1", "linux-base": "4.12", "bash": "5.2"}
        self.held: set[str] = set()
        self.offered = {f"linux-image-{release}": [version_of(release)] for release in (NEW, NEWEST, CLOUD)}
        self.panics: set[str] = set()
        self.boots = 0
        for release in installed:
            self._unpack(f"linux-image-{release}", version_of(release))
        self._generate((GRUB_CFG,), None)
        self._start(running)

    # --- packages ---

    def _dpkg_query(self, argv: tuple[str, ...], _text: t.Optional[str]) -> Answer:
        names = [name for name in self.packages if argv[4] == "linux-[a-z]*" and name.startswith("linux-")]
        names = names or [name for name in argv[4:] if name in self.packages]
        return (
            0,
            "".join(f"{n}\t{self.packages[n]}\t{'hold' if n in self.held else 'install'}\tinstalled\n" for n in names),
            "",
        )

    def _dpkg(self, argv: tuple[str, ...], text: t.Optional[str]) -> Answer:
        if argv[1] == "--get-selections":
            return 0, "".join(f"{name}:amd64\thold\n" for name in sorted(self.held)) + "bash\tinstall\n", ""
        for line in (text or "").splitlines():
            name, selection = line.split()
            (self.held.add if selection == "hold" else self.held.discard)(name)
        return 0, "", ""

    def _apt_cache(self, argv: tuple[str, ...], _text: t.Optional[str]) -> Answer:
        if argv[1] == "pkgnames":
            return 0, "\n".join([*self.offered, "linux-image-6.12.48+deb13-amd64-dbg"]), ""
        text = ""
        preferences = self.read_text(PREFERENCES) or ""
        for name in argv[2:]:
            versions = self.offered.get(name, [])
            pin = re.search(rf"^Package: {re.escape(name)}\nPin: version (\S+)$", preferences, re.MULTILINE)
            candidate = pin.group(1) if pin and pin.group(1) in versions else (versions or ["(none)"])[0]
            text += f"{name}:\n  Installed: (none)\n  Candidate: {candidate}\n  Version table:\n"
            text += "".join(f"     {version} 500\n        500 http://x trixie/main Packages\n" for version in versions)
        return 0, text, ""

    def _apt_get(self, argv: tuple[str, ...], _text: t.Optional[str]) -> Answer:
        wanted = [word.partition("=") for word in argv if word.startswith("linux-")]
        for name, _equals, version in wanted:
            if version not in self.offered.get(name, []):
                return 100, "", f"E: Version '{version}' for '{name}' was not found\n"
            assert name not in self.held, f"{name} is held"
            self._unpack(name, version)
        if wanted:
            self._generate((GRUB_CFG,), None)
        return 0, "", ""

    def _unpack(self, name: str, version: str) -> None:
        self.packages[name] = version
        release = name.removeprefix("linux-image-")
        if release[0].isdigit():
            for path in (f"/boot/vmlinuz-{release}", f"/boot/initrd.img-{release}"):
                self.files[path] = b"x" * 1024

    # --- boot loader ---

    def _generate(self, argv: tuple[str, ...], _text: t.Optional[str]) -> Answer:
        folder = sorted(path for path in self.files if path.startswith(f"{SETTINGS}.d/"))
        settings = read_settings(*(self.read_text(path) or "" for path in (SETTINGS, *folder)))
        releases = [path.removeprefix("/boot/vmlinuz-") for path in self.files if path.startswith("/boot/vmlinuz-")]
        self.files[argv[-1]] = render_menu(settings[0], sorted(releases, reverse=True), *settings[1:]).encode()
        return 0, "", ""

    def _editenv(self, argv: tuple[str, ...], _text: t.Optional[str]) -> Answer:
        environment = self.environment
        name, _equals, value = argv[3].partition("=")
        environment.pop(name, None)
        if argv[2] == "set":
            environment[name] = value
        self.save_environment(environment)
        return 0, "", ""

    @property
    def environment(self) -> dict[str, str]:
        """GRUB's environment block."""
        return parse_environment(self.read_text(GRUB_ENV))

    def save_environment(self, environment: t.Mapping[str, str]) -> None:
        lines = "".join(f"{name}={value}\n" for name, value in environment.items())
        self.files[GRUB_ENV] = f"# GRUB Environment Block\n{lines}####".encode()

    def reboot(self) -> str:
        """Start what GRUB starts, again when that panics; returns the release that runs."""
        menu = parse_menu(self.read_text(GRUB_CFG) or "")
        environment = self.environment
        following = environment.pop("next_entry", "")
        entry = find_entry(menu, following) if following else None
        self.save_environment(environment)
        entry = entry or default_entry(self.read_text(GRUB_CFG) or "", environment, menu)
        assert entry is not None
        release = entry.image.removeprefix("/boot/vmlinuz-")
        if release in self.panics:
            return self.reboot()
        self._start(release, entry.parameters)
        return release

    def _start(self, release: str, parameters: t.Sequence[str] = ("quiet", "console=ttyS0")) -> None:
        self.boots += 1
        self.files["/proc/sys/kernel/osrelease"] = f"{release}\n".encode()
        self.files["/proc/sys/kernel/random/boot_id"] = f"boot-{self.boots}\n".encode()
        self.files["/proc/cmdline"] = " ".join(["BOOT_IMAGE=x", *parameters]).encode()

    def state(self) -> dict[str, t.Any]:
        """Everything a run may change."""
        return {"files": dict(self.files), "packages": dict(self.packages), "held": set(self.held)}


def version_of(release: str) -> str:
    """The package version of a release of these tests."""
    return f"{release.partition('+')[0]}-1"


def pin(machine: Machine, check_mode: bool = False, **options: t.Any) -> Result:
    """One run of the module."""
    return KernelHost(machine, check_mode).pin(options)


def release(machine: Machine, check_mode: bool = False) -> Result:
    """One run of the module with the state absent."""
    return KernelHost(machine, check_mode).release()
