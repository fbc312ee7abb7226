# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""One service of a Compose file to the model."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._compose import (
    model,
    networking,
    runtime,
    scalars,
    storage,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.build import (
    ReadContext,
    check_build,
    image_of,
    no_context,
    read_build,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.grants import read_grants
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.joins import (
    joined_services,
    read_mode,
    with_joined,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.pair_files import ReadText, read_files
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.reader import Reader
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import Path
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.resources import read_limits
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.restart import read_restart

_PULL_POLICIES = {
    "always": "always",
    "missing": "missing",
    "if_not_present": "missing",
    "never": "never",
    "build": "missing",
}
_CONDITIONS = (model.CONDITION_STARTED, model.CONDITION_HEALTHY, model.CONDITION_COMPLETED)
_ENVIRONMENT_KEY = re.compile(r"[^=\0]+")


@dataclass(frozen=True)
class Surroundings:
    """What a service can refer to. networks, volumes: name in the file -> engine's name.

    services, configs, secrets: the names in the file. project_directory: where relative paths of the managed node
    begin, "" when there is none. read_text gives the text of a file on the control node by its path as written, None
    when there is no such file; read_context the digest of a directory that an image is built from.
    """

    project: str
    networks: t.Mapping[str, str]
    volumes: t.Mapping[str, str]
    project_directory: str
    read_text: ReadText
    services: t.Collection[str] = ()
    configs: t.Collection[str] = ()
    secrets: t.Collection[str] = ()
    read_context: ReadContext = no_context


def read_service(reader: Reader, name: str, value: t.Any, around: Surroundings) -> model.Service:
    """The service called ``name``."""
    path: Path = ("services", name)
    if value is None:
        reader.report.add(path, "is empty", "give at least an image")
    keys = reader.section(value, path, "service")

    def at(key: str) -> tuple[t.Any, Path]:
        return keys.get(key), (*path, key)

    if isinstance(value, dict) and "image" not in value and value.get("build") is None:
        reader.report.add(path, "has no image", "give an image like registry/repository:tag, or build")
    image = reader.scalar(*at("image"), parse=lambda text: scalars.parse_image(str(text)), default="")
    platform = reader.text(*at("platform"))
    build = read_build(reader, *at("build"), read_context=around.read_context, platform=platform)
    check_build(reader, keys, path, image)
    if build is not None and not keys.get("image"):
        image = reader.scalar(image_of(around.project, name), path, scalars.parse_image, "")
    restart, restart_max_retries = read_restart(reader, keys, path)
    network_mode = read_mode(reader, *at("network_mode"), choices=("host", "none"))
    ipc = read_mode(reader, *at("ipc"), choices=("private", "shareable", "host"))
    pid = read_mode(reader, *at("pid"), choices=("host",))
    joins = joined_services((network_mode, ipc, pid))
    networks = {}
    if keys.get("network_mode") and keys.get("networks"):
        remedy = "keep networks, or network_mode"
        reader.report.add((*path, "networks"), f"has no effect with network_mode: {network_mode}", remedy)
    elif not keys.get("network_mode"):
        networks = networking.read_attachments(reader, *at("networks"), service=name, names=around.networks)
    container_name = reader.text(*at("container_name"))
    if container_name and not re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+", container_name):
        reader.report.add(
            (*path, "container_name"), f"{container_name!r} isn't a name", "use letters, digits, _, . and -"
        )
    mounts = storage.read_mounts(
        reader, *at("volumes"), names=around.volumes, project_directory=around.project_directory
    )
    depends_on = _depends_on(reader, *at("depends_on"), defined=around.services)
    return model.Service(
        name=name,
        container_name=container_name or f"{around.project}-{name}-1",
        image=image,
        command=_words(reader, *at("command")),
        entrypoint=_words(reader, *at("entrypoint")),
        grants=(
            *read_grants(reader, model.CONFIG, *at("configs"), defined=around.configs),
            *read_grants(reader, model.SECRET, *at("secrets"), defined=around.secrets),
        ),
        environment=_environment(reader, keys, path, around.read_text),
        ports=networking.read_ports(reader, *at("ports")),
        expose=_expose(reader, *at("expose")),
        mounts=(*mounts, *storage.read_tmpfs(reader, *at("tmpfs"))),
        networks=networks,
        network_mode=network_mode,
        labels={
            **read_files(reader, *at("label_file"), read_text=around.read_text, section=None),
            **networking.read_labels(reader, *at("labels")),
        },
        restart=restart,
        restart_max_retries=restart_max_retries,
        healthcheck=runtime.read_healthcheck(reader, *at("healthcheck")),
        depends_on=with_joined(depends_on.conditions, joins),
        depends_restart=depends_on.restart,
        depends_optional=depends_on.optional,
        limits=read_limits(reader, keys, path),
        cap_add=runtime.read_capabilities(reader, *at("cap_add")),
        cap_drop=runtime.read_capabilities(reader, *at("cap_drop")),
        devices=storage.read_devices(reader, *at("devices")),
        privileged=reader.boolean(*at("privileged")),
        read_only=reader.boolean(*at("read_only")),
        security_opt=runtime.read_security_opt(reader, *at("security_opt")),
        sysctls=reader.pairs(*at("sysctls")),
        user=reader.text(*at("user")),
        group_add=reader.texts(*at("group_add")),
        working_dir=_absolute(reader, *at("working_dir")),
        hostname=runtime.read_host_name(reader, *at("hostname")),
        domainname=runtime.read_host_name(reader, *at("domainname")),
        dns=runtime.read_addresses(reader, *at("dns")),
        dns_search=reader.texts(*at("dns_search")),
        dns_opt=reader.texts(*at("dns_opt")),
        extra_hosts=networking.read_extra_hosts(reader, *at("extra_hosts")),
        stop_signal=runtime.read_signal(reader, *at("stop_signal")),
        stop_grace_period_seconds=_whole_seconds(reader.duration_ns(*at("stop_grace_period"))),
        init=reader.boolean(*at("init")) if keys.get("init") is not None else None,
        tty=reader.boolean(*at("tty")),
        stdin_open=reader.boolean(*at("stdin_open")),
        ipc=ipc,
        pid=pid,
        joins=joins,
        annotations=reader.pairs(*at("annotations")),
        uts=runtime.read_choice(reader, *at("uts"), choices=("host",)),
        userns_mode=runtime.read_choice(reader, *at("userns_mode"), choices=("host",)),
        cgroup=runtime.read_choice(reader, *at("cgroup"), choices=("private", "host")),
        cgroup_parent=reader.text(*at("cgroup_parent")),
        device_cgroup_rules=storage.read_device_rules(reader, *at("device_cgroup_rules")),
        logging=runtime.read_logging(reader, *at("logging")),
        platform=platform,
        build=build,
        pull_policy=_PULL_POLICIES.get(
            runtime.read_choice(reader, *at("pull_policy"), choices=tuple(_PULL_POLICIES)), "missing"
        ),
    )


def _words(reader: Reader, value: t.Any, path: Path) -> t.Optional[tuple[str, ...]]:
    if value is None:
        return None
    if isinstance(value, list):
        return reader.texts(value, path)
    text = reader.text(value, path)
    return reader.scalar(text, path, scalars.parse_command, ())


def _whole_seconds(nanoseconds: t.Optional[int]) -> t.Optional[int]:
    """Engines take whole seconds: rounded up, so that a service never has less time than asked for."""
    return None if nanoseconds is None else -(-nanoseconds // 1_000_000_000)


def _absolute(reader: Reader, value: t.Any, path: Path) -> str:
    text = reader.text(value, path)
    if text and not text.startswith("/"):
        reader.report.add(path, f"{text!r} isn't absolute", "begin it with /")
    return text


def _expose(reader: Reader, value: t.Any, path: Path) -> tuple[str, ...]:
    """``port[/protocol]`` each, ranges written out."""
    result: list[str] = []
    for index, text in enumerate(reader.texts(value, path)):
        numbers, _slash, protocol = text.partition("/")
        ports = reader.scalar(numbers, (*path, index), scalars.parse_port_range, ())
        kind = reader.scalar(protocol or "tcp", (*path, index), scalars.parse_protocol, "tcp")
        result.extend(f"{port}/{kind}" for port in ports)
    return tuple(dict.fromkeys(result))


@dataclass
class _Dependencies:
    """Service -> condition, and the names for which more is said."""

    conditions: dict[str, str]
    restart: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


def _depends_on(reader: Reader, value: t.Any, path: Path, defined: t.Collection[str]) -> _Dependencies:
    if isinstance(value, list):
        return _Dependencies(
            {reader.text(entry, (*path, index)): model.CONDITION_STARTED for index, entry in enumerate(value)}
        )
    result = _Dependencies({})
    for name, entry in reader.mapping(value, path).items():
        place = (*path, name)
        keys = reader.section(entry, place, "service.depends_on")
        condition = reader.text(keys.get("condition"), (*place, "condition"), model.CONDITION_STARTED)
        if condition not in _CONDITIONS:
            reader.report.add((*place, "condition"), f"{condition!r} isn't known", f"use {', '.join(_CONDITIONS)}")
        restart = reader.boolean(keys.get("restart"), (*place, "restart"))
        required = reader.boolean(keys.get("required"), (*place, "required"), True)
        if not required and name not in defined:
            continue
        result.conditions[name] = condition
        result.restart += (name,) if restart else ()
        result.optional += () if required else (name,)
    return result


def _environment(reader: Reader, keys: t.Mapping[str, t.Any], path: Path, read_text: ReadText) -> dict[str, str]:
    """The files of ``env_file`` in their order, then ``environment`` over them."""
    result = read_files(reader, keys.get("env_file"), (*path, "env_file"), read_text, "service.env_file")
    own = reader.pairs(keys.get("environment"), (*path, "environment"), inherit=True)
    for key in own:
        if not _ENVIRONMENT_KEY.fullmatch(key):
            reader.report.add((*path, "environment", key), f"{key!r} isn't a variable's name", "leave out the =")
    return {**result, **own}
