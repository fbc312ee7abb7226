# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands are listened to while they run."""

from __future__ import annotations

from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


def test_text_comes_as_it_is_written() -> None:
    pieces: list[str] = []
    done = HostIO().watch(["sh", "-c", "cat; echo words >&2; exit 3"], pieces.append, input_text="one\ntwo\n")
    assert (done.rc, done.stdout, done.stderr) == (3, "one\ntwo\n", "words\n")
    assert "".join(pieces) == "one\ntwo\n"


def test_what_is_not_there_and_what_says_nothing() -> None:
    assert HostIO().watch(["no-such-command"]).rc == 127
    assert HostIO().watch(["sleep", "60"], silence_seconds=0.1).rc == 124
