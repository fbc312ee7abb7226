# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about accounts, done and put back."""

from __future__ import annotations

import typing as t

import pytest
from baseline_host import FILES, make_host
from baseline_kind import finding, parse, plan
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.protocol import apply_steps

CLOCK = {"/proc/stat": "cpu 1\nbtime 1736640000\n", "/proc/uptime": "10.0 9.0\n"}
ANN = {
    **CLOCK,
    "/etc/passwd": str(FILES["/etc/passwd"]) + "ann:x:1001:1001::/home/ann:/bin/bash\nsvc:x:99:99::/:/bin/sh\n",
    "/etc/shadow": "root:*:20000::::::\nann:$y$a:20090:0:99999:7:::\nsvc:*:20000::::::\n",
    "/home/ann/.bashrc": "",
}
AGES = {"rule": "passwords_age", "at_most": {"max": 365}}


def commands(host: FakeHostIO) -> list[str]:
    return [" ".join(argv) for argv in host.ran]


def host_with(files: t.Mapping[str, str | bytes] | None = None, **options: t.Any) -> FakeHostIO:
    host, _programs = make_host({**ANN, **(files or {})}, **options)
    for name in ("usermod", "chage", "passwd"):
        host.commands[name,] = (0, "", "")
    return host


def test_ages_are_set_and_put_back() -> None:
    host = host_with()
    planned = plan("account_rule", host, AGES)
    assert apply_steps(host, planned.steps) == {}
    assert planned.steps[0].paths == ("/etc/passwd", "/etc/shadow")
    host.files["/etc/shadow"] = host.files["/etc/shadow"].replace(b"99999", b"365")
    assert finding("account_rule", host, AGES).status == "passed"
    assert apply_steps(host, plan("account_rule", host, [], planned.keep).steps) == {}
    assert commands(host) == ["chage --maxdays 365 ann", "chage --maxdays 99999 ann"]


def test_shell_is_taken_and_given_back() -> None:
    host = host_with()
    planned = plan("account_rule", host, {"rule": "system_accounts_have_no_shell"})
    assert apply_steps(host, planned.steps) == {}
    host.files["/etc/passwd"] = host.files["/etc/passwd"].replace(b"/bin/sh\n", b"/usr/sbin/nologin\n")
    assert apply_steps(host, plan("account_rule", host, [], planned.keep).steps) == {}
    assert commands(host) == ["usermod --shell /usr/sbin/nologin svc", "usermod --shell /bin/sh svc"]


@pytest.mark.parametrize(
    ("rule", "old", "locked", "undo"),
    [
        ("no_empty_passwords", "", "!", "passwd --delete svc"),
        ("accounts_without_shell_are_locked", "$y$s", "!$y$s", "usermod --unlock svc"),
    ],
)
def test_password_is_locked_and_unlocked_and_never_written_down(rule: str, old: str, locked: str, undo: str) -> None:
    shadow = ANN["/etc/shadow"].replace("svc:*", f"svc:{old}")
    host = host_with({"/etc/shadow": shadow, "/etc/passwd": ANN["/etc/passwd"].replace("/bin/sh\n", "/bin/false\n")})
    planned = plan("account_rule", host, {"rule": rule})
    assert apply_steps(host, planned.steps) == {}
    assert "$y$" not in str(planned.keep) + str(planned.findings)
    host.files["/etc/shadow"] = shadow.replace(f"svc:{old}:", f"svc:{locked}:").encode()
    assert apply_steps(host, plan("account_rule", host, [], planned.keep).steps) == {}
    assert commands(host) == ["usermod --lock svc", undo]


def test_modes_are_set_and_put_back() -> None:
    paths = {"/home/ann/.bashrc": 0o666, "/home/ann": 0o755}
    host = host_with(modes=paths, owners=dict.fromkeys(paths, (1001, 1001)))
    both = [{"rule": "homes_are_private"}, {"rule": "dot_files_are_private"}]
    host.modes["/home/admin"], host.owners["/home/admin"] = 0o700, (1000, 1000)
    planned = plan("account_rule", host, both)
    assert apply_steps(host, planned.steps) == {}
    assert {path: host.modes[path] for path in paths} == {"/home/ann/.bashrc": 0o640, "/home/ann": 0o750}
    assert [entry.status for entry in plan("account_rule", host, both).findings] == ["passed", "passed"]
    assert apply_steps(host, plan("account_rule", host, [], planned.keep).steps) == {}
    assert {path: host.modes[path] for path in paths} == paths


@pytest.mark.parametrize(
    ("path", "status"),
    [("/usr/bin:/bin", "passed"), ("/usr/bin:", "failed"), ("/usr/bin:.:/bin", "failed"), ("$PATH:/opt/x", "passed")],
)
def test_root_path_is_read_from_the_files_that_set_it(path: str, status: str) -> None:
    host = host_with({"/etc/login.defs": "ENV_SUPATH PATH=/sbin:/bin\n", "/root/.profile": f'export PATH="{path}"\n'})
    assert finding("account_rule", host, {"rule": "root_path_is_safe"}).status == status


def test_account_that_went_meanwhile() -> None:
    host = host_with()
    keep = plan("account_rule", host, AGES).keep
    host.files["/etc/passwd"] = str(FILES["/etc/passwd"]).encode()
    back = plan("account_rule", host, [], keep)
    assert back.steps == ()
    assert [entry.key for entry in back.restorations] == ["field:ann:max"]


BAD: list[tuple[dict[str, t.Any], str]] = [
    ({"rule": "be_nice"}, "p.rule: is 'be_nice'"),
    ({"at_most": {"age": 1}}, "p.at_most.age: is no ageing field"),
    ({"at_most": {"max": "x"}}, "p.at_most.max: is 'x'"),
]


@pytest.mark.parametrize(("more", "complaint"), BAD)
def test_bad_parameters(more: dict[str, t.Any], complaint: str) -> None:
    assert complaint in "\n".join(parse("account_rule", {**AGES, **more})[1])
