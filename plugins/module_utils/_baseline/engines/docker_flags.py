# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""dockerd's command line in the words of daemon.json (dockerd(8))."""

from __future__ import annotations

import typing as t

SWITCHES = frozenset(
    {
        "debug", "experimental", "icc", "init", "ip-forward", "ip-masq", "ip6tables", "iptables", "ipv6",
        "live-restore", "no-new-privileges", "raw-logs", "selinux-enabled", "tls", "tlsverify", "userland-proxy",
        "validate",
    }
)  # fmt: skip
"""Flags that stand alone or take true or false after an equals sign."""

LISTS = {
    "authorization-plugin": "authorization-plugins",
    "exec-opt": "exec-opts",
    "host": "hosts",
    "insecure-registry": "insecure-registries",
}
"""Flags that can be there several times -> their key."""

SHORT = {"D": "debug", "H": "host", "G": "group", "l": "log-level", "s": "storage-driver", "g": "data-root"}


def parse_flags(words: t.Iterable[str]) -> dict[str, t.Any]:
    """The options given as words of a command line, as daemon.json would give them."""
    options: dict[str, t.Any] = {}
    queue = list(words)
    while queue:
        word = queue.pop(0)
        if not word.startswith("-"):
            continue
        name, equals, value = word.lstrip("-").partition("=")
        if not word.startswith("--"):
            name = SHORT.get(name, name)
        if not equals and name not in SWITCHES:
            value = queue.pop(0) if queue else ""
        _put(options, name, value)
    return options


def _put(options: dict[str, t.Any], name: str, value: str) -> None:
    if name in SWITCHES:
        options[name] = value.lower() not in ("false", "0", "f")
    elif name in LISTS:
        options.setdefault(LISTS[name], []).append(value)
    elif name == "log-opt":
        key, _equals, text = value.partition("=")
        options.setdefault("log-opts", {})[key] = text
    elif name == "default-ulimit":
        key, _equals, text = value.partition("=")
        soft, _colon, hard = text.partition(":")
        options.setdefault("default-ulimits", {})[key] = {"Soft": soft, "Hard": hard or soft}
    else:
        options[name] = value


def merge_options(first: t.Mapping[str, t.Any], second: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Both together: lists are joined, of two other values the second counts."""
    merged = dict(first)
    for name, value in second.items():
        old = merged.get(name)
        if isinstance(old, list) and isinstance(value, list):
            merged[name] = [*old, *(entry for entry in value if entry not in old)]
        elif isinstance(old, dict) and isinstance(value, dict):
            merged[name] = {**old, **value}
        else:
            merged[name] = value
    return merged
