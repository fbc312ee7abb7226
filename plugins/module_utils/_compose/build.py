# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""``build``: the image of a service, built on the host from a directory of the control node.

An image is known again by the digest over its context, its Dockerfile and all that the file says about the build, which
it carries as a label: it is built when the host has none with that label, and never pulled.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import posixpath
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose import networking, runtime
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Service
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model_build import Build
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.reader import Reader
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import (
    BadValueError,
    Path,
    Report,
)

# SHA-256 of a context, a directory of the control node, with its Dockerfile: the path of that from the context, "" for
# the usual one, or else its text. Raises BadValueError for what can't be packed.
ReadContext = t.Callable[[str, str, str], str]

# Where a Dockerfile that isn't in the context is in the archive.
OUTSIDE = ".container-host.Dockerfile"
_REMOTE = ("http://", "https://", "git://", "git@", "ssh://", "github.com/", "service:", "docker-image:", "target:")


def no_context(_context: str, _dockerfile: str, _text: str) -> str:
    """Where there is no directory to read from."""
    raise BadValueError("there is no directory to read it from", "give an image")


def read_build(reader: Reader, value: t.Any, path: Path, read_context: ReadContext, platform: str) -> t.Optional[Build]:
    """``services.*.build``: a context, or a mapping. None when there is none, or it is wrong."""
    if value is None:
        return None
    keys = {"context": value} if isinstance(value, str) else reader.section(value, path, "service.build")
    if not isinstance(value, (str, dict)):
        return None

    def at(key: str) -> tuple[t.Any, Path]:
        return keys.get(key), (*path, key)

    context = reader.text(keys.get("context", "."), (*path, "context"))
    given = reader.text(*at("dockerfile"))
    inline = reader.text(*at("dockerfile_inline"))
    build = Build(
        "",
        "",
        dockerfile_in_archive(given, inline),
        args=reader.pairs(*at("args"), inherit=True),
        labels=networking.read_labels(reader, *at("labels")),
        target=reader.text(*at("target")),
        network=runtime.read_choice(reader, *at("network"), choices=("host", "none")),
        pull=reader.boolean(*at("pull")),
        no_cache=reader.boolean(*at("no_cache")),
    )
    if given and inline:
        reader.report.add((*path, "dockerfile_inline"), "has no effect beside dockerfile", "keep one of them")
    elif not context:
        reader.report.add(path, "has an empty context", "give a directory of the control node")
    elif context.startswith(_REMOTE):
        place = path if isinstance(value, str) else (*path, "context")
        reader.report.add(place, f"{context} is not on the control node", "fetch it first and give its directory")
    else:
        try:
            return finished(dataclasses.replace(build, context=read_context(context, given, inline)), platform)
        except BadValueError as error:
            reader.report.refuse(path, error)
    return None


def dockerfile_in_archive(dockerfile: str, inline: str) -> str:
    """Where the Dockerfile is in the archive of the context."""
    normal = posixpath.normpath(dockerfile or "Dockerfile")
    return OUTSIDE if inline or normal.startswith(("/", "~", "..")) else normal


def finished(build: Build, platform: str) -> Build:
    """The build with its digest. What only says how to get there, pull and no_cache, is not in it."""
    parts = [build.context, build.dockerfile, build.args, build.labels, build.target, build.network, platform]
    text = json.dumps(["build", 1, *parts], sort_keys=True, separators=(",", ":"))
    return dataclasses.replace(build, digest=hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest())


def image_of(project: str, service: str) -> str:
    """The name of an image that the file gives none: nothing of that name can be pulled."""
    return f"localhost/{project}-{service}:latest".lower()


def check_build(reader: Reader, keys: t.Mapping[str, t.Any], path: Path, image: str) -> None:
    """Report what doesn't go together with ``build``."""
    policy = keys.get("pull_policy")
    if keys.get("build") is None:
        if policy == "build":
            reader.report.add((*path, "pull_policy"), "there is nothing to build", "give build, or use missing")
        return
    if policy == "always":
        remedy = "leave it out; build.pull is for newer base images"
        reader.report.add((*path, "pull_policy"), "an image that is built isn't pulled", remedy)
    if "@" in image:
        reader.report.add((*path, "image"), "an image can't be built under a digest", "give it a tag")


def share_builds(services: t.Mapping[str, Service], report: Report) -> dict[str, Service]:
    """All services that run an image which one of them builds get that build."""
    builds: dict[str, tuple[str, Build]] = {}
    for name, service in services.items():
        if service.build is None:
            continue
        other, build = builds.setdefault(service.image, (name, service.build))
        if build.digest != service.build.digest:
            text = f"{service.image} is also built by {other}, from something else"
            report.add(("services", name, "image"), text, "choose another name, or build it once")
    result = {}
    for name, service in services.items():
        shared = builds.get(service.image)
        if shared is not None and service.build is None and service.pull_policy == "always":
            text = f"{service.image} is built by {shared[0]} and can't be pulled"
            report.add(("services", name, "pull_policy"), text, "leave it out")
        result[name] = dataclasses.replace(service, build=shared[1]) if shared is not None else service
    return result
