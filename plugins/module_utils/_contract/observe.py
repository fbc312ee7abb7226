# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Read a whole host: one pass over files and a handful of commands, changing nothing."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.document import Document, build_document
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.observe_engine import (
    AUTO,
    observe_engine,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.observe_kernel import observe_kernel
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.observe_system import observe_system
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.reading import Reading

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


def observe(
    io: HostIO, engine: str = AUTO, given: t.Optional[t.Mapping[str, t.Optional[str]]] = None
) -> tuple[Document, dict[str, t.Any]]:
    """The host's contract and its volatile values, as ``build_document`` gives them.

    ``engine`` is the one to read, ``given`` has provider, region and zone, which no host knows of itself.
    """
    reading = Reading(io)
    observe_kernel(reading)
    observe_system(reading, given or {})
    observe_engine(reading, engine)
    return build_document(reading.values, reading.unread)
