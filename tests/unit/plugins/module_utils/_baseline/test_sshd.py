# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""sshd's options, and who would be let in."""

from __future__ import annotations

import pytest
from baseline_host import DROP_IN, make_host

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline import sshd
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.connection import Connection

INCLUDES = [
    (
        "Include /etc/ssh/sshd_config.d/*.conf\nPort 22\n",
        "Include {d}/00-a.conf\nOURS\nInclude {d}/50-b.conf\nPort 22\n",
    ),
    ("include sshd_config.d/*.conf # all\n", "Include {d}/00-a.conf\nOURS\nInclude {d}/50-b.conf\n"),
    ("  Include /x/*.conf /etc/ssh/sshd_config.d/*.conf\n", "Include {d}/00-a.conf\nOURS\nInclude {d}/50-b.conf\n"),
    ("#Include /etc/ssh/sshd_config.d/*.conf\n", None),
    ("Include /etc/ssh/other.d/*.conf\nPort 22\n", None),
]


@pytest.mark.parametrize(("main", "expected"), INCLUDES)
def test_drop_in_takes_its_place_among_the_others(main: str, expected: str | None) -> None:
    folder = "/etc/ssh/sshd_config.d"
    host, _programs = make_host({f"{folder}/00-a.conf": "", f"{folder}/50-b.conf": "", DROP_IN: "OLD\n"})
    text = sshd.with_drop_in(host, main, DROP_IN, "OURS\n")
    assert text == (None if expected is None else expected.format(d=folder))


def test_drop_in_can_be_thought_away() -> None:
    host, _programs = make_host({DROP_IN: "OLD\n"})
    main = "Include /etc/ssh/sshd_config.d/*.conf\nPort 22\n"
    assert sshd.with_drop_in(host, main, DROP_IN, None) == "Port 22\n"


def test_effective_options_have_their_newer_names() -> None:
    options = sshd.Effective(sshd.parse_effective("permitrootlogin without-password\nport 22\nport 2222\n"))
    assert options.one("PermitRootLogin") == "prohibit-password"
    assert options.options["port"] == ("22", "2222")
    assert options.one("nothing") is None


def test_configuration_goes_in_by_standard_input() -> None:
    host, _programs = make_host()
    answer = sshd.ask(host, "MaxAuthTries 3\n", Connection("admin", "192.0.2.7", "192.0.2.1", 22))
    assert answer.one("MaxAuthTries") == "3"
    where = "user=admin,addr=192.0.2.7,host=192.0.2.7,laddr=192.0.2.1,lport=22"
    assert host.ran == [("sshd", "-T", "-C", where, "-f", "/dev/stdin")]
    assert host.written == {}


def test_refusal_names_the_real_file() -> None:
    host, _programs = make_host()
    assert sshd.ask(host, "Nonsense yes\n").error == "/etc/ssh/sshd_config: line 1: Bad configuration option: Nonsense"
