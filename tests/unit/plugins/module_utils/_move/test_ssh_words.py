# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._move.ssh_words import OURS, ssh_words


@pytest.mark.parametrize(
    ("values", "options", "expected"),
    [
        ({}, {}, ["ssh", *OURS, "alpha"]),
        ({"ansible_host": "192.0.2.1", "ansible_port": 2222}, {}, ["ssh", *OURS, "-p", "2222", "192.0.2.1"]),
        ({"ansible_user": "admin"}, {"become": True}, ["ssh", *OURS, "-l", "admin", "alpha", "sudo", "-n"]),
        ({"ansible_user": "root"}, {"become": True}, ["ssh", *OURS, "-l", "root", "alpha"]),
        ({}, {"user": "admin", "become": True}, ["ssh", *OURS, "-l", "admin", "alpha", "sudo", "-n"]),
        ({}, {"become": True}, ["ssh", *OURS, "alpha", "sudo", "-n"]),
        ({}, {"private_key_file": "/k"}, ["ssh", *OURS, "-i", "/k", "alpha"]),
        ({"ansible_ssh_private_key_file": "/own"}, {"private_key_file": "/k"}, ["ssh", *OURS, "-i", "/own", "alpha"]),
        ({}, {"check_host_keys": False}, ["ssh", *OURS, "-o", "StrictHostKeyChecking=no", "alpha"]),
        (
            {"ansible_ssh_common_args": "-J 'admin@jump'", "ansible_ssh_extra_args": "-4"},
            {},
            ["ssh", *OURS, "-J", "admin@jump", "-4", "alpha"],
        ),
        ({"ansible_host_key_checking": True}, {"check_host_keys": False}, ["ssh", *OURS, "alpha"]),
        ({"ansible_ssh_executable": "/opt/ssh"}, {}, ["/opt/ssh", *OURS, "alpha"]),
    ],
)
def test_words(values: dict[str, t.Any], options: dict[str, t.Any], expected: list[str]) -> None:
    assert ssh_words(values, "alpha", **options) == expected


def test_what_a_relay_can_not_do_is_told_together() -> None:
    values = {
        "ansible_connection": "docker",
        "ansible_password": "x",
        "ansible_become_password": "x",
        "ansible_port": "ssh",
    }
    with pytest.raises(InputError) as caught:
        ssh_words(values, "alpha", become=True)
    assert [problem.path for problem in caught.value.problems] == [
        "alpha.ansible_connection",
        "alpha.ansible_password",
        "alpha.ansible_become_password",
        "alpha.ansible_port",
    ]
    # only root's command asks for the password
    assert ssh_words({"ansible_become_password": "x"}, "alpha") == ["ssh", *OURS, "alpha"]
