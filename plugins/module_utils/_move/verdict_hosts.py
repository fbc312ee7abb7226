# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The verdict's rules about the two hosts: what differs between the contracts and matters to a move. Pure."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.standard import parse_standard
from ansible_collections.anycloud.container_host.plugins.module_utils._move import id_ranges
from ansible_collections.anycloud.container_host.plugins.module_utils._move.verdict_facts import Facts, Finding

Findings = t.Iterator[Finding]

# Code -> fields any difference in which is that code's.
DIFFERENT: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("architecture", ("architecture.machine",)),
    ("page_size", ("architecture.page_size_bytes",)),
    ("kernel", ("kernel.release", "kernel.build", "kernel.config_digest", "kernel.command_line")),
    ("cgroup_version", ("cgroup.version",)),
    ("lsm_policy", ("lsm.container_policy", "container_defaults.apparmor", "container_defaults.selinux")),
    ("selinux", ("lsm.selinux_mode", "lsm.selinux_policy", "lsm.selinux_container_domain")),
    ("engine", ("engine.name", "engine.version")),
    ("engine_rootless", ("container_defaults.rootless",)),
    ("oci_runtime", ("oci_runtime.name", "oci_runtime.version")),
    ("storage_driver", ("storage.driver", "storage.backing_filesystem")),
    ("network_stack", ("engine_network.backend", "engine_network.version", "engine_network.firewall_driver",
                       "engine_network.mtu_bytes")),
    ("user_namespace", ("container_defaults.user_namespace",)),
)  # fmt: skip
LIMITS = (
    "limits.pid_max", "limits.threads_max", "limits.file_max", "limits.nr_open", "limits.max_map_count",
    "limits.inotify_max_user_watches", "limits.inotify_max_user_instances", "limits.aio_max_nr",
)  # fmt: skip
SINGLE = (
    "architecture.x86_64_level", "engine.running", "seccomp.default_profile", "seccomp.default_profile_digest",
    "container_defaults.capabilities", "checkpoint.status", "checkpoint.criu_version", "network.ipv4_forwarding",
    "network.ipv6_enabled", "userns.engine_subordinate_uids", "userns.engine_subordinate_gids", "cgroup.controllers",
    "cgroup.swap_accounting", "kernel.lockdown",
)  # fmt: skip
LOOKED_AT = tuple(dict.fromkeys([path for _code, paths in DIFFERENT for path in paths] + [*SINGLE, *LIMITS]))


def hosts(facts: Facts) -> Findings:
    """All findings about the two hosts; with contracts of two schemas only that one, since nothing compares."""
    yield facts.finding("live_not_offered", None, None)
    if facts.source.schema_version != facts.target.schema_version:
        yield facts.finding("contract_schema", facts.source.schema_version, facts.target.schema_version)
        return
    for rule in (_unread, _standard, _different, _cpu, _limits, _engine, _seccomp, _checkpoint, _network, _ids):
        yield from rule(facts)


def _unread(facts: Facts) -> Findings:
    for path in LOOKED_AT:
        sides = facts.source.unread.get(path), facts.target.unread.get(path)
        if any(sides):
            yield facts.finding("contract_unread", *sides, subject=path)


def _standard(facts: Facts) -> Findings:
    for rule in parse_standard(dict(facts.wishes.standard), "standard"):
        value = facts.target.values.get(rule.path)
        if rule.path not in facts.target.unread and not rule.holds(value):
            yield facts.finding("below_standard", rule.words(), value, subject=rule.path)


def _different(facts: Facts) -> Findings:
    for code, paths in DIFFERENT:
        pairs = {path: facts.both(path) for path in paths}
        differing = {path: pair for path, pair in pairs.items() if pair is not None and pair[0] != pair[1]}
        if differing:
            here, there = ({path: pair[side] for path, pair in differing.items()} for side in (0, 1))
            yield facts.finding(code, here, there)


def level(word: t.Any) -> int:
    """The number of an x86-64 level, as in ``v3``; 0 when there is none."""
    match = re.fullmatch(r"v(\d+)", word) if isinstance(word, str) else None
    return int(match.group(1)) if match else 0


def _cpu(facts: Facts) -> Findings:
    levels = facts.both("architecture.x86_64_level")
    # Levels of another architecture are no levels: that has its own code.
    if levels and level(levels[1]) and level(levels[0]) > level(levels[1]):
        yield facts.finding("cpu_level", *levels)
    flags = facts.both("architecture.cpu_flags")
    if flags:
        lacking = sorted(set(flags[0] or []) - set(flags[1] or []))
        if lacking:
            yield facts.finding("cpu_flags", lacking, [])


def _limits(facts: Facts) -> Findings:
    for path in LIMITS:
        pair = facts.both(path)
        if pair and isinstance(pair[1], int) and (pair[0] == "unlimited" or _more(pair[0], pair[1])):
            yield facts.finding("kernel_limit", *pair, subject=path)


def _more(first: t.Any, second: int) -> bool:
    return isinstance(first, int) and first > second


def _engine(facts: Facts) -> Findings:
    for side in (facts.source, facts.target):
        if "engine.running" not in side.unread and not side.values.get("engine.running"):
            words = (facts.source.values.get("engine.running"), facts.target.values.get("engine.running"))
            yield facts.finding("engine_not_running", *words, subject=side.name)
    pair = facts.both("container_defaults.capabilities")
    if pair:
        lacking = sorted(set(pair[0] or []) - set(pair[1] or []))
        if lacking:
            yield facts.finding("default_capabilities", pair[0], pair[1], subject=", ".join(lacking))


def _seccomp(facts: Facts) -> Findings:
    profiles = facts.both("seccomp.default_profile")
    digests = facts.both("seccomp.default_profile_digest")
    if profiles and (profiles[0] == "unconfined") != (profiles[1] == "unconfined"):
        yield facts.finding("seccomp_confinement", *profiles)
    elif profiles and digests and (profiles[0], digests[0]) != (profiles[1], digests[1]):
        yield facts.finding("seccomp_profile", [profiles[0], digests[0]], [profiles[1], digests[1]])


def _checkpoint(facts: Facts) -> Findings:
    status = facts.both("checkpoint.status")
    if status and status != ("works", "works"):
        failing = [side.name for side, word in zip((facts.source, facts.target), status) if word != "works"]
        yield facts.finding("checkpoint", *status, subject=" and ".join(failing))
    versions = facts.both("checkpoint.criu_version")
    if versions and all(versions) and _numbers(versions[1]) < _numbers(versions[0]):
        yield facts.finding("criu_version", *versions)


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def _network(facts: Facts) -> Findings:
    bridged = any(service.networks for service in facts.project.services.values())
    forwarding = facts.both("network.ipv4_forwarding")
    if bridged and forwarding and not forwarding[1]:
        yield facts.finding("ip_forwarding", *forwarding, subject="network.ipv4_forwarding")
    ipv6 = facts.both("network.ipv6_enabled")
    if ipv6 and ipv6[0] and not ipv6[1]:
        yield facts.finding("ipv6", *ipv6)


IDS = {"uid_map": "userns.engine_subordinate_uids", "gid_map": "userns.engine_subordinate_gids"}
IdMaps = dict[str, list[dict[str, int]]]


def id_users(facts: Facts) -> list[str]:
    """Whose subordinate ids the containers' are; nobody's where they have the host's own ids.

    Docker takes the user dockremap's for ``userns-remap`` (the default name), Podman containers' for ``userns: auto``.
    """
    kind = (facts.both("container_defaults.user_namespace") or ("host", "host"))[0]
    kinds = {str(kind or "host"), *(service.userns_mode for service in facts.project.services.values())}
    users = {"dockremap" if entry == "remap" else "containers" for entry in kinds if entry not in ("", "host")}
    return sorted(users)


def id_maps(facts: Facts) -> t.Optional[IdMaps]:
    """How numeric owners change on the way, as the module move_volume takes it; None where they can't be translated."""
    maps: IdMaps = {}
    for option, path in IDS.items():
        pair = facts.both(path)
        found: list[id_ranges.IdRange] = []
        for user in id_users(facts) if pair else []:
            ranges = id_ranges.aligned(*(id_ranges.subordinate(side or [], user) for side in pair or ()))
            if ranges is None:
                return None
            found += ranges
        if id_ranges.check(found, option):
            return None
        if found:
            maps[option] = [entry.as_dict() for entry in found]
    return maps


def _ids(facts: Facts) -> Findings:
    """Ranges matter only where containers' ids are mapped by them."""
    users = id_users(facts)
    maps = id_maps(facts)
    for path in IDS.values():
        pair = facts.both(path)
        if users and pair and pair[0] != pair[1] and maps is None:
            yield facts.finding("subordinate_ids", *pair, subject=" and ".join(users))
    if maps:
        pairs = {path: facts.both(path) or (None, None) for path in IDS.values()}
        here, there = ({path: pair[side] for path, pair in pairs.items()} for side in (0, 1))
        yield facts.finding("subordinate_ids_differ", here, there)
