# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Ports and networks: short and long forms to the model."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose import labels, scalars
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import (
    Attachment,
    Network,
    Port,
    Subnet,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.reader import Reader
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import BadValueError, Path

_SHORT_PORT = re.compile(
    r"(?:(?P<ip>\[[0-9a-fA-F:.]+\]|[0-9.]+):(?=[^:]*:))?(?:(?P<published>[^:/]*):)?(?P<target>[^:/]+)(?:/(?P<protocol>\w+))?"
)
# What one port is in what is sent to the host.
PORT_CHARACTERS = 70
_NETWORK_DRIVERS = ("bridge", "macvlan", "ipvlan")


def parse_ports(text: str) -> tuple[Port, ...]:
    """The ports of ``[[host_ip:]published:]target[/protocol]`` with ranges on both sides. Raises BadValueError."""
    match = _SHORT_PORT.fullmatch(text)
    if not match:
        raise BadValueError(f"{text!r} isn't a port mapping", 'write it like "8080:80" or "127.0.0.1:8080:80/tcp"')
    targets = scalars.parse_port_range(match.group("target"))
    published: tuple[t.Optional[int], ...] = (None,) * len(targets)
    if match.group("published"):
        published = scalars.parse_port_range(match.group("published"))
    if len(published) != len(targets):
        raise BadValueError(
            f"{len(published)} published ports for {len(targets)} in the container",
            "give ranges of the same length; the choice of a free port from a range isn't supported",
        )
    protocol = scalars.parse_protocol(match.group("protocol") or "tcp")
    host_ip = parse_address((match.group("ip") or "").strip("[]"))
    return tuple(Port(target, entry, protocol, host_ip) for target, entry in zip(targets, published))


def parse_address(text: str) -> str:
    """An IP address in its usual form; empty stays. The wildcard 0.0.0.0 is the same as none. Raises BadValueError."""
    if text in ("", "0.0.0.0"):  # noqa: S104
        return ""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as error:
        raise BadValueError(f"{text!r} isn't an IP address", "write it like 127.0.0.1 or ::1") from error


def parse_subnet(text: str) -> str:
    """A subnet in its usual form. Raises BadValueError."""
    try:
        return str(ipaddress.ip_network(text))
    except ValueError as error:
        raise BadValueError(f"{text!r} isn't a subnet: {error}", "write it like 172.28.0.0/24") from error


def read_ports(reader: Reader, value: t.Any, path: Path) -> tuple[Port, ...]:
    """``services.*.ports``."""
    result: list[Port] = []
    for index, entry in enumerate(reader.items(value, path)):
        place = (*path, index)
        if isinstance(entry, dict):
            result.extend(_long_port(reader, entry, place))
        elif isinstance(entry, (str, int)) and not isinstance(entry, bool):
            ports: tuple[Port, ...] = reader.scalar(str(entry), place, parse_ports, ())
            if reader.report.afford(None, place, len(ports) * PORT_CHARACTERS):
                result.extend(ports)
        else:
            reader.wrong(place, entry, 'text like "8080:80" or a mapping')
    return tuple(result)


def _long_port(reader: Reader, value: t.Any, path: Path) -> tuple[Port, ...]:
    keys = reader.section(value, path, "service.ports")
    mode = reader.text(keys.get("mode"), (*path, "mode"), "ingress")
    if mode not in ("host", "ingress"):
        reader.report.add((*path, "mode"), f"{mode!r} isn't a mode", "leave it out")
    if "target" not in keys:
        reader.report.add(path, "has no target", "give the container's port as target")
        return ()
    target = reader.scalar(keys["target"], (*path, "target"), lambda entry: scalars.parse_port(str(entry)), 0)
    protocol = reader.scalar(
        keys.get("protocol"), (*path, "protocol"), lambda entry: scalars.parse_protocol(str(entry)), "tcp"
    )
    host_ip = reader.scalar(keys.get("host_ip"), (*path, "host_ip"), lambda entry: parse_address(str(entry)), "")
    published = reader.scalar(
        keys.get("published") or None,
        (*path, "published"),
        lambda entry: t.cast("t.Optional[int]", scalars.parse_port(str(entry))),
        None,
    )
    return (Port(target, published, protocol, host_ip),) if target else ()


def read_attachments(
    reader: Reader, value: t.Any, path: Path, service: str, names: t.Mapping[str, str]
) -> dict[str, Attachment]:
    """``services.*.networks``; ``names`` maps the networks of the file to the engine's names.

    As in Compose a service is known by its own name on each of its networks.
    """
    entries: dict[str, t.Any] = {}
    if isinstance(value, list):
        for index, entry in enumerate(value):
            entries[reader.text(entry, (*path, index))] = None
            _known(reader, entry, (*path, index), names)
    else:
        entries = reader.mapping(value, path)
        for name in entries:
            _known(reader, name, (*path, name), names)
    result = {}
    entries = entries or {"default": None}
    for name, entry in entries.items():
        place = (*path, name)
        keys = reader.section(entry, place, "service.networks")
        aliases = (service, *reader.texts(keys.get("aliases"), (*place, "aliases")))
        addresses = {
            key: reader.scalar(keys.get(key), (*place, key), lambda text: parse_address(str(text)), "")
            for key in ("ipv4_address", "ipv6_address")
        }
        result[names.get(name, name)] = Attachment(tuple(dict.fromkeys(aliases)), **addresses)
    return result


def _known(reader: Reader, name: t.Any, path: Path, names: t.Mapping[str, str]) -> None:
    if isinstance(name, str) and name not in names:
        reader.report.add(path, f"network {name} isn't defined", f"define {name} under networks at the top level")


def read_extra_hosts(reader: Reader, value: t.Any, path: Path) -> dict[str, str]:
    """``services.*.extra_hosts``: name -> address or ``host-gateway``."""
    result: dict[str, str] = {}
    entries: list[tuple[Path, str, str]] = []
    if isinstance(value, list):
        for index, entry in enumerate(value):
            text = reader.text(entry, (*path, index))
            match = re.fullmatch(r"([^=:]+)[=:](.+)", text)
            if match:
                entries.append(((*path, index), match.group(1).strip(), match.group(2).strip()))
            elif text:
                reader.report.add((*path, index), f"{text!r} isn't name=address", 'write it like "db.example=10.0.0.5"')
    else:
        for name, entry in reader.mapping(value, path).items():
            if isinstance(entry, list) and len(entry) != 1:
                reader.report.add((*path, name), f"has {len(entry)} addresses", "give one address for each name")
                continue
            only = entry[0] if isinstance(entry, list) else entry
            entries.append(((*path, name), name, reader.text(only, (*path, name))))
    for place, name, address in entries:
        if name in result:
            reader.report.add(place, f"{name} is given twice", "give one address for each name")
        gateway = address == "host-gateway"
        result[name] = address if gateway else reader.scalar(address.strip("[]"), place, parse_address, "")
    return result


def read_network(reader: Reader, key: str, value: t.Any, project: str) -> Network:
    """``networks.*``."""
    path: Path = ("networks", key)
    keys = reader.section(value, path, "network")
    external, name = read_external(reader, keys, path, key, project)
    if external:
        return Network(name, external=True)
    driver = reader.text(keys.get("driver"), (*path, "driver"), "bridge")
    if driver not in _NETWORK_DRIVERS:
        remedy = "use bridge, macvlan or ipvlan; for the host's own network set network_mode: host on the service"
        reader.report.add((*path, "driver"), f"{driver!r} isn't supported", remedy)
    ipam = reader.section(keys.get("ipam"), (*path, "ipam"), "network.ipam")
    if reader.text(ipam.get("driver"), (*path, "ipam", "driver"), "default") != "default":
        reader.report.add((*path, "ipam", "driver"), "isn't supported", "leave it out")
    return Network(
        name=name,
        driver=driver,
        driver_opts=reader.pairs(keys.get("driver_opts"), (*path, "driver_opts")),
        internal=reader.boolean(keys.get("internal"), (*path, "internal")),
        attachable=reader.boolean(keys.get("attachable"), (*path, "attachable")),
        enable_ipv6=reader.boolean(keys.get("enable_ipv6"), (*path, "enable_ipv6")),
        subnets=_subnets(reader, ipam.get("config"), (*path, "ipam", "config")),
        labels=read_labels(reader, keys.get("labels"), (*path, "labels")),
    )


def _subnets(reader: Reader, value: t.Any, path: Path) -> tuple[Subnet, ...]:
    result = []
    for index, entry in enumerate(reader.items(value, path)):
        place = (*path, index)
        keys = reader.section(entry, place, "network.ipam.config")
        subnet = reader.scalar(keys.get("subnet"), (*place, "subnet"), lambda text: parse_subnet(str(text)), "")
        pool = reader.scalar(keys.get("ip_range"), (*place, "ip_range"), lambda text: parse_subnet(str(text)), "")
        gateway = reader.scalar(keys.get("gateway"), (*place, "gateway"), lambda text: parse_address(str(text)), "")
        if not subnet:
            if "subnet" not in keys:
                reader.report.add(place, "has no subnet", "give a subnet like 172.28.0.0/24")
            continue
        around = ipaddress.ip_network(subnet)
        if gateway and ipaddress.ip_address(gateway) not in around:
            reader.report.add((*place, "gateway"), f"{gateway} isn't in {subnet}", "choose an address of the subnet")
        if pool and not _within(pool, subnet):
            reader.report.add((*place, "ip_range"), f"{pool} isn't in {subnet}", "choose a part of the subnet")
        result.append(Subnet(subnet, gateway, pool))
    return tuple(result)


def _within(inner: str, outer: str) -> bool:
    small, large = ipaddress.ip_network(inner), ipaddress.ip_network(outer)
    return small.version == large.version and small[0] in large and small[-1] in large


def read_external(reader: Reader, keys: t.Mapping[str, t.Any], path: Path, key: str, project: str) -> tuple[bool, str]:
    """Whether a network or volume is external, and the engine's name of it."""
    name = reader.text(keys.get("name"), (*path, "name"))
    value = keys.get("external")
    if isinstance(value, dict):
        inner = reader.section(value, (*path, "external"), "external")
        name = reader.text(inner.get("name"), (*path, "external", "name"), name)
        external = True
    else:
        external = reader.boolean(value, (*path, "external"))
    if external:
        for other in sorted(set(keys) - {"name", "external"}):
            reader.report.add((*path, other), "has no effect on an external resource", "keep only external and name")
    for text, place in ((name, (*path, "name")), (key, path)):
        if text and not re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*", text):
            reader.report.add(place, f"{text!r} isn't a name", "use letters, digits, _, . and -")
    return external, name or (key if external else f"{project}_{key}")


def read_labels(reader: Reader, value: t.Any, path: Path) -> dict[str, str]:
    """``labels``; those that say whose a resource is are refused."""
    result = reader.pairs(value, path)
    for name in result:
        if name.startswith(labels.TAKEN) and name not in labels.MOVE_LABELS:
            reader.report.add((*path, name), "this label is written by the collection", "choose another name")
    return result
