# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_manifest_host as _host
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key

FILES = key.Files("/m", "m1")


def host() -> FakeHostIO:
    return FakeHostIO(files={"/v/a": "1", "/v/d/b": "2"}, links={"/v/l": "a"})


def test_a_manifest_is_kept_and_compared_with_the_one_that_was_sent() -> None:
    io = host()
    made = _host.make(io, FILES, "data", "/v")
    assert [entry.path for entry in made.entries] == [".", "a", "d", "d/b", "l"]
    assert "/m/m1/kept/data" in io.written
    with pytest.raises(HostError, match="phase: final"):
        _host.compare_with_sent(io, FILES, "data", made, 5)
    io.files["/m/m1/manifests/data"] = made.canonical().encode()
    assert _host.compare_with_sent(io, FILES, "data", made, 5) == (True, [])
    io.files["/v/a"], io.files["/v/d/b"] = b"3", b"4"
    changed = _host.make(io, FILES, "data", "/v", rehash=True)
    equal, named = _host.compare_with_sent(io, FILES, "data", changed, 1)
    assert (equal, named[1:]) == (False, ["and 1 more"])
    assert named[0].startswith("a: SHA-256 ")


def test_a_volume_that_is_not_there_has_no_manifest() -> None:
    with pytest.raises(HostError, match="/none: is not there"):
        _host.make(host(), FILES, "data", "/none")
