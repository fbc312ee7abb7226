# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The user's key and certificate, and a folder in memory to work in, for the modules that sign."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, InputError, Problem
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.certificate import (
    Certificate,
    load_certificate,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

WORK = "/run/container-host/secure-boot"
CERTIFICATE = f"{WORK}/certificate.pem"
CERTIFICATE_DER = f"{WORK}/certificate.der"


def read_certificate(io: HostIO, path: str) -> Certificate:
    """The user's certificate. Raises InputError."""
    return load_certificate("certificate", path, io.read_bytes(path))


def need_tools(io: HostIO, packages: t.Mapping[str, str]) -> None:
    """Raise HostError when commands are missing. packages: command -> the package that usually has it."""
    missing = [command for command in packages if io.find_command(command) is None]
    if missing:
        install = ", ".join(sorted({packages[command] for command in missing}))
        raise HostError(f"{', '.join(missing)}: not found; install {install}")


def check_key(io: HostIO, certificate: Certificate, path: str) -> None:
    """Raise InputError unless the file is the certificate's private key, and needs no password."""
    if not io.exists(path):
        raise InputError(
            [Problem("private_key", f"{path} can't be read", "give the path of a private key on the host")]
        )
    key = io.run(["openssl", "pkey", "-in", path, "-pubout", "-passin", "pass:"])
    if key.rc != 0:
        remedy = "give an RSA key as PEM, without a password"
        raise InputError([Problem("private_key", f"{path} is no private key that openssl reads", remedy)])
    public = io.run(["openssl", "x509", "-noout", "-pubkey"], input_text=certificate.pem, check=True)
    if key.stdout.strip() != public.stdout.strip():
        remedy = "give the key the certificate was made for"
        message = f"{path} does not belong to the certificate {certificate.subject}"
        raise InputError([Problem("private_key", message, remedy)])


@contextlib.contextmanager
def work_folder(io: HostIO, certificate: Certificate) -> t.Iterator[None]:
    """A folder only root reads, in memory, with the certificate in it; removed whatever happens."""
    io.remove_tree(WORK)
    io.make_directory(WORK, 0o700)
    try:
        io.write_atomic(CERTIFICATE, certificate.pem)
        io.write_atomic(CERTIFICATE_DER, as_text(certificate.encoded))
        yield
    finally:
        io.remove_tree(WORK)


def as_text(data: bytes) -> str:
    """Bytes as the text that HostIO writes them from, to the byte."""
    return data.decode("utf-8", "surrogateescape")
