# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernel modules."""

from __future__ import annotations

import pytest
from baseline_host import make_host
from baseline_kind import finding, parse, plan

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.kernel_module import (
    LOAD_DROP_IN,
    MODPROBE_DROP_IN,
    parse_load_list,
    parse_modprobe,
    parse_module_paths,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import Kept
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import Run, WriteFile

REFUSED = {MODPROBE_DROP_IN: "install cramfs /bin/false\nblacklist cramfs\n"}

CASES: list[tuple[str, list[str], dict[str, str], str, dict[str, str], str]] = [
    # state, names, more files, status, before, reason
    ("disabled", ["cramfs"], {}, "deviates", {"cramfs": "loadable"}, ""),
    ("disabled", ["cramfs"], REFUSED, "passed", {"cramfs": "disabled"}, ""),
    ("disabled", ["cramfs"], {"/etc/modprobe.d/x.conf": "install cramfs /usr/bin/true\n"}, "unkept",
     {"cramfs": "disabled"}, ""),
    ("disabled", ["cramfs"], {"/etc/modprobe.d/x.conf": "blacklist cramfs\n"}, "deviates", {"cramfs": "loadable"}, ""),
    ("disabled", ["dccp"], {}, "deviates", {"dccp": "loaded"}, ""),
    ("disabled", ["sctp"], {}, "failed", {"sctp": "loaded"}, "sctp is in use"),
    ("disabled", ["ext4"], {}, "failed", {"ext4": "built in"}, "built into this kernel"),
    ("disabled", ["usb-storage"], {}, "deviates", {"usb_storage": "loadable"}, ""),
    ("loaded", ["overlay"], {}, "deviates", {"overlay": "loaded, not at boot"}, ""),
    ("loaded", ["overlay"], {LOAD_DROP_IN: "overlay\n"}, "passed", {"overlay": "loaded"}, ""),
    ("loaded", ["overlay"], {"/usr/lib/modules-load.d/x.conf": "overlay\n"}, "unkept", {"overlay": "loaded"}, ""),
    ("loaded", ["ext4"], {}, "passed", {"ext4": "built in"}, ""),
    ("loaded", ["br_netfilter"], {}, "deviates", {"br_netfilter": "absent"}, ""),
    ("loaded", ["wireguard"], {}, "failed", {"wireguard": "absent"}, "this kernel has no module wireguard"),
]  # fmt: skip


@pytest.mark.parametrize(("state", "names", "files", "status", "before", "reason"), CASES)
def test_finding(
    state: str, names: list[str], files: dict[str, str], status: str, before: dict[str, str], reason: str
) -> None:
    host, _programs = make_host(files)
    found = finding("kernel_module", host, {"state": state, "names": names})
    assert (found.status, found.before) == (status, before)
    assert reason in found.reason


def test_steps() -> None:
    host, _programs = make_host()
    parameters = [{"state": "disabled", "names": ["dccp"]}, {"state": "loaded", "names": ["br_netfilter", "ext4"]}]
    steps = plan("kernel_module", host, parameters).steps
    files = {step.path: step.content for step in steps if isinstance(step, WriteFile)}
    assert (files[MODPROBE_DROP_IN] or "").splitlines()[1:] == ["install dccp /bin/false", "blacklist dccp"]
    assert (files[LOAD_DROP_IN] or "").splitlines()[1:] == ["br_netfilter"]
    assert [step.argv for step in steps if isinstance(step, Run)] == [
        ("modprobe", "-r", "dccp"),
        ("modprobe", "br_netfilter"),
    ]


def test_names_are_written_as_given() -> None:
    host, _programs = make_host()
    steps = plan("kernel_module", host, {"state": "disabled", "names": ["usb-storage"]}).steps
    text = next(step.content for step in steps if isinstance(step, WriteFile)) or ""
    assert text.splitlines()[1:] == ["install usb-storage /bin/false", "blacklist usb-storage"]
    written, _programs = make_host({MODPROBE_DROP_IN: text})
    assert finding("kernel_module", written, {"state": "disabled", "names": ["usb_storage"]}).status == "passed"


def test_what_was_unloaded_is_loaded_again() -> None:
    host, _programs = make_host({"/proc/modules": ""})
    back = plan("kernel_module", host, [], {"loaded:dccp": Kept("c", True)})
    assert back.steps == (Run(("c",), ("modprobe", "dccp")),)


def test_module_files_are_read() -> None:
    assert parse_module_paths("kernel/a/xt_MASQUERADE.ko.zst: kernel/b.ko\nkernel/usb-storage.ko:\n") == {
        "xt_MASQUERADE",
        "usb_storage",
    }
    assert parse_modprobe("install a /bin/false\ninstall b /sbin/modprobe c\n#install d /bin/false\n") == {"a"}
    assert parse_load_list("# x\n; y\n br-x \n\n") == {"br_x"}


def test_bad_parameters() -> None:
    assert parse("kernel_module", {"state": "off", "names": []})[1] == [
        "p.names: is empty; give at least one",
        "p.state: is 'off'; give one of loaded, disabled",
    ]
