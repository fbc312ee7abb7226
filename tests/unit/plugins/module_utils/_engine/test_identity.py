# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._engine.identity import (
    EngineIdentity,
    hung_up,
    identify,
    unreachable,
)

DOCKER = {"Version": "26.1.5+dfsg1", "ApiVersion": "1.45", "Components": [{"Name": "Engine"}, {"Name": "containerd"}]}
PODMAN = {"Version": "5.4.2", "ApiVersion": "1.41", "Components": [{"Name": "Podman Engine"}, {"Name": "Conmon"}]}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (DOCKER, EngineIdentity("docker", "26.1.5+dfsg1", "1.45", "/s")),
        (PODMAN, EngineIdentity("podman", "5.4.2", "1.41", "/s")),
        ({"Version": "20.10"}, EngineIdentity("docker", "20.10", "", "/s")),
    ],
)
def test_identify(answer, expected):
    assert identify(answer, "/s") == expected


@pytest.mark.parametrize(
    ("engine", "error", "words"),
    [
        ("podman", "Error while fetching: FileNotFoundError(2, 'No such file or directory')", "podman.socket"),
        (
            "docker",
            "('Connection aborted.', ConnectionRefusedError(111, 'Connection refused'))",
            "systemctl start docker",
        ),
        ("docker", "PermissionError(13, 'Permission denied')", "become: true"),
        ("docker", "client version 1.41 is too old", "newer python3-docker"),
        ("podman", "something nobody foresaw", "something nobody foresaw"),
    ],
)
def test_unreachable_names_socket_and_remedy(engine, error, words):
    message = unreachable(engine, "/run/x.sock", error)
    assert message.startswith(f"/run/x.sock: {engine} is not reachable: ")
    assert words in message


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))", True),
        ("('Connection aborted.', ConnectionRefusedError(111, 'Connection refused'))", False),
    ],
)
def test_hung_up(error, expected):
    assert hung_up(error) is expected
