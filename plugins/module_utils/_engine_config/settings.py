# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What the container engine shall be, in words that mean the same for Docker and Podman: typed, checked, plain data."""

from __future__ import annotations

import ipaddress
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._engine_places import DOCKER_HUB
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem

PROVIDERS = ("docker", "podman")
PACKAGE_SOURCES = ("distribution", "vendor")
CGROUP_DRIVERS = ("systemd", "cgroupfs")
OCI_RUNTIMES = ("runc", "crun")
LOG_DRIVERS = ("journald", "file")
# getrlimit(2), as both engines spell them.
ULIMITS = (
    "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio",
    "rttime", "sigpending", "stack",
)  # fmt: skip
# Where Podman puts containers that don't say otherwise (podman, libpod/define, SystemdDefaultCgroupParent).
PODMAN_CGROUP_PARENT = "machine.slice"

_LOCATION = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::\d{1,5})?")
_SLICE = re.compile(r"[A-Za-z0-9_.:\\]+(?:-[A-Za-z0-9_.:\\]+)*\.slice")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+:~-]*")


@dataclass(frozen=True)
class Registry:
    """One registry: host with an optional port, its authority as PEM text, and what stands in for it."""

    location: str
    ca_certificate: str = ""
    insecure: bool = False
    mirrors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ulimit:
    """One resource limit every container starts with; -1 is unlimited."""

    name: str
    soft: int
    hard: int


@dataclass(frozen=True)
class Settings:
    """The whole intent for one engine's configuration. Zero and empty mean: left to the engine."""

    provider: str
    cgroup_driver: str = "systemd"
    oci_runtime: str = "runc"
    live_restore: bool = True
    socket_enabled: bool = True
    log_driver: str = "journald"
    log_max_size_mib: int = 50
    log_max_files: int = 3
    journal_max_size_mib: int = 1024
    registries: tuple[Registry, ...] = ()
    ulimits: tuple[Ulimit, ...] = ()
    address_pool: str = "172.20.0.0/16"
    address_pool_prefix: int = 24
    dns_servers: tuple[str, ...] = ()
    dns_search: tuple[str, ...] = ()
    mtu: int = 0
    pids_limit: int = 2048
    seccomp_profile: str = ""
    no_new_privileges: bool = False
    cgroup_parent: str = ""


class _Checker:
    """Collects problems while values are taken out of the options."""

    def __init__(self, options: t.Mapping[str, t.Any]) -> None:
        self.options = options
        self.problems: list[Problem] = []

    def problem(self, path: str, message: str, remedy: str) -> None:
        self.problems.append(Problem(path, message, remedy))

    def choice(self, name: str, choices: t.Sequence[str]) -> str:
        value = str(self.options.get(name) or choices[0])
        if value not in choices:
            self.problem(name, f"{value!r} is unknown", f"use one of: {', '.join(choices)}")
        return value

    def number(self, name: str, default: int, low: int, high: int) -> int:
        value = self.options.get(name)
        value = default if value is None else value
        if isinstance(value, bool) or not isinstance(value, int) or not (low <= value <= high):
            self.problem(name, f"{value!r} is out of range", f"use a whole number from {low} to {high}")
            return default
        return value

    def flag(self, name: str, default: bool) -> bool:
        value = self.options.get(name)
        return default if value is None else bool(value)

    def location(self, path: str, value: t.Any) -> str:
        text = str(value or "")
        if not _LOCATION.fullmatch(text):
            self.problem(path, f"{text!r} is no registry location", "use a host name with an optional port, no scheme")
        return text

    def address(self, path: str, value: t.Any) -> str:
        try:
            ipaddress.ip_address(str(value))
        except ValueError:
            self.problem(path, f"{value!r} is no address", "use an IPv4 or IPv6 address")
        return str(value)


def _registries(check: _Checker) -> tuple[Registry, ...]:
    found: list[Registry] = []
    for index, entry in enumerate(check.options.get("registries") or []):
        path = f"registries[{index}]"
        location = check.location(f"{path}.location", entry.get("location"))
        if location in {registry.location for registry in found}:
            check.problem(f"{path}.location", f"{location!r} is there twice", "join the two entries")
        certificate = str(entry.get("ca_certificate") or "").strip()
        if certificate and not ("-----BEGIN CERTIFICATE-----" in certificate and "-----END" in certificate):
            check.problem(f"{path}.ca_certificate", "is no certificate in PEM form", "give PEM text or a path to it")
        mirrors = tuple(
            check.location(f"{path}.mirrors[{number}]", mirror)
            for number, mirror in enumerate(entry.get("mirrors") or [])
        )
        if mirrors and location != DOCKER_HUB:
            check.problem(
                f"{path}.mirrors",
                f"Docker knows mirrors of {DOCKER_HUB} only",
                f"give mirrors to the entry of {DOCKER_HUB}, so that both engines do the same",
            )
        certificate = f"{certificate}\n" if certificate else ""
        found.append(Registry(location, certificate, bool(entry.get("insecure")), mirrors))
    return tuple(found)


def _ulimits(check: _Checker) -> tuple[Ulimit, ...]:
    found = []
    for name, entry in sorted((check.options.get("ulimits") or {}).items()):
        path = f"ulimits.{name}"
        if name not in ULIMITS:
            check.problem(path, "is no resource limit", f"use one of: {', '.join(ULIMITS)}")
        limits = entry if isinstance(entry, dict) else {"soft": entry, "hard": entry}
        try:
            soft = int(limits["soft"])
            hard = int(limits.get("hard", soft))
        except (KeyError, TypeError, ValueError):
            check.problem(path, f"{entry!r} is no limit", "use a whole number, or a mapping with soft and hard")
            continue
        if hard != -1 and (soft > hard or soft == -1):
            check.problem(path, f"soft {soft} is above hard {hard}", "make hard at least soft; -1 is unlimited")
        found.append(Ulimit(name, soft, hard))
    return tuple(found)


def _address_pool(check: _Checker) -> tuple[str, int]:
    pool = str(check.options.get("address_pool") or Settings.address_pool)
    prefix = check.number("address_pool_prefix", Settings.address_pool_prefix, 8, 30)
    try:
        network = ipaddress.IPv4Network(pool)
    except ValueError as error:
        check.problem("address_pool", f"{pool!r} is no network: {error}", "use IPv4 CIDR notation, as in 172.20.0.0/16")
        return pool, prefix
    if prefix < network.prefixlen:
        check.problem(
            "address_pool_prefix",
            f"/{prefix} is larger than the pool {network}",
            f"use a prefix length of {network.prefixlen} or more",
        )
    return str(network), prefix


def _cgroup_parent(check: _Checker) -> str:
    parent = str(check.options.get("cgroup_parent") or "")
    if parent and not _SLICE.fullmatch(parent):
        check.problem("cgroup_parent", f"{parent!r} is no slice", "use a slice's name, as in machine.slice")
    elif parent and check.options.get("cgroup_driver") == "cgroupfs":
        check.problem("cgroup_parent", "slices are systemd's", "set cgroup_driver to systemd, or leave it out")
    elif parent not in ("", PODMAN_CGROUP_PARENT) and check.options.get("provider") == "podman":
        message = f"Podman puts containers into {PODMAN_CGROUP_PARENT} and can't be told otherwise for all of them"
        check.problem("cgroup_parent", message, f"use {PODMAN_CGROUP_PARENT}, which is the same for both engines")
    return parent


def parse_settings(options: t.Mapping[str, t.Any]) -> Settings:
    """Turn the module's options into Settings. Raises InputError with every problem found, paths being option names."""
    check = _Checker(options)
    pool, prefix = _address_pool(check)
    version = str(options.get("version") or "")
    if version and not _VERSION.fullmatch(version):
        check.problem("version", f"{version!r} is no version", "use digits and dots, as in 26.1.5")
    seccomp_profile = str(options.get("seccomp_profile") or "").strip()
    if seccomp_profile and not seccomp_profile.startswith("{"):
        check.problem("seccomp_profile", "is no JSON object", "give a seccomp profile as JSON text or a path to it")
    provider = check.choice("provider", PROVIDERS)
    if provider == "podman" and check.choice("package_source", PACKAGE_SOURCES) == "vendor":
        check.problem("package_source", "Podman's makers offer no package repository", "use distribution")
    if provider == "podman" and check.flag("no_new_privileges", False):
        message = "Podman can't be told for all containers"
        check.problem("no_new_privileges", message, "use false, and security_opt: [no-new-privileges] in each workload")
    mtu = check.number("mtu", 0, 0, 65535)
    if 0 < mtu < 1280:
        check.problem("mtu", f"{mtu} is too small", "use 0 (the engine's own) or 1280 and more (RFC 8200, section 5)")
    settings = Settings(
        provider=provider,
        cgroup_driver=check.choice("cgroup_driver", CGROUP_DRIVERS),
        oci_runtime=check.choice("oci_runtime", OCI_RUNTIMES),
        live_restore=check.flag("live_restore", True),
        socket_enabled=check.flag("socket_enabled", True),
        log_driver=check.choice("log_driver", LOG_DRIVERS),
        log_max_size_mib=check.number("log_max_size_mib", Settings.log_max_size_mib, 1, 1_048_576),
        log_max_files=check.number("log_max_files", Settings.log_max_files, 1, 1000),
        journal_max_size_mib=check.number("journal_max_size_mib", Settings.journal_max_size_mib, 8, 1_048_576),
        registries=_registries(check),
        ulimits=_ulimits(check),
        address_pool=pool,
        address_pool_prefix=prefix,
        dns_servers=tuple(
            check.address(f"dns_servers[{index}]", value)
            for index, value in enumerate(options.get("dns_servers") or [])
        ),
        dns_search=tuple(str(value) for value in options.get("dns_search") or []),
        mtu=mtu,
        pids_limit=check.number("pids_limit", Settings.pids_limit, 0, 4_194_304),
        seccomp_profile=f"{seccomp_profile}\n" if seccomp_profile else "",
        no_new_privileges=check.flag("no_new_privileges", False),
        cgroup_parent=_cgroup_parent(check),
    )
    if check.problems:
        raise InputError(check.problems)
    return settings


def first_subnet(settings: Settings) -> ipaddress.IPv4Network:
    """The pool's first subnet: the one of the engine's default network, the same on both engines."""
    pool = ipaddress.IPv4Network(settings.address_pool)
    return next(pool.subnets(new_prefix=settings.address_pool_prefix))
