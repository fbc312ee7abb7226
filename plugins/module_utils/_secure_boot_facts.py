# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""How a host stands with Secure Boot, in the words of the modules that tell it."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.kernel import chosen, taints
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_observe import running_release
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.module_signature import (
    unsigned_loaded,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.trust import (
    anchors_of,
    chain_of,
    refusal,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot_observe import (
    first_loader,
    kernel_path,
    observe_firmware,
    read_image,
    read_loaders,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
    from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.pe import Image
    from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.signature_list import (
        SignatureLists,
    )


def secure_boot_facts(io: HostIO) -> dict[str, t.Any]:
    """Everything secure_boot_info returns."""
    firmware = observe_firmware(io)
    running = running_release(io)
    path = kernel_path(io, running)
    image = read_image(io, path)
    loaders = {} if firmware.reason else read_loaders(io)
    anchors = anchors_of(firmware, loaders.values(), image)
    pending = {"enrol": firmware.list_of("MokNew"), "remove": firmware.list_of("MokDel")}
    return {
        "firmware": firmware.kind,
        "not_proved": firmware.reason or None,
        "enabled": firmware.enabled,
        "setup_mode": firmware.setup_mode,
        "keys": {name.lower(): _lists(firmware.list_of(name)) for name in ("PK", "KEK", "db", "dbx")},
        "shim": {
            "present": firmware.shim,
            "checks_signatures": firmware.shim_checks if firmware.shim else None,
            "sbat_level": firmware.sbat_level or None,
            "mok": _lists(firmware.list_of("MokListRT")),
            "mok_refused": _lists(firmware.list_of("MokListXRT")),
            "mok_pending": {word: [c.as_dict() for c in lists.certificates] for word, lists in pending.items()},
        },
        "boot_loaders": [
            {"path": name, **image_facts(found), "sbat": dict(found.sbat)} for name, found in loaders.items() if found
        ],
        "boot_loader": (first_loader(io) or None) if firmware.kind == "uefi" and not firmware.reason else None,
        "kernel": {
            "release": running,
            "path": path or None,
            **image_facts(image),
            "refused": refusal(image, anchors) if firmware.lists else "",
        },
        "lockdown": chosen(io.read_text("/sys/kernel/security/lockdown") or ""),
        "modules": _modules(io),
    }


def image_facts(image: t.Optional[Image]) -> dict[str, t.Any]:
    """Who signed an image, and whether it is still what they signed."""
    if image is None:
        return {"signatures": [], "digest_sha256": None}
    return {
        "signatures": [
            {
                "intact": signature.intact,
                "signer": next((found.as_dict() for found in chain_of(signature)[:1]), None),
                "authority": next((found.issuer for found in chain_of(signature)[-1:]), None),
            }
            for signature in image.signatures
        ],
        "digest_sha256": image.digest_sha256,
    }


def _lists(lists: SignatureLists) -> dict[str, t.Any]:
    return {
        "certificates": [certificate.as_dict() for certificate in lists.certificates],
        "sha256_count": len(lists.hashes),
        "other_count": lists.others,
    }


def _modules(io: HostIO) -> dict[str, t.Any]:
    """What the kernel says of the modules it has loaded."""
    value = (io.read_text("/proc/sys/kernel/tainted") or "").strip()
    enforced = io.read_text("/sys/module/module/parameters/sig_enforce")
    letters = {path.split("/")[3]: io.read_text(path) or "" for path in io.glob("/sys/module/*/taint")}
    return {
        "signature_enforced": None if enforced is None else enforced.strip() == "Y",
        "tainted_by_unsigned": "unsigned_module" in taints(int(value))[0] if value.isdigit() else None,
        "unsigned": unsigned_loaded(letters),
    }
