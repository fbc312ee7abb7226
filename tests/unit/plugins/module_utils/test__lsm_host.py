# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

import fake_lsm_machine
import pytest
from fake_lsm_machine import PROFILES, Machine

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm_facts import lsm_facts
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm_host import LsmHost, Outcome

STATE = "/var/lib/container-host/lsm.json"
TE = "module own 1.0;\nrequire { type container_t; }\n"
POLICY: dict[str, t.Any] = {
    "booleans": {"container_use_nfs": True},
    "modules": [{"name": "own", "te": TE, "fc": "/srv/x u:object_r:x_t:s0"}],
    "ports": [{"ports": "5000", "type": "http_port_t"}, {"ports": "80", "type": "http_port_t"}],
    "file_contexts": [{"path": "/srv/data(/.*)?", "type": "container_file_t"}],
}
PROFILE = "profile exporter /usr/bin/exporter {\n  /etc/exporter r,\n}\n"
CONFINED: dict[str, t.Any] = {"profiles": [{"name": "exporter", "content": PROFILE, "service": "exporter.service"}]}


def run(machine: Machine, check_mode: bool = False, **options: t.Any) -> Outcome:
    return LsmHost(machine, {"provider": "selinux", **options}, check_mode).run()


def labels(machine: Machine) -> str:
    return str(json.loads(machine.files[STATE])["labels"])


def permissive() -> Machine:
    """A host that has started with SELinux for the first time."""
    machine = Machine()
    run(machine)
    machine.boot("selinux")
    return machine


def enforcing(**options: t.Any) -> Machine:
    machine = permissive()
    run(machine, **options)
    machine.ran.clear()
    return machine


def test_before_the_first_start_files_are_labelled_and_nothing_is_enforced() -> None:
    machine = Machine()
    predicted = run(machine, check_mode=True)
    assert machine.written == {}
    assert machine.changes() == []
    outcome = run(machine)
    assert outcome.plan.difference.before_after() == predicted.plan.difference.before_after()
    assert machine.changes() == ["setfiles -F /etc/selinux/default/contexts/files/file_contexts /"]
    assert machine.files["/etc/selinux/config"] == b"SELINUX=permissive\nSELINUXTYPE=default\n"
    assert outcome.plan.parameters_present == ["security=selinux", "selinux=1"]
    again = run(machine)
    assert again.plan.actions() == []
    assert again.plan.reboot_required


def test_then_it_is_enforced_and_stays() -> None:
    machine = permissive()
    machine.ran.clear()
    outcome = run(machine)
    assert machine.changes() == ["restorecon -R -x /", "setenforce 1"]
    assert machine.slept_seconds == 60
    assert machine.mode == "enforcing"
    assert machine.files["/etc/selinux/config"].startswith(b"SELINUX=enforcing\n")
    assert not outcome.plan.reboot_required
    assert run(machine).plan.actions() == []
    machine.boot("selinux")
    assert machine.mode == "enforcing"
    assert not run(machine).plan.difference


def test_what_would_break_workloads_keeps_it_permissive() -> None:
    machine = permissive()
    run(machine, enforcing=False)
    machine.refuse("container_t")
    before = dict(machine.files)
    machine.ran.clear()
    for check_mode in (True, False):
        with pytest.raises(HostError) as caught:
            run(machine, check_mode)
        assert "enforcing is refused" in str(caught.value)
        assert "allow it by: allow container_t etc_t:file { read };" in str(caught.value)
    assert machine.files == before
    assert machine.changes() == []
    run(machine, force=True)
    assert machine.mode == "enforcing"


def test_a_policy_module_that_allows_it_lets_it_go_on() -> None:
    machine = permissive()
    run(machine, enforcing=False)
    machine.refuse("container_t")
    machine.seconds += 5
    run(machine, **POLICY)
    assert machine.mode == "enforcing"


def test_what_comes_while_it_collects_counts() -> None:
    machine = permissive()
    wait = machine.sleep

    def refused_meanwhile(seconds: float) -> None:
        wait(seconds)
        machine.refuse("dockerd_t")

    machine.sleep = refused_meanwhile  # type: ignore[method-assign]
    with pytest.raises(HostError, match="allow dockerd_t etc_t:file"):
        run(machine)
    assert machine.mode == "permissive"
    assert machine.files["/etc/selinux/config"].startswith(b"SELINUX=permissive\n")


def test_what_others_are_refused_does_not_count() -> None:
    machine = permissive()
    run(machine, enforcing=False)
    machine.refuse("games_t")
    outcome = run(machine)
    assert machine.mode == "enforcing"
    assert [one.source for one in outcome.denials] == ["games_t"]


@pytest.mark.parametrize("started", [False, True])
def test_a_labelling_that_was_cut_off_is_done_again(started: bool) -> None:
    machine = permissive() if started else Machine()
    machine.interrupted = True
    with pytest.raises(HostError, match="killed"):
        run(machine)
    assert labels(machine) == "labelling"
    assert machine.mode != "enforcing"
    machine.interrupted = False
    outcome = run(machine)
    assert any("label all files" in action for action in outcome.plan.actions())
    assert labels(machine) == ("labelled" if started else "offline")


def test_what_asks_the_distribution_to_label_all_files_again_goes() -> None:
    machine = Machine()
    machine.files["/.autorelabel"] = b""
    run(machine, provider="selinux")
    assert "/.autorelabel" not in machine.files


def test_files_that_go_away_meanwhile_do_not_stop_the_labelling() -> None:
    machine = Machine()
    words = "setfiles: Could not set context for /run/x:  No such file or directory\n"
    machine.commands[("setfiles",)] = (255, "", words)
    run(machine)
    assert labels(machine) == "offline"


def test_a_host_that_comes_with_selinux_is_not_labelled() -> None:
    machine = Machine()
    machine.files["/etc/selinux/config"] = b"SELINUX=enforcing\nSELINUXTYPE=targeted\n"
    machine.boot("selinux")
    assert run(machine, provider="default").plan.actions() == []


def test_policy() -> None:
    machine = enforcing()
    predicted = run(machine, check_mode=True, **POLICY)
    assert machine.changes() == []
    outcome = run(machine, **POLICY)
    assert outcome.plan.difference.before_after() == predicted.plan.difference.before_after()
    assert machine.changes() == [
        "semodule -i /run/container-host/lsm/own.pp",
        "setsebool -P container_use_nfs=1",
        "semanage port -a -t http_port_t -p tcp 5000",
        "semanage port -a -t http_port_t -p tcp 80",
        "semanage port -m -t http_port_t -p tcp 80",
        "semanage fcontext -a -t container_file_t /srv/data(/.*)?",
        "restorecon -R -F /srv/data",
    ]
    assert not [path for path in machine.files if path.startswith("/run/container-host/lsm")]
    assert run(machine, **POLICY).plan.actions() == []


def test_a_module_is_installed_again_when_its_source_changed_or_it_is_gone() -> None:
    machine = enforcing(**POLICY)
    changed = {**POLICY, "modules": [{"name": "own", "te": TE + "# other\n"}]}
    assert run(machine, **changed).plan.actions() == ["install the policy module own"]
    machine.modules.discard("own")
    assert run(machine, **changed).plan.actions() == ["install the policy module own"]


def test_what_is_left_out_goes() -> None:
    machine = enforcing(**POLICY)
    machine.contexts["/not/ours"] = "etc_t"
    outcome = run(machine)
    assert outcome.plan.actions() == [
        "remove the policy module own",
        "remove the type of tcp 5000",
        "remove the type of tcp 80",
        "remove the type of /srv/data(/.*)?",
        "label /srv/data",
    ]
    assert (machine.ports, machine.contexts) == ({}, {"/not/ours": "etc_t"})
    assert run(machine).plan.actions() == []


REFUSED: list[tuple[dict[str, t.Any], str]] = [
    ({"booleans": {"no_such": True}}, "booleans.no_such: the policy has no such boolean"),
    ({"ports": [{"ports": "1", "type": "no_t"}]}, "ports[0].type: the policy has no type 'no_t'"),
    ({"file_contexts": [{"path": "/srv/usb/x", "type": "container_file_t"}]}, "/srv/usb (vfat) carries no labels"),
    ({"modules": [{"name": "own", "te": TE + "nonsense"}]}, "policy module own does not compile: own.te:2:ERROR"),
]


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(("options", "message"), REFUSED)
def test_refused_before_anything_is_changed(options: dict[str, t.Any], message: str, check_mode: bool) -> None:
    machine = enforcing()
    before = dict(machine.files)
    with pytest.raises((InputError, HostError)) as caught:
        run(machine, check_mode, **options)
    assert message in str(caught.value)
    assert machine.files == before
    assert machine.changes() == []


def test_a_type_that_a_module_of_the_same_run_brings() -> None:
    machine = enforcing()
    module = {"name": "own", "te": TE + "type own_t;\n"}
    options = {"modules": [module], "file_contexts": [{"path": "/srv/data", "type": "own_t"}]}
    assert "give /srv/data the type own_t" in run(machine, check_mode=True, **options).plan.actions()


@pytest.mark.parametrize("started", [False, True])
def test_a_policy_that_knows_no_containers(started: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = permissive() if started else Machine()
    machine.modules = {"base"}
    monkeypatch.setattr(fake_lsm_machine, "TYPES", {"http_port_t"})
    before = dict(machine.files)
    with pytest.raises(InputError, match="provider: the policy knows no containers, so that none could start"):
        run(machine)
    assert machine.files == before
    run(machine, modules=[{"name": "container", "cil": "(type container_t)"}])
    assert ("container" in machine.modules) is started
    machine.boot("apparmor")
    machine.files.pop("/sys/fs/selinux/enforce", None)
    assert run(machine, provider="apparmor").plan.actions() == []


def test_tools_that_are_missing() -> None:
    machine = Machine()
    del machine.commands[("semanage",)]
    with pytest.raises(InputError, match="selinux lacks semanage; install the packages of the role lsm"):
        run(machine)


def test_a_list_of_access_controls_on_the_command_line_is_in_the_way() -> None:
    machine = Machine()
    machine.files["/proc/cmdline"] = b"root=/dev/vda1 lsm=yama,apparmor\n"
    with pytest.raises(InputError, match="lsm= on the command line overrides security="):
        run(machine)


def test_a_profile_only_notes_at_first() -> None:
    machine = Machine()
    outcome = run(machine, provider="apparmor", **CONFINED)
    path = "/etc/apparmor.d/container-host.exporter"
    assert machine.changes() == [
        f"apparmor_parser --replace {path}",
        "systemctl daemon-reload",
        f"apparmor_parser --replace {path}",
    ]
    assert machine.slept_seconds == 60
    assert outcome.plan.restart_required == ["exporter.service"]
    assert b"exporter (enforce)" in machine.files[PROFILES]
    assert run(machine, provider="apparmor", **CONFINED).plan.actions() == []
    run(machine, provider="apparmor")
    assert b"exporter" not in machine.files[PROFILES]
    assert path not in machine.files
    assert run(machine, provider="apparmor").plan.actions() == []


def test_a_profile_that_would_break_its_program_is_not_enforced() -> None:
    machine = Machine()
    wait = machine.sleep

    def noted_meanwhile(seconds: float) -> None:
        wait(seconds)
        machine.files["/var/log/audit/audit.log"] += (
            f'type=AVC msg=audit({machine.seconds}.0:8): apparmor="ALLOWED" operation="open" profile="exporter"'
            ' name="/etc/hosts" comm="exporter" requested_mask="r" denied_mask="r"\n'
        ).encode()

    machine.sleep = noted_meanwhile  # type: ignore[method-assign]
    for _time in range(2):
        with pytest.raises(HostError, match="allow it by: /etc/hosts r,"):
            run(machine, provider="apparmor", **CONFINED)
        assert b"exporter (complain)" in machine.files[PROFILES]
        # A boot loads what the file says.
        assert b"flags=(complain)" in machine.files["/etc/apparmor.d/container-host.exporter"]
    run(machine, provider="apparmor", force=True, **CONFINED)
    assert b"exporter (enforce)" in machine.files[PROFILES]
    assert machine.files["/etc/apparmor.d/container-host.exporter"] == PROFILE.encode()


def test_profiles_that_only_note_and_then_are_enforced() -> None:
    machine = Machine()
    run(machine, provider="apparmor", enforcing=False, **CONFINED)
    assert b"exporter (complain)" in machine.files[PROFILES]
    assert run(machine, provider="apparmor", enforcing=False, **CONFINED).plan.actions() == []
    machine.seconds += 100
    slept = machine.slept_seconds
    run(machine, provider="apparmor", **CONFINED)
    assert machine.slept_seconds == slept
    assert b"exporter (enforce)" in machine.files[PROFILES]
    assert run(machine, provider="apparmor", **CONFINED).plan.actions() == []


def test_a_profile_that_does_not_compile_is_refused() -> None:
    machine = Machine()
    bad: dict[str, t.Any] = {"profiles": [{"name": "x", "content": PROFILE + "nonsense"}]}
    before = dict(machine.files)
    with pytest.raises(HostError, match="profile x does not compile"):
        run(machine, provider="apparmor", **bad)
    assert machine.files == before


def test_back_to_apparmor_takes_a_start() -> None:
    outcome = run(enforcing(), provider="apparmor")
    assert outcome.plan.parameters_present == ["security=apparmor", "apparmor=1"]
    assert outcome.plan.actions() == []


def test_facts() -> None:
    machine = enforcing()
    machine.refuse("games_t")
    facts = lsm_facts(machine, 0)
    assert facts["provider"] == "selinux"
    assert facts["selinux"]["mode"] == facts["selinux"]["mode_at_boot"] == "enforcing"
    assert facts["selinux"]["labels"] == "labelled"
    assert [one["rule"] for one in facts["denials"]] == ["allow games_t etc_t:file { read };"]
    assert lsm_facts(machine, machine.seconds + 1)["denials"] == []


@pytest.mark.parametrize("logged", [False, True])
def test_the_kernels_messages_count_once(logged: bool) -> None:
    machine = Machine()
    message = (
        "audit: type=1400 audit(1700000005.000:7): avc:  denied  { read } for  pid=1 scontext=a:b:x_t tcontext=a:b:y_t"
        " tclass=file permissive=1\n"
    )
    machine.commands[("journalctl",)] = (0, message, "")
    if logged:
        machine.files["/var/log/audit/audit.log"] += message.replace("audit: type=1400 ", "type=AVC msg=").encode()
    assert [(one["source"], one["count"]) for one in lsm_facts(machine, 0)["denials"]] == [("x_t", 1)]
