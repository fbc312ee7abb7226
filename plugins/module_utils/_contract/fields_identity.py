# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The fields that say which host this is and how large. None of them is ever hashed."""

from __future__ import annotations

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.field import (
    INTEGER,
    LIST,
    MAPPING,
    STRING,
    Field,
    identity,
    reported,
)

_WHO = "It tells which host this is, not what it is."
_SIZE = "The contract is about the kind of a host, not its size; a container's size is set by its limits."

# One row per field; a formatter would spread each over seven lines.
# fmt: off
IDENTITY_FIELDS: tuple[Field, ...] = (
    reported("os.id", STRING, "The distribution, `ID` in `/etc/os-release`.", "A container brings its own."),
    reported("os.version", STRING, "Its version, `VERSION_ID`.", "A container brings its own."),
    reported("os.name", STRING, "Its name, `PRETTY_NAME`.", "A container brings its own."),
    identity("identity.hostname", STRING, "The host's name.", _WHO),
    identity("identity.provider", STRING, "The provider, from the inventory.", _WHO),
    identity("identity.region", STRING, "The region, from the inventory.", _WHO),
    identity("identity.zone", STRING, "The zone, from the inventory.", _WHO),
    identity("identity.machine_id", STRING, "`/etc/machine-id`.", _WHO),
    identity("identity.boot_id", STRING, "The kernel's boot id.", "It changes with every boot."),
    identity("identity.addresses", LIST, "The addresses of physical interfaces, without link-local and temporary ones.",
             _WHO),
    identity("identity.mac_addresses", LIST, "The MAC addresses of physical interfaces.", _WHO),
    identity("identity.uplink_interface", STRING, "The interface with the default route.",
             "Its name comes from the provider's hardware; containers have their own `eth0`."),
    identity("identity.dns_servers", LIST, "The host's name servers.", "They come with the provider's network."),
    identity("identity.dns_search", LIST, "The host's search domains.", "They come with the provider's network."),
    identity("identity.hardware", STRING, "Vendor and product, from the firmware's tables.", _WHO),
    identity("identity.cpu_count", INTEGER, "How many CPUs.", _SIZE),
    identity("identity.memory_bytes", INTEGER, "How much memory.", _SIZE),
    identity("identity.swap_bytes", INTEGER, "How much swap.", _SIZE),
    identity("identity.effective_limits", MAPPING, "All limits as numbers, also those the kernel sized.", _SIZE),
)
# fmt: on
