# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_key_host as _host
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key, names

FILES = key.Files("/m", "shop-1")
NOW = 1_800_000_000
AUTHORIZED = "/home/admin/.ssh/authorized_keys"


def date(argv: tuple[str, ...], _text: t.Optional[str]) -> tuple[int, str, str]:
    # the number itself is a time of 14 digits here, which is all that is compared
    return 0, f"{NOW}\n" if argv[1] == "+%s" else f"{int(argv[1].partition('@')[2]):014d}\n", ""


def host(**more: t.Any) -> FakeHostIO:
    commands = {
        ("date",): date,
        ("sshd",): (0, "port 2222\nhostkey /etc/ssh/k\nauthorizedkeysfile .ssh/authorized_keys\n", ""),
        ("getent", "passwd", "admin"): (0, "admin:x:1000:1001::/home/admin:/bin/sh\n", ""),
        ("getent", "passwd", "nobody"): (2, "", ""),
        ("visudo",): (0, "", ""),
        ("ssh",): (255, "", ""),
        **more.pop("commands", {}),
    }
    files = {"/etc/ssh/k.pub": "ssh-ed25519 AAAAhost root@target\n", AUTHORIZED: "ssh-rsa AAAA me\n"}
    return FakeHostIO(files={**files, **more.pop("files", {})}, commands=commands, **more)


DOOR = _host.Door(
    "ssh-ed25519 AAAAkey x", "admin", ("192.0.2.1",), 3600, {"data": "/srv/data"}, "the program", "another program"
)
STAGING = "/srv/.data.move-shop-1"


def settle(io: FakeHostIO, present: bool, door: _host.Door = DOOR) -> list[str]:
    settings = _host.sshd_settings(io, door.user)
    who = _host.account(io, door.user, settings)
    plan = _host.plan_target(io, FILES, door, who, present)
    if plan.difference:
        _host.apply_target(io, FILES, who, plan, present)
    return plan.difference.names


def test_the_target_lets_in_renews_and_forgets() -> None:
    io = host()
    texts = [FILES.gate, FILES.places, FILES.guard, FILES.receiver, FILES.sudoers]
    assert settle(io, True) == ["authorized_keys", *texts]
    assert settle(io, True) == []
    assert (io.read_text(FILES.gate) or "").splitlines()[1] == "the program"
    text = io.read_text(AUTHORIZED) or ""
    assert text.startswith("ssh-rsa AAAA me\nrestrict,")
    assert f'expiry-time="{NOW + 3600:014d}"' in text
    assert (io.modes[AUTHORIZED], io.modes[FILES.gate], io.modes[FILES.sudoers]) == (0o644, 0o700, 0o440)
    # half of its time is left with 1800 s; a longer time asked for renews it
    assert settle(io, True, _host.Door(**{**DOOR.__dict__, "valid_seconds": 7300})) == ["authorized_keys"]
    assert json.loads(io.read_text(FILES.guard) or "")["staging"] == {"data": STAGING}
    assert settle(io, False) == [FILES.folder, "authorized_keys", *texts]
    assert io.read_text(AUTHORIZED) == "ssh-rsa AAAA me\n"
    assert settle(io, False) == []
    assert not any("shop-1" in path for path in io.files)


@pytest.mark.parametrize("present", [True, False], ids=["let in", "closed"])
def test_keys_of_moves_that_come_and_go_meanwhile_are_left_alone(
    present: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    io = host()
    write = io.write_atomic
    locked: list[t.Any] = []

    def note(path: str, *arguments: t.Any, **options: t.Any) -> None:
        locked.append(path != AUTHORIZED or set(io.locked))
        write(path, *arguments, **options)

    monkeypatch.setattr(io, "write_atomic", note)
    who = _host.account(io, "admin", _host.sshd_settings(io, "admin"))
    others = [key.Files("/m", name) for name in ("shop-2", "shop-3")]

    def plan(files: key.Files, present: bool) -> _host.TargetPlan:
        return _host.plan_target(io, files, DOOR, who, present)

    if not present:
        settle(io, True)
    _host.apply_target(io, others[0], who, plan(others[0], True), True)
    mine = plan(FILES, present)
    _host.apply_target(io, others[1], who, plan(others[1], True), True)
    _host.apply_target(io, others[0], who, plan(others[0], False), False)
    _host.apply_target(io, FILES, who, mine, present)
    text = io.read_text(AUTHORIZED) or ""
    assert text.startswith("ssh-rsa AAAA me\n")
    assert {entry.move_id for entry in key.read_keys(text)} == ({"shop-1", "shop-3"} if present else {"shop-3"})
    assert all(held in (True, {names.KEYS_LOCK}) for held in locked)


def with_snapshots(io: FakeHostIO) -> list[str]:
    """Put two beside the volume, and one of another move; what was removed."""
    deleted: list[str] = []

    def delete(argv: tuple[str, ...], _text: t.Optional[str]) -> tuple[int, str, str]:
        assert argv[:-1] == ("btrfs", "subvolume", "delete")
        deleted.append(argv[-1])
        io.directories.remove(argv[-1])
        return 0, "", ""

    io.commands["btrfs",] = delete
    io.directories |= {f"{STAGING}/7", f"{STAGING}/new", "/srv/.data.move-other/7"}
    return deleted


def test_what_was_received_beside_volumes_goes_with_the_key() -> None:
    io = host()
    settle(io, True)
    deleted = with_snapshots(io)
    settle(io, False)
    assert (deleted, io.exists(STAGING)) == ([f"{STAGING}/7", f"{STAGING}/new"], False)
    assert io.exists("/srv/.data.move-other/7")


def test_snapshots_that_can_not_be_removed_are_not_forgotten() -> None:
    io = host()
    settle(io, True)
    with_snapshots(io)
    io.commands["btrfs",] = (1, "", "busy")
    io.write_errors[f"{STAGING}/7"] = "Read-only file system"
    with pytest.raises(HostError, match="Read-only"):
        settle(io, False)
    io.write_errors.clear()
    settle(io, False)
    assert not io.exists(STAGING)


def test_what_was_sent_goes_with_the_key() -> None:
    io = host(files={FILES.key: "k", FILES.sent_snapshots: json.dumps({"data": {"staging": STAGING, "failed": ""}})})
    deleted = with_snapshots(io)
    difference = _host.compare_source(io, FILES, _host.Way(), False)
    _host.apply_source(io, FILES, _host.Way(), False, difference)
    assert (len(deleted), io.exists(STAGING), io.exists(FILES.folder)) == (2, False, False)


def test_a_rule_sudo_refuses_is_not_put_there() -> None:
    io = host(commands={("visudo",): (1, "", "syntax error")})
    with pytest.raises(HostError, match="syntax error"):
        settle(io, True)
    assert io.read_text(FILES.sudoers) is None
    assert io.read_text(AUTHORIZED) == "ssh-rsa AAAA me\n"  # nobody is let in before all of it is there


def test_root_needs_no_rule() -> None:
    io = host(commands={("getent", "passwd", "root"): (0, "root:x:0:0::/root:/bin/sh\n", "")})
    assert FILES.sudoers not in settle(io, True, _host.Door("ssh-ed25519 AAAA x"))
    assert (io.modes["/root/.ssh"], io.owners["/root/.ssh"]) == (0o700, (0, 0))


def test_an_account_that_is_not_there() -> None:
    with pytest.raises(HostError, match="no account 'nobody'"):
        settle(host(), True, _host.Door("ssh-ed25519 AAAA x", "nobody"))


def test_host_keys_and_port() -> None:
    io = host()
    settings = _host.sshd_settings(io, "root")
    assert _host.host_keys(io, settings) == ["ssh-ed25519 AAAAhost"]
    assert _host.port(settings) == 2222


def test_the_source_makes_points_and_forgets() -> None:
    io = host()

    def keygen(argv: tuple[str, ...], _text: t.Optional[str]) -> tuple[int, str, str]:
        io.files[FILES.key], io.files[f"{FILES.key}.pub"] = b"private", b"ssh-ed25519 AAAA x\n"
        return 0, "", ""

    io.commands[("ssh-keygen",)] = keygen

    def settle_source(way: _host.Way, present: bool = True) -> list[str]:
        difference = _host.compare_source(io, FILES, way, present)
        if difference:
            _host.apply_source(io, FILES, way, present, difference)
        return difference.names

    assert settle_source(_host.Way()) == ["key"]
    assert settle_source(_host.Way()) == []
    assert _host.public_key(io, FILES) == "ssh-ed25519 AAAA x"
    way = _host.Way("192.0.2.2", 22, "admin", ("ssh-ed25519 AAAAhost",))
    assert settle_source(way) == [FILES.known_hosts, FILES.ssh_config]
    assert settle_source(way) == []
    relayed = _host.Way(**{**way.__dict__, "relayed": True, "pump": "x"})
    assert settle_source(relayed) == [FILES.ssh_config, f"{FILES.folder}/pump"]
    assert settle_source(relayed, present=False) == ["key", FILES.folder]
    assert settle_source(relayed, present=False) == []
    assert not any(path.startswith("/m/") for path in io.files)


@pytest.mark.parametrize(
    ("named", "rule", "caller", "user"),
    [
        ("ops", "", "admin", "ops"),
        ("", "", "admin", "admin"),
        ("", "", "", "root"),
        ("", "", "root", "root"),
        ("", "", "no such name", "root"),
        # another control node's account has let it in: it is the one whose file has to be mended
        ("", key.sudo_rule(FILES, "ops"), "admin", "ops"),
    ],
)
def test_the_key_is_for_the_account_ansible_uses(named: str, rule: str, caller: str, user: str) -> None:
    io = host(files={FILES.sudoers: rule} if rule else {})
    assert _host.let_in(io, FILES, named, caller) == user
