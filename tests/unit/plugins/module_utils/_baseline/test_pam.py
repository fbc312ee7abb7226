# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PAM's rules, and whom a stack lets in."""

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.pam import (
    lets_in,
    parse_rule,
    rules_of,
    why_shut,
)

MODULES = frozenset({"pam_unix.so", "pam_deny.so", "pam_permit.so", "pam_faillock.so", "pam_succeed_if.so"})
END = "auth requisite pam_deny.so\nauth required pam_permit.so\n"
PLAIN = "auth [success=1 default=ignore] pam_unix.so nullok\n" + END
COUNTED = (
    "auth [success=1 default=ignore] pam_succeed_if.so quiet user in root\n"
    "auth requisite pam_faillock.so preauth\n"
    "auth [success={jump} default=ignore] pam_unix.so\n"
    "auth [success=1 default=ignore] pam_succeed_if.so quiet user in root\n"
    "auth [default=die] pam_faillock.so authfail\n"
) + END


def test_a_rule_keeps_its_spaces() -> None:
    line = "auth\t[success=1 default=ignore]\tpam_unix.so nullok  try_first_pass"
    rule = parse_rule(line)
    assert rule is not None
    assert (rule.type, rule.module, rule.words) == ("auth", "pam_unix.so", ["nullok", "try_first_pass"])
    assert rule.actions == {"success": "1", "default": "ignore"}
    assert rule.line == line


@pytest.mark.parametrize("line", ["", "# auth required pam_unix.so", "@include common-auth", "auth include x-y"])
def test_other_lines_are_no_rules_with_modules(line: str) -> None:
    rule = parse_rule(line)
    assert rule is None or not rule.module.startswith("pam_")


@pytest.mark.parametrize(
    ("line", "module", "words"),
    [
        ("-session optional pam_systemd.so", "pam_systemd.so", []),
        ("auth required /usr/lib/security/pam_x.so a # why", "pam_x.so", ["a"]),
        ("auth required pam_x.so [a b] c", "pam_x.so", ["[a b]", "c"]),
    ],
)
def test_rule_forms(line: str, module: str, words: list[str]) -> None:
    rule = parse_rule(line)
    assert rule is not None
    assert (rule.module, rule.words) == (module, words)


CASES: list[tuple[str, bool, bool]] = [
    # stack, right password, wrong password
    (PLAIN, True, False),
    (COUNTED.format(jump=3), True, False),
    ("auth required pam_unix.so\n", True, False),
    ("auth sufficient pam_unix.so\nauth required pam_deny.so\n", True, False),
    ("auth optional pam_unix.so\nauth required pam_permit.so\n", True, True),
    ("auth requisite pam_deny.so\n" + PLAIN, False, False),
    ("auth required pam_deny.so\n" + PLAIN, False, False),
    ("auth required pam_deny.so\nauth [default=reset] pam_permit.so\n" + PLAIN, True, False),
    ("", False, False),
]


@pytest.mark.parametrize(("stack", "right", "wrong"), CASES)
@pytest.mark.parametrize("is_named", [True, False])
def test_who_is_let_in(stack: str, right: bool, wrong: bool, is_named: bool) -> None:
    rules = rules_of(stack, "auth")
    assert lets_in(rules, True, is_named) is right
    assert lets_in(rules, False, is_named) is wrong


SHUT: list[tuple[str, str]] = [
    (PLAIN, ""),
    (COUNTED.format(jump=3), ""),
    (COUNTED.format(jump=2), "auth rules would let nobody in"),
    (COUNTED.format(jump=1), "auth rules would let nobody in"),
    ("auth sufficient pam_permit.so\n" + PLAIN, "auth rules would let anybody in"),
    ("auth required pam_none.so\n" + PLAIN, "there is no PAM module pam_none.so"),
    ("-auth required pam_none.so\n" + PLAIN, ""),
    ("account required pam_unix.so\naccount required pam_deny.so\n", "account rules would let nobody in"),
    ("auth required pam_deny.so\n", ""),
]


@pytest.mark.parametrize(("text", "reason"), SHUT)
def test_why_shut(text: str, reason: str) -> None:
    found = why_shut(text, MODULES)
    assert reason in found
    assert bool(found) is bool(reason)
