# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Whether sshd, with given options, would let a connection in again: its port, its user, its key, its session."""

from __future__ import annotations

import base64
import binascii
import fnmatch
import ipaddress
import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.connection import (
    Connection,
    read_accounts,
    read_groups,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.sshd import Effective
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

# What sshd says when it listens on all addresses of a family.
WILDCARDS = ("0.0.0.0", "::", "*")  # noqa: S104 - read, not bound
KEY = re.compile(r"(?:^|\s)((?:sk-)?(?:ssh|ecdsa)-[\w.@-]+)\s+([A-Za-z0-9+/=]+)")
# Keys of one type that signs in several ways (sshd_config(5), PubkeyAcceptedAlgorithms).
SIGNATURES = {"ssh-rsa": ("ssh-rsa", "rsa-sha2-256", "rsa-sha2-512")}


def _matches_address(pattern: str, address: str) -> bool:
    """Whether a host pattern matches an address; names of hosts are not looked up."""
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(pattern, strict=False)
    except ValueError:
        return fnmatch.fnmatchcase(address, pattern)


def matches_user(patterns: t.Sequence[str], user: str, address: str = "") -> bool:
    """Whether a list of AllowUsers or DenyUsers matches a user who comes from an address (sshd_config(5), PATTERNS)."""
    matched = False
    for pattern in patterns:
        name, at, hosts = pattern.partition("@")
        if at and not any(_matches_address(host, address) for host in hosts.split(",")):
            continue
        if name.startswith("!"):
            if fnmatch.fnmatchcase(user, name[1:]):
                return False
        elif fnmatch.fnmatchcase(user, name):
            matched = True
    return matched


def groups_of(io: HostIO, user: str) -> list[str]:
    """The names of the user's groups, the primary one first."""
    account = read_accounts(io).get(user)
    names = [name for name, gid in read_groups(io).items() if account is not None and gid == account.gid]
    for line in (io.read_text("/etc/group") or "").splitlines():
        fields = line.split(":")
        if len(fields) >= 4 and user in fields[3].split(","):
            names.append(fields[0])
    return names


def rsa_bits(key: str) -> int:
    """The size of an RSA key in base64 (RFC 4253, section 6.6: its type, the exponent, the modulus); 0 when unclear."""
    try:
        blob = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        return 0
    pieces = []
    while len(blob) >= 4:
        length = int.from_bytes(blob[:4], "big")
        pieces.append(blob[4 : 4 + length])
        blob = blob[4 + length :]
    return int.from_bytes(pieces[2], "big").bit_length() if len(pieces) > 2 else 0


def accepts_key(options: Effective, line: str) -> bool:
    """Whether sshd would take the key of a line of authorized_keys (sshd(8)); an unclear line counts as taken."""
    found = KEY.search(line)
    accepted = options.one("pubkeyacceptedalgorithms")
    if found is None:
        return True
    kind, key = found.groups()
    if accepted is not None and not set(SIGNATURES.get(kind, (kind,))) & set(accepted.split(",")):
        return False
    smallest, bits = options.one("requiredrsasize") or "0", rsa_bits(key) if kind == "ssh-rsa" else 0
    return not bits or bits >= int(smallest)


def has_key(io: HostIO, options: Effective, user: str) -> bool:
    """Whether the user could log in by key: a key on file that is accepted, or keys that come from elsewhere."""
    for option in ("authorizedkeyscommand", "trustedusercakeys"):
        if options.one(option) not in (None, "", "none"):
            return True
    account = read_accounts(io).get(user)
    if account is None:
        # An account of a directory service: its keys are not in files here, its home is not known.
        return False
    for pattern in (options.one("authorizedkeysfile") or ".ssh/authorized_keys .ssh/authorized_keys2").split():
        path = pattern.replace("%u", user).replace("%h", account.home).replace("%U", str(account.uid))
        text = io.read_text(path if path.startswith("/") else f"{account.home}/{path}") or ""
        lines = (line.strip() for line in text.splitlines())
        if any(line and not line.startswith("#") and accepts_key(options, line) for line in lines):
            return True
    return False


def _why_not_listening(options: Effective, connection: Connection) -> str:
    port = str(connection.server_port)
    ports, places = options.options.get("port", ()), options.options.get("listenaddress", ())
    if not places and ports and port not in ports:
        return f"sshd would no longer listen on port {port}"
    here = connection.server_address.partition("%")[0]
    for place in places:
        address, _colon, number = place.rpartition(":")
        address = address.strip("[]").partition("%")[0]
        if number == port and address in (*WILDCARDS, here):
            return ""
    return f"sshd would no longer listen on {here} port {port}" if places else ""


def _why_refused(io: HostIO, options: Effective, connection: Connection) -> str:
    """Why lists of users and groups would shut the user out."""
    user = connection.user
    names = {name: options.options.get(name, ()) for name in ("allowusers", "denyusers", "allowgroups", "denygroups")}
    words = {name: [word for value in values for word in value.split()] for name, values in names.items()}
    groups = groups_of(io, user)
    if matches_user(words["denyusers"], user, connection.client_address):
        return f"DenyUsers would shut out {user}"
    if words["allowusers"] and not matches_user(words["allowusers"], user, connection.client_address):
        return f"AllowUsers would shut out {user}"
    if any(matches_user(words["denygroups"], group) for group in groups):
        return f"DenyGroups would shut out {user}"
    if words["allowgroups"] and not any(matches_user(words["allowgroups"], group) for group in groups):
        return f"AllowGroups would shut out {user}"
    return ""


def _why_no_proof(io: HostIO, options: Effective, user: str) -> str:
    """Why the user could prove to be who they are in no way that is left."""
    root_login = options.one("permitrootlogin")
    if user == "root" and root_login in ("no", "forced-commands-only"):
        return f"PermitRootLogin {root_login} would shut out root"
    by_key = options.one("pubkeyauthentication") != "no" and has_key(io, options, user)
    passwords = options.one("passwordauthentication") != "no" or options.one("kbdinteractiveauthentication") != "no"
    by_password = passwords and not (user == "root" and root_login == "prohibit-password")
    if not by_key and not by_password:
        return f"no public key of {user} is known to the host and accepted, and passwords would no longer do"
    ways = {"publickey"} if by_key else set()
    ways |= {"password", "keyboard-interactive"} if by_password else set()
    wanted = [entry for value in options.options.get("authenticationmethods", ()) for entry in value.split()]
    wanted = [entry for entry in wanted if entry != "any"]
    if wanted and not any({method.partition(":")[0] for method in entry.split(",")} <= ways for entry in wanted):
        return f"AuthenticationMethods {' '.join(wanted)} would ask more of {user} than is known to be there"
    return ""


def _why_no_session(options: Effective) -> str:
    """Why a login would be of no use."""
    if options.one("maxsessions") == "0":
        return "MaxSessions 0 would allow no session"
    if options.one("maxauthtries") == "0":
        return "MaxAuthTries 0 would allow no login"
    for option in ("ForceCommand", "ChrootDirectory"):
        value = options.one(option)
        if value not in (None, "", "none"):
            return f"{option} {value} would take the place of what this connection does"
    return ""


def why_locked_out(io: HostIO, options: Effective, connection: Connection) -> str:
    """Why the connection would no longer be let in under these options; empty when it would."""
    return (
        _why_not_listening(options, connection)
        or _why_refused(io, options, connection)
        or _why_no_proof(io, options, connection.user)
        or _why_no_session(options)
    )
