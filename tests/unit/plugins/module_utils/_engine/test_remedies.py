# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._engine.remedies import with_remedy

# The engines' own words, as they came from Docker 20.10 and 26.1 and from Podman 4.3 and 5.4.
CASES = [
    ("Bind for 127.0.0.1:80 failed: port is already allocated", "the port is taken"),
    ("rootlessport listen tcp 0.0.0.0:80: bind: address already in use", "the port is taken"),
    ("write /var/lib/docker/x: no space left on device", "podman image prune"),
    ("pull access denied for x, repository does not exist or may require 'docker login'", "registry_username"),
    ("manifest for localhost:5000/x:1 not found: manifest unknown: manifest unknown", "load it on the host"),
    ("Get https://r/v2/: dial tcp: lookup r: no such host", "reachable from the managed node"),
    ("dial tcp 127.0.0.1:5000: connect: connection refused", "reachable from the managed node"),
    ("http: server gave HTTP response to HTTPS client", "role engine"),
    ('exec: "nosuch": executable file not found in $PATH: unknown', "check command and entrypoint"),
    ("invalid mount config: bind source path does not exist: /nosuch", "make the directory"),
]


@pytest.mark.parametrize(("words", "remedy"), CASES)
def test_known_failures_get_a_remedy(words, remedy):
    message = with_remedy(f"container x can't be started: {words}", "podman")
    assert message.startswith(f"container x can't be started: {words}; ")
    assert remedy in message


def test_unknown_failures_are_left_as_they_are_on_one_line():
    assert with_remedy("first\n  second", "docker") == "first second"
