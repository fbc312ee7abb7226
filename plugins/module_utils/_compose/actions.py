# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Plan and actions: what has to be done, in order, as data that can be shown, compared and applied."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils._compose import plain

PULL_IMAGE = "pull_image"
BUILD_IMAGE = "build_image"
REMOVE_IMAGE = "remove_image"
CREATE_NETWORK = "create_network"
REMOVE_NETWORK = "remove_network"
CREATE_VOLUME = "create_volume"
REMOVE_VOLUME = "remove_volume"
CREATE_CONTAINER = "create_container"
RECREATE_CONTAINER = "recreate_container"
REMOVE_CONTAINER = "remove_container"
START_CONTAINER = "start_container"
RESUME_CONTAINER = "resume_container"
STOP_CONTAINER = "stop_container"
DELIVER_FILE = "deliver_file"
REMOVE_FILE = "remove_file"
ENABLE_AT_BOOT = "enable_at_boot"
DISABLE_AT_BOOT = "disable_at_boot"

STATE_PRESENT = "present"
STATE_STOPPED = "stopped"
STATE_ABSENT = "absent"


@dataclass(frozen=True)
class Action:
    """One step.

    kind: one of the constants above. Creating never starts: ``create_container`` and ``recreate_container`` (stop,
    remove, create) are followed by their own ``start_container``; ``remove_container`` stops first.
    resource: image, network, volume, file, container or boot. name: the engine's own name of it (an image to pull or
    build: the reference; one to remove: its id).
    key: the name in the Compose file, so ``project.services[key]``, ``project.networks[key]`` and so on;
    "" for what the file doesn't have (orphans, boot).
    before, after: what a person wants to see, never secrets: None when it isn't there.
    wait_for: only for start_container: container name -> condition that has to hold before the start. optional: those
    of them without which it starts as well.
    """

    kind: str
    resource: str
    name: str
    key: str = ""
    before: t.Optional[dict[str, t.Any]] = None
    after: t.Optional[dict[str, t.Any]] = None
    reason: str = ""
    wait_for: dict[str, str] = field(default_factory=dict)
    optional: tuple[str, ...] = ()

    @property
    def is_last(self) -> bool:
        """Whether it removes what nothing of the file uses: not before all of the file is ready."""
        of_no_service = self.kind == REMOVE_NETWORK and not self.key
        return self.kind in (REMOVE_FILE, REMOVE_IMAGE) or of_no_service

    def __str__(self) -> str:
        text = f"{self.kind} {self.name}"
        return f"{text} ({self.reason})" if self.reason else text


@dataclass(frozen=True)
class Plan:
    """All steps, in the order in which they have to be done. ``changed`` is: there is one."""

    project: str
    state: str
    actions: tuple[Action, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.actions)

    def before_after(self) -> dict[str, dict[str, t.Any]]:
        """Ansible's ``diff``: per resource what is there before the first and after the last of its actions."""
        before: dict[str, t.Any] = {}
        after: dict[str, t.Any] = {}
        for action in self.actions:
            label = f"{action.resource} {action.name}"
            before.setdefault(label, action.before)
            after[label] = action.after
        return {"before": before, "after": after}

    def to_plain(self) -> dict[str, t.Any]:
        """The plan as plain values, for a module's result."""
        return t.cast("dict[str, t.Any]", plain.to_plain(self))

    @classmethod
    def from_plain(cls, value: dict[str, t.Any]) -> Plan:
        """The plan from what :meth:`to_plain` gave."""
        return plain.from_plain(cls, value)
