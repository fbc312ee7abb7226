# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configs and secrets on the managed node."""

from __future__ import annotations

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.delivery import DeliveredFile
from ansible_collections.anycloud.container_host.plugins.module_utils._engine import files
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.files import FileStore
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

FILE = DeliveredFile("p/web!pw.0a", b"\x00secret\xff", 7, 8, 0o400)
WANTED = {FILE.path: FILE}
RUN, KEPT = f"{files.RUN_DIRECTORY}/{FILE.path}", f"{files.KEPT_DIRECTORY}/{FILE.path}"


class Host(FakeHostIO):
    """systemctl enable and disable make and remove the link."""

    def __init__(self, **options):
        random = {"/proc/sys/kernel/random/uuid": "c0ffee00-1111-2222-3333-444455556666\n"}
        super().__init__(files=random, commands={("systemctl",): (0, "", "")}, **options)

    def run(self, argv, **options):
        if argv[1] == "enable":
            self.links[files.LINK_PATH] = files.UNIT_PATH
        if argv[1] == "disable":
            self.links.pop(files.LINK_PATH)
        return super().run(argv, **options)


def test_the_key_is_made_once_and_only_when_asked():
    host = Host()
    assert FileStore(host).key(make=False) == b""
    assert files.KEY_PATH not in host.files
    key = FileStore(host).key(make=True)
    assert len(key) >= 64
    assert host.modes[files.KEY_PATH] == 0o600
    host.files["/proc/sys/kernel/random/uuid"] = b"other"
    assert FileStore(host).key(make=True) == FileStore(host).key(make=False) == key


@pytest.mark.parametrize(
    ("path", "word"), [(files.KEY_PATH, "is damaged"), ("/proc/sys/kernel/random/uuid", "/proc mounted")]
)
def test_a_bad_key_is_refused(path, word):
    host = Host()
    host.files[path] = b"short"
    with pytest.raises(HostError, match=word):
        FileStore(host).key(make=True)


def test_a_file_is_written_for_now_and_for_the_next_boot():
    host = Host()
    FileStore(host).write(FILE)
    for path in (RUN, KEPT):
        assert host.files[path] == FILE.content
        assert (host.modes[path], host.owners[path]) == (0o400, (7, 8))
    assert host.files[files.UNIT_PATH].decode() == files.UNIT
    assert ("systemctl", "enable", files.UNIT_NAME) in host.ran
    assert FileStore(host).observe("p", WANTED) == {FILE.path: "right"}
    runs = len(host.ran)
    FileStore(host).write(FILE)
    assert len(host.ran) == runs


CHANGES = [
    ("gone from the tmpfs", lambda host: host.files.pop(RUN), {}),
    ("gone from the disk", lambda host: host.files.pop(KEPT), {}),
    ("another content", lambda host: host.files.update({RUN: b"x"}), {FILE.path: "changed"}),
    ("another mode", lambda host: host.modes.update({RUN: 0o644}), {FILE.path: "changed"}),
    ("another owner", lambda host: host.owners.update({RUN: (0, 0)}), {FILE.path: "changed"}),
    ("unit disabled", lambda host: host.links.clear(), {}),
    ("unit changed", lambda host: host.files.update({files.UNIT_PATH: b"x"}), {}),
    ("one more", lambda host: host.files.update({RUN + "1": b"x"}), {FILE.path: "right", FILE.path + "1": "changed"}),
    ("one of another project", lambda host: host.files.update({f"{files.RUN_DIRECTORY}/q/x!y.1": b"x"}), {FILE.path: "right"}),
]  # fmt: skip


@pytest.mark.parametrize(("_case", "change", "expected"), CHANGES)
def test_observe(_case, change, expected):
    host = Host()
    FileStore(host).write(FILE)
    change(host)
    assert FileStore(host).observe("p", WANTED) == expected


def test_the_unit_goes_with_the_last_file():
    host, other = Host(), DeliveredFile("q/web!pw.0b", b"x")
    store = FileStore(host)
    store.write(FILE)
    store.write(other)
    of_p, of_q = ([f"{one}/{name}" for one in (files.RUN_DIRECTORY, files.KEPT_DIRECTORY)] for name in "pq")
    store.remove(FILE.path)
    assert files.UNIT_PATH in host.files
    assert [path for path in (*of_p, *of_q) if host.exists(path)] == of_q
    store.remove(other.path)
    assert [path for path in (*of_p, *of_q) if host.exists(path)] == []
    assert files.UNIT_PATH not in host.files
    assert files.LINK_PATH not in host.links
    assert not [path for path in host.files if path.startswith((files.RUN_DIRECTORY, files.KEPT_DIRECTORY))]


def test_the_unit_comes_before_every_engine_and_closes_the_directory():
    assert "Before=sysinit.target" in files.UNIT
    assert "mkdir -p -m 0700 /run/container-host/files" in files.UNIT
    assert "chmod 0700 /run/container-host/files" in files.UNIT
