# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The system's own firewall file no longer flushes the tables of others."""

from __future__ import annotations

import pytest
from baseline_host import make_host
from baseline_kind import finding

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline import record
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.control import parse_controls
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.nftables_file import without_flush
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.run import run
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.select import Selected

PATH = "/etc/nftables.conf"
# As the package ships it.
SHIPPED = """\
#!/usr/sbin/nft -f

flush ruleset

table inet filter {
\tchain input {
\t\ttype filter hook input priority filter;
\t}
}
"""
ANEW = SHIPPED.replace("flush ruleset", "table inet filter\ndelete table inet filter")


def controls() -> list[Selected]:
    entry = {"id": "kept", "title": "T", "kind": "nftables_file", "parameters": {"paths": [PATH, "/etc/other"]}}
    return [Selected(control, control.parameters) for control in parse_controls([("f", [entry])], []).values()]


@pytest.mark.parametrize(
    ("text", "included", "wanted"),
    [
        (SHIPPED, [], ANEW),
        (ANEW, [], ANEW),
        ("# flush ruleset\n", [], "# flush ruleset\n"),
        ("flush ruleset;  # all\ntable nat {\n}\n", [], "table ip nat\ndelete table ip nat\ntable nat {\n}\n"),
        ("flush ruleset\n", ["add table ip6 a\n"], "table ip6 a\ndelete table ip6 a\n"),
        ("flush ruleset\n", [], "\n"),
    ],
)
def test_without_flush(text: str, included: list[str], wanted: str) -> None:
    assert without_flush(text, included) == wanted


def test_file_is_changed_once_and_comes_back() -> None:
    host, _programs = make_host({PATH: SHIPPED})
    host.modes[PATH] = 0o755
    _entries, changed = run(host, controls(), check_mode=True)
    assert (changed, host.written) == (True, {})
    run(host, controls())
    assert (host.read_text(PATH), host.modes[PATH]) == (ANEW, 0o755)
    entries, changed = run(host, controls())
    assert (entries[0].status, changed) == ("passed", False)
    run(host, [])
    assert (host.read_text(PATH), host.modes[PATH]) == (SHIPPED, 0o755)
    assert not host.exists(record.PATH)


def test_file_written_by_somebody_else_since_is_theirs() -> None:
    host, _programs = make_host({PATH: SHIPPED})
    run(host, controls())
    host.files[PATH] = b"table inet mine {\n}\n"
    run(host, [])
    assert host.read_text(PATH) == "table inet mine {\n}\n"
    assert not host.exists(record.PATH)


def test_includes_are_read() -> None:
    text = 'flush ruleset\ninclude "/etc/nft.d/*.nft"\n'
    host, _programs = make_host({PATH: text, "/etc/nft.d/a.nft": "table ip a {\n}\n"})
    found = finding("nftables_file", host, {"paths": [PATH]})
    assert found.after == {PATH: 'table ip a\ndelete table ip a\ninclude "/etc/nft.d/*.nft"\n'}


def test_file_that_nft_refuses_stays() -> None:
    host, programs = make_host({PATH: SHIPPED})
    programs.firewall_refuses = "syntax error"
    entries, _changed = run(host, controls())
    assert entries[0].status == "failed"
    assert host.read_text(PATH) == SHIPPED


def test_file_that_comes_with_the_package_is_foretold() -> None:
    host, _programs = make_host()
    package = {"state": "present", "names": ["nftables"]}
    known = parse_controls([("f", [{"id": "pkg", "title": "T", "kind": "package_state", "parameters": package}])], [])
    selected = [*(Selected(control, control.parameters) for control in known.values()), *controls()]
    entries, _changed = run(host, selected, check_mode=True)
    assert [entry.status for entry in entries] == ["would_change", "would_change"]


def test_host_without_the_file_has_no_object() -> None:
    host, _programs = make_host()
    assert finding("nftables_file", host, {"paths": [PATH]}).status == "not_applicable"
