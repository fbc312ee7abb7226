# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who would be let in by sshd."""

from __future__ import annotations

import base64

import pytest
from baseline_host import SSHD_DEFAULTS, make_host

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.connection import Connection
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.sshd import Effective, parse_effective
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.sshd_access import (
    has_key,
    rsa_bits,
    why_locked_out,
)


def rsa_key(bits: int) -> str:
    """An RSA public key as authorized_keys has it, with a modulus of so many bits."""
    pieces = (b"ssh-rsa", b"\1\0\1", b"\0" + (1 << (bits - 1)).to_bytes(bits // 8, "big"))
    return base64.b64encode(b"".join(len(piece).to_bytes(4, "big") + piece for piece in pieces)).decode()


LOCKED: list[tuple[str, dict[str, str], str]] = [
    ("admin", {}, ""),
    ("admin", {"port": "2222"}, "no longer listen on port 22"),
    ("admin", {"denyusers": "adm*"}, "DenyUsers would shut out admin"),
    ("admin", {"allowusers": "deploy"}, "AllowUsers would shut out admin"),
    ("admin", {"allowusers": "deploy adm?n@192.0.2.*"}, ""),
    ("admin", {"allowusers": "!admin *"}, "AllowUsers"),
    ("admin", {"allowgroups": "wheel"}, "AllowGroups would shut out admin"),
    ("admin", {"allowgroups": "wheel sudo"}, ""),
    ("admin", {"denygroups": "sudo"}, "DenyGroups would shut out admin"),
    ("root", {"permitrootlogin": "no"}, "PermitRootLogin no would shut out root"),
    ("root", {"permitrootlogin": "forced-commands-only"}, "would shut out root"),
    ("admin", {"permitrootlogin": "no"}, ""),
    ("admin", {"passwordauthentication": "no"}, ""),
    ("admin", {"passwordauthentication": "no", "pubkeyauthentication": "no"}, "passwords would no longer do"),
    ("root", {"passwordauthentication": "no"}, "no public key of root is known"),
    ("root", {"passwordauthentication": "yes", "permitrootlogin": "yes"}, ""),
    ("root", {"passwordauthentication": "yes", "permitrootlogin": "without-password"}, "no public key of root"),
    ("stranger", {"passwordauthentication": "no"}, "no public key of stranger is known"),
    ("stranger", {"passwordauthentication": "no", "authorizedkeyscommand": "/usr/bin/keys"}, ""),
    ("admin", {"listenaddress": "0.0.0.0:22"}, ""),
    ("admin", {"listenaddress": "192.0.2.1:22"}, ""),
    ("admin", {"listenaddress": "[::]:22"}, ""),
    ("admin", {"port": "2222", "listenaddress": "0.0.0.0:2222"}, "no longer listen on 192.0.2.1 port 22"),
    ("admin", {"listenaddress": "127.0.0.1:22"}, "no longer listen on 192.0.2.1"),
    ("admin", {"denyusers": "admin@198.51.100.*"}, ""),
    ("admin", {"denyusers": "admin@192.0.2.0/24"}, "DenyUsers"),
    ("admin", {"allowusers": "admin@192.0.2.0/24"}, ""),
    ("admin", {"allowusers": "admin@198.51.100.0/24"}, "AllowUsers"),
    ("admin", {"allowusers": "*@*.example.org"}, "AllowUsers"),
    ("admin", {"authenticationmethods": "any"}, ""),
    ("admin", {"authenticationmethods": "publickey,password publickey"}, ""),
    ("admin", {"authenticationmethods": "publickey,hostbased"}, "AuthenticationMethods"),
    ("admin", {"authenticationmethods": "publickey,password", "passwordauthentication": "no"}, "AuthenticationMethods"),
    ("admin", {"authorizedkeysfile": "/etc/nowhere", "passwordauthentication": "no"}, "no public key of admin"),
    ("admin", {"pubkeyacceptedalgorithms": "rsa-sha2-512", "passwordauthentication": "no"}, "no public key of admin"),
    ("admin", {"maxsessions": "0"}, "MaxSessions"),
    ("admin", {"maxauthtries": "0"}, "MaxAuthTries"),
    ("admin", {"forcecommand": "/bin/false"}, "ForceCommand"),
    ("admin", {"chrootdirectory": "/srv"}, "ChrootDirectory"),
    ("admin", {"forcecommand": "none", "chrootdirectory": "none"}, ""),
]


@pytest.mark.parametrize(("user", "options", "reason"), LOCKED)
def test_locked_out(user: str, options: dict[str, str], reason: str) -> None:
    host, _programs = make_host()
    text = "".join(f"{name} {value}\n" for name, value in {**SSHD_DEFAULTS, **options}.items())
    effective = Effective(parse_effective(text))
    found = why_locked_out(host, effective, Connection(user, "192.0.2.7", "192.0.2.1", 22))
    assert reason in found
    assert bool(found) is bool(reason)


KEYS = [("", False), ("# ssh-ed25519 AAAA\n\n", False), ("ssh-ed25519 AAAA me\n", True)]


@pytest.mark.parametrize(("text", "known"), KEYS)
def test_keys_are_looked_for_where_sshd_looks(text: str, known: bool) -> None:
    host, _programs = make_host({"/etc/ssh/keys/admin": text})
    options = Effective({"authorizedkeysfile": ("/etc/ssh/keys/%u",)})
    assert has_key(host, options, "admin") is known


KEY_TYPES = [
    # the user's key, pubkeyacceptedalgorithms, requiredrsasize, whether it would still do
    ("ssh-ed25519 AAAA me", "ssh-ed25519", "1024", True),
    ("ssh-rsa AAAA me", "ssh-ed25519,ecdsa-sha2-nistp256", "1024", False),
    ("ssh-rsa AAAA me", "ssh-ed25519,rsa-sha2-512", "1024", True),
    ('from="192.0.2.*",no-pty ssh-rsa AAAA me', "ssh-ed25519", "1024", False),
    (f"ssh-rsa {rsa_key(2048)} me", "rsa-sha2-256", "3072", False),
    (f"ssh-rsa {rsa_key(4096)} me", "rsa-sha2-256", "3072", True),
    ("sk-ssh-ed25519@openssh.com AAAA me", "sk-ssh-ed25519@openssh.com", "1024", True),
    ("ecdsa-sha2-nistp256 AAAA me", "ssh-ed25519", "1024", False),
]


@pytest.mark.parametrize(("line", "algorithms", "bits", "known"), KEY_TYPES)
def test_key_has_to_be_of_a_kind_sshd_accepts(line: str, algorithms: str, bits: str, known: bool) -> None:
    host, _programs = make_host({"/home/admin/.ssh/authorized_keys": f"{line}\n"})
    options = Effective({"pubkeyacceptedalgorithms": (algorithms,), "requiredrsasize": (bits,)})
    assert has_key(host, options, "admin") is known


@pytest.mark.parametrize(("key", "bits"), [(rsa_key(3072), 3072), ("AAAA", 0), ("no base64!", 0)])
def test_size_of_a_key(key: str, bits: int) -> None:
    assert rsa_bits(key) == bits
