# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Modules in everybody's PAM stack, the way the distribution puts them there.

With pam-auth-update(8) that is a profile of our own, with authselect(8) one of its features. The stacks are judged
after the change; when nobody could log in any more, they are put back at once.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline import pam
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.pam_modules import (
    installed_modules,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.protocol import (
    Item,
    Kind,
    Record,
    Scope,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import (
    DEVIATES,
    FAILED,
    NOT_APPLICABLE,
    PASSED,
    Finding,
    KindPlan,
    PlanBuilder,
    Restoration,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import Run, Step
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.apt import UNATTENDED

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

UPDATER = "/usr/sbin/pam-auth-update"
PROFILES = "/usr/share/pam-configs/"
STATES = "/var/lib/pam/"
AUTHSELECT = "/etc/authselect/authselect.conf"
STACKS = ("auth", "account", "password", "session", "session-noninteractive")
WATCHED = (*(f"/etc/pam.d/common-{name}" for name in STACKS), *(f"{STATES}{name}" for name in (*STACKS, "seen")))
USERS = "{users}"
ORIGINALS = "originals"
AT_LEAST = "root"
"""Is never shut out: the console is the last way in."""


@dataclass(frozen=True)
class Parameters:
    """name: the profile's; content: its text ("" when authselect alone knows it), where ``{users}`` stands for root and
    the users this ran for, as pam_succeed_if(8) lists them. feature: that of authselect. modules: what has to be there.
    unless_used: nothing is to be done where another profile has the modules in the stacks.
    """

    name: str
    content: str
    feature: str
    modules: tuple[str, ...]
    package: str
    unless_used: bool


@dataclass(frozen=True)
class Seen:
    """features: those of authselect, None when it does not manage this host. profiles: our profiles' texts by name.

    watched: files of pam-auth-update by path. modules: those the host has. user: of the connection.
    """

    features: frozenset[str] | None
    has_updater: bool
    profiles: t.Mapping[str, t.Optional[str]]
    watched: t.Mapping[str, t.Optional[str]]
    modules: frozenset[str]
    user: str
    arriving: frozenset[str] = frozenset()

    @property
    def enabled(self) -> frozenset[str]:
        """The profiles pam-auth-update built the stacks from."""
        texts = (self.watched.get(f"{STATES}{name}") or "" for name in STACKS)
        lines = (line.partition("Module: ") for text in texts for line in text.splitlines())
        return frozenset(name.strip() for before, mark, name in lines if mark and not before)

    def uses(self, module: str) -> bool:
        """Whether some stack has the module."""
        texts = (self.watched.get(f"/etc/pam.d/common-{name}") or "" for name in STACKS)
        return any(rule.module == module for text in texts for rule in pam.rules_of(text))


def users_in(text: str) -> tuple[str, ...]:
    """The users an earlier run wrote into a profile."""
    for line in text.splitlines():
        words = line.split()
        for before, word, users in zip(words, words[1:], words[2:]):
            if (before, word) == ("user", "in"):
                return tuple(users.split(":"))
    return ()


def fill(content: str, current: str | None, user: str) -> str:
    """A profile's text for this host: who is in it stays in it, else two people's runs would undo each other's."""
    if USERS not in content:
        return content
    users = dict.fromkeys((AT_LEAST, *users_in(current or ""), *((user,) if user else ())))
    return content.replace(USERS, ":".join(users))


class PamProfile(Kind[Parameters, Seen]):
    """Kind ``pam_profile``."""

    name = "pam_profile"
    way_in = True

    def parse(self, reader: Reader) -> Parameters:
        content = reader.text("content", "")
        parameters = Parameters(
            name=reader.text("name", ""),
            content=content and content.rstrip("\n") + "\n",
            feature=reader.text("feature", ""),
            modules=reader.texts("modules", ()),
            package=reader.text("package", ""),
            unless_used=reader.boolean("unless_used", False),
        )
        if bool(parameters.name) != bool(content):
            reader.wrong("name", "and content go together", "give both, or neither")
        if "/" in parameters.name:
            reader.wrong("name", f"is {parameters.name!r}", "give a file name without a folder")
        if not parameters.name and not parameters.feature:
            reader.wrong("", "names neither a profile nor a feature", "give name and content, or feature, or all")
        return parameters

    def observe(self, scope: Scope[Parameters]) -> Seen:
        io = scope.io
        names = {item.parameters.name for item in scope.items if item.parameters.name}
        names |= {key.partition(":")[2] for key in scope.kept if key.startswith("profile:")}
        authselect = io.read_text(AUTHSELECT)
        return Seen(
            None if authselect is None else frozenset(authselect.split()[1:]),
            io.exists(UPDATER),
            {name: io.read_text(PROFILES + name) for name in sorted(names)},
            {path: io.read_text(path) for path in WATCHED},
            installed_modules(io),
            scope.connection.user if scope.connection else "",
            scope.arriving,
        )

    def compare(self, items: t.Sequence[Item[Parameters]], seen: Seen, kept: Record) -> KindPlan:
        builder = PlanBuilder(kept)
        enable: dict[str, tuple[str, str]] = {}
        for item in items:
            wants = item.parameters
            if wants.feature and seen.features is not None:
                self._compare_feature(item, seen.features, builder)
            elif wants.name and seen.has_updater:
                self._compare_profile(item, seen, builder, enable)
            else:
                reason = "neither pam-auth-update nor authselect puts this into the PAM stacks here"
                builder.findings.append(Finding(item.id, NOT_APPLICABLE, reason=reason))
        self._restore(builder, items, seen, enable)
        return builder.plan()

    @staticmethod
    def _compare_feature(item: Item[Parameters], features: t.AbstractSet[str], builder: PlanBuilder) -> None:
        feature = item.parameters.feature
        before, after = {f"feature {feature}": feature in features}, {f"feature {feature}": True}
        if before != after:
            builder.remember(f"feature:{feature}", item.id, False)
            builder.steps.append(Run((item.id,), ("authselect", "enable-feature", feature)))
            builder.back.append(("authselect", "disable-feature", feature))
        builder.findings.append(Finding(item.id, PASSED if before == after else DEVIATES, before, after))

    @staticmethod
    def _compare_profile(
        item: Item[Parameters], seen: Seen, builder: PlanBuilder, enable: dict[str, tuple[str, str]]
    ) -> None:
        wants = item.parameters
        current = seen.profiles[wants.name]
        content = fill(wants.content, current, seen.user)
        is_enabled = wants.name in seen.enabled
        before = {f"profile {wants.name}": current if is_enabled else None}
        after = {f"profile {wants.name}": content}
        if wants.unless_used and not is_enabled and all(seen.uses(name) for name in wants.modules):
            builder.findings.append(Finding(item.id, PASSED))
            return
        missing = [name for name in wants.modules if name not in seen.modules]
        if missing and wants.package not in seen.arriving:
            reason = f"there is no PAM module {', '.join(missing)}"
            builder.findings.append(Finding(item.id, NOT_APPLICABLE, reason=reason))
        elif missing:
            builder.findings.append(Finding(item.id, DEVIATES, before, after))
        elif before != after:
            if ORIGINALS not in builder.kept:
                originals = {"files": dict(seen.watched), "enabled": sorted(seen.enabled)}
                builder.remember(ORIGINALS, item.id, originals)
            builder.remember(f"profile:{wants.name}", item.id, current)
            enable[wants.name] = (item.id, content)
            builder.findings.append(Finding(item.id, DEVIATES, before, after))
        else:
            lacking = [name for name in wants.modules if not seen.uses(name)]
            reason = f"{', '.join(lacking)} was taken out of /etc/pam.d by hand; run pam-auth-update --force"
            if lacking:
                builder.findings.append(Finding(item.id, FAILED, before, after, reason))
            else:
                builder.findings.append(Finding(item.id, PASSED, before, after))

    @staticmethod
    def _restore(
        builder: PlanBuilder, items: t.Sequence[Item[Parameters]], seen: Seen, enable: dict[str, tuple[str, str]]
    ) -> None:
        wanted = {f"profile:{item.parameters.name}" for item in items}
        wanted |= {f"feature:{item.parameters.feature}" for item in items}
        gone = {key: entry for key, entry in builder.kept.items() if key not in wanted and key != ORIGINALS}
        for key, entry in gone.items():
            kind, _colon, name = key.partition(":")
            if kind == "feature":
                is_on = name in (seen.features or ())
                if is_on:
                    builder.steps.append(Run((entry.control,), ("authselect", "disable-feature", name)))
                builder.restorations.append(Restoration(key, entry.control, {name: is_on}, {name: False}))
            else:
                title = f"profile {name}"
                before = {title: seen.profiles[name]}
                builder.restorations.append(Restoration(key, entry.control, before, {title: entry.before}))
        names = {key.partition(":")[2]: entry for key, entry in gone.items() if key.startswith("profile:")}
        left = any(key.startswith("profile:") and key not in gone for key in builder.kept) or bool(enable)
        originals = None if left else builder.kept.get(ORIGINALS)
        if originals is not None:
            builder.restorations.append(Restoration(ORIGINALS, originals.control, {}, {}))
        if enable or any(seen.profiles[name] != entry.before for name, entry in names.items()):
            controls = [control for control, _content in enable.values()]
            controls += [entry.control for entry in names.values()]
            builder.steps.append(
                UpdateStacks(
                    tuple(dict.fromkeys(controls)),
                    {name: content for name, (_control, content) in enable.items()},
                    {name: entry.before for name, entry in names.items()},
                    originals.before if originals is not None and seen.has_updater else None,
                )
            )


@dataclass(frozen=True)
class UpdateStacks(Step):
    """Enable profiles and take others out, judge the stacks, and undo all of it when they are not to be used.

    enable: profile -> text. remove: profile -> its text before, None when there was none.
    originals: the files before the first change (path -> text) and the profiles enabled then; when the same are enabled
    again, the files come back byte for byte.
    """

    enable: t.Mapping[str, str]
    remove: t.Mapping[str, t.Optional[str]]
    originals: t.Mapping[str, t.Any] | None

    @property
    def paths(self) -> tuple[str, ...]:
        return (*WATCHED, *(PROFILES + name for name in (*self.enable, *self.remove)))

    def apply(self, io: HostIO) -> None:
        before = {path: io.read_text(path) for path in self.paths}
        try:
            for name, text in self.enable.items():
                io.write_atomic(PROFILES + name, text)
            if self.remove:
                _update(io, "--remove", self.remove)
            for name, old in self.remove.items():
                _put(io, PROFILES + name, old)
            if self.enable:
                _update(io, "--enable", self.enable)
            if self.originals is not None:
                self._come_back(io, self.originals)
            _judge(io, self.enable)
        except HostError:
            for path, old in before.items():
                _put(io, path, old)
            raise

    @staticmethod
    def _come_back(io: HostIO, originals: t.Mapping[str, t.Any]) -> None:
        seen = Seen(None, True, {}, {path: io.read_text(path) for path in WATCHED}, frozenset(), "")
        if sorted(seen.enabled) == originals["enabled"]:
            for path, text in originals["files"].items():
                _put(io, path, text)


def _update(io: HostIO, option: str, names: t.Iterable[str]) -> None:
    argv = ["pam-auth-update", "--package", option, *names]
    done = io.run(argv, env=UNATTENDED, timeout_seconds=120, check=True)
    # It leaves files that were changed by hand as they are, and succeeds.
    if "Local modifications" in done.stderr:
        raise HostError(
            "/etc/pam.d/common-*: changed by hand, so pam-auth-update leaves them as they are; "
            "run pam-auth-update --force, or exempt the control"
        )


def _put(io: HostIO, path: str, text: str | None) -> None:
    if io.read_text(path) == text:
        return
    if text is None:
        io.remove(path)
    else:
        status = io.status(path)
        io.write_atomic(path, text, status.mode if status else 0o644)


def _judge(io: HostIO, names: t.Iterable[str]) -> None:
    modules = installed_modules(io)
    for name in STACKS:
        path = f"/etc/pam.d/common-{name}"
        reason = pam.why_shut(io.read_text(path) or "", modules)
        if reason:
            raise HostError(f"{path}: {reason}; put back as it was")
    seen = Seen(None, True, {}, {path: io.read_text(path) for path in WATCHED}, modules, "")
    left_out = sorted(set(names) - seen.enabled)
    if left_out:
        raise HostError(f"pam-auth-update did not enable {', '.join(left_out)}; put back as it was")
