# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plans to have a certificate trusted, or trusted no more."""

from __future__ import annotations

import typing as t

import pytest
import secure_boot_samples as samples

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.enrolment import (
    KeyPlan,
    check_firmware,
    holders,
    mok_state,
    plan_firmware,
    plan_mok,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.pe import parse_image
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.signature_list import (
    parse_signature_lists,
    render_signature_list,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.trust import Firmware

OWN, VENDOR, OTHER = (render_signature_list(found) for found in (samples.OWN, samples.VENDOR_CA, samples.DISTRIBUTION))
LOADER, KERNEL = "/boot/efi/EFI/BOOT/BOOTX64.EFI", "/boot/vmlinuz-1"
CHAIN = {LOADER: samples.SHIM, KERNEL: samples.KERNEL_OF_DISTRIBUTION}


def firmware(setup_mode: bool = False, **lists: bytes) -> Firmware:
    parsed = {name: parse_signature_lists(data) for name, data in lists.items()}
    return Firmware("uefi", enabled=not setup_mode, setup_mode=setup_mode, shim=True, lists=parsed)


MOK: list[tuple[dict[str, bytes], bool, str, str]] = [
    ({}, True, "--import", "waits to be enrolled"),
    ({"MokListRT": OTHER}, True, "--import", "waits to be enrolled"),
    ({"MokNew": OWN}, True, "", ""),
    ({"MokListRT": OWN}, True, "", ""),
    ({"db": OWN}, True, "", ""),
    ({"MokListRT": OWN, "MokDel": OWN}, True, "--revoke-delete", "enrolled"),
    ({"MokListRT": OWN}, False, "--delete", "waits to be removed"),
    ({"MokListRT": OWN, "MokDel": OWN}, False, "", ""),
    ({"MokNew": OWN}, False, "--revoke-import", "absent"),
    ({}, False, "", ""),
]


@pytest.mark.parametrize(("lists", "present", "option", "after"), MOK)
def test_machine_owner_key(lists: dict[str, bytes], present: bool, option: str, after: str) -> None:
    plan = plan_mok(firmware(**lists), samples.OWN, present)
    assert plan.mokutil == option
    assert [change.after for change in plan.difference.changes] == ([after] if after else [])
    assert len(plan.actions) == bool(after)


def test_requests_of_others_are_not_taken_back() -> None:
    with pytest.raises(HostError, match="other keys wait for MokManager too"):
        plan_mok(firmware(MokNew=OWN + OTHER), samples.OWN, present=False)


def test_where_a_certificate_is() -> None:
    seen = firmware(PK=VENDOR, db=VENDOR + OWN, MokListRT=OWN)
    assert holders(seen, samples.OWN) == ["db", "MokListRT"]
    assert mok_state(seen, samples.OWN) == "enrolled"


@pytest.mark.parametrize(
    ("seen", "message"),
    [
        (Firmware("bios"), "started by a BIOS, not by UEFI"),
        (Firmware("uefi", "this is a container (lxc): no"), "can't be told: this is a container"),
        (Firmware("uefi", enabled=True), "shim did not start this host.*method: firmware"),
    ],
)
def test_where_there_is_no_shim(seen: Firmware, message: str) -> None:
    with pytest.raises(HostError, match=message):
        plan_mok(seen, samples.OWN, present=True)


def plan(
    seen: Firmware, present: bool = True, vendor_keys: bool = True, chain: t.Mapping[str, bytes] = CHAIN
) -> KeyPlan:
    images = {path: parse_image(data) for path, data in chain.items()}
    return plan_firmware(seen, samples.OWN, present, vendor_keys, images, LOADER)


def subjects(made: KeyPlan) -> dict[str, list[str]]:
    return {
        name: [found.subject for found in parse_signature_lists(data).certificates]
        for name, data in made.variables.items()
    }


FIRMWARE: list[tuple[str, Firmware, bool, dict[str, list[str]]]] = [
    ("empty", firmware(True), True, {"db": ["own", "vendor CA"], "KEK": ["own"], "PK": ["own"]}),
    (
        "keys of others stay",
        firmware(True, db=VENDOR, KEK=VENDOR),
        True,
        {"db": ["vendor CA", "own"], "KEK": ["vendor CA", "own"], "PK": ["own"]},
    ),
    ("interrupted", firmware(True, db=OWN + VENDOR, KEK=OWN), True, {"PK": ["own"]}),
    ("done", firmware(db=OWN + VENDOR, KEK=OWN, PK=OWN), True, {}),
    ("taken back", firmware(db=OWN + VENDOR, KEK=OWN, PK=OWN), False, {"PK": [], "KEK": [], "db": ["vendor CA"]}),
    ("nothing to take back", firmware(PK=VENDOR, db=VENDOR), False, {}),
]


@pytest.mark.parametrize(("name", "seen", "present", "expected"), FIRMWARE)
def test_keys_of_the_firmware(name: str, seen: Firmware, present: bool, expected: dict[str, list[str]]) -> None:
    made = plan(seen, present)
    assert subjects(made) == expected, name
    assert list(made.variables) == list(expected), "the platform key comes last, and goes first"
    assert bool(made.difference) == bool(expected)


def test_actions() -> None:
    assert plan(firmware(True)).actions == ["write db", "write KEK", "write PK"]
    assert plan(firmware(db=OWN, PK=OWN), present=False).actions == ["remove PK", "remove db"]


UNSIGNED = {**CHAIN, KERNEL: samples.KERNEL}
REFUSED: list[tuple[str, Firmware, bool, bool, t.Mapping[str, bytes], str]] = [
    ("somebody's keys", firmware(PK=VENDOR), True, True, CHAIN, "not in setup mode, .*vendor CA.*method: mok"),
    ("absent, not ours", firmware(PK=VENDOR, db=OWN), False, True, CHAIN, "not in setup mode"),
    (
        "the loader is another's",
        firmware(True),
        True,
        False,
        CHAIN,
        "not start any more: .*BOOTX64.EFI: it is signed by",
    ),
    (
        "an unsigned kernel",
        firmware(True),
        True,
        True,
        UNSIGNED,
        "not start any more: /boot/vmlinuz-1: it is not signed",
    ),
    ("no loader seen", firmware(True), True, True, {}, "mount the EFI system partition first"),
    ("the loader is refused", firmware(True, dbx=VENDOR), True, True, CHAIN, "BOOTX64.EFI"),
    ("a BIOS", Firmware("bios"), True, True, CHAIN, "use a UEFI host"),
]


@pytest.mark.parametrize(("name", "seen", "present", "vendor_keys", "chain", "message"), REFUSED)
def test_what_would_not_start_is_refused(
    name: str, seen: Firmware, present: bool, vendor_keys: bool, chain: t.Mapping[str, bytes], message: str
) -> None:
    with pytest.raises(HostError, match=message):
        plan(seen, present, vendor_keys, chain)


def test_a_chain_of_ones_own_needs_no_vendor() -> None:
    chain = {LOADER: samples.KERNEL_OF_OWN, KERNEL: samples.KERNEL_OF_BOTH}
    assert subjects(plan(firmware(True), vendor_keys=False, chain=chain))["db"] == ["own"]


def test_firmware_that_can_be_told() -> None:
    check_firmware(Firmware("uefi", enabled=False))
