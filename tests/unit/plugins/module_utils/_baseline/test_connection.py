# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is connected, and from where."""

from __future__ import annotations

import pytest
from baseline_host import FILES, make_host

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.connection import (
    Connection,
    find_connection,
    parent_of,
)


def test_session_is_found_above_sudo() -> None:
    host, _programs = make_host()
    assert find_connection(host, "somebody") == Connection("admin", "192.0.2.7", "192.0.2.1", 22)


@pytest.mark.parametrize(("login_uid", "user"), [("4294967295", "deploy"), ("0", "root"), ("77", "deploy")])
def test_user_is_the_login_user_where_the_kernel_knows_it(login_uid: str, user: str) -> None:
    host, _programs = make_host({"/proc/self/loginuid": login_uid})
    connection = find_connection(host, "deploy")
    assert connection is not None
    assert connection.user == user


@pytest.mark.parametrize("value", [b"", b"SSH_CONNECTION=broken\0", b"XSSH_CONNECTION=1 2 3 4\0"])
def test_no_session(value: bytes) -> None:
    host, _programs = make_host({"/proc/20/environ": value})
    assert find_connection(host, "admin") is None


@pytest.mark.parametrize(
    ("stat", "parent"), [(FILES["/proc/30/stat"], "20"), ("7 (a b) S 3 1", "3"), ("", "0"), ("1 (x)", "0")]
)
def test_parent(stat: str, parent: str) -> None:
    assert parent_of(stat) == parent
