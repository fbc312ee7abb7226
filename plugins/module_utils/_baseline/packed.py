# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The controls of one host as one short text: JSON, compressed by zlib (RFC 1950), in Base64.

Ansible keeps every host's result to the end of a run, and takes it along into each process it starts.
"""

from __future__ import annotations

import base64
import json
import typing as t
import zlib

LEVEL = 1
"""The quickest: better ones take three times as long for a fifth less."""

MOST_BYTES = 64 * 1024 * 1024
"""Of the JSON: a host's answer can't fill the control node's memory."""


def pack(controls: t.Sequence[t.Mapping[str, t.Any]]) -> str:
    """The text."""
    document = json.dumps(controls, separators=(",", ":")).encode()
    return base64.b64encode(zlib.compress(document, LEVEL)).decode("ascii")


def unpack(text: t.Any) -> t.Any:
    """The controls of a text that :func:`pack` made. Raises ValueError for anything else."""
    try:
        inflate = zlib.decompressobj()
        document = inflate.decompress(base64.b64decode(text, validate=True), MOST_BYTES)
        if not inflate.eof:
            raise ValueError("it is cut off, or too much")
        return json.loads(document)
    except (TypeError, zlib.error) as error:
        raise ValueError(str(error)) from error
