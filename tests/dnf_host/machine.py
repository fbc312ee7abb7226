# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine of Enterprise Linux as far as its packages go: namespaces in which dnf and rpm have a database, repositories
and a /boot of their own, and in which the modules run as they are. Nothing of the machine around it is changed.

What is made up: the packages, the release of the running kernel, that systemd runs (it knows no unit), and of the boot
loader the tool that writes entries. dnf, rpm, versionlock and grub-editenv are real.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import time
import typing as t
from pathlib import Path

from dnf_host.packages import ARCH

ROOT = Path(__file__).resolve().parent.parent.parent
PLUGINS = "ansible_collections.anycloud.container_host.plugins"
# How long others are waited for is the only thing that is another.
IMPATIENT = """\
import runpy
from {plugins}.module_utils._packages import dnf_run
dnf_run.LOCK_TIMEOUT_SECONDS = {seconds}
runpy.run_module("{plugins}.modules.{name}", run_name="__main__")
"""
TOOLS = {
    "dnf": "dnf",
    "rpmbuild": "rpm",
    "createrepo_c": "createrepo-c",
    "grub-editenv": "grub-common",
    "systemd-detect-virt": "systemd",
    "unshare": "util-linux",
}
VERSIONLOCK = Path("/etc/dnf/plugins/versionlock.conf")
COMMAND_SECONDS = 300

SETUP = """\
set -e
cd {folder}
mount --make-rprivate /
# A repository's packages are under the folder of the tests, which may be under one of these.
for name in boot cache etc lib log programs run; do mkdir -p $name; done
cp -a /etc/. etc 2>/dev/null || true
mount --bind etc /etc
mount -t tmpfs -o size=160m tmpfs /boot
for path in /var/lib:lib /var/cache:cache /var/log:log /usr/local/sbin:programs /run:run; do
    mount --bind ${{path#*:}} ${{path%:*}}
done
[ ! -d /sys/firmware/efi ] || mount -t tmpfs tmpfs /sys/firmware/efi
# Where apt is found it is the package manager, whatever else there is.
for name in apt-get zypper; do
    for found in /usr/bin/$name /bin/$name; do [ ! -e $found ] || mount --bind /dev/null $found; done
done
for name in osrelease version cmdline; do
    : > proc-$name
    case $name in osrelease) path=/proc/sys/kernel/osrelease ;; *) path=/proc/$name ;; esac
    mount --bind proc-$name $path
done
mkdir -p /run/systemd/system /run/lock /boot/loader/entries /boot/grub2 /var/lib/rpm
mkdir -p /etc/rpm /etc/sysconfig /etc/yum.repos.d
echo ready
# The first process, which nobody can kill from within. The dead vanish by themselves: dnf waits for them otherwise.
exec {python} -c 'import signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); sys.stdin.read()'
"""
# On such systems the database is this one, and not the user's.
MACROS = "%_dbpath /var/lib/rpm\n"
DNF_CONF = "[main]\ngpgcheck=0\ninstallonly_limit={limit}\nclean_requirements_on_remove=True\nbest=True\n"
REPOSITORY = "[{name}]\nname={name}\nbaseurl=file://{path}\nenabled=1\nmetadata_expire=1\n"
SYSCONFIG = "UPDATEDEFAULT=yes\nDEFAULTKERNEL=kernel-core\n"
PROGRAMS = {
    # No unit is known here, which is what ``show`` says of each.
    "systemctl": 'for name in "$@"; do case $name in *.*) printf "Id=%s\\nLoadState=not-found\\n\\n" "$name";; esac; done',
    "grubby": 'echo "$@" >> /run/grubby',
    "grub2-editenv": 'exec /usr/bin/grub-editenv "$@"',
    # As kernel-install and its 20-grub.install do it: an entry, a RAM disk, and the default as the setting says.
    "kernel-install": """\
entry=/boot/loader/entries/0-$2.conf
if [ "$1" = remove ]; then rm -f "$entry" "/boot/initramfs-$2.img"; exit; fi
head -c 40000 /dev/zero > "/boot/initramfs-$2.img"
printf 'title Test (%s)\\nversion %s\\nlinux /vmlinuz-%s\\ninitrd /initramfs-%s.img\\noptions root=/dev/vda1 ro\\n' \\
    "$2" "$2" "$2" "$2" > "$entry"
. /etc/sysconfig/kernel
if [ "$UPDATEDEFAULT" = yes ]; then /usr/local/sbin/grub2-editenv /boot/grub2/grubenv set "saved_entry=0-$2"; fi
""",
}


class CommandError(AssertionError):
    """A command or a module that failed, with what it said."""


class Machine:
    """One machine, fresh. Ends with the ``with`` block, and all its processes with it."""

    def __init__(self, folder: Path, repository: Path) -> None:
        self.folder = folder
        namespaces = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]
        argv = [*namespaces, "sh", "-c", SETUP.format(folder=folder, python=sys.executable)]
        self._keeper = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if not (self._keeper.stdout and self._keeper.stdout.readline().strip() == "ready"):
            raise RuntimeError(
                f"{' '.join(namespaces)}: root can have no namespaces here, or a mount in them was refused"
            )
        for name, text in PROGRAMS.items():
            self.write(f"/usr/local/sbin/{name}", f"#!/bin/sh\n{text}\n", 0o755)
        self.write("/etc/rpm/macros", MACROS)
        self.write("/etc/sysconfig/kernel", SYSCONFIG)
        self.write("/proc/cmdline", "BOOT_IMAGE=/vmlinuz root=/dev/vda1 ro\n")
        self.limit(3)
        for path in (self.path("/etc/yum.repos.d"), self.path("/etc/dnf/plugins")):
            for found in [*path.glob("*.repo"), *path.glob("*.list")]:
                found.unlink()
        self.write("/etc/dnf/plugins/versionlock.list", "")
        # It would keep a copy of each package, in one more repository.
        self.write("/etc/dnf/plugins/local.conf", "[main]\nenabled = false\n")
        self.add(repository, "first")
        self.dnf("install", "base")

    def __enter__(self) -> Machine:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._keeper.stdin:
            self._keeper.stdin.close()
        self._keeper.wait(30)

    def path(self, path: str) -> Path:
        """Where a file of the machine is seen from outside."""
        first, _slash, rest = path.strip("/").partition("/")
        if first == "proc":
            return self.folder / f"proc-{rest.rpartition('/')[2]}"
        places = {"etc": "etc", "run": "run", "usr/local/sbin": "programs", "var/lib": "lib", "var/cache": "cache"}
        for inside, outside in places.items():
            if path.strip("/").startswith(f"{inside}/"):
                return self.folder / outside / path.strip("/").removeprefix(f"{inside}/")
        raise ValueError(f"{path} is not seen from outside")

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """Write a file of the machine."""
        place = self.path(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        # Written in place: some are mounted, one by one.
        place.write_text(text, encoding="utf-8")
        place.chmod(mode)

    def read(self, path: str) -> str:
        """A file of the machine, empty when it is not there."""
        return self.run("sh", "-c", f"cat {path} 2>/dev/null || true")

    def limit(self, kernels: int) -> None:
        """Have dnf keep so many kernels."""
        self.write("/etc/dnf/dnf.conf", DNF_CONF.format(limit=kernels))

    def add(self, repository: Path, name: str) -> None:
        """Add a repository. It is copied to where the machine sees it."""
        shutil.copytree(repository, self.folder / "lib" / "repositories" / name)
        self.write(f"/etc/yum.repos.d/{name}.repo", REPOSITORY.format(name=name, path=f"/var/lib/repositories/{name}"))

    def start(self, *argv: str) -> subprocess.Popen[str]:
        """Start a command on the machine."""
        enter = ["nsenter", f"--target={self._pid()}", "--mount", "--pid", f"--wd={ROOT}"]
        environment = {
            "HOME": "/var/lib/home",
            "LC_ALL": "C",
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "PYTHONPATH": str(ROOT / ".cache" / "collections"),
        }
        pipe = subprocess.PIPE
        return subprocess.Popen([*enter, *argv], stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment)

    def _pid(self) -> int:
        """The first process of the namespaces; unshare itself stays outside of that of processes."""
        path = f"/proc/{self._keeper.pid}/task/{self._keeper.pid}/children"
        return int(Path(path).read_text(encoding="ascii").split()[0])

    def run(self, *argv: str, fails: bool = False) -> str:
        """Run a command on the machine; returns what it wrote. Raises CommandError when it fails, or does not but shall."""
        process = self.start(*argv)
        output, errors = process.communicate(timeout=COMMAND_SECONDS)
        if bool(process.returncode) is not fails:
            raise CommandError(f"{' '.join(argv)}: ended with {process.returncode}:\n{output}\n{errors}")
        return output + errors

    def dnf(self, *arguments: str, fails: bool = False) -> str:
        """Run dnf as an admin would, who says yes."""
        return self.run("dnf", "-y", *arguments, fails=fails)

    def kernels(self, name: str = "kernel-core") -> list[str]:
        """The installed versions of a package, sorted by their letters."""
        output = self.run("rpm", "-qa", "--qf", "%{VERSION}-%{RELEASE}\n", name)
        return sorted(output.split())

    def boot(self, version: str) -> None:
        """Have a kernel run, as after a start."""
        self.write("/proc/sys/kernel/osrelease", f"{version}.{ARCH}\n")
        self.write("/proc/version", f"Linux version {version}.{ARCH} (test@test) #1 SMP\n")

    @property
    def default(self) -> str:
        """The release that is started by default, as GRUB's environment block has it."""
        text = self.run("grub2-editenv", "/boot/grub2/grubenv", "list")
        words = dict(line.partition("=")[::2] for line in text.splitlines())
        return words.get("saved_entry", "").removeprefix("0-")

    @property
    def locks(self) -> list[str]:
        """What versionlock holds, in its own words."""
        return sorted(line for line in self.run("dnf", "-q", "versionlock", "list").splitlines() if line.strip())

    def start_module(
        self, name: str, options: t.Mapping[str, t.Any], check: bool = False, patience_seconds: int = 180
    ) -> subprocess.Popen[str]:
        """Start a module on the machine as Ansible would."""
        program = IMPATIENT.format(plugins=PLUGINS, name=name, seconds=patience_seconds)
        process = self.start(sys.executable, "-c", program)
        arguments = {"ANSIBLE_MODULE_ARGS": {**options, "_ansible_check_mode": check, "_ansible_diff": True}}
        assert process.stdin is not None
        process.stdin.write(json.dumps(arguments))
        process.stdin.close()
        process.stdin = None  # it is not to be written to once more
        return process

    def module(
        self, name: str, check: bool = False, fails: bool = False, patience_seconds: int = 180, **options: t.Any
    ) -> dict[str, t.Any]:
        """Run a module to its end; returns its result. Raises CommandError when it fails, or does not but shall."""
        process = self.start_module(name, options, check, patience_seconds)
        output, errors = process.communicate(timeout=COMMAND_SECONDS)
        result: dict[str, t.Any] = {}
        with contextlib.suppress(ValueError, IndexError):
            result = json.loads(output.strip().splitlines()[-1])
        if not result or bool(result.get("failed")) is not fails:
            raise CommandError(f"{name} {options}: {result.get('msg') or result or output}\n{errors}")
        return result

    def until(self, path: str, seconds: float = 120) -> None:
        """Wait until a file is there."""
        deadline = time.monotonic() + seconds
        while not self.path(path).exists():
            if time.monotonic() > deadline:
                raise CommandError(f"{path} has not come within {seconds} s")
            time.sleep(0.05)
