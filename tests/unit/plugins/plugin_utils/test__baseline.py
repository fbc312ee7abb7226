# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue as shipped, and what the control node does with it."""

from __future__ import annotations

import datetime
import json
import typing as t
from pathlib import Path
from types import SimpleNamespace

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.arguments import (
    enforcing_arguments,
    selection_arguments,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.control import (
    PROFILES,
    parse_controls,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.features import (
    DEFAULT_FEATURES,
    FEATURES,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.packed import unpack
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.select import (
    Selected,
    from_wire,
    to_wire,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem
from ansible_collections.anycloud.container_host.plugins.plugin_utils._baseline import (
    BaselineAction,
    join,
    known_controls,
    plain,
    read_catalogue,
    resolve,
    sections,
)

TODAY = datetime.date(2030, 1, 1)


def arguments(**changes: t.Any) -> dict[str, t.Any]:
    specification = {**selection_arguments(), **enforcing_arguments()}
    return {**{name: entry["default"] for name, entry in specification.items()}, **changes}


def catalogue() -> dict[str, t.Any]:
    problems: list[Problem] = []
    controls = known_controls(arguments(), problems)
    assert problems == []
    return controls


def test_catalogue_is_sound() -> None:
    controls = catalogue()
    assert len(controls) >= 60
    for control in controls.values():
        assert control.rationale, control.id
        assert control.references, control.id
        assert not control.title.endswith("."), control.id


def test_each_kind_accepts_the_parameters_of_the_catalogue() -> None:
    # The control node takes that for granted.
    problems: list[Problem] = []
    parse_controls(read_catalogue(), problems)
    assert problems == []


SETS: list[tuple[str, ...]] = [(), DEFAULT_FEATURES, tuple(FEATURES)]


@pytest.mark.parametrize("features", SETS)
@pytest.mark.parametrize("profile", PROFILES)
def test_no_two_controls_want_the_same_thing(profile: str, features: tuple[str, ...]) -> None:
    things: list[str] = []
    for chosen in resolve(arguments(profile=profile, features=list(features)), TODAY):
        if chosen.status == "enforce":
            for name in ("values", "present", "absent"):
                things += chosen.parameters.get(name, ())
            options, paths = chosen.parameters.get("options", ()), chosen.parameters.get("paths", ())
            things += [f"{path} {option}" for path in paths for option in options] if paths else options
            if chosen.control.kind in ("kernel_module", "package_state"):
                things += chosen.parameters["names"]
            if chosen.control.kind == "file_content":
                things.append(chosen.parameters["path"])
    assert len(things) == len(set(things))


@pytest.mark.parametrize("profile", PROFILES)
def test_what_is_known_to_break_containers_is_in_no_profile(profile: str) -> None:
    values: dict[str, t.Any] = {}
    disabled: set[str] = set()
    for chosen in resolve(arguments(profile=profile), TODAY):
        if chosen.status == "enforce":
            values.update(chosen.parameters.get("values", {}))
            if chosen.parameters.get("state") == "disabled":
                disabled.update(chosen.parameters["names"])
    assert "net.ipv4.ip_forward" not in values
    assert "net.ipv4.conf.all.forwarding" not in values
    assert "kernel.modules_disabled" not in values
    assert values["kernel.yama.ptrace_scope"] == 1
    assert values["user.max_user_namespaces"] > 0
    assert values.get("kernel.unprivileged_userns_clone") == 1
    assert disabled.isdisjoint({"overlay", "bridge", "br_netfilter", "vfat", "veth", "nf_tables"})


@pytest.mark.parametrize("profile", PROFILES)
def test_the_engines_socket_can_be_carried_over_ssh(profile: str) -> None:
    values: dict[str, str] = {}
    for chosen in resolve(arguments(profile=profile), TODAY):
        if chosen.status == "enforce" and chosen.control.kind == "sshd_option":
            values.update(chosen.parameters["options"])
    # OpenSSH denies sockets too where it may not forward local TCP connections.
    assert values.get("AllowTcpForwarding", "yes") in ("yes", "all", "local")
    assert values.get("AllowStreamLocalForwarding", "yes") in ("yes", "all", "local")
    assert values.get("DisableForwarding", "no") == "no"


def test_forwarding_is_closed_to_both_sides() -> None:
    controls = catalogue()
    assert controls["forwarding_not_forced_off"].parameters["forbidden"]["net.ipv4.ip_forward"] == 0
    assert controls["forwarding_left_to_engine"].parameters["forbidden"]["net.ipv4.ip_forward"] == 1


def test_limits_are_read_after_those_of_the_distribution() -> None:
    path = str(catalogue()["user_core_dumps_off"].parameters["path"])
    assert Path(path).name > "10-coredump-debian.conf", "pam_limits(8) takes the last of these files"


@pytest.mark.parametrize("walk", [False, True])
def test_walk_is_taken_when_it_is_asked_for(walk: bool) -> None:
    override = {"id": "files_owned", "reason": "r", "parameters": {"exclude": ["/srv"]}}
    chosen = resolve(arguments(walk=walk, overrides=[override]), TODAY)
    walks = [entry.parameters for entry in chosen if entry.control.kind == "file_walk"]
    assert [parameters.get("asked", False) for parameters in walks] == [walk, walk]
    assert walks[1]["exclude"] == ["/srv"]


def test_absent_selects_nothing() -> None:
    assert resolve(arguments(state="absent", profile="strict"), TODAY) == []


def test_what_is_sent_is_small_and_comes_through() -> None:
    chosen = [entry for entry in resolve(arguments(profile="strict"), TODAY) if entry.status == "enforce"]
    text = json.dumps([to_wire(entry) for entry in chosen], separators=(",", ":"))
    assert len(text) < 220 * len(chosen)
    received = from_wire(json.loads(text))
    assert [entry.control.id for entry in received] == [entry.control.id for entry in chosen]


def test_all_input_errors_come_at_once() -> None:
    bad = arguments(extra_controls=[{"id": "x"}], features=["y"], exemptions=[{"id": "aslr_full"}])
    with pytest.raises(InputError) as caught:
        resolve(bad, TODAY)
    paths = [entry.path for entry in caught.value.problems]
    assert {"features[0]", "exemptions[0].reason"} < set(paths)
    assert any(path.startswith("extra_controls[0]") for path in paths)


def test_join_keeps_the_order_and_adds_what_the_host_was_not_told() -> None:
    controls = catalogue()
    first, second, third = list(controls.values())[:3]
    selected = [
        Selected(first, {}, "exempt", "we said so"),
        Selected(second, {}),
        Selected(third, {}, overdue="too old"),
    ]
    answer = {"status": "passed", "before": {"a": "1"}, "after": {"a": "1"}, "reason": "", "put_back": False}
    entries = [{"id": third.id, **answer}, {"id": second.id, **answer}, {"id": "gone_control", **answer}]
    joined = join(entries, selected, controls, {second.id: "ssh"})
    assert [entry["id"] for entry in joined] == [first.id, second.id, third.id, "gone_control"]
    assert [entry["status"] for entry in joined] == ["exempt", "passed", "failed", "passed"]
    assert [entry["reason"] for entry in joined] == ["we said so", "", "too old", ""]
    assert joined[1]["title"] == second.title
    assert joined[3]["title"] == ""
    assert [entry["section"] for entry in joined] == ["", "ssh", "", ""]


def test_join_tells_what_the_user_decided() -> None:
    exemptions = [{"id": "aslr_full", "reason": "r", "expires": "2031-01-01"}]
    overrides = [{"id": "kernel_log_restricted", "reason": "s", "parameters": {"values": {"kernel.dmesg_restrict": 0}}}]
    given = arguments(exemptions=exemptions, overrides=overrides)
    put_back = {"id": "aslr_full", "status": "changed", "before": {}, "after": {}, "reason": "", "put_back": True}
    joined = {entry["id"]: entry for entry in join([put_back], resolve(given, TODAY), catalogue(), sections(given))}
    assert joined["aslr_full"]["decision"] == {"kind": "exemption", "reason": "r", "expires": "2031-01-01"}
    assert (joined["aslr_full"]["status"], joined["aslr_full"]["put_back"]) == ("exempt", True)
    assert joined["kernel_log_restricted"]["decision"] == {"kind": "override", "reason": "s", "expires": ""}
    assert [entry["decision"] for entry in joined.values()].count(None) == len(joined) - 2


def test_every_control_has_a_section() -> None:
    chapters = sections(arguments(extra_controls=[{"id": "ours"}]))
    assert set(chapters) == {*catalogue(), "ours"}
    assert chapters["ours"] == "own"
    assert chapters["ssh_login_attempts"] == "ssh"


@pytest.mark.parametrize("controls_as", ["list", "packed"])
def test_controls_are_told_as_asked_for(controls_as: str) -> None:
    given = arguments(controls_as=controls_as)
    action = BaselineAction.__new__(BaselineAction)
    action._task = SimpleNamespace(check_mode=False)
    answer = {"id": "aslr_full", "status": "failed", "before": {}, "after": {}, "reason": "no", "put_back": False}
    result: dict[str, t.Any] = {"controls": [answer]}
    action._complete(result, given, [Selected(catalogue()["aslr_full"], {})])
    told = unpack(result["controls_packed"]) if controls_as == "packed" else result["controls"]
    assert [(entry["id"], entry["status"], entry["kind"]) for entry in told] == [("aslr_full", "failed", "sysctl")]
    assert ("controls" in result) is (controls_as == "list")
    assert result["summary"]["failed"] == 1
    assert result["failed"] is True
    assert "aslr_full: no" in result["msg"]


def test_dates_become_text() -> None:
    assert plain({"expires": datetime.date(2030, 1, 2)}) == {"expires": "2030-01-02"}
