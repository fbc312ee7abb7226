# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Molecule scenario baseline: what counts as a difference, and what it installs before it begins."""

from __future__ import annotations

import importlib.util
import types
import typing as t
from pathlib import Path

import pytest
import yaml
from features import summary

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.control import parse_controls
from ansible_collections.anycloud.container_host.plugins.plugin_utils._baseline import read_catalogue

SCENARIO = Path(__file__).parents[3] / "molecule" / "baseline"
DIRECTORY = "0755 root root 40000"


@pytest.fixture(scope="module")
def compare() -> types.ModuleType:
    """The program that compares."""
    spec = importlib.util.spec_from_file_location("compare_state", SCENARIO / "files" / "compare_state.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("part", "before", "after", "lines"),
    [
        ("files", {"/etc/a": "0644 root root x"}, {"/etc/a": "0600 root root x"}, 1),
        ("files", {"/etc/a": "0644 root root x"}, {}, 1),
        ("files", {}, {"/etc/a.d": DIRECTORY}, 0),
        ("files", {}, {"/etc/a.d": DIRECTORY, "/etc/a.d/b": DIRECTORY}, 0),
        ("files", {}, {"/etc/a.d": DIRECTORY, "/etc/a.d/b": "0644 root root x"}, 2),
        ("files", {"/etc/a.d": DIRECTORY}, {}, 1),
        ("files", {"/etc/a.d": DIRECTORY}, {"/etc/a.d": "0700 root root 40000"}, 1),
        ("sysctls", {"kernel.threads-max": "7744"}, {"kernel.threads-max": "7741"}, 0),
        ("sysctls", {"net.ipv4.tcp_mem": "11000 14666 22000"}, {"net.ipv4.tcp_mem": "10995 14661 21990"}, 0),
        ("sysctls", {"kernel.kptr_restrict": "1"}, {"kernel.kptr_restrict": "2"}, 1),
        ("sysctls", {"net.ipv4.ip_forward": "0"}, {"net.ipv4.ip_forward": "1"}, 1),
        ("sysctls", {"a": "1000 1000"}, {"a": "1000"}, 1),
        ("sysctls", {"kernel.core_pattern": "core"}, {"kernel.core_pattern": "|/bin/false"}, 1),
        ("sysctls", {}, {"net.bridge.bridge-nf-call-iptables": "1"}, 1),
        ("units", {"a.service": "enabled"}, {"a.service": "masked"}, 1),
        ("mounts", {"/tmp": "rw"}, {"/tmp": "rw,noexec"}, 1),
    ],
)
def test_what_counts_as_a_difference(
    compare: types.ModuleType, part: str, before: dict[str, str], after: dict[str, str], lines: int
) -> None:
    assert len(compare.differences({part: before}, {part: after})) == lines


def wanted_packages() -> t.Iterator[str]:
    """What the catalogue installs on Debian; the other names of a package are those of other distributions."""
    for control in parse_controls(read_catalogue(), []).values():
        if control.kind == "package_state" and control.parameters["state"] == "present":
            names = control.parameters["names"]
            yield from names[:1] if control.parameters.get("any_of") else names


def test_all_that_controls_install_is_there_before() -> None:
    variables = yaml.safe_load((SCENARIO / "vars" / "scenario.yml").read_text(encoding="utf-8"))
    assert sorted(variables["scenario_packages"]) == sorted(wanted_packages())


def test_summary_of_a_run() -> None:
    probes = {"run": {"passed": True, "output": "long"}, "egress": {"passed": False, "output": "long"}}
    found = {"version": "podman 5", "kernel": "6", "seconds": 9.0, "probes": probes}
    controls = [{"id": "a", "status": "exempt", "reason": "why"}, {"id": "b", "status": "passed", "reason": ""}]
    report = {"hosts": [{"host": "one", "summary": {"passed": 1}, "controls": controls}]}
    short = {"engine": "podman 5", "kernel": "6", "passed": 1, "failed": ["egress"], "seconds": 9.0}
    assert summary.summarise(report, {"one-b1": found, "one-b2": found, "onelike-b3": found}) == {
        "one": {"controls": {"passed": 1}, "exempt": {"a": "why"}, "rounds": [short, short]}
    }
