# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The command lines of mmdebstrap(1): it runs as root or, in a user namespace, as anyone with subordinate ids."""

from __future__ import annotations

import posixpath
import shlex
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image.recipe import (
    BaseImage,
    CopyStep,
    Recipe,
    RunStep,
)


@dataclass(frozen=True)
class Copied:
    """A copy step made ready: a tar archive on the control node, and the absolute paths it brings."""

    archive: str
    paths: tuple[str, ...]


def base_argv(base: BaseImage, target: str) -> list[str]:
    """Make the base image's root file system as the tar archive ``target``."""
    options = [f"--dpkgopt=path-exclude={pattern}" for pattern in base.path_exclude]
    options += [f"--dpkgopt=path-include={pattern}" for pattern in base.path_include]
    return [
        "mmdebstrap",
        "--format=tar",
        f"--variant={base.variant}",
        '--aptopt=Acquire::Languages "none"',
        *options,
        base.suite,
        target,
        *base.sources,
    ]


def image_argv(recipe: Recipe, base: BaseImage, base_tar: str, copies: t.Sequence[Copied], target: str) -> list[str]:
    """Unpack the base, do the recipe's steps in it, pack all of it into ``target``.

    copies: one for each copy step of the recipe, in order.
    """
    hooks = [f"--setup-hook=tar-in {shlex.quote(base_tar)} /"]
    waiting = list(copies)
    for step in recipe.steps:
        if isinstance(step, RunStep):
            hooks.append(f"--customize-hook={run_hook(step)}")
        else:
            hooks += [f"--customize-hook={hook}" for hook in copy_hooks(step, waiting.pop(0))]
    return [
        "mmdebstrap",
        "--format=tar",
        "--variant=custom",
        "--skip=update",
        *hooks,
        base.suite,
        target,
        *base.sources,
    ]


def run_hook(step: RunStep) -> str:
    """The hook that runs one command in the root file system, which mmdebstrap gives as ``$1``."""
    user = f"--userspec={shlex.quote(step.user)} " if step.user else ""
    assignments = [f"{name}={value}" for name, value in sorted(step.environment.items())]
    inside = shlex.join(["/usr/bin/env", "-C", step.working_directory, *assignments, *step.argv])
    return f'chroot {user}"$1" {inside}'


def copy_hooks(step: CopyStep, copied: Copied) -> list[str]:
    """The hooks that bring one copy step's files in and give them to their owner."""
    hooks = [f"tar-in {shlex.quote(copied.archive)} /"]
    if step.owner:
        hooks.append(f'chroot "$1" {shlex.join(["chown", "--no-dereference", step.owner, *copied.paths])}')
    return hooks


def target_of(step: CopyStep, source: str, relative: str) -> str:
    """Where a file ends up: ``relative`` is its path below a source directory, empty for a source that is a file.

    As the reference has it, a directory's contents are copied, and a destination ending in a slash is a directory.
    """
    if relative:
        return posixpath.normpath(posixpath.join(step.destination, relative))
    if step.destination.endswith("/"):
        return posixpath.normpath(posixpath.join(step.destination, posixpath.basename(source)))
    return posixpath.normpath(step.destination)
