# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Plug-ins containerd shall not load. Only the list of them in its configuration is changed, the rest stays as it is.

containerd reads it when it starts. It is restarted while it runs no container; otherwise its next start is left to
somebody, since engines of some releases stop together with it.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.containerd_text import (
    KEY,
    differs_elsewhere,
    disable,
    disabled_plugins,
    enable,
    version_of,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.announce import Announce, mark_of
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.protocol import (
    Item,
    Kind,
    Record,
    Scope,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import (
    DEVIATES,
    FAILED,
    PASSED,
    PENDING,
    Finding,
    KindPlan,
    PlanBuilder,
    Restoration,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import WriteFile

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import FileStatus

PATH = "/etc/containerd/config.toml"
UNIT = "containerd.service"
NEW_FILE = "version = 2\n"
AT_NEXT_START = "containerd runs containers and is not restarted for it, so it takes effect at its next start"
CHECK = ("containerd", "--config", "%s", "config", "dump")
"""Refuses what containerd would not start with."""


@dataclass(frozen=True)
class Parameters:
    """disabled: version of the configuration, and from it on -> the plug-ins not to load, by their names in it."""

    disabled: t.Mapping[int, tuple[str, ...]]

    def names(self, version: int) -> tuple[str, ...]:
        """The plug-ins not to load, as a configuration of this version names them."""
        known = [number for number in self.disabled if number <= version]
        return self.disabled[max(known)] if known else ()


@dataclass(frozen=True)
class Seen:
    """text, status: of the configuration; None when it is not there. start: what systemd knows the running containerd
    by, empty when none runs. untold: whether that one started before an earlier run changed its configuration.
    """

    text: str | None
    status: FileStatus | None
    start: str
    untold: bool
    has_containers: bool


class ContainerdPlugin(Kind[Parameters, Seen]):
    """Kind ``containerd_plugin``."""

    name = "containerd_plugin"

    def parse(self, reader: Reader) -> Parameters:
        disabled = {}
        for version, names in reader.mapping("disabled", required=True).items():
            if not str(version).isdigit():
                reader.wrong(f"disabled.{version}", "is no version", "give the version a configuration is written in")
            elif not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                reader.wrong(f"disabled.{version}", "is no list of texts", "give names of plug-ins, in quotes")
            else:
                disabled[int(version)] = tuple(names)
        return Parameters(disabled)

    def observe(self, scope: Scope[Parameters]) -> Seen:
        io = scope.io
        start = io.read_link(f"/run/systemd/units/invocation:{UNIT}") or ""
        return Seen(
            io.read_text(PATH),
            io.status(PATH),
            start,
            bool(start) and io.read_text(mark_of(UNIT)) == start,
            bool(io.glob("/run/containerd/io.containerd.runtime.v2.task/*/*")),
        )

    def compare(self, items: t.Sequence[Item[Parameters]], seen: Seen, kept: Record) -> KindPlan:
        builder = PlanBuilder(kept)
        text = seen.text
        if not items and PATH in kept:
            text = _put_back(builder, seen)
        for item in items:
            text, finding = _compare_one(item, text, seen, builder)
            builder.findings.append(finding)
        ids = tuple(item.id for item in items) or tuple(entry.control for entry in kept.values())
        # What was there before is put back as it was, whether its program is still there or not.
        _write(builder, ids, text, seen, CHECK if items else ())
        return builder.plan()


def _compare_one(
    item: Item[Parameters], text: str | None, seen: Seen, builder: PlanBuilder
) -> tuple[str | None, Finding]:
    """The text as this control wants it, and what was found."""
    if seen.status is not None and (seen.status.kind != "file" or text is None):
        reason = f"{PATH} is a {seen.status.kind} that is not read; mend it or exempt the control"
        return text, Finding(item.id, FAILED, reason=reason)
    old = NEW_FILE if text is None else text
    current = [] if text is None else disabled_plugins(text)
    missing = [name for name in item.parameters.names(version_of(old)) if name not in current]
    before, after = {KEY: current}, {KEY: [*missing, *current]}
    if not missing:
        later = seen.untold and seen.has_containers
        return text, Finding(item.id, PENDING if later else PASSED, before, after, AT_NEXT_START if later else "")
    new = disable(old, missing)
    if differs_elsewhere(old, new) or not set(missing) <= set(disabled_plugins(new)):
        reason = f"{PATH} is written in a way that can't be changed safely; add {', '.join(missing)} to {KEY} yourself"
        return text, Finding(item.id, FAILED, before, after, reason)
    kept = {"names": missing, "created": text is None, "list_added": KEY not in old}
    builder.remember(PATH, item.id, kept)
    return new, Finding(item.id, DEVIATES, before, after, AT_NEXT_START if seen.start and seen.has_containers else "")


def _put_back(builder: PlanBuilder, seen: Seen) -> str | None:
    entry = builder.kept[PATH]
    was = entry.before
    text = seen.text
    if text is not None:
        text = enable(text, was["names"], was["list_added"])
        if was["created"] and text == NEW_FILE:
            text = None
    before = None if seen.text is None else disabled_plugins(seen.text)
    after = None if text is None else disabled_plugins(text)
    builder.restorations.append(Restoration(PATH, entry.control, {KEY: before}, {KEY: after}))
    return text


def _write(builder: PlanBuilder, ids: tuple[str, ...], text: str | None, seen: Seen, validate: tuple[str, ...]) -> None:
    """Write the configuration when it changes, and have a containerd that runs nothing read it."""
    changes = text != seen.text
    if changes:
        if seen.start:
            # Made before the file is written, so that a run that dies in between is known.
            builder.steps.append(WriteFile(ids, mark_of(UNIT), seen.start))
        owner = (seen.status.mode, seen.status.uid, seen.status.gid) if seen.status else (0o644, 0, 0)
        builder.steps.append(WriteFile(ids, PATH, text, *owner, validate))
    if seen.start and not seen.has_containers and (changes or seen.untold):
        builder.steps.append(Announce(ids, UNIT, "restart"))
