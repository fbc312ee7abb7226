# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What has to be done about a host's mandatory access control: settings and observation in, plan out."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils._difference import Difference
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import Problem
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.apparmor import (
    declared,
    drop_in_path,
    profile_path,
    render,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.denials import Denial, blocking
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.selinux import (
    mount_of,
    parse_config,
    set_mode,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.settings import (
    FileContext,
    PolicyModule,
    Port,
    Settings,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.state import (
    LABELLED,
    LABELLING,
    OFFLINE,
    UNTOUCHED,
    State,
)

# What the kernel has to be told (kernel-parameters.txt, "security="); lsm= would override it.
PARAMETERS = {
    "selinux": (("security=selinux", "selinux=1"), ("security=apparmor", "selinux=0", "apparmor=1")),
    "apparmor": (("security=apparmor", "apparmor=1"), ("security=selinux", "selinux=1", "apparmor=0")),
}
TOOLS = {
    "selinux": (
        "semodule",
        "setfiles",
        "restorecon",
        "getsebool",
        "setsebool",
        "semanage",
        "checkmodule",
        "semodule_package",
    ),
    "apparmor": ("apparmor_parser",),
}


@dataclass(frozen=True)
class Observed:
    """The host. active: access controls in force, in order. mode: SELinux' now; empty when it isn't in force.

    profiles: AppArmor's in the kernel, name to mode; files: ours. mounts: point to (file system, options). roots: where
    file systems are mounted that are labelled with all files.
    local_ports and local_contexts: those somebody has added to the policy, us included. knows_containers: whether the
    policy has the types engines label with.
    """

    active: tuple[str, ...] = ()
    command_line: tuple[str, ...] = ()
    mode: str = ""
    config: t.Optional[str] = None
    missing_tools: tuple[str, ...] = ()
    state: State = field(default_factory=State)
    booleans: t.Mapping[str, bool] = field(default_factory=dict)
    modules: t.Collection[str] = ()
    local_ports: t.Mapping[tuple[str, str], str] = field(default_factory=dict)
    local_contexts: t.Mapping[str, str] = field(default_factory=dict)
    invalid_types: t.Collection[str] = ()
    knows_containers: bool = True
    mounts: t.Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    roots: tuple[str, ...] = ("/",)
    profiles: t.Mapping[str, str] = field(default_factory=dict)
    files: t.Mapping[str, str] = field(default_factory=dict)
    denials: tuple[Denial, ...] = ()


@dataclass
class Plan:
    """Steps; ``difference`` is what they change. mode: what to switch to now, empty to leave it.

    changed: profiles whose text is new. changes_policy: refusals seen so far say nothing about what comes. refused:
    what keeps enforcing off.
    """

    provider: str
    difference: Difference = field(default_factory=Difference)
    config: t.Optional[str] = None
    relabel: str = ""
    restore: list[str] = field(default_factory=list)
    install: list[PolicyModule] = field(default_factory=list)
    uninstall: list[str] = field(default_factory=list)
    booleans: dict[str, bool] = field(default_factory=dict)
    ports: list[Port] = field(default_factory=list)
    drop_ports: list[tuple[str, str]] = field(default_factory=list)
    contexts: list[FileContext] = field(default_factory=list)
    drop_contexts: list[str] = field(default_factory=list)
    write: dict[str, str] = field(default_factory=dict)
    remove: dict[str, str] = field(default_factory=dict)
    load: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    restart_required: list[str] = field(default_factory=list)
    mode: str = ""
    parameters_present: list[str] = field(default_factory=list)
    parameters_absent: list[str] = field(default_factory=list)
    refused: list[Denial] = field(default_factory=list)

    @property
    def changes_policy(self) -> bool:
        return bool(
            self.install or self.uninstall or self.booleans or self.ports or self.contexts or self.drop_ports
            or self.drop_contexts or self.relabel or self.changed
        )  # fmt: skip

    @property
    def reboot_required(self) -> bool:
        """Whether the kernel has to be started with other parameters first."""
        return bool(self.parameters_present or self.parameters_absent)

    def actions(self) -> list[str]:
        """One line per step, in the order in which they are done."""
        return [
            *(f"write {path}" for path in self.write),
            *(f"remove {path}" for path in self.remove),
            *(f"load {name}" for name in self.load),
            *(f"install the policy module {one.name}" for one in self.install),
            *(f"remove the policy module {name}" for name in self.uninstall),
            *(f"set {name} to {'on' if value else 'off'}" for name, value in self.booleans.items()),
            *(f"remove the type of {protocol} {ports}" for ports, protocol in self.drop_ports),
            *(f"give {one.protocol} {one.ports} the type {one.type}" for one in self.ports),
            *(f"remove the type of {path}" for path in self.drop_contexts),
            *(f"give {one.path} the type {one.type}" for one in self.contexts),
            *([f"label all files ({self.relabel})"] if self.relabel else []),
            *(f"label {path}" for path in self.restore),
            *([f"write the mode of the next boot, {parse_config(self.config)['SELINUX']}"] if self.config else []),
            *([f"switch to {self.mode}"] if self.mode else []),
        ]


def provider_of(settings: Settings, observed: Observed) -> str:
    """The access control that is meant: the one asked for, else the first that confines containers and is in force."""
    if settings.provider != "default":
        return settings.provider
    return next((name for name in observed.active if name in PARAMETERS), "")


def check(settings: Settings, observed: Observed) -> list[Problem]:
    """Everything that can't be done on this host."""
    provider = provider_of(settings, observed)
    if not provider:
        return [Problem("provider", "neither SELinux nor AppArmor is in force here", "use selinux or apparmor")]
    problems = []
    if observed.missing_tools:
        remedy = "install the packages of the role lsm"
        problems.append(Problem("provider", f"{provider} lacks {', '.join(observed.missing_tools)}", remedy))
    if provider == "selinux" and not observed.knows_containers:
        # Not even permissive: the kernel takes no label that the policy doesn't know.
        remedy = "install the module container of the reference policy, or of container-selinux"
        problems.append(Problem("provider", "the policy knows no containers, so that none could start", remedy))
    if any(word.startswith("lsm=") for word in observed.command_line) and provider not in observed.active:
        remedy = f"take lsm= off the kernel's command line, or put {provider} into it"
        problems.append(Problem("provider", "lsm= on the command line overrides security=", remedy))
    if observed.mode:
        problems += _check_policy(settings, observed)
    return problems


def _check_policy(settings: Settings, observed: Observed) -> t.Iterator[Problem]:
    for name, _value in settings.booleans:
        if name not in observed.booleans:
            yield Problem(f"booleans.{name}", "the policy has no such boolean", "use one that getsebool -a lists")
    typed = [(f"ports[{index}]", one.type) for index, one in enumerate(settings.ports)]
    typed += [(f"file_contexts[{index}]", one.type) for index, one in enumerate(settings.file_contexts)]
    declared_here = "\n".join(one.te + one.cil for one in settings.modules)
    for path, name in typed:
        # A type may come with a module of the same run.
        if name in observed.invalid_types and name not in declared_here:
            yield Problem(f"{path}.type", f"the policy has no type {name!r}", "use one that seinfo -t lists")
    for index, one in enumerate(settings.file_contexts):
        point = mount_of(one.base, observed.mounts)
        kind, options = observed.mounts.get(point, ("", ("seclabel",)))
        if "seclabel" not in options:
            message = f"{point} ({kind}) carries no labels"
            remedy = "mount it with context=, or use a file system with labels, such as ext4 or xfs"
            yield Problem(f"file_contexts[{index}].path", message, remedy)


def compare(settings: Settings, observed: Observed) -> Plan:
    """The plan. What can't be done is for ``check`` to say, which comes first."""
    provider = provider_of(settings, observed)
    plan = Plan(provider)
    _parameters(settings, observed, plan)
    if provider == "selinux":
        _selinux(settings, observed, plan)
    else:
        _apparmor(settings, observed, plan)
    return plan


def _parameters(settings: Settings, observed: Observed, plan: Plan) -> None:
    """What is asked of the boot loader, while the one that is wanted isn't in force. The role kernel does it."""
    if settings.provider == "default" or plan.provider in observed.active:
        return
    present, absent = PARAMETERS[plan.provider]
    plan.parameters_present = list(present)
    plan.parameters_absent = list(absent)


def _selinux(settings: Settings, observed: Observed, plan: Plan) -> None:
    if not observed.mode:
        # Nothing is enforced at its first boot: labels and refusals have to be seen first.
        _next_boot("permissive", observed, plan)
        if observed.state.labels != OFFLINE:
            plan.relabel = "before SELinux is on"
            plan.difference.compare("labels of all files", observed.state.labels or UNTOUCHED, OFFLINE)
        return
    _policy(settings, observed, plan)
    if observed.state.labels in (OFFLINE, LABELLING):
        plan.relabel = "what was made before SELinux was on" if observed.state.labels == OFFLINE else "cut off before"
        plan.difference.compare("labels of all files", observed.state.labels, LABELLED)
    wanted = "enforcing" if settings.enforcing else "permissive"
    if wanted == "enforcing" and observed.mode != wanted and not plan.changes_policy:
        seen = blocking(observed.denials, settings.blocking_domains)
        if seen and not settings.force:
            plan.refused = seen
            return
    if plan.difference.compare("mode", observed.mode, wanted):
        plan.mode = wanted
    _next_boot(wanted, observed, plan)


def _next_boot(mode: str, observed: Observed, plan: Plan) -> None:
    if plan.difference.compare("mode of the next boot", parse_config(observed.config).get("SELINUX"), mode):
        plan.config = set_mode(observed.config, mode)


def _policy(settings: Settings, observed: Observed, plan: Plan) -> None:
    state, difference = observed.state, plan.difference
    for one in settings.modules:
        there = state.modules.get(one.name) if one.name in observed.modules else None
        if difference.compare(f"policy module {one.name}", there, one.digest):
            plan.install.append(one)
    for name in sorted(set(state.modules) - {one.name for one in settings.modules}):
        if name in observed.modules and difference.compare(f"policy module {name}", state.modules[name], None):
            plan.uninstall.append(name)
    for name, value in settings.booleans:
        if difference.compare(name, observed.booleans.get(name), value):
            plan.booleans[name] = value
    for port in settings.ports:
        there = observed.local_ports.get((port.ports, port.protocol))
        if difference.compare(f"{port.protocol} {port.ports}", there, port.type):
            plan.ports.append(port)
    for key in state.ports:
        if key not in {(one.ports, one.protocol) for one in settings.ports} and key in observed.local_ports:
            difference.compare(f"{key[1]} {key[0]}", observed.local_ports[key], None)
            plan.drop_ports.append(key)
    for context in settings.file_contexts:
        if difference.compare(context.path, observed.local_contexts.get(context.path), context.type):
            plan.contexts.append(context)
            plan.restore.append(context.base)
    for path in state.contexts:
        if path not in {one.path for one in settings.file_contexts} and path in observed.local_contexts:
            difference.compare(path, observed.local_contexts[path], None)
            plan.drop_contexts.append(path)
            plan.restore.append(FileContext(path, "").base)
    plan.restore = list(dict.fromkeys(plan.restore))


def _apparmor(settings: Settings, observed: Observed, plan: Plan) -> None:
    wanted = render(settings.profiles, settings.enforcing)
    loose = render(settings.profiles, enforcing=False)
    for one in settings.profiles:
        path = profile_path(one)
        if observed.files.get(path) not in (one.content, loose[path]):
            plan.changed.append(one.profile)
    active = plan.provider in observed.active
    if active and settings.enforcing and not settings.force and not plan.changed:
        waiting = [one.profile for one in settings.profiles if observed.profiles.get(one.profile) == "complain"]
        plan.refused = blocking(observed.denials, waiting)
        if plan.refused:
            return
    for path in dict.fromkeys([*wanted, *observed.files]):
        if plan.difference.compare(path, observed.files.get(path), wanted.get(path)):
            if path in wanted:
                plan.write[path] = wanted[path]
            else:
                plan.remove[path] = declared(observed.files[path])
    plan.restart_required = sorted(
        one.service for one in settings.profiles if one.service and drop_in_path(one.service) in plan.write
    )
    if not active:
        return
    mode = "enforce" if settings.enforcing else "complain"
    for one in settings.profiles:
        differs = plan.difference.compare(f"profile {one.profile}", observed.profiles.get(one.profile), mode)
        if differs or profile_path(one) in plan.write:
            plan.load.append(one.profile)
    if plan.load:
        plan.mode = mode
