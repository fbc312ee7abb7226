# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._compose import scalars
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import BadValueError

DIGEST = "sha256:" + "0123456789abcdef" * 4

GOOD: list[tuple[t.Callable[[t.Any], t.Any], t.Any, t.Any]] = [
    (scalars.parse_duration_ns, "10s", 10_000_000_000),
    (scalars.parse_duration_ns, "1m30s", 90_000_000_000),
    (scalars.parse_duration_ns, "1h5m30s20ms", 3_930_020_000_000),
    (scalars.parse_duration_ns, "500ms", 500_000_000),
    (scalars.parse_duration_ns, "7us", 7_000),
    (scalars.parse_duration_ns, "1.5s", 1_500_000_000),
    (scalars.parse_duration_ns, "0", 0),
    (scalars.parse_bytes, 1024, 1024),
    (scalars.parse_bytes, "1024", 1024),
    (scalars.parse_bytes, "2b", 2),
    (scalars.parse_bytes, "1k", 1024),
    (scalars.parse_bytes, "1kb", 1024),
    (scalars.parse_bytes, "512M", 536_870_912),
    (scalars.parse_bytes, "1.5g", 1_610_612_736),
    (scalars.parse_bytes, "1GiB", 1_073_741_824),
    (scalars.parse_boolean, True, True),
    (scalars.parse_boolean, "false", False),
    (scalars.parse_boolean, "Yes", True),
    (scalars.parse_integer, "12", 12),
    (scalars.parse_integer, str(2**63 - 1), 2**63 - 1),
    (scalars.parse_bytes, "8191p", 8191 * 1024**5),
    (scalars.parse_integer, 0, 0),
    (scalars.parse_cpus, "0.5", 0.5),
    (scalars.parse_cpus, 2, 2.0),
    (scalars.parse_port, "65535", 65535),
    (scalars.parse_port_range, "80", (80,)),
    (scalars.parse_port_range, "80-82", (80, 81, 82)),
    (scalars.parse_protocol, "UDP", "udp"),
    (scalars.parse_image, "nginx", "docker.io/library/nginx:latest"),
    (scalars.parse_image, "nginx:1.27", "docker.io/library/nginx:1.27"),
    (scalars.parse_image, "bitnami/redis", "docker.io/bitnami/redis:latest"),
    (scalars.parse_image, "docker.io/nginx:1", "docker.io/library/nginx:1"),
    (scalars.parse_image, "index.docker.io/library/nginx:1", "docker.io/library/nginx:1"),
    (scalars.parse_image, "registry:5000/app", "registry:5000/app:latest"),
    (scalars.parse_image, "localhost/app:x", "localhost/app:x"),
    (scalars.parse_image, "127.0.0.1:5000/a/b/c:1.0-rc_1", "127.0.0.1:5000/a/b/c:1.0-rc_1"),
    (scalars.parse_image, "[::1]:5000/app:1", "[::1]:5000/app:1"),
    (scalars.parse_image, f"ghcr.io/a/b@{DIGEST}", f"ghcr.io/a/b@{DIGEST}"),
    (scalars.parse_image, f"nginx:1@{DIGEST}", f"docker.io/library/nginx@{DIGEST}"),
    (scalars.parse_command, "nginx -g 'daemon off;'", ("nginx", "-g", "daemon off;")),
    (scalars.parse_command, "", ()),
    (scalars.scalar_text, True, "true"),
    (scalars.scalar_text, 1.5, "1.5"),
]

BAD: list[tuple[t.Callable[[t.Any], t.Any], t.Any, str]] = [
    (scalars.parse_duration_ns, "10", "duration"),
    (scalars.parse_duration_ns, "ten seconds", "duration"),
    (scalars.parse_duration_ns, "5s 3m", "duration"),
    (scalars.parse_duration_ns, "-5s", "duration"),
    (scalars.parse_bytes, "12 monkeys", "size"),
    (scalars.parse_bytes, "-1", "size"),
    (scalars.parse_bytes, "1.2.3m", "size"),
    (scalars.parse_boolean, "maybe", "boolean"),
    (scalars.parse_integer, "1.5", "whole number"),
    (scalars.parse_integer, -1, "too small"),
    (scalars.parse_cpus, "0", "too few"),
    (scalars.parse_cpus, "two", "number of CPUs"),
    (scalars.parse_port, "0", "isn't a port"),
    (scalars.parse_port, "65536", "isn't a port"),
    (scalars.parse_port, "http", "isn't a port"),
    (scalars.parse_port_range, "90-80", "ends before"),
    (scalars.parse_protocol, "icmp", "protocol"),
    (scalars.parse_image, "", "image reference"),
    (scalars.parse_image, "Nginx", "image reference"),
    (scalars.parse_image, "nginx:", "image reference"),
    (scalars.parse_image, "nginx:a b", "image reference"),
    (scalars.parse_image, "nginx@sha256:abc", "image reference"),
    (scalars.parse_image, "http://x/nginx", "image reference"),
    (scalars.parse_command, "echo 'open", "words"),
    # more than the 64 bits that engines take, and more digits than Python takes
    (scalars.parse_integer, str(2**63), "out of range"),
    (scalars.parse_integer, "9" * 5000, "a number of 5000 digits is out of range"),
    (scalars.parse_integer, "-" + "9" * 5000, "out of range"),
    (scalars.parse_bytes, "8192p", "8192p is too large"),
    (scalars.parse_bytes, "9" * 5000, "a number of 5000 digits is too large"),
    (scalars.parse_duration_ns, "2562048h", "2562048h is too large"),
    (scalars.parse_duration_ns, "9" * 5000 + "s", "too large"),
    (scalars.parse_cpus, "9" * 400, "too many"),
    (scalars.parse_port, "9" * 5000, "isn't a port"),
]


@pytest.mark.parametrize(("parse", "value", "expected"), GOOD)
def test_parse(parse: t.Callable[[t.Any], t.Any], value: t.Any, expected: t.Any) -> None:
    assert parse(value) == expected


@pytest.mark.parametrize(("parse", "value", "message"), BAD)
def test_parse_refuses(parse: t.Callable[[t.Any], t.Any], value: t.Any, message: str) -> None:
    with pytest.raises(BadValueError, match=message) as caught:
        parse(value)
    assert caught.value.remedy


def test_image_in_upper_case_says_how_to_write_it() -> None:
    with pytest.raises(BadValueError, match=r"write docker\.io/nginx:1"):
        scalars.parse_image("docker.io/Nginx:1")
