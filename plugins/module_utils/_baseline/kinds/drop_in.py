# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""A file of our own that several controls share, such as one sysctl.d file: written whole, put back when not needed."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import PlanBuilder, Restoration
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import WriteFile

BANNER = "# Managed by anycloud.container_host.baseline: changes made here are undone by its next run.\n"


def render(lines: t.Sequence[str]) -> str | None:
    """The drop-in's text, or None when there is nothing to say."""
    return BANNER + "".join(f"{line}\n" for line in lines) if lines else None


def plan_drop_in(
    builder: PlanBuilder,
    path: str,
    current: str | None,
    lines: t.Sequence[str],
    controls: tuple[str, ...],
    mode: int = 0o644,
) -> bool:
    """Plan the drop-in's new content; returns whether it changes. With no lines left, what was there comes back."""
    key = f"file:{path}"
    wanted = render(lines)
    if wanted is None:
        kept = builder.kept.get(key)
        if kept is None:
            return False
        if current != kept.before:
            builder.steps.append(WriteFile((kept.control,), path, kept.before, mode))
        builder.restorations.append(Restoration(key, kept.control, {path: current}, {path: kept.before}))
        return True
    if wanted == current:
        return False
    builder.remember(key, controls[0], current)
    builder.steps.append(WriteFile(controls, path, wanted, mode))
    return True
