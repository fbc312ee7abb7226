# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the info module tells."""

from __future__ import annotations

import secure_boot_samples as samples
from fake_secure_boot_machine import LOADER, RELEASE, Machine, lists

from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot_facts import secure_boot_facts


def test_with_secure_boot() -> None:
    machine = Machine()
    machine.set("MokNew", lists(samples.OWN))
    before = machine.state()
    told = secure_boot_facts(machine)
    assert machine.state() == before
    assert (told["firmware"], told["enabled"], told["setup_mode"], told["not_proved"]) == ("uefi", True, False, None)
    assert [found["subject"] for found in told["keys"]["db"]["certificates"]] == ["vendor CA"]
    assert [found["subject"] for found in told["shim"]["mok"]["certificates"]] == ["distribution"]
    assert told["shim"]["mok_pending"] == {"enrol": [samples.OWN.as_dict()], "remove": []}
    assert told["shim"]["sbat_level"] == "sbat,1,2024010900"
    assert told["boot_loader"] == LOADER
    shim = told["boot_loaders"][0]
    assert (shim["path"], shim["sbat"]) == (LOADER, {"sbat": 1, "shim": 4})
    assert shim["signatures"][0]["authority"] == "vendor CA"
    assert told["kernel"]["path"] == f"/boot/vmlinuz-{RELEASE}"
    assert told["kernel"]["refused"] == ""
    assert told["lockdown"] == "integrity"
    assert told["modules"] == {"signature_enforced": False, "tainted_by_unsigned": True, "unsigned": ["zfs"]}


def test_with_a_bios() -> None:
    told = secure_boot_facts(Machine(uefi=False))
    assert (told["firmware"], told["enabled"], told["not_proved"]) == ("bios", None, None)
    assert (told["shim"]["present"], told["shim"]["checks_signatures"], told["boot_loader"]) == (False, None, None)
    assert told["kernel"]["signatures"][0]["signer"]["subject"] == "distribution"
    assert told["kernel"]["refused"] == ""


def test_in_a_container() -> None:
    machine = Machine()
    machine.files["/run/systemd/container"] = b"podman\n"
    told = secure_boot_facts(machine)
    assert "can't be proved here" in told["not_proved"]
    assert (told["enabled"], told["boot_loaders"], told["boot_loader"]) == (None, [], None)
