# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters of the kernel: before the boot, after it, and back."""

from __future__ import annotations

import typing as t

import pytest
from baseline_grub import grub_host
from baseline_host import make_host
from baseline_kind import finding, parse, plan
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.boot_loader import DROP_IN, GRUB_CFG
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.control import parse_controls
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import Kept
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.report import Entry, difference
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.run import run
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.select import Selected
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import Run
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import Problem

CONTROLS: list[dict[str, t.Any]] = [
    {"id": "audit", "parameters": {"present": ["audit=1"]}},
    {"id": "queue", "parameters": {"present": ["audit_backlog_limit=8192"], "compare": "at_least"}},
    {"id": "memory", "parameters": {"present": ["slab_nomerge", "page_alloc.shuffle=1"]}},
    {"id": "leaks", "parameters": {"absent": ["mitigations=off", "nopti"]}},
]
BLS = "linux /vmlinuz-5\noptions root=/dev/vda1 ro quiet audit=0\n"


def controls(*ids: str) -> list[Selected]:
    problems: list[Problem] = []
    entries = [{"title": "T", "kind": "kernel_command_line", **e} for e in CONTROLS if not ids or e["id"] in ids]
    known = parse_controls([("f", entries)], problems)
    assert problems == []
    return [Selected(control, control.parameters) for control in known.values()]


def statuses(entries: t.Sequence[Entry]) -> dict[str, tuple[str, str]]:
    return {entry.id: (entry.status, entry.reason) for entry in entries}


def test_from_before_the_boot_to_after_it() -> None:
    host, grub = grub_host()
    foretold, _changed = run(host, controls(), check_mode=True)
    assert host.written == {}
    done, changed = run(host, controls())
    assert changed
    assert difference(done) == difference(foretold)
    later = "takes effect at the next boot"
    expected = dict.fromkeys(("audit", "queue", "memory"), ("changed", later)) | {"leaks": ("passed", "")}
    assert statuses(done) == expected

    host.ran.clear()
    again, changed = run(host, controls())
    assert not changed
    assert statuses(again)["audit"] == ("passed", later)
    audited, _changed = run(host, controls(), enforce=False)
    assert statuses(audited)["audit"] == ("failed", f"set, but {later}")
    assert host.ran == []

    grub.reboot()
    after, changed = run(host, controls())
    assert not changed
    assert set(statuses(after).values()) == {("passed", "")}
    assert set(statuses(run(host, controls(), enforce=False)[0]).values()) == {("passed", "")}


def test_absent_puts_the_configuration_back() -> None:
    host, grub = grub_host()
    before = host.files[GRUB_CFG]
    run(host, controls())
    grub.reboot()
    foretold, _changed = run(host, [], check_mode=True)
    back, changed = run(host, [])
    assert changed
    assert difference(back) == difference(foretold)
    assert statuses(back)["audit"] == ("changed", "put back as it was before; takes effect at the next boot")
    assert host.files[GRUB_CFG] == before
    assert not host.exists(DROP_IN)
    assert not run(host, [])[1]


def test_one_goes_the_others_stay() -> None:
    host, _grub = grub_host()
    run(host, controls())
    entries, _changed = run(host, controls("audit", "leaks"))
    assert statuses(entries)["memory"][0] == "changed"
    assert b" audit=1\n" in host.files[GRUB_CFG]
    assert b"slab_nomerge" not in host.files[GRUB_CFG]


@pytest.mark.parametrize("drift", ["drop-in", "grub.cfg"])
def test_drift_is_found_and_mended(drift: str) -> None:
    host, grub = grub_host()
    run(host, controls("audit"))
    grub.reboot()
    if drift == "drop-in":
        del host.files[DROP_IN]
    else:
        host.files[GRUB_CFG] = host.files[GRUB_CFG].replace(b" audit=1", b"")
    entries, changed = run(host, controls("audit"))
    assert changed
    assert entries[0].before == {"audit": "1, not at the next boot"}
    assert b"audit=1" in host.files[GRUB_CFG]
    assert not run(host, controls("audit"))[1]


CASES: list[tuple[str, dict[str, t.Any], str, dict[str, t.Any] | None]] = [
    # running and configured, parameters, status, before
    ("audit=1", {"present": ["audit=1"]}, "passed", {"audit": "1"}),
    ("audit=0", {"present": ["audit=1"]}, "deviates", {"audit": "0"}),
    ("audit=0 audit=1", {"present": ["audit=1"]}, "passed", {"audit": "1"}),
    ("n=16384", {"present": ["n=8192"], "compare": "at_least"}, "passed", {"n": "16384"}),
    ("n=64", {"present": ["n=8192"], "compare": "at_least"}, "deviates", {"n": "64"}),
    ("page-alloc.shuffle=1", {"present": ["page_alloc.shuffle=1"]}, "passed", {"page_alloc.shuffle": "1"}),
    ("mitigations=off", {"absent": ["mitigations=off"]}, "failed", {"mitigations": "off"}),
    ("mitigations=auto", {"absent": ["mitigations=off"]}, "passed", {}),
    ("nopti", {"absent": ["nopti"]}, "failed", {"nopti": "set"}),
]


@pytest.mark.parametrize(("line", "parameters", "status", "before"), CASES)
def test_finding(line: str, parameters: dict[str, t.Any], status: str, before: dict[str, t.Any]) -> None:
    host, _grub = grub_host(line)
    found = finding("kernel_command_line", host, parameters)
    assert (found.status, found.before) == (status, before)


def test_taken_away_from_the_configuration_it_is_gone_at_the_next_boot() -> None:
    host, grub = grub_host("mitigations=off")
    grub.base = ""
    grub.generate(("grub-mkconfig", "-o", GRUB_CFG), None)
    found = finding("kernel_command_line", host, {"absent": ["mitigations=off"]})
    assert (found.status, found.before) == ("pending", {"mitigations": "off, until the next boot"})


@pytest.mark.parametrize(("line", "status"), [("audit=1", "passed"), ("quiet", "failed")])
def test_another_boot_loader(line: str, status: str) -> None:
    host, _programs = make_host({"/proc/cmdline": line})
    assert finding("kernel_command_line", host, {"present": ["audit=1"]}).status == status


def test_grubby() -> None:
    host: FakeHostIO
    host, _programs = make_host({"/proc/cmdline": "ro quiet audit=0", "/boot/loader/entries/a.conf": BLS})
    host.available.add("grubby")
    parameters = [{"present": ["audit=1", "slab_nomerge"]}, {"present": ["quiet"]}]
    planned = plan("kernel_command_line", host, parameters)
    assert [entry.status for entry in planned.findings] == ["deviates", "passed"]
    assert planned.steps == (Run(("c0",), ("grubby", "--update-kernel=ALL", "--args=audit=1 slab_nomerge"), 900),)
    assert planned.keep["parameter:audit=1"] == Kept("c0", {"was": "audit=0"})
    host.files["/boot/loader/entries/a.conf"] = BLS.replace("audit=0", "audit=1 slab_nomerge").encode()
    again = plan("kernel_command_line", host, parameters, planned.keep)
    assert (again.steps, again.findings[0].status) == ((), "pending")
    back = plan("kernel_command_line", host, [], planned.keep)
    assert [step.argv[2] for step in back.steps if isinstance(step, Run)] == [
        "--remove-args=audit=1",
        "--args=audit=0",
        "--remove-args=slab_nomerge",
    ]


def test_bad_parameters() -> None:
    assert parse("kernel_command_line", {})[1] == [
        "p.present: is missing; give parameters that shall be present, or absent"
    ]
    assert parse("kernel_command_line", {"present": ["a b", "$(x)", "=1", "n=x"], "compare": "at_least"})[1] == [
        "p.present[0]: is 'a b'; give name or name=value, without spaces or quotes",
        "p.present[1]: is '$(x)'; give name or name=value, without spaces or quotes",
        "p.present[2]: is '=1'; give name or name=value, without spaces or quotes",
        "p.present[3]: is 'n=x'; give a whole number to compare at_least",
    ]
