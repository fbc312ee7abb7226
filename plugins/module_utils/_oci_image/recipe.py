# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""A Containerfile's instructions -> what has to be done to a root file system, and how a container of it starts."""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
import typing as t
from dataclasses import asdict, dataclass, field, replace

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem
from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image.containerfile import (
    Instruction,
    exec_form,
    expand,
    pairs,
    parse,
    problem,
    words,
)

# To be raised when the same recipe gives another image than before.
RECIPE_FORMAT = 1
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class BaseImage:
    """What a name after FROM stands for: packages of a distribution's archive.

    sources: lines of apt's sources.list(5). variant: a variant of mmdebstrap(1).
    path_exclude, path_include: patterns for dpkg(1)'s options of these names.
    """

    reference: str
    suite: str
    sources: tuple[str, ...]
    variant: str = "minbase"
    path_exclude: tuple[str, ...] = ()
    path_include: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunStep:
    """A command inside the root file system."""

    argv: tuple[str, ...]
    environment: dict[str, str]
    working_directory: str
    user: str
    line: int = 0


@dataclass(frozen=True)
class CopyStep:
    """Files of the context into the root file system. mode None: the file's own, read as git does (0644 or 0755)."""

    sources: tuple[str, ...]
    destination: str
    owner: str = ""
    mode: t.Optional[int] = None
    line: int = 0


Step = t.Union[RunStep, CopyStep]


@dataclass(frozen=True)
class ImageConfig:
    """How a container starts (the ``config`` of the OCI image specification)."""

    environment: dict[str, str] = field(default_factory=lambda: {"PATH": DEFAULT_PATH})
    user: str = ""
    working_directory: str = "/"
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    exposed_ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    stop_signal: str = ""


@dataclass(frozen=True)
class Recipe:
    """All of a Containerfile: ``base`` as written after FROM, steps in order, the configuration at its end."""

    base: str
    steps: tuple[Step, ...]
    config: ImageConfig


class _Interpreter:
    def __init__(self, file: str, arguments: t.Mapping[str, str]) -> None:
        self.file, self.given = file, dict(arguments)
        self.problems: list[Problem] = []
        self.base = ""
        self.before_from: dict[str, str] = {}
        self.arguments: dict[str, str] = {}
        self.config = ImageConfig()
        self.steps: list[Step] = []

    def complain(self, instruction: Instruction, message: str, remedy: str) -> None:
        self.problems.append(problem(self.file, instruction.line, message, remedy))

    @property
    def variables(self) -> dict[str, str]:
        return {**self.arguments, **self.config.environment}

    def words_of(self, instruction: Instruction) -> list[str]:
        """What an instruction lists, in either of its forms, variables replaced."""
        listed = exec_form(instruction.text)
        if listed is None:
            return words(instruction.text, self.variables)
        return [expand(word, self.variables) for word in listed]

    def take(self, instruction: Instruction) -> None:
        allowed = {"COPY": {"chown", "chmod"}}.get(instruction.name, set())
        for flag in sorted(set(instruction.flags) - allowed):
            self.complain(instruction, f"{instruction.name} --{flag} is not supported", "leave the flag out")
        if not self.base and instruction.name not in ("FROM", "ARG"):
            self.complain(instruction, f"{instruction.name} stands before FROM", "begin with FROM")
            return
        getattr(self, f"take_{instruction.name.lower()}")(instruction)

    def take_arg(self, instruction: Instruction) -> None:
        for word in words(instruction.text, self.variables):
            name, _equals, default = word.partition("=")
            value = self.given.get(name, default or self.before_from.get(name, ""))
            (self.arguments if self.base else self.before_from)[name] = value

    def take_from(self, instruction: Instruction) -> None:
        found = words(instruction.text, self.before_from)
        if self.base:
            self.complain(instruction, "a second FROM", "write one Containerfile for each image")
        elif len(found) != 1:
            self.complain(instruction, "FROM with a stage name", "name the base image only")
        else:
            self.base = found[0]

    def take_run(self, instruction: Instruction) -> None:
        argv = exec_form(instruction.text) or ("/bin/sh", "-c", instruction.text)
        self._run(argv, self.config.user, instruction.line)

    def _run(self, argv: tuple[str, ...], user: str, line: int) -> None:
        self.steps.append(RunStep(argv, self.variables, self.config.working_directory, user, line))

    def take_copy(self, instruction: Instruction) -> None:
        found = self.words_of(instruction)
        mode = instruction.flags.get("chmod")
        if mode is not None and not re.fullmatch(r"0?[0-7]{3,4}", mode):
            self.complain(instruction, f"--chmod={mode} is no mode", "write it in octal, such as 0755")
            mode = None
        if len(found) < 2:
            self.complain(instruction, "COPY needs a source and a destination", "COPY app.py /app/")
            return
        for source in found[:-1]:
            if ".." in source.split("/") or any(character in source for character in "*?["):
                self.complain(instruction, f"the source {source} is not supported", "name a file of the context")
        if len(found) > 2 and not found[-1].endswith("/"):
            self.complain(instruction, "several sources need a directory", f"write {found[-1]}/")
        destination = posixpath.join(self.config.working_directory, found[-1])
        owner = expand(instruction.flags.get("chown", ""), self.variables)
        octal = None if mode is None else int(mode, 8)
        self.steps.append(CopyStep(tuple(found[:-1]), destination, owner, octal, instruction.line))

    def take_env(self, instruction: Instruction) -> None:
        found = pairs(instruction.text, self.variables)
        if found is None:
            self.complain(instruction, "ENV needs name=value", 'ENV NAME="value"')
        else:
            self.config = replace(self.config, environment={**self.config.environment, **found})

    def take_label(self, instruction: Instruction) -> None:
        found = pairs(instruction.text, self.variables)
        if found is None:
            self.complain(instruction, "LABEL needs name=value", 'LABEL name="value"')
        else:
            self.config = replace(self.config, labels={**self.config.labels, **found})

    def take_user(self, instruction: Instruction) -> None:
        self.config = replace(self.config, user=expand(instruction.text, self.variables))

    def take_workdir(self, instruction: Instruction) -> None:
        path = posixpath.join(self.config.working_directory, expand(instruction.text, self.variables))
        self._run(("mkdir", "-p", posixpath.normpath(path)), "", instruction.line)
        self.config = replace(self.config, working_directory=posixpath.normpath(path))

    def take_expose(self, instruction: Instruction) -> None:
        ports = [port if "/" in port else f"{port}/tcp" for port in words(instruction.text, self.variables)]
        for port in ports:
            if not re.fullmatch(r"\d+/(tcp|udp|sctp)", port):
                self.complain(instruction, f"{port} is no port", "EXPOSE 8080 or 53/udp")
        self.config = replace(self.config, exposed_ports=(*self.config.exposed_ports, *ports))

    def take_volume(self, instruction: Instruction) -> None:
        self.config = replace(self.config, volumes=(*self.config.volumes, *self.words_of(instruction)))

    def take_entrypoint(self, instruction: Instruction) -> None:
        argv = exec_form(instruction.text) or ("/bin/sh", "-c", instruction.text)
        self.config = replace(self.config, entrypoint=argv)

    def take_cmd(self, instruction: Instruction) -> None:
        argv = exec_form(instruction.text) or ("/bin/sh", "-c", instruction.text)
        self.config = replace(self.config, command=argv)

    def take_stopsignal(self, instruction: Instruction) -> None:
        self.config = replace(self.config, stop_signal=expand(instruction.text, self.variables))


def read(text: str, arguments: t.Mapping[str, str], file: str = "Containerfile") -> Recipe:
    """The recipe a Containerfile describes; ``arguments`` are values for its ARG instructions.

    Raises InputError with all problems, by file and line.
    """
    interpreter = _Interpreter(file, arguments)
    for instruction in parse(text, file):
        interpreter.take(instruction)
    if not interpreter.base and not interpreter.problems:
        interpreter.problems.append(problem(file, 1, "FROM is missing", "begin with FROM <base image>"))
    if interpreter.problems:
        raise InputError(interpreter.problems)
    return Recipe(interpreter.base, tuple(interpreter.steps), interpreter.config)


def _digest(value: t.Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def base_digest(base: BaseImage, architecture: str, epoch_seconds: int) -> str:
    """SHA-256 of everything that decides what a base image is, but for the packages' versions."""
    return _digest(["base", RECIPE_FORMAT, asdict(base), architecture, epoch_seconds])


def recipe_digest(recipe: Recipe, base: str, files: t.Mapping[str, tuple[int, str]]) -> str:
    """SHA-256 of everything that decides what an image is, but for the packages' versions.

    base: the base image's digest. files: path in the context -> mode and SHA-256 of every file copied.
    """
    steps = [
        {key: value for key, value in asdict(step).items() if key != "line"} | {"kind": type(step).__name__}
        for step in recipe.steps
    ]
    content = {path: list(entry) for path, entry in files.items()}
    return _digest(["image", RECIPE_FORMAT, base, steps, asdict(recipe.config), content])
