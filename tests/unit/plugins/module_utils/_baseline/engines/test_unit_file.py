# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""systemd's unit files, read without systemd."""

from __future__ import annotations

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.engines.unit_file import (
    command_words,
    environment_paths,
    parse_environment,
    parse_unit,
    read_unit,
)

COMMANDS = [
    # lines of the unit, variables of its files, words
    (["ExecStart=/usr/bin/dockerd -H fd:// $OPTS"], {"OPTS": "--icc=false -D"}, ["-H", "fd://", "--icc=false", "-D"]),
    (["ExecStart=/usr/bin/dockerd $OPTS"], {}, []),
    (["ExecStart=/usr/bin/dockerd --a=${OPTS}"], {"OPTS": "x y"}, ["--a=x y"]),
    (["Environment=OPTS=-D", "ExecStart=/usr/bin/dockerd $OPTS"], {}, ["-D"]),
    (["Environment=OPTS=-D", "ExecStart=/usr/bin/dockerd $OPTS"], {"OPTS": "-H x"}, ["-H", "x"]),
    (["ExecStart=/usr/bin/dockerd -D", "ExecStart=", "ExecStart=/usr/bin/dockerd -H x"], {}, ["-H", "x"]),
    (["ExecStart=/usr/bin/dockerd \\", "  -H x"], {}, ["-H", "x"]),
    (["# ExecStart=/usr/bin/dockerd -D"], {}, []),
    (["ExecStart=/usr/bin/dockerd 'unclosed"], {}, ["'unclosed"]),
]


@pytest.mark.parametrize(("lines", "variables", "words"), COMMANDS)
def test_command_words(lines: list[str], variables: dict[str, str], words: list[str]) -> None:
    assert command_words(parse_unit(["[Service]\n" + "\n".join(lines) + "\n"]), variables) == words


def test_drop_ins_by_name_the_first_folder_wins() -> None:
    host = FakeHostIO(
        {
            "/usr/lib/systemd/system/a.socket": "vendor",
            "/usr/lib/systemd/system/a.socket.d/20.conf": "20 vendor",
            "/run/systemd/system/a.socket.d/10.conf": "10 run",
            "/etc/systemd/system/a.socket.d/20.conf": "20 etc",
        }
    )
    assert read_unit(host, "a.socket") == ("vendor", "10 run", "20 etc")
    assert read_unit(host, "b.socket") == ()


def test_environment_files() -> None:
    assert environment_paths(parse_unit(["EnvironmentFile=-/etc/default/docker\n"])) == ["/etc/default/docker"]
    assert parse_environment(['# A=1\n; B=2\nDOCKER_OPTS="-H x"\n']) == {"DOCKER_OPTS": "-H x"}
