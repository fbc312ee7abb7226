# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The key module's work from its options to its result, with the HostIO handed in."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, InputError, Problem
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_boot.finder import find_boot_loader
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_host import kernel_lock
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_observe import running_release
from ansible_collections.anycloud.container_host.plugins.module_utils._machine import check_machine, check_own_root
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot import efi
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.authenticated_variable import (
    authenticated_variable,
    efi_time,
    to_be_signed,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.certificate import Certificate
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.der import DerError
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.enrolment import (
    DELETE,
    IMPORT,
    MOK,
    WAITS,
    WAITS_FOR_REMOVAL,
    KeyPlan,
    check_firmware,
    check_removal,
    holders,
    mok_state,
    plan_firmware,
    plan_mok,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.signature_list import (
    parse_signature_lists,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot_observe import (
    first_loader,
    kernel_path,
    observe_firmware,
    read_image,
    read_loaders,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot_tools import (
    CERTIFICATE,
    CERTIFICATE_DER,
    WORK,
    as_text,
    check_key,
    need_tools,
    read_certificate,
    work_folder,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
    from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.pe import Image

LONGEST_PASSWORD = 256


@dataclass(frozen=True)
class KeyResult:
    """password: what MokManager will ask for; empty when nothing new is asked of it. pending: what it waits for."""

    plan: KeyPlan
    certificate: Certificate
    password: str = ""
    pending: str = ""


def key_facts(io: HostIO, path: str) -> dict[str, t.Any]:
    """How a certificate stands with firmware and shim: everything the info module returns."""
    certificate = read_certificate(io, path)
    firmware = observe_firmware(io)
    found = holders(firmware, certificate)
    return {
        **certificate.as_dict(),
        "firmware": firmware.kind,
        "not_proved": firmware.reason or None,
        "enrolled_in": found,
        "trusted_for_images": bool({"db", "MokListRT"} & set(found)),
        "machine_owner_key": mok_state(firmware, certificate),
    }


class SecureBootKeyHost:
    """One host's keys for Secure Boot."""

    def __init__(self, io: HostIO, check_mode: bool) -> None:
        """Raises HostError where the host's keys are not this system's."""
        check_machine(io, "keys of Secure Boot", "what the host was started with can't be proved here")
        check_own_root(io)
        self.io = io
        self.check_mode = check_mode

    def apply(self, options: t.Mapping[str, t.Any]) -> KeyResult:
        """Observe, plan, and outside check mode apply. Raises InputError or HostError before anything is changed."""
        certificate = read_certificate(self.io, options["certificate"])
        present, method = options["state"] == "present", options["method"]
        check_firmware(observe_firmware(self.io))
        with kernel_lock(self.io, self.check_mode):
            if method == MOK:
                return self._mok(certificate, present, options["password"] or "")
            return self._firmware(certificate, present, options["private_key"] or "", bool(options["vendor_keys"]))

    def _mok(self, certificate: Certificate, present: bool, password: str) -> KeyResult:
        firmware = observe_firmware(self.io)
        plan = plan_mok(firmware, certificate, present)
        needs_password = plan.mokutil in (IMPORT, DELETE)
        if password and (len(password) > LONGEST_PASSWORD or not password.isascii() or not password.isprintable()):
            raise InputError([Problem("password", "can't be typed in MokManager", "give ASCII letters and digits")])
        if plan.mokutil:
            need_tools(self.io, {"mokutil": "mokutil", "openssl": "openssl"})
            self._check_mok_manager()
        if plan.mokutil == DELETE:
            check_removal(firmware, certificate, read_loaders(self.io).values(), self._kernels())
        expected = str(plan.difference.changes[0].after) if plan.difference else mok_state(firmware, certificate)
        pending = {WAITS: "enrol", WAITS_FOR_REMOVAL: "remove"}.get(expected, "")
        if not plan.mokutil or self.check_mode:
            return KeyResult(plan, certificate, pending=pending)
        with work_folder(self.io, certificate):
            argv = ["mokutil", plan.mokutil]
            if needs_password:
                password = password or self._new_password()
                hashed = self.io.run(["openssl", "passwd", "-6", "-stdin"], input_text=f"{password}\n", check=True)
                self.io.write_atomic(f"{WORK}/password", hashed.stdout, 0o600)
                argv += [CERTIFICATE_DER, "--hash-file", f"{WORK}/password"]
            self.io.run(argv, check=True)
        found = mok_state(observe_firmware(self.io), certificate)
        if found != expected:
            raise HostError(f"mokutil was told, and the machine owner key is {found!r} instead of {expected!r}")
        return KeyResult(plan, certificate, password if needs_password else "", pending)

    def _check_mok_manager(self) -> None:
        names = [path.rpartition("/")[2].lower() for path in read_loaders(self.io)]
        if not any(name.startswith("mm") for name in names):
            raise HostError(
                "MokManager (mm*.efi) is not on the EFI system partition, and it alone can confirm the request; mount "
                "the partition, or install shim again"
            )

    def _new_password(self) -> str:
        """Eight digits: they are where one looks for them on every keyboard, and count for one boot."""
        number = int(self.io.run(["openssl", "rand", "-hex", "8"], check=True).stdout.strip(), 16)
        return f"{number % 10**8:08}"

    def _firmware(self, certificate: Certificate, present: bool, key: str, vendor_keys: bool) -> KeyResult:
        if not key:
            message = "is missing, and firmware takes nothing that is not signed"
            raise InputError([Problem("private_key", message, "give the path of the certificate's key on the host")])
        firmware = observe_firmware(self.io)
        first = first_loader(self.io)
        plan = plan_firmware(firmware, certificate, present, vendor_keys, self._chain(first), first)
        need_tools(self.io, {"openssl": "openssl", "chattr": "e2fsprogs"})
        check_key(self.io, certificate, key)
        if plan.variables and not self.check_mode:
            with work_folder(self.io, certificate):
                signed = {name: self._signed(name, data, key) for name, data in plan.variables.items()}
                for name, path in signed.items():
                    self._write(name, path, plan.variables[name])
        return KeyResult(plan, certificate)

    def _chain(self, first: str) -> dict[str, t.Optional[Image]]:
        """What is started one after the other: the first boot loader, GRUB beside it, the kernels."""
        folder = first.rpartition("/")[0]
        images = {
            path: image
            for path, image in (read_loaders(self.io) if first else {}).items()
            if path == first or (path.startswith(f"{folder}/") and "grub" in path.rpartition("/")[2].lower())
        }
        return {**images, **self._kernels()}

    def _kernels(self) -> dict[str, t.Optional[Image]]:
        """The kernel that runs, and the one that is started by default."""
        releases = {running_release(self.io), find_boot_loader(self.io).observe().default} - {""}
        paths = [kernel_path(self.io, release) for release in sorted(releases)]
        return {path: read_image(self.io, path) for path in paths if path}

    def _signed(self, name: str, data: bytes, key: str) -> str:
        """The file that firmware takes for a variable, signed with the user's key."""
        plain, signature, signed = f"{WORK}/{name}.plain", f"{WORK}/{name}.p7", f"{WORK}/{name}.signed"
        now = self.io.run(["date", "-u", "+%Y %m %d %H %M %S"], check=True).stdout
        time = efi_time([int(number) for number in now.split()])
        self.io.write_atomic(plain, as_text(to_be_signed(name, time, data)))
        argv = ["openssl", "smime", "-sign", "-binary", "-noattr", "-md", "sha256", "-signer", CERTIFICATE]
        argv += ["-inkey", key, "-passin", "pass:", "-outform", "DER", "-in", plain, "-out", signature]
        self.io.run(argv, check=True)
        try:
            content = authenticated_variable(time, self.io.read_bytes(signature) or b"", data)
        except DerError as error:
            raise HostError(f"openssl made no signature for {name}; nothing has been written") from error
        self.io.write_atomic(signed, as_text(content))
        return signed

    def _write(self, name: str, signed: str, data: bytes) -> None:
        path = efi.path_of(name)
        if self.io.exists(path):
            # The kernel protects variables that hosts need to start; these are meant to change.
            self.io.run(["chattr", "-i", path], check=True)
        # In one piece: each write(2) is taken as a whole variable.
        taken = self.io.run(["dd", f"if={signed}", f"of={path}", "bs=4M", "conv=notrunc", "status=none"])
        if taken.rc != 0:
            raise HostError(
                f"firmware refused {name} ({taken.stderr.strip()}); run it again once what is in the way is gone"
            )
        found = parse_signature_lists(efi.data_of(self.io.read_bytes(path)))
        if found.encoded != data:
            raise HostError(f"firmware did not take {name}: it holds {len(found.certificates)} certificates")
