# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Compiles policy modules and profiles aside, so that bad ones are known before anything is changed."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
    from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.settings import PolicyModule, Profile

STAGE = "/run/container-host/lsm"
COMPILE_TIMEOUT_SECONDS = 600


def compile_all(io: HostIO, modules: t.Sequence[PolicyModule], profiles: t.Sequence[Profile]) -> list[str]:
    """The paths of what semodule(8) can install, in order. Raises HostError with all compilers' complaints together.

    Of CIL semodule itself is the judge: it installs all modules of a call or none.
    """
    complaints: list[str] = []
    paths = [_compile(io, one, complaints) for one in modules]
    for one in profiles:
        path = f"{STAGE}/{one.name}.profile"
        io.write_atomic(path, one.content, 0o600)
        _run(io, ["apparmor_parser", "--skip-kernel-load", "--skip-cache", path], f"profile {one.name}", complaints)
    if complaints:
        clean(io)
        raise HostError("\n".join(complaints))
    return paths


def _compile(io: HostIO, one: PolicyModule, complaints: list[str]) -> str:
    stem = f"{STAGE}/{one.name}"
    if one.cil:
        io.write_atomic(f"{stem}.cil", one.cil, 0o600)
        return f"{stem}.cil"
    io.write_atomic(f"{stem}.te", one.te, 0o600)
    what = f"policy module {one.name}"
    package = ["semodule_package", "-o", f"{stem}.pp", "-m", f"{stem}.mod"]
    if one.fc:
        io.write_atomic(f"{stem}.fc", one.fc, 0o600)
        package += ["-f", f"{stem}.fc"]
    if _run(io, ["checkmodule", "-M", "-m", "-o", f"{stem}.mod", f"{stem}.te"], what, complaints):
        _run(io, package, what, complaints)
    return f"{stem}.pp"


def _run(io: HostIO, argv: t.Sequence[str], what: str, complaints: list[str]) -> bool:
    done = io.run(argv, timeout_seconds=COMPILE_TIMEOUT_SECONDS)
    if done.rc != 0:
        words = (done.stderr.strip() or done.stdout.strip()).replace(f"{STAGE}/", "").splitlines()
        complaints.append(f"{what} does not compile: {' '.join(words[-5:])}")
    return done.rc == 0


def clean(io: HostIO) -> None:
    """Remove what was compiled."""
    io.remove_tree(STAGE)
