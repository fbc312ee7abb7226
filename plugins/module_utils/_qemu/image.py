# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a Debian disk image of the lab is made of, and the texts and argument lists that make it. Pure."""

from __future__ import annotations

import hashlib
import json
import typing as t
from dataclasses import asdict, dataclass

ESP_MIB = 64
"""Size of the EFI system partition: shim, GRUB and its two-line configuration need 6 MiB."""

BIOS_BOOT_START_SECTOR, BIOS_BOOT_SECTORS = 34, 2014
"""Between the partition table and the first MiB: GRUB for a BIOS, which finds it by the number of its sector."""

BIOS_MODULES = ("biosdisk", "ext2", "part_gpt", "search_fs_uuid", "normal", "configfile")

BIOS_CORE_COMMAND = (
    *("grub-mkimage", "-O", "i386-pc", "-p", "/boot/grub", "-c", "/boot/grub/i386-pc/load.cfg"),
    *("-o", "/boot/grub/i386-pc/core.img", *BIOS_MODULES),
)

BIOS_CONFIG_COMMAND = ("sed", "/^configfile/d")
"""From a BIOS, GRUB goes on to ``normal`` by itself, which reads what command is in what module, as this would not."""

ESP_MOUNT = "LABEL=EFI /boot/efi vfat umask=0077,nofail,x-systemd.device-timeout=10min 0 1"
"""A host whose devices show up late, as under emulation on a busy machine, boots on instead of asking for a person."""

ROOT_UUID_NAMESPACE = "container-host-root"

PACKAGES = (
    "apparmor",
    "apt-utils",
    "ca-certificates",
    "cloud-guest-utils",
    "cloud-init",
    "dbus",
    "e2fsprogs",
    "grub-efi-amd64-signed",
    "grub-pc-bin",
    "initramfs-tools",
    "iproute2",
    "iputils-ping",
    "kmod",
    "libpam-systemd",
    "linux-image-amd64",
    "netbase",
    "openssh-server",
    "procps",
    "python3",
    "python3-apt",
    "python3-yaml",
    "shim-signed",
    "sudo",
    "systemd-resolved",
    "systemd-sysv",
    "systemd-timesyncd",
    "tzdata",
    "udev",
    "zstd",
)
"""What a cloud's own Debian image has as far as a container host needs it."""

INITRAMFS_MODULES = ("virtio_pci", "virtio_blk", "virtio_scsi", "sd_mod", "ahci", "nvme", "ext4", "overlay")

# The kernel's messages must reach the serial console, or a host that does not boot says nothing.
GRUB_DEFAULTS = """\
GRUB_DEFAULT=0
GRUB_TIMEOUT=0
GRUB_DISTRIBUTOR=Debian
GRUB_CMDLINE_LINUX_DEFAULT=""
GRUB_CMDLINE_LINUX="console=tty0 console=ttyS0,115200"
GRUB_TERMINAL=console
GRUB_DISABLE_OS_PROBER=true
"""

CLOUD_INIT_LAB = """\
datasource_list: [NoCloud, None]
system_info:
  network:
    renderers: [networkd]
apt:
  preserve_sources_list: true
"""

PROFILES_LEFT_OUT = (
    *("1password", "Discord", "MongoDB_Compass", "QtWebEngineProcess", "Xorg", "balena-etcher", "brave", "cam"),
    *("chrome", "chromium", "code", "devhelp", "element-desktop", "epiphany", "evolution", "firefox", "flatpak"),
    *("foliate", "geary", "github-desktop", "goldendict", "ipa_verify", "kchmviewer", "keybase", "lc-compliance"),
    *("libcamerify", "linux-sandbox", "loupe", "msedge", "nautilus", "notepadqq", "obsidian", "opam", "opera"),
    *("pageedit", "plasmashell", "polypane", "privacybrowser", "qcam", "qmapshack", "qutebrowser", "rssguard"),
    *("sbuild*", "scide", "signal-desktop", "slack", "steam", "surfshark", "transmission", "trinity", "tup"),
    *("tuxedo-control-center", "uwsgi-core", "vivaldi-bin", "vpnns", "wike", "wpcom"),
)
"""AppArmor's profiles for programs of desktops and developers. To compile them takes an emulated host half a minute of
its first start, and each name here is of a program that the image and a container host do without."""

PATHS_LEFT_OUT = (
    "path-exclude=/usr/share/man/*",
    "path-exclude=/usr/share/doc/*",
    "path-include=/usr/share/doc/*/copyright",
    "path-exclude=/usr/share/locale/*",
    *(f"path-exclude=/etc/apparmor.d/{name}" for name in PROFILES_LEFT_OUT),
)
"""Options of dpkg(1): documentation would only cost unpacking time."""

# A lab's disk is thrown away, so dpkg need not wait for it.
DPKG_LAB = "\n".join(("force-unsafe-io", *PATHS_LEFT_OUT, ""))


@dataclass(frozen=True)
class Recipe:
    """Everything that decides an image's content, besides the state of the mirror on the day."""

    suite: str
    mirror: str
    security_mirror: str
    root_size_mib: int = 2560
    packages: tuple[str, ...] = PACKAGES
    version: int = 4  # raise when the way the image is made changes

    @property
    def digest(self) -> str:
        """SHA-256 over the recipe, 12 hexadecimal digits: an image of another recipe has another name."""
        texts = (GRUB_DEFAULTS, CLOUD_INIT_LAB, DPKG_LAB, INITRAMFS_MODULES, BIOS_CONFIG_COMMAND, BIOS_CORE_COMMAND)
        plain = json.dumps([asdict(self), texts], sort_keys=True)
        return hashlib.sha256(plain.encode()).hexdigest()[:12]

    @property
    def root_uuid(self) -> str:
        """The root file system's UUID, derived from the recipe (RFC 9562 version 8: custom)."""
        digits = hashlib.sha256(f"{ROOT_UUID_NAMESPACE}-{self.digest}".encode()).hexdigest()
        return f"{digits[:8]}-{digits[8:12]}-8{digits[13:16]}-8{digits[17:20]}-{digits[20:32]}"

    @property
    def sources(self) -> str:
        """The image's apt sources, deb822 (sources.list(5))."""
        signed = "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg"
        stanzas = [
            f"Types: deb\nURIs: {self.mirror}\nSuites: {self.suite} {self.suite}-updates\nComponents: main\n{signed}\n"
        ]
        if self.suite != "sid":
            stanzas.append(
                f"Types: deb\nURIs: {self.security_mirror}\nSuites: {self.suite}-security\nComponents: main\n{signed}\n"
            )
        return "\n".join(stanzas)


def files(recipe: Recipe) -> dict[str, str]:
    """The files laid into the root file system, by path."""
    return {
        "etc/apt/sources.list.d/debian.sources": recipe.sources,
        "etc/cloud/cloud.cfg.d/10_lab.cfg": CLOUD_INIT_LAB,
        "etc/default/grub": GRUB_DEFAULTS,
        "etc/dpkg/dpkg.cfg.d/lab": DPKG_LAB,
        "etc/fstab": f"UUID={recipe.root_uuid} / ext4 errors=remount-ro 0 1\n{ESP_MOUNT}\n",
        "etc/initramfs-tools/conf.d/lab": "MODULES=list\nCOMPRESS=zstd\n",
        "etc/initramfs-tools/modules": "".join(f"{name}\n" for name in INITRAMFS_MODULES),
        "etc/hostname": "localhost\n",
    }


def grub_probe_answers(recipe: Recipe) -> str:
    """A stand-in for grub-probe(8) while the image has no disk yet; the real one is put back after use.

    grub-mkconfig asks it for what only the finished disk could tell, and all of that is decided by the recipe.
    """
    return f"""\
#!/bin/sh
target=
while [ $# -gt 0 ]; do
  case "$1" in
    --target=*) target="${{1#--target=}}" ;;
    -t) target="$2"; shift ;;
  esac
  shift
done
case "$target" in
  device) echo /dev/vda2 ;;
  disk) echo /dev/vda ;;
  fs) echo ext2 ;;
  fs_uuid) echo {recipe.root_uuid} ;;
  partuuid) exit 1 ;;
  partmap) echo gpt ;;
  drive) echo "(hd0,gpt2)" ;;
  compatibility_hint) echo hd0,gpt2 ;;
  hints_string) echo "--hint-bios=hd0,gpt2 --hint-efi=hd0,gpt2" ;;
  *) ;;
esac
"""


def grub_config(recipe: Recipe) -> str:
    """GRUB's first configuration, from UEFI and from a BIOS: find the root file system and read the real one there."""
    return f"search.fs_uuid {recipe.root_uuid} root\nset prefix=($root)'/boot/grub'\nconfigfile $prefix/grub.cfg\n"


def mmdebstrap_command(recipe: Recipe, staging: str, target: str) -> list[str]:
    """The command that makes the root file system at ``target``; ``staging`` holds files() and the stand-in."""
    sources = [f"deb {recipe.mirror} {name} main" for name in (recipe.suite, f"{recipe.suite}-updates")]
    if recipe.suite != "sid":
        sources.append(f"deb {recipe.security_mirror} {recipe.suite}-security main")
    return [
        "mmdebstrap",
        "--quiet",
        "--mode=root",
        "--variant=minbase",
        "--format=directory",
        '--aptopt=APT::Install-Recommends "false"',
        *(f"--dpkgopt={option}" for option in PATHS_LEFT_OUT),
        f"--include={','.join(recipe.packages)}",
        # before packages are installed, so that the initial RAM disk is made once and right
        f'--essential-hook=cp -r {staging}/early/. "$1"/',
        f'--customize-hook=cp -r {staging}/late/. "$1"/',
        '--customize-hook=rm -f "$1"/etc/apt/sources.list "$1"/etc/apt/apt.conf.d/99mmdebstrap',
        '--customize-hook=mkdir -p "$1"/boot/grub "$1"/boot/efi',
        '--customize-hook=mv "$1"/usr/sbin/grub-probe "$1"/usr/sbin/grub-probe.real',
        f'--customize-hook=cp {staging}/grub-probe "$1"/usr/sbin/grub-probe',
        '--customize-hook=chroot "$1" update-grub',
        '--customize-hook=mv -f "$1"/usr/sbin/grub-probe.real "$1"/usr/sbin/grub-probe',
        '--customize-hook=cp -r "$1"/usr/lib/grub/i386-pc "$1"/boot/grub/',
        f'--customize-hook={" ".join(BIOS_CONFIG_COMMAND)} {staging}/grub.cfg > "$1"/boot/grub/i386-pc/load.cfg',
        f'--customize-hook=chroot "$1" {" ".join(BIOS_CORE_COMMAND)}',
        '--customize-hook=chroot "$1" systemctl enable systemd-networkd systemd-resolved systemd-timesyncd ssh',
        '--customize-hook=ln -sf ../run/systemd/resolve/stub-resolv.conf "$1"/etc/resolv.conf',
        '--customize-hook=rm -f "$1"/etc/ssh/ssh_host_* "$1"/etc/machine-id "$1"/var/lib/dbus/machine-id',
        '--customize-hook=: > "$1"/etc/machine-id',
        recipe.suite,
        target,
        *sources,
    ]


def early_files(recipe: Recipe) -> dict[str, str]:
    """The part of files() that package scripts read while they are installed."""
    return {path: text for path, text in files(recipe).items() if "initramfs" in path or "default/grub" in path}


_BIOS_BOOT = "21686148-6449-6E6F-744E-656564454649"


def _bios_commands(modules: str, raw: str) -> list[tuple[list[str], t.Optional[str]]]:
    """What grub-bios-setup(8) would do, without a device: two images, each told where the next sector is.

    boot.img fits before the partition table (440 bytes); it reads the first sector of core.img (number at 0x5c), and
    that the rest of it (number at the start of its last entry, 12 bytes before the sector's end).
    """
    put = ["dd", f"of={raw}", "conv=notrunc", "status=none"]
    core = BIOS_BOOT_START_SECTOR
    return [
        ([*put, f"if={modules}/boot.img", "bs=440", "count=1"], None),
        ([*put, "bs=1", "seek=92"], _sector(core)),
        ([*put, f"if={modules}/core.img", "bs=512", f"seek={core}"], None),
        ([*put, "bs=1", f"seek={core * 512 + 500}"], _sector(core + 1)),
    ]


def _sector(number: int) -> str:
    """The number of a sector as 64 bits, little-endian; as text it stays below what would need encoding."""
    return number.to_bytes(8, "little").decode("ascii")


def disk_commands(recipe: Recipe, folder: str, disk: str) -> list[tuple[list[str], t.Optional[str]]]:
    """The commands (with what goes to their input) that put ``folder``/root on a bootable disk ``disk``.

    GPT with an EFI system partition holding shim and the signed GRUB at the removable path (UEFI 2.10, 3.5.1.1), an
    ext4 root, and GRUB for a BIOS in a partition of its own. No loop device and no mount is needed.
    """
    root, esp, raw = f"{folder}/root.ext4", f"{folder}/esp.fat", f"{folder}/disk.raw"
    root_start_mib = 1 + ESP_MIB
    table = (
        "label: gpt\nfirst-lba: 34\n"
        f"start=1MiB, size={ESP_MIB}MiB, type=uefi, name=EFI\n"
        f"start={root_start_mib}MiB, size={recipe.root_size_mib}MiB, type=linux, name=root\n"
        f"start={BIOS_BOOT_START_SECTOR}, size={BIOS_BOOT_SECTORS}, type={_BIOS_BOOT}, name=bios\n"
    )
    boot = f"{folder}/root/usr"
    make_root = ["mke2fs", "-q", "-t", "ext4", "-L", "root", "-U", recipe.root_uuid, "-d", f"{folder}/root"]
    place = ["dd", f"of={raw}", "bs=1M", "conv=notrunc,sparse", "status=none"]
    return [
        (["mformat", "-C", "-F", "-i", esp, "-v", "EFI", "-T", str(ESP_MIB * 2048), "::"], None),
        (["mmd", "-i", esp, "::EFI", "::EFI/BOOT", "::EFI/debian"], None),
        (["mcopy", "-i", esp, f"{boot}/lib/shim/shimx64.efi.signed", "::EFI/BOOT/BOOTX64.EFI"], None),
        (["mcopy", "-i", esp, f"{boot}/lib/shim/mmx64.efi.signed", "::EFI/BOOT/mmx64.efi"], None),
        (["mcopy", "-i", esp, f"{boot}/lib/grub/x86_64-efi-signed/grubx64.efi.signed", "::EFI/BOOT/grubx64.efi"], None),
        (["mcopy", "-i", esp, f"{folder}/grub.cfg", "::EFI/debian/grub.cfg"], None),
        ([*make_root, "-E", "lazy_itable_init=1,lazy_journal_init=1", root, f"{recipe.root_size_mib}M"], None),
        (["truncate", "-s", f"{root_start_mib + recipe.root_size_mib + 1}M", raw], None),
        (["sfdisk", "--quiet", raw], table),
        ([*place, f"if={esp}", "seek=1"], None),
        ([*place, f"if={root}", f"seek={root_start_mib}"], None),
        *_bios_commands(f"{folder}/root/boot/grub/i386-pc", raw),
        (["qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, disk], None),
    ]
