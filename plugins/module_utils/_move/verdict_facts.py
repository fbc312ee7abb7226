# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a verdict is made from: both hosts, the workload and the operator's wishes, read from plain values. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Port, Project
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.document import (
    check_document,
    flatten,
    unread_paths,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem
from ansible_collections.anycloud.container_host.plugins.module_utils._move.verdict_codes import CODES, PRECOPY, REFUSED

Json = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Side:
    """One host. name: in the inventory. values: the contract's fields by path, unread: why some are not known.

    room: what the module move_host_info returned. volumes, images: by name and by reference, what the modules
    move_volume_info and move_image_info returned for them. chains: of layers the engine has, as the latter tells them.
    """

    name: str
    schema_version: t.Any
    values: Json
    unread: t.Mapping[str, str]
    room: Json
    volumes: t.Mapping[str, Json]
    images: t.Mapping[str, Json]
    chains: frozenset[str] = frozenset()

    def effective(self, setting: str) -> t.Optional[int]:
        """A kernel limit as a number, by its sysctl's name; None when it is not known."""
        text = (self.values.get("identity.effective_limits") or {}).get(setting, "")
        return int(text) if str(text).isdecimal() else None

    @property
    def listening(self) -> tuple[Port, ...]:
        """What the kernel listens on."""
        return listening_ports(self.room["listening"])


def listening_ports(entries: t.Iterable[Json]) -> tuple[Port, ...]:
    """Ports in use, as move_host_info tells them."""
    return tuple(Port(0, entry["port"], entry["protocol"], entry["address"]) for entry in entries)


@dataclass(frozen=True)
class Wishes:
    """What the operator asked for.

    rung: the best that may be tried. accepted: codes. standard: as the role verify's. bytes_per_second: link, and what
    the workload changes; None is not known. restart_ms: how long stopping and starting take, None is not known.
    """

    rung: str = PRECOPY
    accepted: frozenset[str] = frozenset()
    standard: Json = field(default_factory=dict)
    downtime_budget_ms: int = 0
    link_bytes_per_second: t.Optional[float] = None
    changed_bytes_per_second: t.Optional[float] = None
    restart_ms: t.Optional[int] = None
    max_clock_skew_seconds: float = 5


@dataclass(frozen=True)
class Finding:
    """A step down. service: its name, "" for all of them. source, target: the evidence from either side."""

    code: str
    source: t.Any
    target: t.Any
    remedy: str
    service: str = ""
    accepted: bool = False

    @property
    def limit(self) -> str:
        """The best rung that is left."""
        return PRECOPY if self.accepted else CODES[self.code].limit

    def as_dict(self) -> dict[str, t.Any]:
        """As plain values."""
        return {
            "code": self.code,
            "limit": self.limit,
            "service": self.service,
            "meaning": CODES[self.code].meaning,
            "source": self.source,
            "target": self.target,
            "remedy": self.remedy,
            "accepted": self.accepted,
        }


@dataclass(frozen=True)
class Facts:
    """All a rule may look at."""

    source: Side
    target: Side
    project: Project
    wishes: Wishes

    def both(self, path: str) -> t.Optional[tuple[t.Any, t.Any]]:
        """A field of both contracts; None while either is not known, which has a finding of its own."""
        if path in self.source.unread or path in self.target.unread:
            return None
        return self.source.values.get(path), self.target.values.get(path)

    def finding(self, code: str, source: t.Any, target: t.Any, service: str = "", subject: t.Any = "") -> Finding:
        """A finding with the code's remedy filled in."""
        names = {"workload": self.project.name, "source": self.source.name, "target": self.target.name}
        remedy = CODES[code].remedy.format(subject=subject, **names)
        accepted = CODES[code].acceptable and code in self.wishes.accepted
        if CODES[code].acceptable and not accepted:
            remedy += f"; or accept it: move_accepted: [{code}]"
        return Finding(code, source, target, remedy, service, accepted)


def read_side(value: t.Any, name: str, where: str) -> Side:
    """A host from ``contract``, ``host``, ``volumes`` and ``images``. Raises InputError with every problem."""
    problems = []
    if not isinstance(value, t.Mapping):
        raise InputError([Problem(where, "is no mapping", "give contract, host, volumes and images")])
    wanted = {"contract": t.Mapping, "host": t.Mapping, "volumes": list, "images": list}
    modules = {"contract": "host_contract_info", "host": "move_host_info", "volumes": "move_volume_info",
               "images": "move_image_info"}  # fmt: skip
    for key, kind in wanted.items():
        if not isinstance(value.get(key), kind):
            problems.append(Problem(f"{where}.{key}", "is missing", f"give what the module {modules[key]} returned"))
    host = value.get("host")
    if isinstance(host, t.Mapping):
        problems += [
            Problem(f"{where}.host.{key}", "is missing", "give the whole result of the module move_host_info")
            for key in ("containers", "volumes", "networks", "listening", "paths", "memory_available_bytes",
                        "places", "clock_offset_seconds", "apparmor_profiles")
            if key not in host
        ]  # fmt: skip
    if problems:
        raise InputError(problems)
    document = check_document(value["contract"], f"{where}.contract")
    return Side(
        name,
        document["schema_version"],
        flatten(document),
        unread_paths(document),
        value["host"],
        {entry["name"]: entry for entry in value["volumes"]},
        {entry["reference"]: entry for entry in value["images"]},
        frozenset((value.get("held") or {}).get("chains") or []),
    )


def read_wishes(**given: t.Any) -> Wishes:
    """The wishes. Raises InputError with every problem."""
    problems = []
    accepted = given.pop("accepted", None) or []
    if not isinstance(accepted, list):
        raise InputError([Problem("accepted", "is no list", "write codes in brackets, as in [host_path]")])
    for code in accepted:
        if code not in CODES or CODES[code].limit != REFUSED or not CODES[code].acceptable:
            may = sorted(name for name, known in CODES.items() if known.acceptable)
            problems.append(Problem("accepted", f"{code} can't be accepted", f"those that can: {', '.join(may)}"))
    rung = given.get("rung", PRECOPY)
    if rung not in ("precopy", "cold"):
        problems.append(Problem("rung", f"is {rung!r}", "choose precopy or cold"))
    for key in ("downtime_budget_ms", "link_bytes_per_second", "changed_bytes_per_second", "restart_ms",
                "max_clock_skew_seconds"):  # fmt: skip
        number = given.get(key)
        if number is not None and (isinstance(number, bool) or not isinstance(number, (int, float)) or number < 0):
            problems.append(Problem(key, f"is {number!r}", "give a number, 0 or more"))
    if problems:
        raise InputError(problems)
    return Wishes(accepted=frozenset(accepted), **given)
