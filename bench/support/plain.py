# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The values of the plain role, out of the catalogue: the same settings, listed as a role's variables list them."""

from __future__ import annotations

import typing as t

Values = dict[str, list[dict[str, t.Any]]]


def take_away(mode: int) -> str:
    """The symbolic mode that takes away all bits a mode does not have, as roles write it: g-w,o-rwx."""
    parts = []
    for who, shift in (("u", 6), ("g", 3), ("o", 0)):
        lacking = "".join(letter for letter, bit in (("r", 4), ("w", 2), ("x", 1)) if not (mode >> shift) & bit)
        if lacking:
            parts.append(f"{who}-{lacking}")
    return ",".join(parts)


def _sysctl(parameters: t.Mapping[str, t.Any], into: Values) -> None:
    for key, value in parameters.get("values", {}).items():
        into["plain_sysctls"].append({"name": key, "value": str(value)})


def _kernel_module(parameters: t.Mapping[str, t.Any], into: Values) -> None:
    name = "plain_modules_off" if parameters["state"] == "disabled" else "plain_modules_on"
    into[name] += [{"name": module} for module in parameters["names"]]


def _file_mode(parameters: t.Mapping[str, t.Any], into: Values) -> None:
    for path in parameters["paths"]:
        into["plain_modes"].append({"path": path, "mode": take_away(int(parameters["mode"], 8))})


def _file_content(parameters: t.Mapping[str, t.Any], into: Values) -> None:
    if parameters.get("state", "present") == "present":
        given = {"path": parameters["path"], "content": parameters["content"], "mode": parameters.get("mode", "0644")}
        into["plain_files"].append(given)
    else:
        into["plain_files_absent"].append({"path": parameters["path"]})


def _sshd_option(parameters: t.Mapping[str, t.Any], into: Values) -> None:
    into["plain_sshd"] += [{"name": name, "value": str(value)} for name, value in parameters["options"].items()]


def _package_state(parameters: t.Mapping[str, t.Any], into: Values) -> None:
    if parameters["state"] == "absent":
        into["plain_packages_absent"] += [{"name": name} for name in parameters["names"]]
    elif not parameters.get("any_of"):
        into["plain_packages"] += [{"name": name} for name in parameters["names"]]


KINDS: dict[str, t.Callable[[t.Mapping[str, t.Any], Values], None]] = {
    "sysctl": _sysctl,
    "kernel_module": _kernel_module,
    "file_mode": _file_mode,
    "file_content": _file_content,
    "sshd_option": _sshd_option,
    "package_state": _package_state,
}
"""The kinds the plain role can do. What it can't, the product does beyond it: the ratios are on the safe side."""

ALGORITHM_LISTS = {"Ciphers": "cipher", "KexAlgorithms": "kex", "MACs": "mac"}
"""Options of sshd that are lists of algorithms, with what ssh -Q calls them (ssh(1))."""

LISTS = (
    "plain_sysctls",
    "plain_modules_off",
    "plain_modules_on",
    "plain_modes",
    "plain_files",
    "plain_files_absent",
    "plain_sshd",
    "plain_packages",
    "plain_packages_absent",
)


def covered(chosen: t.Iterable[t.Any]) -> list[t.Any]:
    """Those of the selected controls the plain role holds too."""
    return [entry for entry in chosen if entry.control.kind in KINDS]


def values(chosen: t.Iterable[t.Any], algorithms: t.Container[str]) -> Values:
    """The plain role's variables for these controls. algorithms: those the hosts' sshd knows; it refuses others."""
    into: Values = {name: [] for name in LISTS}
    for entry in covered(chosen):
        KINDS[entry.control.kind](entry.parameters, into)
    for option in into["plain_sshd"]:
        if option["name"] in ALGORITHM_LISTS:
            option["value"] = ",".join(name for name in option["value"].split(",") if name in algorithms)
    return into
