# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.anycloud.container_host.plugins.module_utils._packages.updates import Held, Update
from ansible_collections.anycloud.container_host.plugins.module_utils._patch.plan import make_plan


def test_the_plan_has_what_changes_and_nothing_else() -> None:
    updates = [Update("bash", "1", "2"), Update("linux-image-6", None, "6-1")]
    plan = make_plan(updates, [Held("runc", "1", "2")], ["x"], ["tar"], ["old"])
    assert plan.actions() == [
        "finish the interrupted installation of tar",
        "update bash from 1 to 2",
        "install linux-image-6 6-1",
        "remove old",
    ]
    assert plan.difference.before_after() == {
        "before": {"interrupted": ["tar"], "bash": "1", "linux-image-6": None, "old": "installed"},
        "after": {"interrupted": [], "bash": "2", "linux-image-6": "6-1", "old": None},
    }


def test_held_and_kept_back_packages_are_no_difference() -> None:
    plan = make_plan([], [Held("runc", "1", "2")], ["x"], [], [])
    assert not plan.difference
    assert plan.actions() == []
