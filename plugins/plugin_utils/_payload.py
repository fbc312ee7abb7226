# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Keeps what Ansible packs a module into from one run to the next.

Ansible reads and compiles every file a module imports to find the next, which takes longer here than all else a run
does on the control node, and keeps the outcome (``ansiballz_cache`` in its local temporary folder) for that run only.
What it wrote there is laid by as it is under ``ANSIBLE_HOME``, and laid back before the next run asks for it. It is
named after all that went into it, so that a change of one of these makes another; where anything is unusual, nothing
is kept, and Ansible packs the module as ever.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import shutil
import sys
import tempfile
import typing as t
from pathlib import Path

import ansible
from ansible import constants
from ansible.plugins.loader import module_utils_loader
from ansible.release import __version__ as core_version
from ansible.utils.display import Display

COLLECTION = Path(__file__).resolve().parents[2]
QUALIFIED = "ansible_collections.anycloud.container_host.plugins.modules."
KEPT = "anycloud.container_host-payloads"
OWNER_ONLY = 0o700


def foreign_utilities() -> bool:
    """Whether there are module_utils beside Ansible's own: what lies there may take the place of Ansible's files."""
    own = Path(ansible.__file__).resolve().parent
    folders = [Path(name).resolve() for name in module_utils_loader.print_paths().split(os.pathsep) if name]
    return any(own not in folder.parents and any(folder.rglob("*.py")) for folder in folders)


@functools.lru_cache(maxsize=1)
def fingerprint() -> str:
    """Names all that can be in a payload: ansible-core, Python, the collection's modules and what they import."""
    digest = hashlib.sha256(f"{core_version} {ansible.__file__} {sys.version}".encode())
    for folder in ("plugins/module_utils", "plugins/modules", "meta"):
        for path in sorted((COLLECTION / folder).rglob("*")):
            if path.suffix in (".py", ".yml"):
                content = path.read_bytes()
                digest.update(f"{path.relative_to(COLLECTION)} {len(content)}\n".encode())
                digest.update(content)
    return digest.hexdigest()[:32]


def store() -> Path | None:
    """The folder of what is kept now; None when it can't be had, or others may write there: it is code, to be run."""
    if foreign_utilities():
        return None
    parent = Path(constants.config.get_config_value("ANSIBLE_HOME")).expanduser() / KEPT
    try:
        parent.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
        state = parent.stat()
    except OSError as error:
        Display().vvv(f"payloads are not kept: {error}")
        return None
    if state.st_uid != os.geteuid() or state.st_mode & 0o022:
        Display().vvv(f"payloads are not kept: {parent} is not this user's alone")
        return None
    return parent / fingerprint()


def lay(source: Path, target: Path) -> None:
    """Copy a file to where others look for it, whole or not at all."""
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".payload-", delete=False) as handle:
        try:
            handle.write(source.read_bytes())
            handle.flush()
            os.rename(handle.name, target)
        finally:
            Path(handle.name).unlink(missing_ok=True)


def payloads(folder: Path, module: str) -> list[Path]:
    """What Ansible has packed a module into, in a folder of its making or in ours: whole, and not its locks."""
    return [path for path in folder.glob(f"{QUALIFIED}{module}-*") if not path.name.endswith((".lock", "-part"))]


def lay_all(packed: t.Sequence[Path], folder: Path) -> None:
    """Copy files into a folder. Raises OSError."""
    folder.mkdir(mode=OWNER_ONLY, exist_ok=True)
    for path in packed:
        lay(path, folder / path.name)


@contextlib.contextmanager
def only_mentioned() -> t.Iterator[None]:
    """Without what is kept Ansible packs the module itself, so that a failure of ours ends no run."""
    try:
        yield
    except OSError as error:
        Display().vvv(f"payloads are not kept: {error}")


@contextlib.contextmanager
def kept_payload(module: str) -> t.Iterator[None]:
    """Run a module of this collection, by its short name, as an earlier run packed it, or keep it for a later one."""
    used = Path(constants.DEFAULT_LOCAL_TMP) / "ansiballz_cache"
    # Most often another host of this run was first.
    kept = None if payloads(used, module) else store()
    if kept:
        with only_mentioned():
            lay_all(payloads(kept, module), used)
    packed_here = not payloads(used, module)
    yield
    if kept and packed_here:
        with only_mentioned():
            forget_others(kept)
            lay_all(payloads(used, module), kept)


def forget_others(kept: Path) -> None:
    """Remove what was made of other code. Raises OSError."""
    for path in kept.parent.iterdir():
        if path != kept:
            shutil.rmtree(path)
