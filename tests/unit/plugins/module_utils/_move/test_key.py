# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key

FILES = key.Files("/var/lib/container-host/moves", "shop-1")
PUBLIC = "ssh-ed25519 AAAAC3Nza anycloud.container-host.move:shop-1"


def line(user: str = "root", addresses: t.Sequence[str] = ("192.0.2.10",)) -> str:
    return key.key_line(PUBLIC, "shop-1", key.command_of(FILES, user), addresses, "20270101000000")


def test_the_key_may_run_one_program() -> None:
    assert line() == (
        'restrict,command="/var/lib/container-host/moves/shop-1/receive \\"$SSH_ORIGINAL_COMMAND\\"",from="192.0.2.10",'
        'expiry-time="20270101000000" ssh-ed25519 AAAAC3Nza anycloud.container-host.move:shop-1'
    )
    assert 'command="sudo -n /var' in line("admin")
    assert "from=" not in line(addresses=())


def test_the_key_is_found_by_its_marker() -> None:
    text = f"ssh-rsa AAAA me@home\n# {line()}\n{line()}\n"
    assert key.read_keys(text) == [key.LetIn("shop-1", "20270101000000", line())]


def test_other_lines_stay() -> None:
    other = line().replace("move:shop-1", "move:shop-11")
    text = f"ssh-rsa AAAA me@home\n{line()}\n{other}\n"
    assert key.with_key(text, "shop-1", "") == f"ssh-rsa AAAA me@home\n{other}\n"
    assert key.with_key("no newline at the end", "shop-1", "new") == "no newline at the end\nnew\n"
    assert key.with_key(key.with_key(text, "shop-1", line()), "shop-1", line()).count("move:shop-1\n") == 1


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ("", "/home/a/.ssh/authorized_keys"),
        ("authorizedkeysfile .ssh/authorized_keys .ssh/authorized_keys2", "/home/a/.ssh/authorized_keys"),
        ("port 22\nauthorizedkeysfile /etc/ssh/keys/%u", "/etc/ssh/keys/a"),
        ("authorizedkeysfile %h/keys/100%%", "/home/a/keys/100%"),
        ("authorizedkeysfile none", "/home/a/.ssh/authorized_keys"),
    ],
)
def test_where_sshd_looks_for_keys(settings: str, path: str) -> None:
    assert key.authorized_keys_path(settings, "a", "/home/a") == path


def test_the_source_trusts_these_host_keys_only() -> None:
    text = key.ssh_config(FILES, "192.0.2.20", 2222, "admin", "/run/x.sock", "")
    settings = dict(entry.strip().split(" ", 1) for entry in text.splitlines()[1:])
    assert settings["StrictHostKeyChecking"] == "yes"
    assert settings["UserKnownHostsFile"] == f"{FILES.folder}/known_hosts"
    assert settings["GlobalKnownHostsFile"] == "/dev/null"
    assert (settings["HostName"], settings["Port"], settings["User"]) == ("192.0.2.20", "2222", "admin")
    assert "ProxyCommand" not in settings
    assert "ProxyCommand pump connect" in key.ssh_config(FILES, "a", 22, "root", "/run/x.sock", "pump connect")
    assert key.known_hosts("shop-1", ["ssh-ed25519 AAAA"]) == f"{settings['HostKeyAlias']} ssh-ed25519 AAAA\n"


def test_sudo_allows_the_program_alone() -> None:
    rule = key.sudo_rule(FILES, "admin")
    assert rule.endswith(f"admin ALL=(root) NOPASSWD: {FILES.gate}\n")
    assert "." not in FILES.sudoers.rpartition("/")[2]  # sudo(8) leaves such files out


BAD: list[tuple[dict[str, t.Any], dict[str, t.Any], list[str]]] = [
    ({"move_id": "a b"}, {}, ["move_id"]),
    ({"move_id": "../x"}, {}, ["move_id"]),
    ({"move_id": "x" * 65}, {}, ["move_id"]),
    ({"move_id": "shop.1"}, {}, ["move_id"]),
    ({"directory": "/var/lib/a b"}, {}, ["directory"]),
    ({"directory": "relative"}, {}, ["directory"]),
    ({"address": "a\nProxyCommand sh"}, {}, ["address"]),
    ({"address": "-oProxyCommand=sh"}, {}, ["address"]),
    ({"user": "root\n"}, {}, ["user"]),
    ({"public_key": 'x" y\nssh-rsa AAAA'}, {}, ["public_key"]),
    ({"host_keys": ["ssh-ed25519 AAAA", "x\ny"]}, {}, ["host_keys[1]"]),
    ({"from_addresses": ["192.0.2.1", '*"', "host"]}, {}, ["from_addresses[1]", "from_addresses[2]"]),
    ({}, {".images": "/a"}, ["volumes..images"]),
    ({}, {"a": "relative", "b": "/", "c": "/a/../b", "d": None}, ["volumes.a", "volumes.b", "volumes.c", "volumes.d"]),
    ({"move_id": "A", "user": "B"}, {"c/d": "/e"}, ["move_id", "user", "volumes.c/d"]),
]


@pytest.mark.parametrize(("values", "volumes", "places"), BAD)
def test_what_could_say_something_else_is_refused(
    values: dict[str, t.Any], volumes: dict[str, t.Any], places: list[str]
) -> None:
    with pytest.raises(InputError) as caught:
        key.check(values, volumes)
    assert [problem.path for problem in caught.value.problems] == places


def test_good_values_pass() -> None:
    values = {
        "move_id": "shop-1_3", "address": "fe80::1%eth0", "user": "admin", "public_key": PUBLIC,
        "host_keys": ["ssh-ed25519 AAAA"], "from_addresses": ["192.0.2.1", "2001:db8::/64"],
        "directory": "/var/lib/container-host/moves",
    }  # fmt: skip
    key.check(values, {"shop_data": "/var/lib/docker/volumes/shop_data/_data"})


@pytest.mark.parametrize(
    ("side", "values", "places"),
    [
        ("target", {"valid_seconds": 60}, ["public_key"]),
        ("target", {"public_key": PUBLIC, "valid_seconds": 5}, ["valid_seconds"]),
        ("source", {"address": "a", "valid_seconds": 60}, ["host_keys"]),
    ],
)
def test_what_a_side_needs(side: str, values: dict[str, t.Any], places: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        key.check_side(side, True, values)
    assert [problem.path for problem in caught.value.problems] == places
    key.check_side(side, False, values)
