# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._engine.remedies import key_of, with_remedy

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
    (
        "unable to apply apparmor profile: write /proc/self/attr/apparmor/exec: no such file or directory: unknown",
        "apparmor_parser -r",
    ),
    (
        'error gathering device information while adding custom device "/dev/x": no such file or directory',
        "give the host the device",
    ),
    ("stat /dev/x: no such file or directory", "give the host the device"),
    ("error setting rlimits for ready process: error setting rlimit type 7: operation not permitted", "fs.nr_open"),
    ("invalid mount config: bind source path does not exist: /nosuch", "make the directory"),
]


@pytest.mark.parametrize(("words", "remedy"), CASES)
def test_known_failures_get_a_remedy(words, remedy):
    message = with_remedy(f"container x can't be started: {words}", "podman")
    assert message.startswith(f"container x can't be started: {words}; ")
    assert remedy in message


def test_unknown_failures_are_left_as_they_are_on_one_line():
    assert with_remedy("first\n  second", "docker") == "first second"


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (
            "apparmor failed to apply profile: write /proc/self/attr/apparmor/exec: no such file or directory",
            "security_opt",
        ),
        ('adding custom device "/dev/x": no such file or directory', "devices"),
        ("error setting rlimit type 7: operation not permitted", "ulimits"),
        ("OCI runtime create failed: exec: no such file or directory", "command"),
        ("something else", ""),
    ],
)
def test_the_key_of_a_service_that_a_failure_is_about(words, key):
    assert key_of(f"container x can't be started: {words}") == key
