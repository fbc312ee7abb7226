# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands are listened to while they run."""

from __future__ import annotations

import time

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


def test_text_comes_as_it_is_written() -> None:
    pieces: list[str] = []
    done = HostIO().watch(["sh", "-c", "cat; echo words >&2; exit 3"], pieces.append, input_text="one\ntwo\n")
    assert (done.rc, done.stdout, done.stderr) == (3, "one\ntwo\n", "words\n")
    assert "".join(pieces) == "one\ntwo\n"


def test_what_is_not_there_and_what_says_nothing() -> None:
    assert HostIO().watch(["no-such-command"]).rc == 127
    assert HostIO().watch(["sleep", "60"], silence_seconds=0.1).rc == 124


def test_what_one_writes_the_other_reads() -> None:
    pieces: list[bytes] = []
    done = HostIO().pipe(
        ["sh", "-c", "head -c 300000 /dev/zero; echo given >&2"], ["sh", "-c", "wc -c; echo words >&2; exit 3"],
        pieces.append,
    )  # fmt: skip
    assert (done.rc, done.stdout.strip(), done.stderr) == (3, "300000", "words\n")
    assert (done.feeder_rc, done.feeder_stderr) == (0, "given\n")
    assert sum(map(len, pieces)) == 300_000


def test_a_pipe_is_no_faster_than_it_may_be() -> None:
    begun = time.monotonic()
    done = HostIO().pipe(["head", "-c", "200000", "/dev/zero"], ["wc", "-c"], bytes_per_second=400_000)
    assert (done.rc, done.stdout.strip()) == (0, "200000")
    assert time.monotonic() - begun > 0.3


def test_a_pipe_that_ends_early_or_never() -> None:
    early = HostIO().pipe(["cat", "/dev/zero"], ["sh", "-c", "head -c 10 >&2; exit 4"])
    assert (early.rc, early.stderr) == (4, "\0" * 10)
    assert early.feeder_rc != 0
    assert HostIO().pipe(["sleep", "60"], ["cat"], silence_seconds=0.1).rc == 124
    for feeder, argv in ((["no-such-command"], ["cat"]), (["true"], ["no-such-command"])):
        gone = HostIO().pipe(feeder, argv)
        assert (gone.rc, gone.stderr) == (127, "no-such-command: command not found")


def test_an_error_about_the_data_leaves_no_process() -> None:
    def refuse(_data: bytes) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        HostIO().pipe(["cat", "/dev/zero"], ["sleep", "60"], refuse)
