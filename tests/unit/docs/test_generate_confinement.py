# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/confinement.md: who refused which attempt, and what each hog got; what got through is shown."""

from __future__ import annotations

import typing as t

import generate_confinement

PSI = "some avg10={0} avg60=1.00 avg300=2.00 total=3\nfull avg10=9.99 avg60=0.00 avg300=0.00 total=0\n"


def attempt(name: str, layers: str, refused_by: str = "SELinux", succeeded: bool = False) -> dict[str, t.Any]:
    return {"name": name, "layers": layers, "refused_by": refused_by, "succeeded": succeeded}


def lsm(*attempts: dict[str, t.Any]) -> dict[str, t.Any]:
    host = {"engine": "docker", "after_boot": [], "after_life": [{"rule": "allow"}], "attempts": attempts}
    return {"name": "lsm_selinux", "date": "2026-11-29T10:00:00Z", "results": {"selinux-debian12": host}}


def memory(killed: bool) -> dict[str, t.Any]:
    return {"peak_bytes": 48 << 20, "limit_bytes": 50 << 20, "killed": killed, "bystander_runs": True}


def cgroups(killed: bool) -> dict[str, t.Any]:
    moments = {
        moment: {resource: PSI.format(value) for resource in ("cpu", "memory", "io")}
        for moment, value in (("before", "1.25"), ("during", "80.50"), ("after", "4.00"))
    }
    host = {
        "alone": {
            "cpu": {"share": 0.66},
            "io": {"bytes_per_second": 4 << 20},
            "memory": {"container": memory(killed), "tenant": memory(True)},
            "tasks": {"most": 128},
        },
        "together": {
            "pressure": moments,
            "system": {
                "cpu_share": 0.7, "cpu_expected": 0.5, "memory_least_bytes": 200 << 20,
                "memory_guaranteed_bytes": 128 << 20, "oom_kills": 0,
            },
        },
    }  # fmt: skip
    return {"name": "cgroups_fair", "date": "2026-11-28T10:00:00Z", "results": {"debian12-docker": host}}


def test_nothing_is_claimed_before_it_was_recorded() -> None:
    text = generate_confinement.page([])
    assert "SELinux has not been recorded yet." in text
    assert "AppArmor has not been recorded yet." in text
    assert "A share has not been recorded yet." in text


def test_who_refused_is_told_and_what_got_through_too() -> None:
    alone = "access control only"
    text = generate_confinement.page(
        [lsm(attempt("mount", "all", "another layer"), attempt("mount", alone), attempt("ptrace", alone, "", True))]
    )
    assert "| attempt | debian12, docker: defaults | debian12, docker: weakened |" in text
    assert "| mount | another layer | SELinux |" in text
    assert "| ptrace |  | **got through** |" in text
    assert "debian12 0 after a boot, 1 after a workload's life. Recorded on 2026-11-29." in text


def test_shares_stand_beside_what_was_set() -> None:
    text = generate_confinement.page([cgroups(True)])
    row = "| debian12-docker | 1.98 of 3 | 4.00 | 48.0 (50) | 48.0 (50) | yes | 128 | 0.70 (0.50) | 200 (128) | 0 |"
    assert row in text
    assert "| debian12-docker | memory | 1.25 | 80.50 | 4.00 |" in text


def test_a_hog_that_was_not_killed_is_shown() -> None:
    assert "| **no** |" in generate_confinement.page([cgroups(False)])
