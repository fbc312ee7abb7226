# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""How a service's process runs: health check, restart, capabilities, security, logging, names, signals."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Healthcheck, Logging
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.networking import parse_address
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.reader import Reader
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import BadValueError, Path

_LOGGING_DRIVERS = ("json-file", "local", "journald", "none")
# capabilities(7), without CAP_
_CAPABILITIES = (
    "ALL AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE DAC_READ_SEARCH"
    " FOWNER FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN"
    " NET_BIND_SERVICE NET_BROADCAST NET_RAW PERFMON SETFCAP SETGID SETPCAP SETUID SYS_ADMIN SYS_BOOT SYS_CHROOT"
    " SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG SYSLOG WAKE_ALARM"
)
# signal(7), without SIG
_SIGNALS = (
    "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG"
    " XCPU XFSZ VTALRM PROF WINCH IO PWR SYS"
)
# The engines allow no shorter ones.
_MINIMUM_INTERVAL_NS = 1_000_000


def read_choice(reader: Reader, value: t.Any, path: Path, choices: tuple[str, ...]) -> str:
    """One of ``choices``, or "" when it isn't set."""
    text = reader.text(value, path)
    if text and text not in choices:
        reader.report.add(path, f"{text!r} isn't supported", f"use {' or '.join(choices)}, or leave it out")
        return ""
    return text


def read_healthcheck(reader: Reader, value: t.Any, path: Path) -> t.Optional[Healthcheck]:
    """``healthcheck``; None when the service says nothing about it."""
    if value is None:
        return None
    keys = reader.section(value, path, "service.healthcheck")
    test, place = keys.get("test"), (*path, "test")
    words: tuple[str, ...] = ()
    if isinstance(test, str):
        words = ("CMD-SHELL", test) if test else ()
    elif test is not None:
        words = reader.texts(test, place)
        if not words or words[0] not in ("NONE", "CMD", "CMD-SHELL"):
            reader.report.add(
                place, "doesn't begin with CMD, CMD-SHELL or NONE", 'write it like ["CMD", "program", "arg"]'
            )
        elif words[0] != "NONE" and len(words) < 2:
            reader.report.add(place, "has no command", f'write it like ["{words[0]}", "program"]')
        elif words[0] == "CMD-SHELL" and len(words) > 2:
            reader.report.add(place, "CMD-SHELL takes one text", "write the whole command as one text, or use CMD")
    disable = reader.boolean(keys.get("disable"), (*path, "disable")) or words[:1] == ("NONE",)
    if disable:
        return Healthcheck(disable=True)
    durations: dict[str, t.Optional[int]] = {}
    for key in ("interval", "timeout", "start_period", "start_interval"):
        nanoseconds = reader.duration_ns(keys.get(key), (*path, key))
        if nanoseconds is not None and key != "start_period" and nanoseconds < _MINIMUM_INTERVAL_NS:
            reader.report.add((*path, key), "is too short", "allow at least 1ms")
        durations[key] = nanoseconds
    retries = reader.integer(keys.get("retries"), (*path, "retries"), minimum=1)
    return Healthcheck(
        test=words,
        interval_ns=durations["interval"],
        timeout_ns=durations["timeout"],
        start_period_ns=durations["start_period"],
        retries=retries,
        start_interval_ns=durations["start_interval"],
    )


def read_capabilities(reader: Reader, value: t.Any, path: Path) -> tuple[str, ...]:
    """``cap_add`` and ``cap_drop``: upper case, without CAP_, sorted."""
    result = set()
    for index, text in enumerate(reader.texts(value, path)):
        name = re.sub(r"^CAP_", "", text.upper())
        if name not in _CAPABILITIES.split():
            reader.report.add((*path, index), f"{text!r} isn't a capability", "use a name of capabilities(7) or ALL")
        result.add(name)
    return tuple(sorted(result))


def read_security_opt(reader: Reader, value: t.Any, path: Path) -> tuple[str, ...]:
    """``security_opt`` in the form with ``=`` that both engines take."""
    result = []
    for index, text in enumerate(reader.texts(value, path)):
        option = reader.scalar(text, (*path, index), _security_option, "")
        if option:
            result.append(option)
    return tuple(dict.fromkeys(result))


def _security_option(text: str) -> str:
    name, _mark, value = re.sub(r"[:=]", "=", text, count=1).partition("=")
    if name == "no-new-privileges" and value in ("", "true"):
        return "no-new-privileges"
    if name == "no-new-privileges" and value == "false":
        return ""
    if name == "seccomp" and value not in ("", "unconfined"):
        raise BadValueError("a seccomp profile of one's own isn't supported", "use seccomp=unconfined, or leave it out")
    if name in ("seccomp", "apparmor", "label") and value:
        return f"{name}={value}"
    raise BadValueError(
        f"{text!r} isn't an option that all engines know",
        "use no-new-privileges, seccomp=unconfined, apparmor=profile or label=...",
    )


def read_logging(reader: Reader, value: t.Any, path: Path) -> t.Optional[Logging]:
    """``logging``; only drivers that both engines have."""
    if value is None:
        return None
    keys = reader.section(value, path, "service.logging")
    driver = read_choice(reader, keys.get("driver"), (*path, "driver"), _LOGGING_DRIVERS)
    return Logging(driver, reader.pairs(keys.get("options"), (*path, "options")))


def read_host_name(reader: Reader, value: t.Any, path: Path) -> str:
    """A host or domain name (RFC 1123)."""
    text = reader.text(value, path)
    if text and not re.fullmatch(
        r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,62})(\.[A-Za-z0-9][A-Za-z0-9-]{0,62})*", text
    ):
        reader.report.add(path, f"{text!r} isn't a host name", "use letters, digits, - and .")
    return text


def read_addresses(reader: Reader, value: t.Any, path: Path) -> tuple[str, ...]:
    """IP addresses, one or a list."""
    result = []
    for index, text in enumerate(reader.texts(value, path)):
        place = (*path, index) if isinstance(value, list) else path
        result.append(reader.scalar(text, place, parse_address, ""))
    return tuple(filter(None, result))


def read_signal(reader: Reader, value: t.Any, path: Path) -> str:
    """A signal: name with or without SIG, or number."""
    text = reader.text(value, path).upper()
    if not text or re.fullmatch(r"\d{1,2}", text):
        return text
    name = re.sub(r"^SIG", "", text)
    if name not in _SIGNALS.split() and not re.fullmatch(r"RTM(IN(\+\d+)?|AX(-\d+)?)", name):
        reader.report.add(path, f"{text!r} isn't a signal", "use a name of signal(7) like SIGTERM")
    return f"SIG{name}"
