# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fake must answer like the real HostIO, or the tests built on it prove nothing."""

from __future__ import annotations

import inspect

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._host_lock import HostLock
from ansible_collections.anycloud.container_host.plugins.module_utils._host_room import HostRoom
from ansible_collections.anycloud.container_host.plugins.module_utils._host_walk import HostWalk


def public_methods(kind: type) -> dict[str, inspect.Signature]:
    return {name: inspect.signature(value) for name, value in vars(kind).items() if inspect.isfunction(value)}


def test_same_interface() -> None:
    fake = public_methods(FakeHostIO)
    kinds = (HostIO, HostWalk, HostLock, HostRoom)
    for name, signature in (entry for kind in kinds for entry in public_methods(kind).items()):
        if name == "read_text":  # built on read_bytes
            continue
        assert fake[name].parameters.keys() == signature.parameters.keys(), name


def test_same_answers_as_a_real_folder(tmp_path) -> None:
    root = str(tmp_path)
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a.conf").write_text("one")
    (tmp_path / "link").symlink_to("d/a.conf")
    (tmp_path / "d" / "a.conf").chmod(0o600)
    fake = FakeHostIO(
        files={f"{root}/d/a.conf": "one"}, links={f"{root}/link": "d/a.conf"}, modes={f"{root}/d/a.conf": 0o600}
    )
    real = HostIO()
    for path in (root, f"{root}/d", f"{root}/d/a.conf", f"{root}/link", f"{root}/none"):
        assert fake.exists(path) == real.exists(path), path
        assert fake.why_absent(path) == real.why_absent(path), path
        assert fake.read_text(path) == real.read_text(path), path
        assert fake.read_link(path) == real.read_link(path), path
        assert fake.list_directory(path) == real.list_directory(path), path
        left, right = fake.status(path), real.status(path)
        assert (left and left.kind) == (right and right.kind), path
    assert fake.glob(f"{root}/d/*.conf") == real.glob(f"{root}/d/*.conf") == [f"{root}/d/a.conf"]
    assert fake.status(f"{root}/d/a.conf").mode == real.status(f"{root}/d/a.conf").mode == 0o600


def test_commands() -> None:
    host = FakeHostIO(
        commands={
            ("uname", "-r"): (0, "6.12\n", ""),
            ("step",): [(1, "", "not yet"), (0, "ready", "")],
            ("echo",): lambda argv, input_text: (0, " ".join(argv[1:]) + (input_text or ""), ""),
        }
    )
    assert host.run(["uname", "-r"]).stdout == "6.12\n"
    assert [host.run(["step"]).rc for _ in range(3)] == [1, 0, 0]
    assert host.run(["echo", "a"], input_text="b").stdout == "ab"
    assert host.run(["nothere"]).rc == HostIO().run(["nothere-at-all"]).rc == 127
    assert host.find_command("uname") == "/usr/bin/uname"
    assert host.find_command("nothere") is None
    with pytest.raises(AssertionError, match="uname -a"):
        host.run(["uname", "-a"])
    with pytest.raises(HostError, match="nothere: failed with 127"):
        host.run(["nothere"], check=True)
    assert host.ran[0] == ("uname", "-r")


def test_writes() -> None:
    def refuse(path: str) -> None:
        raise HostError(f"{path}: bad")

    host = FakeHostIO(files={"/etc/a": "old"}, write_errors={"/etc/full": "No space left on device"})
    host.write_atomic("/etc/a", "new", mode=0o600)
    assert (host.written, host.read_text("/etc/a"), host.modes["/etc/a"]) == ({"/etc/a": "new"}, "new", 0o600)
    with pytest.raises(HostError, match="bad"):
        host.write_atomic("/etc/a", "newer", validate=refuse)
    assert host.read_text("/etc/a") == "new"
    assert host.list_directory("/etc") == ["a"]
    with pytest.raises(HostError, match="No space"):
        host.write_atomic("/etc/full", "x")
    host.remove("/etc/a")
    host.remove("/etc/a")
    assert host.removed == ["/etc/a"]


def test_trees_and_processes() -> None:
    host = FakeHostIO(files={"/v/a/x": "1", "/v/a/b/y": "2", "/v/c": "3"}, processes=[7])
    host.rename("/v/a", "/v/z")
    assert sorted(host.files) == ["/v/c", "/v/z/b/y", "/v/z/x"]
    host.remove_tree("/v/z")
    assert sorted(host.files) == ["/v/c"]
    assert (host.signal(7, 0), host.signal(7, 15), host.signal(7, 0)) == (True, True, False)
    before = host.monotonic()
    host.sleep(2)
    assert host.monotonic() - before == 2


def test_streams(tmp_path) -> None:
    for host in (HostIO(), FakeHostIO()):
        path = f"{tmp_path}/stream"
        with pytest.raises(HostError, match="can't be opened"):
            host.open_stream(f"{tmp_path}/none")
        with host.open_stream(path, "wb") as stream:
            stream.write(b"ab\x00")
        with host.open_stream(path) as stream:
            assert stream.read() == b"ab\x00"
