# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The host firewall: one nftables table of our own, made anew in one transaction, loaded at boot by a unit of our own.

What is in force is compared with what nft listed right after our last load, so that a change by hand shows whatever
words this release of nft uses.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.firewall_listing import (
    read_listed,
    read_listing,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.firewall_rules import (
    DEFAULT_BRIDGES,
    PARTS,
    TABLE,
    Rules,
    chain_lines,
    parse_table,
    render_table,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.protocol import (
    Item,
    Kind,
    Record,
    Scope,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.networks import (
    EVERYBODY,
    PRIVATE_NETWORKS,
    Networks,
    Opening,
    read_networks,
    read_opening,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import (
    DEVIATES,
    FAILED,
    NOT_APPLICABLE,
    PASSED,
    UNKEPT,
    Finding,
    Kept,
    KindPlan,
    PlanBuilder,
    Restoration,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.ssh_ports import find_ports
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import Run, Step, WriteFile
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

PACKAGE = "nftables"
RULES_PATH = "/etc/container-host/firewall.nft"
UNIT = "container-host-firewall.service"
UNIT_PATH = f"/etc/systemd/system/{UNIT}"
# A drop-in of a target instead of an enabled unit: a plain file, there or not.
AT_BOOT_PATH = "/etc/systemd/system/sysinit.target.d/container-host-firewall.conf"
LISTED_PATH = "/var/lib/container-host/firewall.json"
USERS_SLICE = "/sys/fs/cgroup/user.slice"
DELETE = ("nft", "delete", "table", "inet", TABLE)

# After nftables.service, whose own file may flush all tables, and again whenever that one is loaded again.
UNIT_TEXT = f"""\
[Unit]
Description=Firewall of the container host
DefaultDependencies=no
After=local-fs.target nftables.service
Wants=network-pre.target
Before=network-pre.target shutdown.target
Conflicts=shutdown.target
PartOf=nftables.service
ReloadPropagatedFrom=nftables.service
ConditionPathExists={RULES_PATH}

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStartPre=-/bin/mkdir -p {USERS_SLICE}
ExecStart=/usr/sbin/nft -f {RULES_PATH}
ExecReload=/usr/sbin/nft -f {RULES_PATH}
"""
AT_BOOT_TEXT = f"[Unit]\nWants={UNIT}\n"
CHAIN = "chain "
"""How the chains are named in the record and in findings."""
FILES = ((UNIT_PATH, UNIT_TEXT), (AT_BOOT_PATH, AT_BOOT_TEXT))


@dataclass(frozen=True)
class Parameters:
    """part: the chain. The rest is as in firewall_rules.Rules."""

    part: str
    published: Networks
    openings: tuple[Opening, ...]
    allow: tuple[Opening, ...]
    ssh_from: Networks
    bridges: tuple[str, ...]


@dataclass(frozen=True)
class Seen:
    """files: path -> text, of all files of ours. running: the chains in force in normal form, None without our table.

    listed: the chains as nft listed them after our last load, and the text that was loaded.
    """

    has_systemd: bool
    has_nft: bool
    is_arriving: bool
    files: t.Mapping[str, str | None]
    running: t.Mapping[str, t.Any] | None
    listed: t.Mapping[str, t.Any]
    ssh_ports: tuple[int, ...]
    users_sockets: bool
    client: str
    error: str = ""


@dataclass(frozen=True)
class Load(Step):
    """Load the file in one transaction and note how nft lists it."""

    text: str

    @property
    def paths(self) -> tuple[str, ...]:
        return (LISTED_PATH,)

    def apply(self, io: HostIO) -> None:
        io.run(["nft", "-f", RULES_PATH], check=True)
        chains, error = read_listing(io)
        if chains is None:
            raise HostError(error or "the table is not there right after it was loaded")
        content = json.dumps({"text": self.text, "chains": chains}, sort_keys=True) + "\n"
        io.write_atomic(LISTED_PATH, content, 0o600)
        # Loads it once more at the first time; from then on the unit follows nftables.service.
        io.run(["systemctl", "start", UNIT], check=True)


class Firewall(Kind[Parameters, Seen]):
    """Kind ``firewall``."""

    name = "firewall"
    way_in = True

    def parse(self, reader: Reader) -> Parameters:
        part = reader.choice("part", PARTS)
        given = reader.entries("published_from") if "published_from" in reader.given else list(PRIVATE_NETWORKS)
        networks = []
        openings = []
        for index, entry in enumerate(given):
            if isinstance(entry, t.Mapping):
                openings.append(read_opening(entry, reader, f"published_from[{index}]", None))
            else:
                networks.append(entry)
        allow = [
            read_opening(entry, reader, f"allow[{index}]", EVERYBODY)
            for index, entry in enumerate(reader.entries("allow"))
        ]
        ssh_from = reader.entries("ssh_from")
        bridges = reader.texts("bridges", DEFAULT_BRIDGES)
        for index, bridge in enumerate(bridges):
            if not bridge.rstrip("*").replace("-", "").replace("_", "").replace(".", "").isalnum() or len(bridge) > 15:
                reader.wrong(f"bridges[{index}]", f"is {bridge!r}", "give a name such as docker0, or a beginning: br-*")
        for index, opening in enumerate(openings):
            if opening is not None and not opening.port:
                reader.wrong(f"published_from[{index}].protocol", "has no ports", "containers publish ports only")
        return Parameters(
            part=part,
            published=read_networks(networks, reader, "published_from"),
            openings=tuple(opening for opening in openings if opening is not None),
            allow=tuple(opening for opening in allow if opening is not None),
            ssh_from=read_networks(ssh_from, reader, "ssh_from") if ssh_from else EVERYBODY,
            bridges=bridges,
        )

    def observe(self, scope: Scope[Parameters]) -> Seen:
        io = scope.io
        has_nft = io.find_command("nft") is not None
        running, error = read_listing(io) if has_nft else (None, "")
        paths = (RULES_PATH, LISTED_PATH, *(path for path, _text in FILES))
        files = {path: io.read_text(path) for path in paths}
        return Seen(
            has_systemd=io.exists("/run/systemd/system"),
            has_nft=has_nft,
            is_arriving=PACKAGE in scope.arriving,
            files=files,
            running=running,
            listed=read_listed(files[LISTED_PATH]),
            ssh_ports=find_ports(io, scope.connection),
            users_sockets=io.exists(USERS_SLICE),
            client=scope.connection.client_address if scope.connection else "",
            error=error,
        )

    def compare(self, items: t.Sequence[Item[Parameters]], seen: Seen, kept: Record) -> KindPlan:
        builder = PlanBuilder(kept)
        if not items:
            self._put_back(builder, seen)
            return builder.plan()
        chains = {item.parameters.part: _lines(item.parameters, seen) for item in items}
        refusal = _refusal(items, seen)
        if refusal:
            status = FAILED if seen.has_nft or seen.is_arriving else NOT_APPLICABLE
            builder.findings = [Finding(item.id, status, reason=refusal) for item in items]
            return builder.plan()
        text = render_table(dict(sorted(chains.items())))
        loaded = parse_table(seen.listed["text"])
        in_force = seen.running is not None and seen.running == seen.listed["chains"] and seen.listed["text"] == text
        is_started = all(seen.files[path] == wanted for path, wanted in FILES)
        on_disk = parse_table(seen.files[RULES_PATH]) if is_started else {}
        for item in items:
            builder.findings.append(_compare_one(item, chains, seen, loaded, on_disk))
        for key, entry in kept.items():
            if key.startswith(CHAIN) and key[len(CHAIN) :] not in chains:
                builder.restorations.append(_gone(key, entry, seen, loaded))
        if not (in_force and is_started and seen.files[RULES_PATH] == text):
            self._plan_load(builder, items, text, seen)
        return builder.plan()

    @staticmethod
    def _plan_load(builder: PlanBuilder, items: t.Sequence[Item[Parameters]], text: str, seen: Seen) -> None:
        ids = tuple(item.id for item in items)
        for item in items:
            builder.remember(CHAIN + item.parameters.part, item.id, None)
        for path, wanted, validate in (
            (RULES_PATH, text, ("nft", "-c", "-f", "%s")),
            *((path, wanted, ()) for path, wanted in FILES),
        ):
            if seen.files[path] != wanted:
                builder.remember(path, ids[0], seen.files[path])
                builder.steps.append(WriteFile(ids, path, wanted, validate=validate))
        if any(seen.files[path] != wanted for path, wanted in FILES):
            builder.steps.append(Run(ids, ("systemctl", "daemon-reload")))
        builder.steps.append(Load(ids, text))
        builder.back.append(("sh", "-c", f"nft -f {RULES_PATH} || {' '.join(DELETE)}"))

    @staticmethod
    def _put_back(builder: PlanBuilder, seen: Seen) -> None:
        """Take our table away, and put back the files that were there before it."""
        if not builder.kept:
            return
        control = next(iter(builder.kept.values())).control
        files = [
            WriteFile((control,), path, before)
            for path in (RULES_PATH, *(path for path, _text in FILES))
            for before in [builder.kept[path].before if path in builder.kept else seen.files[path]]
            if seen.files[path] != before
        ]
        # Without files of ours, as after a load that failed, there is no unit to stop either.
        if files:
            builder.steps.append(Run((control,), ("systemctl", "stop", UNIT)))
        if seen.running is not None:
            builder.steps.append(Run((control,), DELETE))
        builder.steps.extend(files)
        if seen.files[LISTED_PATH] is not None:
            builder.steps.append(WriteFile((control,), LISTED_PATH, None))
        if files:
            builder.steps.append(Run((control,), ("systemctl", "daemon-reload")))
        builder.back.append(("sh", "-c", f"nft -f {RULES_PATH} || {' '.join(DELETE)}"))
        loaded = parse_table(seen.listed["text"])
        for key, entry in builder.kept.items():
            gone = _gone(key, entry, seen, loaded) if key.startswith(CHAIN) else Restoration(key, entry.control, {}, {})
            builder.restorations.append(gone)


def _gone(key: str, entry: Kept, seen: Seen, loaded: t.Mapping[str, list[str]]) -> Restoration:
    """A chain taken away, for a control that no longer holds."""
    part = key[len(CHAIN) :]
    now = loaded.get(part) if part in (seen.running or {}) else None
    return Restoration(key, entry.control, {key: now}, {key: None})


def _lines(parameters: Parameters, seen: Seen) -> list[str]:
    rules = Rules(
        published=parameters.published,
        openings=parameters.openings,
        allow=parameters.allow,
        ssh_ports=seen.ssh_ports,
        ssh_from=parameters.ssh_from,
        bridges=parameters.bridges,
        users_sockets=seen.users_sockets,
    )
    return chain_lines(parameters.part, rules)


def _refusal(items: t.Sequence[Item[Parameters]], seen: Seen) -> str:
    """Why nothing may be loaded; empty when it may."""
    if not seen.has_nft:
        return "" if seen.is_arriving else f"the package {PACKAGE} is not installed"
    if not seen.has_systemd:
        return "systemd does not run here, whose unit loads the rules at each boot; use a host booted by systemd"
    if seen.error:
        return seen.error
    for item in items:
        sources = item.parameters.ssh_from
        if seen.client and item.parameters.part in ("world", "input") and not sources.holds(seen.client):
            return f"this connection would be shut out: {seen.client} is not in ssh_from of {item.id}; add it first"
    return ""


def _compare_one(
    item: Item[Parameters],
    chains: t.Mapping[str, list[str]],
    seen: Seen,
    loaded: t.Mapping[str, list[str]],
    on_disk: t.Mapping[str, list[str]],
) -> Finding:
    part = item.parameters.part
    name = CHAIN + part
    running = (seen.running or {}).get(part)
    now: t.Any = loaded.get(part)
    if running is None:
        now = None
    elif running != seen.listed["chains"].get(part):
        now = "other rules than were loaded"
    before, after = {name: now}, {name: chains[part]}
    if before != after:
        return Finding(item.id, DEVIATES, before, after)
    if on_disk.get(part) == chains[part]:
        return Finding(item.id, PASSED, before, after)
    return Finding(item.id, UNKEPT, before, after, "holds now; written down so that it stays")
