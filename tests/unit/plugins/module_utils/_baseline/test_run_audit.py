# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue's audit on a host in memory: from no audit daemon to locked rules, and back."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from audit_kernel import AUDIT_FILES, X86, Kernel
from baseline_host import Programs, make_host
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.control import PROFILES, parse_controls
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.audit_rule import (
    DROP_IN,
    LOCKED_REASON,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.report import difference
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.run import run
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.select import Selected
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import Problem

CATALOGUE = Path(__file__).parents[5] / "roles" / "baseline" / "vars" / "controls" / "audit.yml"


def controls(profile: str) -> list[Selected]:
    problems: list[Problem] = []
    known = parse_controls([("audit", yaml.safe_load(CATALOGUE.read_text())["__baseline_controls"])], problems)
    assert problems == []
    held = PROFILES[: PROFILES.index(profile) + 1]
    return [Selected(control, control.parameters) for control in known.values() if control.profile in held]


def machine() -> tuple[FakeHostIO, Programs, list[Kernel]]:
    """A host without auditd, where installing it brings its files, its unit and its programs."""
    programs_there = dict.fromkeys(("/usr/bin/su", "/usr/bin/dockerd", "/usr/sbin/usermod"), "")
    files = {"/proc/self/exe": X86, "/etc/docker/daemon.json": "{}", **programs_there}
    host, programs = make_host(files, modes={"/usr/bin/su": 0o4755})
    programs.installable += ("auditd", "audispd-plugins")
    programs.brings["auditd"] = {"auditd.service": ("loaded", "active", "enabled")}
    kernels: list[Kernel] = []
    install = programs.apt_get

    def apt_get(argv: tuple[str, ...], text: str | None) -> tuple[int, str, str]:
        answer = install(argv, text)
        if "auditd" in programs.packages and not kernels:
            kernels.append(Kernel(host))
            host.files.update({path: content.encode() for path, content in AUDIT_FILES.items()})
            host.modes.update({path: 0o755 if "bin" in path else 0o640 for path in AUDIT_FILES})
        return answer

    host.commands["apt-get",] = apt_get
    return host, programs, kernels


@pytest.mark.parametrize("profile", ["level2", "strict"])
def test_check_mode_tells_the_truth_a_second_run_does_nothing_and_all_goes_back(profile: str) -> None:
    host, programs, kernels = machine()
    foretold, _changed = run(host, controls(profile), check_mode=True)
    done, _changed = run(host, controls(profile))
    assert difference(done) == difference(foretold)
    assert {entry.status for entry in done} <= {"changed", "passed", "not_applicable"}
    assert "-w /etc/docker -p wa -k container" in kernels[0].rules
    assert "-w /usr/bin/dockerd -p wa -k container" in kernels[0].rules
    assert not any("/var/lib" in rule for rule in kernels[0].rules)
    assert kernels[0].status["enabled"] == ("2" if profile == "strict" else "1")
    _again, changed = run(host, controls(profile))
    assert not changed
    gone, changed = run(host, [])
    assert changed
    assert not host.exists(DROP_IN)
    assert "auditd" not in programs.packages
    said = next(entry for entry in gone if entry.after == {DROP_IN: None})
    assert (LOCKED_REASON in said.reason) is (profile == "strict")
