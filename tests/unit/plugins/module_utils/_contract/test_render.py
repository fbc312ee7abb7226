# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table and the JUnit file."""

from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ElementTree

from contract_hosts import docker_host, podman_host

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.observe import observe
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.render import render_junit, render_text
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.report import fleet_report
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.schema import (
    GROUP_TITLES,
    HASHED_GROUPS,
)


def report() -> dict[str, t.Any]:
    readings = {
        "alpha": {"contract": observe(podman_host(), given={"provider": "north"})[0]},
        "beta": {"contract": observe(docker_host({"/proc/sys/vm/swappiness": "10\n"}), given={"provider": "south"})[0]},
        "gamma": {"unreachable": True, "msg": "no route \x1b[0m& <nothing>"},
    }
    accepted = [
        {"path": pattern, "reason": "two engines on purpose"}
        for pattern in ("engine*", "container_defaults.*", "seccomp.*")
    ]
    return fleet_report(readings, {"os.id": "other"}, accepted)


def test_table() -> None:
    found = report()
    lines = render_text(found).splitlines()
    alpha, beta = (entry["contract_id"][:16] for entry in found["hosts"][:2])
    count = len(found["hosts"][1]["accepted"])
    assert lines[:6] == [
        "host   provider  contract_id       drift",
        "-----  --------  ----------------  -----",
        f"alpha  north     {alpha}  1: os.id",
        f"beta   south     {beta}  2: kernel_settings.swappiness, os.id ({count} accepted)",
        "gamma  -         -                 unreachable: no route \x1b[0m& <nothing>",
        "",
    ]
    assert lines[6].startswith("The 2 hosts agree in 12 of 17 groups: architecture, kernel, cgroup,")
    assert lines[7] == "They differ in: kernel_settings, seccomp, engine, container_defaults, engine_network."
    assert "beta: kernel_settings.swappiness is 10, not 60 as on alpha [swappiness]" in lines
    assert "alpha: os.id is debian, the standard wants other [os_id]" in lines
    assert lines[-1].startswith("Accepted, two engines on purpose: engine.name, ")


def test_table_of_one_host_has_nothing_to_agree_with() -> None:
    found = fleet_report({"alpha": {"contract": observe(podman_host())[0]}})
    text = render_text(found)
    assert text.splitlines()[2].endswith("  none")
    assert "agree" not in text


def test_many_drifts_are_cut_in_the_table_only() -> None:
    standard = {
        "kernel_settings.swappiness": 1,
        "kernel_settings.dmesg_restrict": 0,
        "os.id": "x",
        "os.version": "y",
        "limits.nr_open": 5,
    }
    text = render_text(fleet_report({"a": {"contract": observe(podman_host())[0]}}, standard))
    assert "5: kernel_settings.dmesg_restrict, kernel_settings.swappiness, limits.nr_open and 2 more" in text
    assert sum(line.startswith("a: ") for line in text.splitlines()) == 5


def test_junit() -> None:
    root = ElementTree.fromstring(render_junit(report()).encode())
    assert [suite.get("name") for suite in root] == ["alpha", "beta", "gamma"]
    assert (root.get("failures"), root.get("errors")) == ("3", "1")
    alpha, beta, gamma = root
    assert {case.get("name") for case in alpha} == {GROUP_TITLES[group] for group in (*HASHED_GROUPS, "os")}
    assert int(alpha.get("tests", 0)) == len(alpha)
    failed = {case.get("name"): case.find("failure") for case in beta if case.find("failure") is not None}
    assert set(failed) == {"Kernel settings", "Operating system"}
    failure = failed["Kernel settings"]
    assert failure is not None
    assert failure.get("type") == "swappiness"
    assert failure.text == "kernel_settings.swappiness is 10, not 60 as on alpha [swappiness]"
    told = [case.get("name") for case in beta if case.find("system-out") is not None]
    assert "Container engine" in told
    error = gamma[0].find("error")
    assert error is not None
    assert (error.get("type"), error.get("message")) == ("unreachable", "no route \ufffd[0m& <nothing>")
