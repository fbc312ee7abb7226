# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What is to be done so that firmware or shim trusts the user's certificate, or does so no more."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.anycloud.container_host.plugins.module_utils._difference import Difference
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.signature_list import (
    SignatureLists,
    parse_signature_lists,
    render_signature_list,
    without,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.trust import (
    BIOS,
    Anchors,
    anchors_of,
    chain_of,
    refusal,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.certificate import Certificate
    from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.pe import Image
    from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.trust import Firmware

MOK, FIRMWARE = "mok", "firmware"
ENROLLED, ABSENT = "enrolled", "absent"
WAITS, WAITS_FOR_REMOVAL = "waits to be enrolled", "waits to be removed"
IMPORT, DELETE, REVOKE_IMPORT, REVOKE_DELETE = "--import", "--delete", "--revoke-import", "--revoke-delete"
FIRMWARE_VARIABLES = ("db", "KEK", "PK")
"""In the order they are written: with the platform key, setup mode ends."""


@dataclass(frozen=True)
class KeyPlan:
    """mokutil: its option, empty for none. variables: what firmware's variables shall hold, in the order to write."""

    difference: Difference = field(default_factory=Difference)
    mokutil: str = ""
    variables: t.Mapping[str, bytes] = field(default_factory=dict)

    @property
    def actions(self) -> list[str]:
        """What is done, one line per action."""
        words = {
            IMPORT: "ask MokManager to enrol the certificate",
            DELETE: "ask MokManager to remove the certificate",
            REVOKE_IMPORT: "take back the request to enrol it",
            REVOKE_DELETE: "take back the request to remove it",
        }
        asked = [words[self.mokutil]] if self.mokutil else []
        return asked + [f"write {name}" if data else f"remove {name}" for name, data in self.variables.items()]


def check_firmware(firmware: Firmware) -> None:
    """Raise HostError where there is no Secure Boot whose keys could be managed."""
    if firmware.kind == BIOS:
        raise HostError("this host was started by a BIOS, not by UEFI: nothing checks signatures here; use a UEFI host")
    if firmware.reason:
        raise HostError(f"the state of Secure Boot can't be told: {firmware.reason}")


def mok_state(firmware: Firmware, certificate: Certificate) -> str:
    """How a certificate stands with shim."""
    if firmware.list_of("MokListRT").has(certificate):
        return WAITS_FOR_REMOVAL if firmware.list_of("MokDel").has(certificate) else ENROLLED
    return WAITS if firmware.list_of("MokNew").has(certificate) else ABSENT


def holders(firmware: Firmware, certificate: Certificate) -> list[str]:
    """The variables that hold a certificate."""
    return [name for name in ("PK", "KEK", "db", "MokListRT") if firmware.list_of(name).has(certificate)]


def plan_mok(firmware: Firmware, certificate: Certificate, present: bool) -> KeyPlan:
    """The plan for a machine owner key. It is shim's, and takes effect when somebody confirms it at the console."""
    check_firmware(firmware)
    if not firmware.shim:
        raise HostError("shim did not start this host, and machine owner keys are shim's; use method: firmware")
    before = mok_state(firmware, certificate)
    if present and before == ABSENT and firmware.list_of("db").has(certificate):
        return KeyPlan()
    after, option = {
        (True, ABSENT): (WAITS, IMPORT),
        (True, WAITS_FOR_REMOVAL): (ENROLLED, REVOKE_DELETE),
        (False, ENROLLED): (WAITS_FOR_REMOVAL, DELETE),
        (False, WAITS): (ABSENT, REVOKE_IMPORT),
    }.get((present, before), (before, ""))
    asked = {REVOKE_IMPORT: "MokNew", REVOKE_DELETE: "MokDel"}.get(option)
    if asked and len(firmware.list_of(asked).certificates) > 1:
        raise HostError("other keys wait for MokManager too, and can't be told apart: reboot and decide at the console")
    difference = Difference()
    difference.compare("machine owner key", before, after)
    return KeyPlan(difference, option)


def check_removal(
    firmware: Firmware,
    certificate: Certificate,
    loaders: t.Iterable[t.Optional[Image]],
    kernels: t.Mapping[str, t.Optional[Image]],
) -> None:
    """Raise HostError when kernels that are started are accepted by this machine owner key alone."""
    if not firmware.checks_kernels:
        return
    left = parse_signature_lists(without(firmware.list_of("MokListRT").encoded, certificate))
    anchors = anchors_of(replace(firmware, lists={**firmware.lists, "MokListRT": left}), loaders, None)
    reasons = {path: refusal(image, anchors) for path, image in kernels.items()}
    found = [f"{path}: {reason}" for path, reason in reasons.items() if reason]
    if found:
        raise HostError(f"this host would not start any more without the key: {'; '.join(found)}")


def plan_firmware(
    firmware: Firmware,
    certificate: Certificate,
    present: bool,
    vendor_keys: bool,
    chain: t.Mapping[str, t.Optional[Image]],
    first: str,
) -> KeyPlan:
    """The plan for firmware's own variables. Raises HostError where it would leave a host that does not start.

    chain: what is started one after the other, by path: boot loaders and kernels. first: the one firmware starts.
    vendor_keys: whether what signed that one is trusted too.
    """
    check_firmware(firmware)
    before = {name: firmware.list_of(name) for name in FIRMWARE_VARIABLES}
    after = dict(before)
    for name in FIRMWARE_VARIABLES:
        if present and not before[name].has(certificate):
            entries = b"" if name == "PK" else before[name].encoded
            after[name] = parse_signature_lists(entries + render_signature_list(certificate))
        elif not present:
            after[name] = parse_signature_lists(without(before[name].encoded, certificate))
    if present and vendor_keys:
        after["db"] = _with_vendor(after["db"], chain.get(first))
    difference = Difference()
    for name in FIRMWARE_VARIABLES:
        difference.compare(name, _names(before[name]), _names(after[name]))
    if not difference:
        return KeyPlan()
    _check_writable(firmware, certificate, before)
    if present:
        _check_chain(firmware, after["db"], chain, first)
    # Taken away in the other order: without a platform key nothing is checked any more, and the rest is free.
    order = FIRMWARE_VARIABLES if present else FIRMWARE_VARIABLES[::-1]
    return KeyPlan(difference, "", {name: after[name].encoded for name in order if after[name] != before[name]})


def _names(lists: SignatureLists) -> list[str]:
    return [f"{found.subject} ({found.fingerprint_sha256[:16]})" for found in lists.certificates]


def _with_vendor(lists: SignatureLists, image: t.Optional[Image]) -> SignatureLists:
    """With the authorities that signed the boot loader: of each signature the last certificate that came with it."""
    data = lists.encoded
    for signature in image.signatures if image else ():
        chain = chain_of(signature)
        if signature.intact and chain and not any(lists.has(certificate) for certificate in chain):
            data += render_signature_list(chain[-1])
    return parse_signature_lists(data)


def _check_writable(firmware: Firmware, certificate: Certificate, before: t.Mapping[str, SignatureLists]) -> None:
    if firmware.setup_mode or before["PK"].has(certificate):
        return
    owner = ", ".join(_names(before["PK"])) or "unknown"
    raise HostError(
        f"firmware is not in setup mode, and its platform key is not this certificate's ({owner}): it takes no keys; "
        "clear its keys in its own menu, or use method: mok"
    )


def _check_chain(
    firmware: Firmware, database: SignatureLists, chain: t.Mapping[str, t.Optional[Image]], first: str
) -> None:
    """Everything that is started has to be trusted once keys are there: Secure Boot is on from the next start."""
    refused = tuple(firmware.list_of(name) for name in ("dbx", "MokListXRT"))
    mok = firmware.list_of("MokListRT") if firmware.shim else SignatureLists()
    loader = chain.get(first)
    if loader is None:
        raise HostError("the boot loader that firmware starts can't be read; mount the EFI system partition first")
    anchors = Anchors(database.certificates, frozenset(), frozenset(database.hashes), refused)
    reasons = {first: refusal(loader, anchors)}
    certificates = (*database.certificates, *mok.certificates, *loader.vendor_certificates)
    anchors = Anchors(certificates, frozenset(), frozenset((*database.hashes, *mok.hashes)), refused)
    reasons.update({path: refusal(image, anchors) for path, image in chain.items() if path != first})
    found = [f"{path}: {reason}" for path, reason in reasons.items() if reason]
    if found:
        raise HostError(f"this host would not start any more: {'; '.join(found)}; sign it first, or keep vendor_keys")
