# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""PAM's rules as PAM reads them (pam.conf(5)), and whether a stack would still let the right people in. Pure."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

TYPES = ("auth", "account", "password", "session")
RULE = re.compile(r"^(\s*-?(\w+)\s+(\[[^\]]*\]|\S+)\s+(\S+))(.*)$")

WORDS = {
    "required": {"success": "ok", "new_authtok_reqd": "ok", "ignore": "ignore", "default": "bad"},
    "requisite": {"success": "ok", "new_authtok_reqd": "ok", "ignore": "ignore", "default": "die"},
    "sufficient": {"success": "done", "new_authtok_reqd": "done", "default": "ignore"},
    "optional": {"success": "ok", "new_authtok_reqd": "ok", "default": "ignore"},
}
"""What the short controls stand for (pam.conf(5))."""

PROVING = ("pam_unix.so", "pam_sss.so", "pam_ldap.so", "pam_krb5.so", "pam_winbind.so", "pam_systemd_home.so")
"""Modules that know a user's password."""


@dataclass(frozen=True)
class Rule:
    """One line. arguments: with the white space before each, so that the line can be put together again."""

    head: str
    type: str
    control: str
    module: str
    arguments: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """The rule as text."""
        return self.head + "".join(self.arguments)

    @property
    def words(self) -> list[str]:
        """The arguments alone."""
        return [argument.strip() for argument in self.arguments]

    @property
    def actions(self) -> t.Mapping[str, str]:
        """What is done for each answer of the module."""
        if not self.control.startswith("["):
            return WORDS.get(self.control, {})
        pairs = (word.partition("=") for word in self.control.strip("[]").split())
        return {name: action for name, _equals, action in pairs}


def parse_rule(line: str) -> Rule | None:
    """A line's rule; None for a comment, an empty line or an include."""
    found = RULE.match(line.partition("#")[0].rstrip())
    if found is None or found.group(2) not in TYPES:
        return None
    head, kind, control, module, rest = found.groups()
    # An argument in square brackets may hold spaces.
    arguments = tuple(re.findall(r"\s+(?:\[[^\]]*\]|\S+)", rest))
    return Rule(head, kind, control, module.rpartition("/")[2], arguments)


def rules_of(text: str, kind: str = "") -> list[Rule]:
    """The rules of a file, of one type when it is given."""
    rules = (parse_rule(line) for line in text.splitlines())
    return [rule for rule in rules if rule is not None and (not kind or rule.type == kind)]


def _answer(rule: Rule, password_is_right: bool, is_named: bool) -> str:
    if rule.module == "pam_deny.so" or (rule.module == "pam_faillock.so" and "authfail" in rule.words):
        return "failure"
    if rule.module in ("pam_succeed_if.so", "pam_listfile.so"):
        return "success" if is_named else "failure"
    if rule.module in PROVING and not password_is_right:
        return "failure"
    return "success"


def lets_in(rules: t.Sequence[Rule], password_is_right: bool = True, is_named: bool = False) -> bool:
    """Whether a stack of one type ends in success. is_named: whether rules about certain users are about this one."""
    impression, position = "", 0
    while position < len(rules):
        rule = rules[position]
        position += 1
        answer = _answer(rule, password_is_right, is_named)
        action = rule.actions.get(answer, rule.actions.get("default", "bad"))
        if action.isdigit():
            position += int(action)
        elif action in ("ok", "done"):
            impression = impression or "good"
            if action == "done" and impression == "good":
                return True
        elif action in ("bad", "die"):
            impression = "bad"
            if action == "die":
                return False
        elif action == "reset":
            impression = ""
    return impression == "good"


def why_shut(text: str, modules: t.AbstractSet[str]) -> str:
    """Why a file of rules is not to be used: a module the host lacks, nobody let in, or everybody; "" when it is fine.

    modules: the file names in the host's module folders. Only files with a module that knows passwords are judged by
    whom they let in: others, such as that of su, are parts of something larger.
    """
    for rule in rules_of(text):
        if rule.module.startswith("pam_") and rule.module not in modules and not rule.head.lstrip().startswith("-"):
            return f"there is no PAM module {rule.module}"
    for kind in ("auth", "account", "password"):
        rules = rules_of(text, kind)
        if not any(rule.module in PROVING for rule in rules):
            continue
        for is_named in (False, True):
            if not lets_in(rules, is_named=is_named):
                return f"its {kind} rules would let nobody in"
        if kind == "auth" and any(lets_in(rules, password_is_right=False, is_named=named) for named in (False, True)):
            return "its auth rules would let anybody in"
    return ""
