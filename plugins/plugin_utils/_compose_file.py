# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin utility is PRIVATE to the collection. It can have breaking changes at any time.
"""From the options of the workload action to a project: finds and reads the files on the control node.

Reading goes through a function handed in, so that a vault can stand between and tests need no files.
"""

from __future__ import annotations

import dataclasses
import os.path
import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.build import no_context
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.env_file import parse_env_file
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.interpolate import check_text
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.load import check_project_name, load
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Project
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import (
    BadValueError,
    Path,
    Place,
    Report,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.scalars import scalar_text
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.tree import (
    MAXIMUM_DEPTH,
    Node,
    grow,
    is_deeper,
)
from ansible_collections.anycloud.container_host.plugins.plugin_utils._build_context import Contexts
from ansible_collections.anycloud.container_host.plugins.plugin_utils._compose_yaml import parse_yaml

# In the order in which Docker Compose looks for them in a directory.
FILE_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")

# Text of a file by its absolute path; None when there is no such file.
ReadText = t.Callable[[str], t.Optional[str]]
ReadBytes = t.Callable[[str], t.Optional[bytes]]


@dataclass(frozen=True)
class Source:
    """Where the project comes from: ``compose_file`` (absolute) or ``definition``, or neither to name a project only.

    base_directory: where relative paths of the control node begin when there is no file. project_directory: the same
    for the managed node. environment: variables for interpolation, over those of a ``.env`` beside the file.
    more_files: absolute paths of further files, merged over the first in their order. profiles: the active ones.
    services: services to run whatever their profiles. cgroup_parent: the slice every service has to be in.
    """

    project_name: str = ""
    compose_file: str = ""
    definition: t.Optional[dict[str, t.Any]] = None
    environment: t.Mapping[str, t.Any] = field(default_factory=dict)
    project_directory: str = ""
    base_directory: str = ""
    more_files: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    cgroup_parent: str = ""


def read_project(
    source: Source,
    read_text: ReadText,
    read_bytes: t.Optional[ReadBytes] = None,
    contexts: t.Optional[Contexts] = None,
    written: t.Optional[dict[str, Place]] = None,
) -> Project:
    """The project, checked and normalised. Raises InputError with all that is wrong.

    read_bytes: reads files of configs and secrets, which need not be text; without it read_text does. contexts: gets
    what images are built from; without it nothing can be built. written: gets the place of every path of the file.
    """
    report = Report()
    environment = _environment(source, report)
    if not source.compose_file and source.definition is None:
        check_project_name(source.project_name, report, ("project_name",))
        report.raise_problems()
        return Project(source.project_name)
    directory = os.path.dirname(source.compose_file) if source.compose_file else source.base_directory
    if is_deeper(source.definition, MAXIMUM_DEPTH):
        text = f"more than {MAXIMUM_DEPTH} lists and mappings are in each other"
        report.add(("definition",), text, "write it with fewer levels")
        report.raise_problems()
    document: t.Any = to_builtin(source.definition)
    variables = environment
    more: list[Node] = []

    def absolute(path: str) -> str:
        return os.path.normpath(os.path.join(directory, os.path.expanduser(path)))

    def read_context(path: str, dockerfile: str, text: str) -> str:
        return (contexts.read if contexts else no_context)(absolute(path), dockerfile, text)

    def read_document(path: str) -> t.Optional[Node]:
        return _tree(absolute(path), path, read_text, report)

    if source.compose_file:
        variables = {**_dot_env(directory, environment, read_text, report), **environment}
        named = [
            _label(path, directory) if source.more_files else "" for path in (source.compose_file, *source.more_files)
        ]
        for path, name in zip((source.compose_file, *source.more_files), named):
            tree = _tree(path, name, read_text, report)
            if tree is None:
                report.add(("compose_file",), f"{path} isn't there", "give a path on the control node")
            elif path == source.compose_file:
                document = tree if tree.value is not None else None
            else:
                more.append(tree)
    if document is None:
        report.raise_problems()
    return load(
        document,
        problems=report.problems,
        project_name=source.project_name,
        variables=variables,
        project_directory=source.project_directory,
        read_text=lambda path: read_text(absolute(path)),
        more=more,
        read_document=read_document,
        profiles=source.profiles,
        named=source.services,
        read_bytes=lambda path: (read_bytes or _bytes_of(read_text))(absolute(path)),
        cgroup_parent=source.cgroup_parent,
        read_context=read_context,
        written=written,
    )


def _bytes_of(read_text: ReadText) -> ReadBytes:
    def read(path: str) -> t.Optional[bytes]:
        text = read_text(path)
        return None if text is None else text.encode("utf-8")

    return read


def _tree(path: str, name: str, read_text: ReadText, report: Report) -> t.Optional[Node]:
    """The tree of a Compose file, None when it isn't there. ``name``: what messages call it, "" for nothing."""
    text = read_text(path)
    if text is None:
        return None
    own = Report()
    tags: dict[Path, str] = {}
    value, lines = parse_yaml(text, own, tags)
    report.problems.extend(dataclasses.replace(problem, file=name) for problem in own.problems)
    return grow(value, lines, tags, name)


def _label(path: str, directory: str) -> str:
    return os.path.relpath(path, directory) if path.startswith(directory) else path


def override_files(compose_file: str) -> list[str]:
    """What Docker Compose would merge into the file by itself when it is there."""
    stem, extension = os.path.splitext(compose_file)
    if os.path.basename(compose_file) not in FILE_NAMES:
        return []
    return [f"{stem}.override{other}" for other in dict.fromkeys((extension, ".yml", ".yaml"))]


def _environment(source: Source, report: Report) -> dict[str, str]:
    result = {}
    for name, value in source.environment.items():
        if isinstance(value, (dict, list, tuple)) or value is None:
            kind = "nothing" if value is None else "a list or mapping"
            report.add(("environment", str(name)), f"is {kind}", "give text")
        else:
            try:
                text = scalar_text(to_builtin(value))
                check_text(text)
                result[str(name)] = text
            except BadValueError as error:
                report.refuse(("environment", str(name)), error)
    return result


def _dot_env(directory: str, environment: t.Mapping[str, str], read_text: ReadText, report: Report) -> dict[str, str]:
    text = read_text(os.path.join(directory, ".env"))
    if text is None:
        return {}
    try:
        return parse_env_file(text, environment)
    except BadValueError as error:
        report.add((".env",), error.message, error.remedy)
        return {}


def to_builtin(value: t.Any) -> t.Any:
    """Plain Python values from Ansible's own kinds of text, numbers and containers (a vaulted text is decrypted)."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, dict):
        return {to_builtin(key): to_builtin(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_builtin(entry) for entry in value]
    for kind in (int, float):
        if isinstance(value, kind):
            return kind(value)
    return str(value)
