# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The signing module's work from its options to its result, with the HostIO handed in."""

from __future__ import annotations

import contextlib
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.kernel import parse_config
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, InputError, Problem
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_host import (
    check_kernel_machine,
    kernel_lock,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_observe import running_release
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.enrolment import check_firmware
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.module_signature import (
    ZSTD,
    ModuleSignature,
    compress,
    decompress,
    parse_modinfo,
    parse_module,
    suffix_of,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.signing import (
    MARK,
    STORE,
    Kernel,
    Module,
    SignPlan,
    hash_of_modules,
    plan_restoring,
    plan_signing,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.trust import refusal
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot_facts import image_facts
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot_observe import (
    kernel_refusal,
    observe_firmware,
    read_anchors,
    read_image,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot_tools import (
    CERTIFICATE,
    CERTIFICATE_DER,
    as_text,
    check_key,
    need_tools,
    read_certificate,
    work_folder,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
    from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.certificate import Certificate

SIGN_TIMEOUT_SECONDS = 300
RAMDISK_TIMEOUT_SECONDS = 1800
_RAMDISK_MAKERS = {"update-initramfs": ("-u", "-k"), "dracut": ("--force", "--kver")}


@dataclass(frozen=True)
class SignResult:
    """What the module reports."""

    plan: SignPlan
    kernel: Kernel


class KernelSignHost:
    """One host's kernels: signed, or as they were before."""

    def __init__(self, io: HostIO, check_mode: bool = True) -> None:
        """Raises HostError where kernels are not this system's to sign."""
        check_kernel_machine(io)
        self.io = io
        self.check_mode = check_mode
        self.running = running_release(io)

    def sign(self, options: t.Mapping[str, t.Any]) -> SignResult:
        """Observe, plan, and outside check mode apply. Raises InputError or HostError before anything is changed."""
        certificate = read_certificate(self.io, options["certificate"])
        check_firmware(observe_firmware(self.io))
        need_tools(self.io, {"openssl": "openssl", "sbsign": "sbsigntool", "sbverify": "sbsigntool"})
        check_key(self.io, certificate, options["private_key"])
        with kernel_lock(self.io, self.check_mode):
            kernel = self.observe(options["release"] or self.running, bool(options["modules"]))
            if any(suffix_of(module.path) == ZSTD for module in kernel.modules):
                need_tools(self.io, {"modinfo": "kmod", "zstd": "zstd"})
            plan = plan_signing(kernel, certificate)
            if plan.sign_image:
                self._check_fips(kernel.release)
            tools = self._module_tools(kernel) if plan.make_ramdisk else ()
            if plan.difference and not self.check_mode:
                with work_folder(self.io, certificate):
                    self._apply(plan, kernel, options["private_key"], tools)
        return SignResult(plan, kernel)

    def restore(self, options: t.Mapping[str, t.Any]) -> SignResult:
        """Put the image back as it was before it was signed. Signed modules stay: a signature harms nobody."""
        with kernel_lock(self.io, self.check_mode):
            kernel = self.observe(options["release"] or self.running, modules=False)
            kept = self._kept(kernel.release)
            original = read_image(self.io, kept)
            firmware = observe_firmware(self.io)
            refused = ""
            if firmware.checks_kernels:
                refused = refusal(original, read_anchors(self.io, firmware, self.running))
            plan = plan_restoring(kernel, original, self.io.exists(kept), refused)
            if plan.difference and not self.check_mode:
                if plan.restore_image:
                    self._copy(kept, kernel.path)
                self.io.remove_tree(kept.rpartition("/")[0])
        return SignResult(plan, kernel)

    def facts(self, options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """Everything the info module returns."""
        certificate = read_certificate(self.io, options["certificate"]) if options["certificate"] else None
        kernel = self.observe(options["release"] or self.running, bool(options["modules"]))
        firmware = observe_firmware(self.io)
        signed = kernel.image.is_signed_by(certificate) if kernel.image and certificate else None
        states = [module.signature.signed for module in kernel.modules]
        counts = {"signed": states.count(True), "unsigned": states.count(False), "unreadable": states.count(None)}
        return {
            "release": kernel.release,
            "path": kernel.path,
            **image_facts(kernel.image),
            "signed_by_certificate": signed,
            "refused": kernel_refusal(self.io, firmware, kernel.release, self.running),
            "original_kept": self.io.exists(self._kept(kernel.release)),
            "modules": {**counts, **self._by(kernel, certificate)} if options["modules"] else None,
        }

    def observe(self, release: str, modules: bool) -> Kernel:
        """A kernel as it is. Raises InputError when it isn't there."""
        path = f"/boot/vmlinuz-{release}"
        status = self.io.status(path)
        if "/" in release or status is None or status.kind != "file":
            remedy = "give what uname -r says of a kernel that is installed"
            raise InputError([Problem("release", f"{release} has no image at {path}", remedy)])
        folder = f"/lib/modules/{release}"
        return Kernel(
            release=release,
            path=path,
            size_bytes=status.size_bytes,
            image=read_image(self.io, path),
            modules=tuple(self._modules(folder)) if modules else (),
            ramdisk_is_stale=self.io.exists(self._mark(release)),
            free_bytes=(self.io.free_bytes("/boot"), self.io.free_bytes("/var"), self.io.free_bytes(folder)),
        )

    def _modules(self, folder: str) -> t.Iterator[Module]:
        # /lib is a link where /usr has been merged, and links are not followed.
        top = f"/usr{folder}" if self.io.read_link("/lib") else folder
        for found in sorted(self.io.walk(top, lambda _path: False)):
            status = self.io.status(found.path) if suffix_of(found.path) else None
            if status is not None and status.kind == "file":
                yield Module(found.path, status.size_bytes, self._signature(found.path))

    def _signature(self, path: str) -> ModuleSignature:
        if suffix_of(path) == ZSTD:
            done = self.io.run(["modinfo", path])
            return parse_modinfo(done.stdout) if done.rc == 0 else ModuleSignature(None)
        return parse_module(decompress(path, self.io.read_bytes(path) or b""))

    @staticmethod
    def _by(kernel: Kernel, certificate: t.Optional[Certificate]) -> dict[str, t.Any]:
        if certificate is None:
            return {"signed_by_certificate": None}
        serials = [module.signature.signer.serial for module in kernel.modules if module.signature.signer]
        return {"signed_by_certificate": serials.count(certificate.serial)}

    @staticmethod
    def _kept(release: str) -> str:
        return f"{STORE}/{release}/vmlinuz"

    def _check_fips(self, release: str) -> None:
        enabled = (self.io.read_text("/proc/sys/crypto/fips_enabled") or "").strip() == "1"
        if enabled and self.io.exists(f"/boot/.vmlinuz-{release}.hmac"):
            raise HostError(
                f"kernel {release} is checked against its HMAC in FIPS mode, and a signed one does not start"
            )

    @staticmethod
    def _mark(release: str) -> str:
        return f"{MARK}/{release}"

    def _module_tools(self, kernel: Kernel) -> tuple[str, str, str]:
        """The program that signs, the digest, and the program that makes the initial RAM disk. Raises HostError."""
        digest = hash_of_modules(
            parse_config(self.io.read_bytes(f"/boot/config-{kernel.release}") or b""), kernel.release
        )
        release = kernel.release
        places = [
            f"/lib/modules/{release}/build/scripts/sign-file",
            f"/usr/src/linux-headers-{release}/scripts/sign-file",
        ]
        places += [
            f"/usr/src/kernels/{release}/scripts/sign-file",
            *self.io.glob("/usr/lib/linux-kbuild-*/scripts/sign-file"),
        ]
        program = next((path for path in places if self.io.exists(path)), self.io.find_command("kmodsign") or "")
        if not program:
            raise HostError(f"sign-file: not found; install the headers of kernel {release}")
        maker = next((name for name in _RAMDISK_MAKERS if self.io.find_command(name)), "")
        if not maker:
            raise HostError(f"{', '.join(_RAMDISK_MAKERS)}: not found, and the initial RAM disk has copies of modules")
        return program, digest, maker

    def _apply(self, plan: SignPlan, kernel: Kernel, key: str, tools: t.Sequence[str]) -> None:
        """Modules first: what holds them is then made anew while the image is still the one that is known to start."""
        if tools:
            program, digest, maker = tools
            self.io.write_atomic(self._mark(kernel.release), "")
            for path in plan.modules:
                self._sign_module(path, [program, digest, key, CERTIFICATE_DER])
            self.io.run(["sync", "-f", f"/lib/modules/{kernel.release}"], check=True)
            argv = [maker, *_RAMDISK_MAKERS[maker], kernel.release]
            self.io.run(argv, check=True, timeout_seconds=RAMDISK_TIMEOUT_SECONDS)
            self.io.remove(self._mark(kernel.release))
        if plan.sign_image:
            self._copy(kernel.path, self._kept(kernel.release))
            self._sign_image(kernel.path, key)

    def _sign_image(self, path: str, key: str) -> None:
        new = self._beside(path)
        argv = ["sbsign", "--key", key, "--cert", CERTIFICATE, "--output", new, path]
        with self._removed_on_failure(new):
            self.io.run(argv, check=True, timeout_seconds=SIGN_TIMEOUT_SECONDS)
            self.io.run(["sbverify", "--cert", CERTIFICATE, new], check=True, timeout_seconds=SIGN_TIMEOUT_SECONDS)
            self._replace(new, path)

    def _sign_module(self, path: str, argv: t.Sequence[str]) -> None:
        plain = self._beside(path)
        packed = f"{plain}.packed"
        with self._removed_on_failure(plain, packed):
            if suffix_of(path) == ZSTD:
                self.io.run(["zstd", "-q", "-d", "-f", "-o", plain, path], check=True)
            else:
                module = decompress(path, self.io.read_bytes(path) or b"") or b""
                self.io.write_atomic(plain, as_text(module))
            self.io.run([*argv, plain], check=True)
            signed = self.io.read_bytes(plain)
            if not parse_module(signed).signed:
                raise HostError(f"{path}: {argv[0]} did not sign it; it is left as it was")
            if suffix_of(path) == ZSTD:
                self.io.run(["zstd", "-q", "-f", "-o", packed, plain], check=True)
            else:
                self.io.write_atomic(packed, as_text(compress(path, signed or b"")))
            self._take_place(packed, path)
            self.io.remove(plain)

    def _copy(self, source: str, target: str) -> None:
        """Whole or not at all."""
        new = self._beside(target)
        self.io.make_directory(target.rpartition("/")[0], 0o755)
        with self._removed_on_failure(new):
            self.io.run(["cp", "--preserve=mode,ownership,timestamps", source, new], check=True)
            self._replace(new, target)

    def _replace(self, new: str, path: str) -> None:
        """Put a file in the place of another, once it is on the disk."""
        self.io.run(["sync", new], check=True)
        self._take_place(new, path)
        self.io.run(["sync", path.rpartition("/")[0]], check=True)

    def _take_place(self, new: str, path: str) -> None:
        before = self.io.status(path)
        if before is not None:
            self.io.set_mode(new, before.mode)
            self.io.set_owner(new, before.uid, before.gid)
        self.io.rename(new, path)

    @staticmethod
    def _beside(path: str) -> str:
        """A name in the same folder that no boot loader's generator takes for a kernel, and kmod for no module."""
        folder, _slash, name = path.rpartition("/")
        return f"{folder}/.{name}.container-host"

    @contextlib.contextmanager
    def _removed_on_failure(self, *paths: str) -> t.Iterator[None]:
        try:
            yield
        except HostError:
            for path in paths:
                self.io.remove(path)
            raise
