# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Whether two services can publish their ports on one host."""

from __future__ import annotations

from ansible_collections.anycloud.container_host.plugins.module_utils._compose import model


def ports_overlap(first: model.Port, second: model.Port) -> bool:
    """Whether two published ports can't both be open on one host. An address stands only for itself, none for all."""
    if first.published is None or first.published != second.published or first.protocol != second.protocol:
        return False
    wildcards = ("", "::")
    return first.host_ip == second.host_ip or first.host_ip in wildcards or second.host_ip in wildcards
