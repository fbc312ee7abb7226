# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""``blkio_config``: how fast and with which weight a service reads and writes block devices.

Source: Compose Specification, "blkio_config"; the kernel's cgroup-v2, "IO".
"""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Blkio, DeviceRate
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.reader import Reader
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import Path

_BYTES = ("device_read_bps", "device_write_bps")
_OPERATIONS = ("device_read_iops", "device_write_iops")


def read_blkio(reader: Reader, value: t.Any, path: Path) -> t.Optional[Blkio]:
    """The limits; None without any."""
    if value is None:
        return None
    keys = reader.section(value, path, "service.blkio_config")
    rates = {key: _rates(reader, keys.get(key), (*path, key), reader.size) for key in _BYTES}
    rates.update(
        {
            key: _rates(
                reader, keys.get(key), (*path, key), lambda entry, place: reader.integer(entry, place, minimum=1)
            )
            for key in _OPERATIONS
        }
    )
    return Blkio(
        weight=_weight(reader, keys.get("weight"), (*path, "weight")),
        weight_device=_weights(reader, keys.get("weight_device"), (*path, "weight_device")),
        **rates,
    )


def _weight(reader: Reader, value: t.Any, path: Path) -> t.Optional[int]:
    weight = reader.integer(value, path, minimum=10)
    if weight is not None and weight > 1000:
        reader.report.add(path, f"{weight} is too large", "write a number from 10 to 1000")
    return weight


def _weights(reader: Reader, value: t.Any, path: Path) -> tuple[DeviceRate, ...]:
    return _devices(
        reader, value, path, "service.blkio_config.weight", "weight", lambda one, at: _weight(reader, one, at)
    )


def _rates(
    reader: Reader, value: t.Any, path: Path, parse: t.Callable[[t.Any, Path], t.Optional[int]]
) -> tuple[DeviceRate, ...]:
    return _devices(reader, value, path, "service.blkio_config.rate", "rate", parse)


def _devices(
    reader: Reader, value: t.Any, path: Path, section: str, key: str, parse: t.Callable[[t.Any, Path], t.Optional[int]]
) -> tuple[DeviceRate, ...]:
    result = []
    for index, entry in enumerate(reader.items(value, path)):
        place = (*path, index)
        keys = reader.section(entry, place, section)
        device = reader.text(keys.get("path"), (*place, "path"))
        number = parse(keys.get(key), (*place, key))
        if not device.startswith("/"):
            reader.report.add(place, f"path {device!r} isn't a device", "write it like /dev/sda")
        elif keys.get(key) is None:
            reader.report.add(place, f"has no {key}", f"give {key}")
        elif number is not None:
            result.append(DeviceRate(device, number))
    return tuple(result)
