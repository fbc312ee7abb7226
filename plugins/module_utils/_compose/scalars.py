# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Single values of a Compose file as text or number, read into what the model holds. All raise BadValueError."""

from __future__ import annotations

import re
import shlex
import typing as t
from decimal import Decimal

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import BadValueError

# Engines take whole numbers of 64 bits.
MAXIMUM_INTEGER = 2**63 - 1
_MAXIMUM_DIGITS = 100
_MAXIMUM_CPUS = 100_000
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")
_NANOSECONDS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_BYTES = re.compile(r"(\d+(?:\.\d+)?)\s*(?:(b)|([kmgtp])(?:i?b)?)?", re.I)
_BYTE_POWER = {"k": 1, "m": 2, "g": 3, "t": 4, "p": 5}
_BOOLEANS = {"true": True, "yes": True, "on": True, "y": True, "1": True}
_BOOLEANS.update({"false": False, "no": False, "off": False, "n": False, "0": False})

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_HOST = r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])"
_REFERENCE = re.compile(
    rf"(?:(?P<host>{_HOST}(?::\d+)?)/)?(?P<name>{_COMPONENT}(?:/{_COMPONENT})*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)


def parse_duration_ns(text: str) -> int:
    """Nanoseconds of ``1h5m30s20ms`` (Compose Specification, "Specifying durations"); 0 is allowed bare."""
    if text == "0":
        return 0
    parts = list(_DURATION_PART.finditer(text))
    if not parts or "".join(part.group() for part in parts) != text:
        raise BadValueError(f"{text!r} isn't a duration", "write it like 10s, 1m30s or 500ms")
    return _in_range(sum(Decimal(part.group(1)) * _NANOSECONDS[part.group(2)] for part in parts), text, "292 years")


def parse_bytes(value: t.Union[str, int, float]) -> int:
    """Bytes of ``512m``, ``1.5gb`` or a plain number; units are powers of 1024, as every engine takes them."""
    match = _BYTES.fullmatch(str(value).strip())
    if not match:
        raise BadValueError(f"{value!r} isn't a size", "write it like 512m or 1g (b, k, m, g; powers of 1024)")
    size = Decimal(match.group(1)) * 1024 ** _BYTE_POWER.get((match.group(3) or "").lower(), 0)
    return _in_range(size, match.group(), "8191p")


def _in_range(number: t.Union[int, Decimal], text: str, most: str) -> int:
    """The whole part. Raises BadValueError when 64 bits don't hold it."""
    if number > MAXIMUM_INTEGER:
        raise BadValueError(f"{_short(text)} is too large", f"write at most {most}")
    return int(number)


def _short(text: str) -> str:
    """A number as messages show it."""
    return text if len(text) <= _MAXIMUM_DIGITS else f"a number of {len(text)} digits"


def parse_boolean(value: t.Union[str, bool]) -> bool:
    """A boolean, also as a variable gives it: true, yes, on, 1 and their opposites."""
    if isinstance(value, bool):
        return value
    if value.lower() not in _BOOLEANS:
        raise BadValueError(f"{value!r} isn't a boolean", "write true or false")
    return _BOOLEANS[value.lower()]


def parse_integer(value: t.Union[str, int, float], minimum: int = 0) -> int:
    """A whole number not below ``minimum``, also as text."""
    text = str(value).strip()
    if not re.fullmatch(r"[+-]?\d+", text):
        raise BadValueError(f"{value!r} isn't a whole number", f"write a number of at least {minimum}")
    if len(text) > _MAXIMUM_DIGITS or abs(int(text)) > MAXIMUM_INTEGER:
        raise BadValueError(f"{_short(text)} is out of range", f"write a number from {minimum} to {MAXIMUM_INTEGER}")
    if int(text) < minimum:
        raise BadValueError(f"{text} is too small", f"write a number of at least {minimum}")
    return int(text)


def parse_cpus(value: t.Union[str, int, float]) -> float:
    """A number of CPUs, at least 0.01."""
    text = str(value).strip()
    if not re.fullmatch(r"\d+(\.\d+)?|\.\d+", text):
        raise BadValueError(f"{value!r} isn't a number of CPUs", "write it like 0.5 or 2")
    if float(text) > _MAXIMUM_CPUS:
        raise BadValueError(f"{_short(text)} CPUs are too many", f"write at most {_MAXIMUM_CPUS}")
    if float(text) < 0.01:
        raise BadValueError(f"{text} CPUs are too few", "write at least 0.01, or leave the key out for no limit")
    return float(text)


def parse_port(text: str) -> int:
    """A port number, 1 to 65535."""
    if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= 65535:
        raise BadValueError(f"{text!r} isn't a port", "use a number from 1 to 65535")
    return int(text)


def parse_port_range(text: str) -> tuple[int, ...]:
    """The ports of ``80`` or ``8000-8010``."""
    first, dash, last = text.partition("-")
    start = parse_port(first)
    end = parse_port(last) if dash else start
    if end < start:
        raise BadValueError(f"the range {text} ends before it begins", f"write {end}-{start}")
    return tuple(range(start, end + 1))


def parse_protocol(text: str) -> str:
    """tcp, udp or sctp."""
    if text.lower() not in ("tcp", "udp", "sctp"):
        raise BadValueError(f"{text!r} isn't a protocol of ports", "use tcp, udp or sctp")
    return text.lower()


def parse_image(text: str) -> str:
    """The full reference of an image: registry, repository and tag or digest.

    Short names mean Docker Hub, as in Compose, and are written out, because engines differ in where they look for them.
    A tag beside a digest is dropped: the digest decides, and not every engine takes both. Grammar: the distribution
    project's reference format.
    """
    match = _REFERENCE.fullmatch(text)
    if not match:
        lower = text.lower()
        remedy = f"write {lower}" if _REFERENCE.fullmatch(lower) else "write it like registry/repository:tag"
        raise BadValueError(f"{text!r} isn't an image reference", remedy)
    host, name = match.group("host"), match.group("name")
    if host and not (re.search(r"[.:\[]", host) or host == "localhost"):
        if host != host.lower():
            raise BadValueError(f"{text!r} isn't an image reference", f"write {text.replace(host, host.lower(), 1)}")
        host, name = None, f"{host}/{name}"
    if host in (None, "index.docker.io", "docker.io"):
        host = "docker.io"
        name = name if "/" in name else f"library/{name}"
    if match.group("digest"):
        return f"{host}/{name}@{match.group('digest')}"
    return f"{host}/{name}:{match.group('tag') or 'latest'}"


def parse_command(text: str) -> tuple[str, ...]:
    """The words of a command, split as a POSIX shell does."""
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise BadValueError(
            f"the command can't be split in words: {error}", "close the quote, or write a list"
        ) from error


def scalar_text(value: t.Union[str, int, float, bool]) -> str:
    """A scalar as Compose hands it to a container: true and false in lower case, numbers as they print."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
