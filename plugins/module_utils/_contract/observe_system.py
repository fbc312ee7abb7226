# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Read the contract's fields about network, time, boot and identity."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._contract import access, network
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.reading import (
    Reading,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.sysctl import number, sysctl_path

TIME_UNITS: tuple[str, ...] = (
    "chrony.service",
    "chronyd.service",
    "systemd-timesyncd.service",
    "ntpsec.service",
    "ntp.service",
    "ntpd.service",
    "openntpd.service",
)
# The variable's name carries EFI_GLOBAL_VARIABLE, UEFI specification, section 3.3; four bytes of attributes lead.
_SECURE_BOOT = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"


def observe_system(reading: Reading, given: t.Mapping[str, t.Optional[str]]) -> None:
    """Read all that belongs neither to the kernel nor to the engine; ``given`` is provider, region and zone."""
    _network(reading)
    _time(reading)
    _boot(reading)
    _identity(reading, given)


def _network(reading: Reading) -> None:
    io = reading.io
    disabled = number(io.read_text(sysctl_path("net.ipv6.conf.all.disable_ipv6")))
    ipv4 = reading.setting("network.ipv4_forwarding", "net.ipv4.ip_forward")
    ipv6 = reading.setting("network.ipv6_forwarding", "net.ipv6.conf.all.forwarding")
    uplink = network.default_interface(io.read_text("/proc/net/route") or "")
    uplink = uplink or network.default_interface_ipv6(io.read_text("/proc/net/ipv6_route") or "")
    physical = [name for name in io.list_directory("/sys/class/net") if io.exists(f"/sys/class/net/{name}/device")]
    macs = [reading.line(f"/sys/class/net/{name}/address") for name in physical]
    servers, search = network.resolver(_resolv_conf(reading))
    reading.put(
        {
            "network.ipv4_forwarding": None if ipv4 is None else ipv4 == 1,
            "network.ipv6_enabled": disabled == 0,
            "network.ipv6_forwarding": None if ipv6 is None else ipv6 == 1,
            "network.tcp_congestion_control": reading.line(
                sysctl_path("net.ipv4.tcp_congestion_control"), "network.tcp_congestion_control"
            ),
            "network.uplink_mtu_bytes": number(io.read_text(f"/sys/class/net/{uplink}/mtu")) if uplink else None,
            "identity.uplink_interface": uplink,
            "identity.mac_addresses": sorted(mac for mac in macs if mac),
            "identity.addresses": network.addresses(
                reading.command(["ip", "-json", "address"], "identity.addresses") or "", physical
            ),
            "identity.dns_servers": servers,
            "identity.dns_search": search,
        }
    )


def _resolv_conf(reading: Reading) -> str:
    """The resolver's configuration; behind systemd-resolved's stub, the one with the network's own servers."""
    return reading.text("/run/systemd/resolve/resolv.conf") or reading.text("/etc/resolv.conf") or ""


def _time(reading: Reading) -> None:
    # It exits with 3 unless all are active, with 4 when it knows none of them; what counts is one word per unit.
    argv = ("systemctl", "is-active", *TIME_UNITS)
    states = (reading.command(argv, "time.service_active", "time.service", good=(0, 3, 4)) or "").split()
    service = next((unit for unit, state in zip(TIME_UNITS, states) if state == "active"), None)
    zone = (reading.io.read_link("/etc/localtime") or "").partition("zoneinfo/")[2]
    reading.put(
        {
            "time.service_active": service is not None,
            "time.service": service,
            "time.clocksource": reading.line("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
            "time.zone": zone or None,
        }
    )


def _boot(reading: Reading) -> None:
    variable = reading.io.read_bytes(_SECURE_BOOT)
    if variable is None and reading.io.exists(_SECURE_BOOT):
        reading.mark_unread(["secure_boot.enabled"], f"{_SECURE_BOOT} can't be read; run as root")
    reading.put(
        {
            "secure_boot.enabled": variable is not None and variable[4:5] == b"\x01",
            "secure_boot.firmware": "uefi" if reading.io.exists("/sys/firmware/efi") else "bios",
        }
    )


def _identity(reading: Reading, given: t.Mapping[str, t.Optional[str]]) -> None:
    release = reading.text("/etc/os-release") or reading.text("/usr/lib/os-release") or ""
    hardware = [reading.line(f"/sys/class/dmi/id/{name}") for name in ("sys_vendor", "product_name")]
    memory = {}
    for line in (reading.text("/proc/meminfo") or "").splitlines():
        name, _colon, value = line.partition(":")
        kibibytes = number(value.replace("kB", ""))
        memory[name] = None if kibibytes is None else kibibytes * 1024
    reading.put(
        {
            "os.id": access.shell_value(release, "ID"),
            "os.version": access.shell_value(release, "VERSION_ID"),
            "os.name": access.shell_value(release, "PRETTY_NAME"),
            "identity.hostname": reading.line("/proc/sys/kernel/hostname"),
            **{f"identity.{key}": given.get(key) or None for key in ("provider", "region", "zone")},
            "identity.machine_id": reading.line("/etc/machine-id"),
            "identity.boot_id": reading.line("/proc/sys/kernel/random/boot_id"),
            "identity.hardware": " ".join(part for part in hardware if part) or None,
            "identity.memory_bytes": memory.get("MemTotal"),
            "identity.swap_bytes": memory.get("SwapTotal"),
        }
    )
