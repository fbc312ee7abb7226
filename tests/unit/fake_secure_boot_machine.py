# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A UEFI machine in memory: its firmware takes variables as UEFI says, and the tools that sign do so with samples."""

from __future__ import annotations

import struct
import typing as t

import secure_boot_samples as samples
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.module_signature import parse_module
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.signature_list import (
    parse_signature_lists,
    render_signature_list,
)

Answer = tuple[int, str, str]
RELEASE, NEXT = "6.12.48-vendor", "6.12.48-own"
CERTIFICATE, KEY = "/etc/own.crt", "/etc/own.key"
ESP = "/boot/efi/EFI/BOOT"
LOADER, GRUB, MOK_MANAGER = f"{ESP}/BOOTX64.EFI", f"{ESP}/grubx64.efi", f"{ESP}/mmx64.efi"
SIGN_FILE = "/usr/lib/linux-kbuild-6.12/scripts/sign-file"
PUBLIC = {KEY: "public key of own\n", "/etc/other.key": "public key of another\n"}
CONFIG = "CONFIG_MODULE_SIG=y\nCONFIG_MODULE_SIG_HASH=sha512\n"
MODULE = b"\x7fELF module"
MODULES = f"/lib/modules/{NEXT}/kernel"


def lists(*certificates: samples.Certificate) -> bytes:
    return b"".join(render_signature_list(certificate) for certificate in certificates)


class Machine(FakeHostIO):
    """It runs the distribution's kernel, started by shim, which is the vendor's. NEXT is a kernel nobody signed."""

    def __init__(self, enabled: bool = True, setup_mode: bool = False, uefi: bool = True) -> None:
        super().__init__(
            files={
                "/proc/self/status": "Uid:\t0\t0\t0\t0\n",
                "/proc/sys/kernel/osrelease": f"{RELEASE}\n",
                "/proc/sys/kernel/tainted": "12288\n",
                "/sys/kernel/security/lockdown": "none [integrity] confidentiality\n",
                "/sys/module/module/parameters/sig_enforce": "N\n",
                "/sys/module/zfs/taint": "POE\n",
                "/sys/module/own/taint": "O\n",
                f"/boot/vmlinuz-{RELEASE}": samples.KERNEL_OF_DISTRIBUTION,
                f"/boot/vmlinuz-{NEXT}": samples.KERNEL,
                f"/boot/config-{NEXT}": CONFIG,
                LOADER: samples.SHIM,
                GRUB: samples.KERNEL_OF_DISTRIBUTION,
                MOK_MANAGER: samples.KERNEL_OF_DISTRIBUTION,
                CERTIFICATE: samples.OWN.pem,
                **dict.fromkeys(PUBLIC, "private"),
            },
            directories=["/run/systemd/system"],
            commands={
                ("systemd-detect-virt",): (1, "", ""),
                ("uname", "-m"): (0, "x86_64\n", ""),
                ("openssl",): self._openssl,
                ("sbsign",): self._sbsign,
                ("sbverify",): (0, "Signature verification OK\n", ""),
                ("date",): (0, "2026 11 29 18 30 05\n", ""),
                ("chattr",): (0, "", ""),
                ("dd",): self._dd,
                ("mokutil",): self._mokutil,
                ("cp",): self._cp,
                ("sync",): (0, "", ""),
                (SIGN_FILE,): self._sign_file,
                ("update-initramfs",): self._update_initramfs,
                ("zstd",): self._zstd,
                ("modinfo",): (0, "filename: x\nsig_id:         PKCS#7\nsig_key:        0A:0b\n", ""),
            },
            modes={f"/boot/vmlinuz-{NEXT}": 0o600},
        )
        self.files[SIGN_FILE] = b""
        self.files[f"{MODULES}/a.ko"] = MODULE
        self.ramdisk: dict[str, bytes] = {}
        if uefi:
            self.set("SecureBoot", bytes([enabled]))
            self.set("SetupMode", bytes([setup_mode]))
            if not setup_mode:
                self.set("PK", lists(samples.VENDOR_CA))
                self.set("db", lists(samples.VENDOR_CA))
            self.set("MokListRT", lists(samples.DISTRIBUTION))
            self.set("SbatLevelRT", b"sbat,1,2024010900\n")

    def guid(self, name: str) -> str:
        databases = dict.fromkeys(("db", "dbx"), samples.DATABASE)
        shims = dict.fromkeys(
            ("MokListRT", "MokListXRT", "MokSBStateRT", "SbatLevelRT", "MokNew", "MokDel"), samples.SHIM_GUID
        )
        return {**databases, **shims}.get(name, samples.GLOBAL)

    def set(self, name: str, data: bytes) -> None:
        self.files.update(samples.variable(name, data, self.guid(name)))

    def get(self, name: str) -> list[str]:
        """The subjects in a variable, as far as it is there."""
        content = self.files.get(f"{samples.EFIVARS}/{name}-{self.guid(name)}", b"")
        return [found.subject for found in parse_signature_lists(content[4:]).certificates]

    def state(self) -> dict[str, t.Any]:
        """Everything a run may change."""
        return {"files": dict(self.files), "modes": dict(self.modes)}

    # --- tools ---

    def _openssl(self, argv: tuple[str, ...], text: t.Optional[str]) -> Answer:
        if argv[1] == "pkey":
            public = PUBLIC.get(argv[3])
            return (0, public, "") if public else (1, "", "Could not read private key")
        if argv[1] == "x509":
            assert text == samples.OWN.pem
            return 0, PUBLIC[KEY], ""
        if argv[1] == "rand":
            return 0, "00000000499602d2\n", ""
        if argv[1] == "smime":
            options = dict(zip(argv, argv[1:]))
            assert (options["-inkey"], options["-md"]) == (KEY, "sha256")
            self.files[options["-out"]] = samples.MODULE_BY_OWN
            return 0, "", ""
        assert argv == ("openssl", "passwd", "-6", "-stdin")
        return 0, f"$6$salt${(text or '').strip()}\n", ""

    def _sbsign(self, argv: tuple[str, ...], _text: t.Optional[str]) -> Answer:
        output, image = argv[6], self.files[argv[7]]
        assert argv[1:5] == ("--key", KEY, "--cert", "/run/container-host/secure-boot/certificate.pem")
        signed = {samples.KERNEL: samples.KERNEL_OF_OWN, samples.KERNEL_OF_DISTRIBUTION: samples.KERNEL_OF_BOTH}
        self.files[output] = signed[image]
        return 0, "", ""

    def _sign_file(self, argv: tuple[str, ...], _text: t.Optional[str]) -> Answer:
        assert argv[1:4] == ("sha512", KEY, "/run/container-host/secure-boot/certificate.der")
        self.files[argv[4]] += samples.MODULE_BY_OWN
        return 0, "", ""

    def _update_initramfs(self, argv: tuple[str, ...], _text: t.Optional[str]) -> Answer:
        assert argv[1:] == ("-u", "-k", NEXT)
        self.ramdisk = {path: content for path, content in self.files.items() if path.startswith(MODULES)}
        return 0, "", ""

    def _zstd(self, argv: tuple[str, ...], _text: t.Optional[str]) -> Answer:
        before, after = (b"zstd", b"") if "-d" in argv else (b"", b"zstd")
        self.files[argv[argv.index("-o") + 1]] = after + self.files[argv[-1]].removeprefix(before)
        return 0, "", ""

    def _cp(self, argv: tuple[str, ...], _text: t.Optional[str]) -> Answer:
        self.files[argv[3]] = self.files[argv[2]]
        self.modes[argv[3]] = self.modes.get(argv[2], 0o644)
        return 0, "", ""

    def _dd(self, argv: tuple[str, ...], _text: t.Optional[str]) -> Answer:
        content, path = self.files[argv[1][3:]], argv[2][3:]
        (length,) = struct.unpack_from("<I", content, 4 + 16)
        data = content[4 + 16 + length :]
        self.files.pop(path, None)
        if data:
            self.files[path] = content[:4] + data
        if "/PK-" in path:
            self.set("SetupMode", bytes([not data]))
        return 0, "", ""

    def _mokutil(self, argv: tuple[str, ...], _text: t.Optional[str]) -> Answer:
        name = {"import": "MokNew", "delete": "MokDel"}[argv[1].rpartition("-")[2]]
        if argv[1].startswith("--revoke"):
            del self.files[f"{samples.EFIVARS}/{name}-{samples.SHIM_GUID}"]
            return 0, "", ""
        assert argv[3] == "--hash-file"
        assert self.modes[argv[4]] == 0o600
        assert self.read_text(argv[4])
        self.set(name, lists(samples.certificate(self.files[argv[2]])))
        return 0, "", ""

    def is_signed(self, path: str) -> bool:
        return bool(parse_module(self.files[path]).signed)
