# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a host's kernels, its boot loader and its pin are, in the words of the module that tells them."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.reboot import reboot_reasons
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.release import newest_first

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.plan import Observed
    from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_host import KernelHost


def kernel_facts(host: KernelHost, available: bool) -> dict[str, t.Any]:
    """Everything the info module returns. available: whether the repositories are asked too."""
    seen = host.observe()
    record = seen.record
    installed = host.installed(seen)
    version = next((kernel.version for kernel in installed if kernel.release == record.release), "")
    wanted = (record.release, version, seen.command_line, record.added, record.removed)
    reasons = reboot_reasons(seen.running, seen.built, *wanted) if record.release else []
    return {
        "running": seen.running,
        "command_line": list(seen.command_line),
        "pinned": record.release or None,
        "packages": dict(record.packages),
        "held": sorted(set(record.holds) & set(seen.held)),
        "installed": [
            {
                "release": kernel.release,
                "flavour": kernel.flavour,
                "package": kernel.package,
                "version": kernel.version,
                "bootable": seen.boot.entry_of(kernel.release) is not None,
            }
            for kernel in installed
        ],
        "available": newest_first(kernel.release for kernel in host.offered("")) if available else [],
        "boot": _boot(seen),
        "trial": {"status": seen.trial.status, "release": seen.trial.release or None, "message": seen.trial.message},
        "reboot_required": bool(reasons),
        "reboot_reason": "; ".join(reasons),
    }


def _boot(seen: Observed) -> dict[str, t.Any]:
    parameters = next(iter(seen.boot.parameters), ())
    return {
        "loader": seen.boot.kind or None,
        "default": seen.boot.default or None,
        "once": seen.boot.once or None,
        "once_refused": seen.boot.no_once,
        "parameters": list(parameters),
    }
