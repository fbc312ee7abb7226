# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._compose import actions as act
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.actions import Action
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Project, Service
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model_build import Build
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.health import NotReadyError
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.places import placed
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

SHOP = Project(
    "shop",
    {
        "web": Service("web", "shop-web-1", "x:1"),
        "web/2": Service("web", "shop-web-2", "x:1", number=2),
        "own": Service("own", "mine", "own:1", build=Build("c1", digest="d1")),
    },
)
NO = "it refuses"
CASES = [
    (Action(act.PULL_IMAGE, "image", "x:1", "web"), NO, "services.web.image"),
    (Action(act.BUILD_IMAGE, "image", "own:1", "own"), NO, "services.own.build"),
    (Action(act.CREATE_NETWORK, "network", "shop_back", "back"), NO, "networks.back"),
    (Action(act.REMOVE_NETWORK, "network", "shop_old"), NO, ""),
    (Action(act.CREATE_VOLUME, "volume", "shop_data", "data"), NO, "volumes.data"),
    (Action(act.DELIVER_FILE, "file", "shop/web!pw.0a", "shop/web!pw.0a"), NO, "services.web"),
    (Action(act.START_CONTAINER, "container", "shop-web-2", "web/2"), NO, "services.web"),
    (Action(act.START_CONTAINER, "container", "mine", "own"), "port is already allocated", "services.own.ports"),
    (Action(act.START_CONTAINER, "container", "mine", "own"), "exec: executable file not found", "services.own.command"),
    (Action(act.CREATE_CONTAINER, "container", "mine", "own"), "statfs /x: no such file or directory", "services.own.volumes"),
    (Action(act.REMOVE_CONTAINER, "container", "shop-old-1"), NO, ""),
    (Action(act.ENABLE_AT_BOOT, "boot", "shop"), NO, ""),
    (Action(act.REMOVE_IMAGE, "image", "sha256:1"), NO, ""),
]  # fmt: skip


@pytest.mark.parametrize(("action", "words", "path"), CASES)
def test_the_place_of_a_step(action, words, path):
    error = placed(HostError(words), SHOP, action)
    assert str(error) == (f"{path}: {words}" if path else words)
    assert [problem.path for problem in error.problems] == ([path] if path else [])


@pytest.mark.parametrize(
    ("container", "key", "path"),
    [
        ("shop-web-2", "", "services.web"),
        ("mine", "healthcheck", "services.own.healthcheck"),
        ("somebodys", "healthcheck", ""),
    ],
)
def test_the_place_of_what_was_waited_for_is_its_own_not_that_of_who_waits(container, key, path):
    start = Action(act.START_CONTAINER, "container", "shop-web-1", "web")
    error = placed(NotReadyError(container, key, "port is already allocated"), SHOP, start, ["and more"])
    text = f"container {container}: port is already allocated\nand more"
    assert str(error) == (f"{path}: {text}" if path else text)
