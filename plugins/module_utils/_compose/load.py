# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""A whole parsed Compose file to a Project. Pure: what has to be read from files comes through ``read_text``."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.assemble import Assembler, ReadDocument
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.build import (
    ReadContext,
    no_context,
    share_builds,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.confine import confine
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.grants import (
    ReadBytes,
    read_contents,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.joins import resolve
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import (
    CONFIG,
    SECRET,
    Network,
    Project,
    content_key,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.neighbours import read_neighbours
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.networking import (
    PORT_CHARACTERS,
    read_network,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.pair_files import ReadText
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.profiles import inactive_services
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.reader import Reader
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import (
    Lines,
    Path,
    Place,
    Report,
    dotted,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.scale import (
    MAXIMUM_CONTAINERS,
    check_replicas,
    instances,
    read_replicas,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.service import (
    Surroundings,
    read_service,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.storage import read_volume
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.tree import (
    MAXIMUM_VALUES,
    Node,
    fell,
    grow,
    interpolate_tree,
    is_larger,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.validate import (
    validate,
    validate_containers,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import Problem

_PROJECT_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


def load(
    document: t.Any,
    lines: t.Optional[Lines] = None,
    project_name: str = "",
    variables: t.Optional[t.Mapping[str, str]] = None,
    project_directory: str = "",
    read_text: ReadText = lambda _path: None,
    problems: t.Sequence[Problem] = (),
    more: t.Sequence[Node] = (),
    read_document: ReadDocument = lambda _path: None,
    profiles: t.Collection[str] = (),
    named: t.Collection[str] = (),
    read_bytes: ReadBytes = lambda _path: None,
    cgroup_parent: str = "",
    read_context: ReadContext = no_context,
    written: t.Optional[dict[str, Place]] = None,
) -> Project:
    """The project that ``document``, a parsed Compose file, describes.

    document: plain values, or the tree of them. lines: path -> line of the file, for messages. project_name wins over
    the file's ``name``. variables: for interpolation and for environment keys without a value. project_directory:
    directory of the managed node that relative bind mounts begin at. problems: what was already found wrong, to be
    reported together with the rest. more: further files, merged over the first in their order. profiles: the active
    ones. named: services to run whatever their profiles. cgroup_parent: the slice every service has to be in.

    Files of the control node, by their path from the project's directory, None without one: read_text (``env_file``),
    read_bytes (configs and secrets), read_document (Compose files to include or extend), read_context (directories that
    images are built from).

    written: gets where everything stands: the path as in Problem -> its place.

    Raises InputError with every problem of the files.
    """
    report = Report(lines, problems)
    if project_directory and not project_directory.startswith("/"):
        report.add(("project_directory",), f"{project_directory!r} isn't absolute", "give a path on the managed node")
    trees = [document if isinstance(document, Node) else grow(document, lines), *more]
    for tree in trees:
        if not isinstance(tree.value, dict) or not tree.value:
            report.add_at(tree.place, (), "isn't a Compose file", "begin with services: and a service")
            report.raise_problems()
    known = dict(variables or {})
    names = [tree.value["name"] for tree in trees if tree.get("name") is not None and tree.value["name"].value]
    name = project_name or (interpolate_tree(names[-1], known, report, ("name",)).value if names else "")
    check_project_name(name, report, ("project_name",) if project_name else ("name",))
    known.setdefault("COMPOSE_PROJECT_NAME", str(name))
    whole = Assembler(read_document, read_text, report).assemble(trees, known)
    if is_larger(whole, MAXIMUM_VALUES):
        remedy = "extend fewer services, or use fewer aliases"
        report.add((), f"has more than {MAXIMUM_VALUES} values with all that it extends and includes", remedy)
        report.raise_problems()
    merged, places, spoiled = fell(whole)
    report.relocate(places, spoiled)
    if written is not None:
        written.update((dotted(path), place) for path, place in places.items())
    reader = Reader(report, known)
    top = reader.section(merged, (), "project")
    services = reader.mapping(top.get("services"), ("services",))
    inactive = inactive_services(reader, services, profiles, named)
    if inactive:
        top["services"] = {key: value for key, value in services.items() if key not in inactive}
        if not any(not key.startswith("x-") for key in top["services"]):
            remedy = f"activate a profile, or name one of {', '.join(sorted(inactive))}"
            report.add(("services",), "no service has an active profile", remedy)
    project = confine(
        _read(reader, top, str(name), project_directory, read_text, read_bytes, read_context), cgroup_parent, report
    )
    counts = {
        key: read_replicas(reader, services[key], ("services", key)) for key in project.services if key in services
    }
    total = sum(counts.values())
    if total > MAXIMUM_CONTAINERS:
        report.add(("services",), f"{total} containers are too many", f"use at most {MAXIMUM_CONTAINERS} on one host")
        report.raise_problems()
    for key, count in counts.items():
        report.afford(None, ("services", key), (count - 1) * len(project.services[key].ports) * PORT_CHARACTERS)
    project = _scaled(project, counts, services, inactive, report)
    report.raise_problems()
    return _without_unused(project)


def check_project_name(name: t.Any, report: Report, path: Path) -> None:
    """Compose's own rule for names of projects."""
    if not name:
        report.add(path, "the project has no name", "give the option project_name, or name in the Compose file")
    elif not isinstance(name, str) or not _PROJECT_NAME.fullmatch(name):
        remedy = "use lower case letters, digits, _ and -, and begin with a letter or digit"
        report.add(path, f"{name!r} isn't a project's name", remedy)


def _read(
    reader: Reader,
    top: t.Mapping[str, t.Any],
    name: str,
    project_directory: str,
    read_text: ReadText,
    read_bytes: ReadBytes,
    read_context: ReadContext,
) -> Project:
    networks = {
        key: read_network(reader, key, value, name)
        for key, value in reader.mapping(top.get("networks"), ("networks",)).items()
        if not key.startswith("x-")
    }
    networks.setdefault("default", Network(f"{name}_default"))
    volumes = {
        key: read_volume(reader, key, value, name)
        for key, value in reader.mapping(top.get("volumes"), ("volumes",)).items()
        if not key.startswith("x-")
    }
    around = Surroundings(
        project=name,
        networks={key: network.name for key, network in networks.items()},
        volumes={key: volume.name for key, volume in volumes.items()},
        project_directory=project_directory,
        read_text=read_text,
        services=tuple(reader.mapping(top.get("services"), ("services",))),
        configs=_names(top.get("configs")),
        secrets=_names(top.get("secrets")),
        read_context=read_context,
    )
    services = {}
    for key, value in reader.mapping(top.get("services"), ("services",)).items():
        if key.startswith("x-"):
            continue
        if not re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9._-]*", key):
            reader.report.add(("services", key), f"{key!r} isn't a service's name", "use letters, digits, ., _ and -")
        services[key] = read_service(reader, key, value, around)
    if not services and not reader.report.problems:
        reader.report.add(("services",), "there is no service", "define at least one under services")
    services = share_builds(services, reader.report)
    services = read_neighbours(reader, reader.mapping(top.get("services"), ("services",)), services)
    contents: dict[str, str] = {}
    for kind in (CONFIG, SECRET):
        used = {grant.source for service in services.values() for grant in service.grants if grant.kind == kind}
        contents.update(read_contents(reader, kind, top.get(f"{kind}s"), used, read_bytes))
    return Project(name, services, networks, volumes, contents)


def _scaled(
    project: Project,
    counts: dict[str, int],
    services: t.Mapping[str, t.Any],
    inactive: t.Collection[str],
    report: Report,
) -> Project:
    """The project checked, with one service for each container; those of 0 replicas are left out."""
    none = {key for key, count in counts.items() if not count}
    kept = {
        key: dataclasses.replace(
            service,
            depends_on={
                other: condition
                for other, condition in service.depends_on.items()
                if not (other in none and other in service.depends_optional)
            },
            depends_optional=tuple(other for other in service.depends_optional if other not in none),
        )
        for key, service in project.services.items()
        if key not in none
    }
    project = dataclasses.replace(project, services=kept)
    validate(project, report, inactive, none)
    for key, service in kept.items():
        named = isinstance(services.get(key), dict) and bool(services[key].get("container_name"))
        check_replicas(service, counts.get(key, 1), named, report)
    joined = resolve(kept, counts, report)
    project = dataclasses.replace(project, services=instances(joined, counts, project.name))
    validate_containers(project, report)
    return project


def _names(value: t.Any) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, dict) else ()


def _without_unused(project: Project) -> Project:
    """As in Compose, networks, volumes, configs and secrets that no service uses aren't made."""
    networks = {name for service in project.services.values() for name in service.networks}
    volumes = {
        mount.source for service in project.services.values() for mount in service.mounts if mount.type == "volume"
    }
    contents = {
        content_key(grant.kind, grant.source) for service in project.services.values() for grant in service.grants
    }
    return Project(
        project.name,
        project.services,
        {key: network for key, network in project.networks.items() if network.name in networks},
        {key: volume for key, volume in project.volumes.items() if volume.name in volumes},
        {key: content for key, content in project.contents.items() if key in contents},
    )
