# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a host's mandatory access control shall be: typed, checked, plain data."""

from __future__ import annotations

import hashlib
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem

PROVIDERS = ("selinux", "apparmor", "default")
PROTOCOLS = ("tcp", "udp", "dccp", "sctp")
# Who must not be refused anything before enforcing begins: containers, engines, and what makes the host come up and
# lets somebody in.
BLOCKING_DOMAINS = (
    "conmon*", "container*", "docker*", "getty_t", "init_t", "local_login_t", "podman*", "rootlesskit*", "spc_t",
    "sshd*", "systemd_*", "unlabeled_t",
)  # fmt: skip

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
_UNIT = re.compile(r"[A-Za-z0-9:_.@\\-]+\.service")
_DECLARED = re.compile(r"^\s*(?:policy_)?module\s*\(?\s*([A-Za-z0-9_]+)", re.MULTILINE)


@dataclass(frozen=True)
class PolicyModule:
    """A local policy module as source: type enforcement and file contexts, or the common intermediate language."""

    name: str
    te: str = ""
    fc: str = ""
    cil: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of all its source."""
        return hashlib.sha256("\0".join((self.te, self.fc, self.cil)).encode()).hexdigest()


@dataclass(frozen=True)
class Port:
    """Ports of one protocol that get a type; ``ports`` is a number or a range, 8000-8010."""

    ports: str
    protocol: str
    type: str


@dataclass(frozen=True)
class FileContext:
    """Paths, as a regular expression that matches whole paths, that get a type."""

    path: str
    type: str

    @property
    def base(self) -> str:
        """The longest folder or file that holds all of them."""
        plain = re.split(r"[\[\](){}.*+?|^$\\]", self.path, maxsplit=1)[0]
        # What follows a whole name is a folder's content, as in /srv/data(/.*)?
        whole = plain == self.path or self.path[len(plain) :].startswith("(/") or plain.endswith("/")
        return (plain if whole else plain.rpartition("/")[0]).rstrip("/") or "/"


@dataclass(frozen=True)
class Profile:
    """An AppArmor profile: its file's name, its text, and the service it is bound to, if any."""

    name: str
    content: str
    profile: str
    service: str = ""


@dataclass(frozen=True)
class Settings:
    """The whole intent."""

    provider: str = "default"
    enforcing: bool = True
    force: bool = False
    collect_seconds: int = 60
    blocking_domains: tuple[str, ...] = BLOCKING_DOMAINS
    booleans: tuple[tuple[str, bool], ...] = ()
    modules: tuple[PolicyModule, ...] = ()
    ports: tuple[Port, ...] = ()
    file_contexts: tuple[FileContext, ...] = ()
    profiles: tuple[Profile, ...] = ()


def parse_settings(options: t.Mapping[str, t.Any]) -> Settings:
    """The module's options as Settings. Raises InputError with every problem found, without looking at the host."""
    problems: list[Problem] = []
    provider = str(options.get("provider") or "default")
    if provider not in PROVIDERS:
        problems.append(Problem("provider", f"{provider!r} is unknown", f"use one of: {', '.join(PROVIDERS)}"))
    seconds = options.get("collect_seconds")
    seconds = 60 if seconds is None else seconds
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 0 <= seconds <= 86_400:
        problems.append(Problem("collect_seconds", f"{seconds!r} is out of range", "use a number from 0 to 86400"))
    domains = options.get("blocking_domains")
    settings = Settings(
        provider=provider,
        enforcing=options.get("enforcing") is not False,
        force=bool(options.get("force")),
        collect_seconds=seconds,
        blocking_domains=BLOCKING_DOMAINS if domains is None else tuple(domains),
        booleans=tuple(sorted((name, bool(value)) for name, value in (options.get("booleans") or {}).items())),
        modules=_modules(options.get("modules") or (), problems),
        ports=_ports(options.get("ports") or (), problems),
        file_contexts=_contexts(options.get("file_contexts") or (), problems),
        profiles=_profiles(options.get("profiles") or (), problems),
    )
    if problems:
        raise InputError(problems)
    return settings


def _modules(entries: t.Sequence[t.Mapping[str, t.Any]], problems: list[Problem]) -> tuple[PolicyModule, ...]:
    found: list[PolicyModule] = []
    for index, entry in enumerate(entries):
        path = f"modules[{index}]"
        one = PolicyModule(*(str(entry.get(key) or "") for key in ("name", "te", "fc", "cil")))
        _check_name(f"{path}.name", one.name, found, problems)
        if bool(one.te) == bool(one.cil):
            problems.append(Problem(path, "needs one kind of source", "give te (and fc), or cil, not both"))
        if one.fc and not one.te:
            problems.append(Problem(f"{path}.fc", "belongs to type enforcement", "give te too"))
        declared = _DECLARED.search(one.te)
        if one.te and (not declared or declared.group(1) != one.name):
            says = f"declares {declared.group(1)!r}" if declared else "declares no module"
            problems.append(Problem(f"{path}.te", says, f"begin it with: module {one.name} 1.0;"))
        found.append(one)
    return tuple(found)


def _check_name(path: str, name: str, before: t.Iterable[t.Any], problems: list[Problem]) -> None:
    if not _NAME.fullmatch(name):
        problems.append(Problem(path, f"{name!r} is no name", "use letters, digits, dots, dashes and underscores"))
    if name in {one.name for one in before}:
        problems.append(Problem(path, f"{name!r} is there twice", "join the two entries"))


def _check_type(path: str, name: str, problems: list[Problem]) -> None:
    if not _TYPE.fullmatch(name):
        problems.append(Problem(path, f"{name!r} is no type", "use a type alone, as in container_file_t"))


def _ports(entries: t.Sequence[t.Mapping[str, t.Any]], problems: list[Problem]) -> tuple[Port, ...]:
    found: list[Port] = []
    for index, entry in enumerate(entries):
        path = f"ports[{index}]"
        one = Port(str(entry.get("ports") or ""), str(entry.get("protocol") or "tcp"), str(entry.get("type") or ""))
        matched = _PORTS.fullmatch(one.ports)
        numbers = [int(number) for number in matched.groups() if number] if matched else []
        if not numbers or numbers != sorted(numbers) or not all(0 < number < 65536 for number in numbers):
            problems.append(Problem(f"{path}.ports", f"{one.ports!r} is no port", "use 8080 or 8000-8010"))
        if one.protocol not in PROTOCOLS:
            remedy = f"use one of: {', '.join(PROTOCOLS)}"
            problems.append(Problem(f"{path}.protocol", f"{one.protocol!r} is unknown", remedy))
        _check_type(f"{path}.type", one.type, problems)
        if (one.ports, one.protocol) in {(other.ports, other.protocol) for other in found}:
            problems.append(Problem(path, f"{one.protocol} {one.ports} is there twice", "join the two entries"))
        found.append(one)
    return tuple(found)


def _contexts(entries: t.Sequence[t.Mapping[str, t.Any]], problems: list[Problem]) -> tuple[FileContext, ...]:
    found: list[FileContext] = []
    for index, entry in enumerate(entries):
        path = f"file_contexts[{index}]"
        one = FileContext(str(entry.get("path") or ""), str(entry.get("type") or ""))
        try:
            re.compile(one.path)
            valid = one.path.startswith("/")
        except re.error:
            valid = False
        if not valid or any(letter.isspace() for letter in one.path):
            remedy = "use a regular expression of absolute paths, as in /srv/data(/.*)?"
            problems.append(Problem(f"{path}.path", f"{one.path!r} matches no paths", remedy))
        _check_type(f"{path}.type", one.type, problems)
        if one.path in {other.path for other in found}:
            problems.append(Problem(f"{path}.path", f"{one.path!r} is there twice", "join the two entries"))
        found.append(one)
    return tuple(found)


def _profiles(entries: t.Sequence[t.Mapping[str, t.Any]], problems: list[Problem]) -> tuple[Profile, ...]:
    found: list[Profile] = []
    for index, entry in enumerate(entries):
        path = f"profiles[{index}]"
        name, content = str(entry.get("name") or ""), str(entry.get("content") or "")
        service = str(entry.get("service") or "")
        _check_name(f"{path}.name", name, found, problems)
        declared = re.search(r"^\s*(?:profile\s+([^\s{]+)|(/[^\s{]+))[^\n]*\{", content, re.MULTILINE)
        profile = next((one for one in declared.groups() if one), "") if declared else ""
        if not profile:
            problems.append(Problem(f"{path}.content", "has no profile", "write: profile NAME { ... }"))
        if service and not _UNIT.fullmatch(service):
            problems.append(Problem(f"{path}.service", f"{service!r} is no service", "use a name such as app.service"))
        content = content if content.endswith("\n") else f"{content}\n"
        found.append(Profile(name, content, profile.strip('"'), service))
    return tuple(found)
