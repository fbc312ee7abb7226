# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's key, and the folder to work in."""

from __future__ import annotations

import contextlib

import pytest
import secure_boot_samples as samples
from fake_secure_boot_machine import CERTIFICATE, KEY, Machine

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot_tools import (
    CERTIFICATE_DER,
    WORK,
    check_key,
    need_tools,
    read_certificate,
    work_folder,
)


def test_key_and_certificate_belong_together() -> None:
    machine = Machine()
    certificate = read_certificate(machine, CERTIFICATE)
    assert certificate == samples.OWN
    check_key(machine, certificate, KEY)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/etc/other.key", "does not belong to the certificate own"),
        ("/etc/none.key", "can't be read"),
        (CERTIFICATE, "no private key that openssl reads; give an RSA key as PEM, without a password"),
    ],
)
def test_another_key_is_refused(path: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        check_key(Machine(), samples.OWN, path)


def test_missing_tools_are_named_with_their_packages() -> None:
    machine = Machine()
    del machine.commands[("sbsign",)]
    with pytest.raises(HostError, match=r"^sbsign: not found; install sbsigntool$"):
        need_tools(machine, {"openssl": "openssl", "sbsign": "sbsigntool"})


def test_the_folder_is_removed_whatever_happens() -> None:
    machine = Machine()
    with contextlib.suppress(HostError), work_folder(machine, samples.OWN):
        assert machine.files[CERTIFICATE_DER] == samples.OWN_DER
        assert machine.modes[WORK] == 0o700
        raise HostError("x")
    assert not [path for path in machine.files if path.startswith(WORK)]
