# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._move import rsync

# the output of rsync 3.2.7
OUTPUT = """
cd+++++++++
>f+++++++++

         32,768   0%    1.00MB/s    0:00:30 \r      3,000,000  36%   92.96MB/s    0:00:00 (xfr#1, to-chk=2/5)
.f...pog...
*deleting

Number of files: 11 (reg: 4, dir: 3, link: 1, dev: 1, special: 2)
Number of created files: 10 (reg: 4, dir: 2)
Number of deleted files: 1
Number of regular files transferred: 3
Total file size: 11,242,885 bytes
Total transferred file size: 8,242,885 bytes
Literal data: 8,242,881 bytes
Matched data: 4 bytes
File list size: 0
Total bytes sent: 8,245,301
Total bytes received: 519

sent 8,245,301 bytes  received 519 bytes  16,491,640.00 bytes/sec
total size is 11,242,885  speedup is 1.36
"""


@pytest.mark.parametrize("text", [OUTPUT, OUTPUT.replace(",", ""), OUTPUT.replace(",", ".")])
def test_statistics(text: str) -> None:
    found = rsync.parse_statistics(text)
    assert found == rsync.Statistics(3, 11242885, 8242885, 8242881, 8245301, 519)
    assert found.wire_bytes == 8245820


def test_without_a_report_there_are_no_numbers() -> None:
    assert rsync.parse_statistics("rsync: connection unexpectedly closed") == rsync.Statistics()


@pytest.mark.parametrize("size", [1, 7, 40, 4096])
def test_items_are_counted_in_pieces_too(size: int) -> None:
    counter = rsync.ItemCounter()
    for start in range(0, len(OUTPUT), size):
        counter.feed(OUTPUT[start : start + size])
    assert counter.count == 4


def test_the_last_progress_counts() -> None:
    assert rsync.parse_progress(OUTPUT) == rsync.Progress(3000000, 36, int(92.96 * 1024**2))
    assert rsync.parse_progress("Number of files: 3") is None


OPTIONS: list[tuple[rsync.Options, list[str], list[str]]] = [
    (rsync.Options(), ["--inplace", "--modify-window=-1", "--timeout=60"], ["--compress", "--checksum", "--dry-run"]),
    (rsync.Options(compress=True), ["--compress"], []),
    (rsync.Options(checksum=True), ["--checksum"], []),
    (rsync.Options(dry_run=True), ["--dry-run"], []),
    (rsync.Options(block_size_kib=8), ["--block-size=8192"], []),
    (rsync.Options(bandwidth_limit_kib_per_second=100), ["--bwlimit=100"], []),
    (rsync.Options(user_map="1:2", group_map="3:4"), ["--usermap=1:2", "--groupmap=3:4"], []),
]


@pytest.mark.parametrize(("options", "has", "lacks"), OPTIONS)
def test_the_command_for_a_volume(options: rsync.Options, has: list[str], lacks: list[str]) -> None:
    argv = rsync.volume_argv("/m/ssh_config", "/srv/data", "data", options)
    assert argv[0] == "rsync"
    assert argv[-2:] == ["/srv/data/", "target:data/"]
    assert "--rsh=ssh -F /m/ssh_config" in argv
    assert set(has) <= set(argv)
    assert not set(lacks) & set(argv)
    assert "--fake-super" not in argv


def test_layers_are_only_added() -> None:
    argv = rsync.blobs_argv("/m/ssh_config", "/m/images/", ".images", rsync.Options())
    assert argv[-2:] == ["/m/images/", "target:.images/"]
    assert "--partial" in argv
    assert "--delete" not in argv


@pytest.mark.parametrize(
    ("text", "version"),
    [("rsync  version 3.2.7  protocol version 31", (3, 2, 7)), ("rsync  version v3.2.0", (3, 2, 0)), ("", ())],
)
def test_version(text: str, version: tuple[int, ...]) -> None:
    assert rsync.version_of(text) == version


CUTS: list[tuple[int, str, bool]] = [
    (12, "rsync: connection unexpectedly closed", True),
    (30, "rsync error: timeout in data send/receive", True),
    (255, "Connection reset by peer", True),
    (124, "", True),
    (12, "refused: the place 'x'\nrsync: connection unexpectedly closed", False),
    (12, "rsync: write failed: No space left on device (28)", False),
    (255, "root@192.0.2.1: Permission denied (publickey).", False),
    (255, "Host key verification failed.", False),
    (23, "rsync: read errors mapping", False),
    (11, "rsync: write failed on x: No space left on device (28)", False),
]


@pytest.mark.parametrize(("rc", "stderr", "cut"), CUTS)
def test_what_is_tried_again(rc: int, stderr: str, cut: bool) -> None:
    assert rsync.is_cut_off(rc, stderr) is cut


EXPLAINED: list[tuple[int, str, t.Optional[str]]] = [
    (127, "", "install the package rsync on the source"),
    (11, "write failed: No space left on device (28)", "free space"),
    (255, "Host key verification failed.", "pinned"),
    (255, "connect to host 192.0.2.1 port 22: Connection timed out", "move_transport: relay"),
    (23, "some files could not be transferred", None),
]


@pytest.mark.parametrize(("rc", "stderr", "remedy"), EXPLAINED)
def test_a_failure_is_explained(rc: int, stderr: str, remedy: t.Optional[str]) -> None:
    text = rsync.explain(rc, stderr)
    assert stderr in text
    assert (remedy or stderr) in text
