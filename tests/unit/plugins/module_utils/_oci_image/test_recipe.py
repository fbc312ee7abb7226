# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image import recipe
from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image.recipe import (
    BaseImage,
    CopyStep,
    RunStep,
)

BASE = BaseImage("base:1", "suite", ("deb http://mirror suite main",))
TEXT = """
ARG VERSION=1
FROM base:${VERSION}
ARG FLAVOUR=plain
ENV MODE=fast GREETING="hello world"
RUN make $FLAVOUR
WORKDIR /srv
COPY --chmod=0755 --chown=10:20 a.sh dir/ app/
USER 10:20
RUN ["touch", "x"]
EXPOSE 8080 53/udp
VOLUME /data
LABEL title="x y"
STOPSIGNAL SIGINT
ENTRYPOINT ["/srv/app/a.sh"]
CMD serve --all
"""


def test_a_containerfile_becomes_steps_and_a_configuration() -> None:
    found = recipe.read(TEXT, {})
    assert found.base == "base:1"
    assert [type(step) for step in found.steps] == [RunStep, RunStep, CopyStep, RunStep]
    make, workdir, copy, touch = t.cast("t.Any", found.steps)
    assert make.argv == ("/bin/sh", "-c", "make $FLAVOUR")
    assert make.environment == {
        "FLAVOUR": "plain",
        "PATH": recipe.DEFAULT_PATH,
        "MODE": "fast",
        "GREETING": "hello world",
    }
    assert (make.user, make.working_directory) == ("", "/")
    assert (workdir.argv, workdir.user) == (("mkdir", "-p", "/srv"), "")
    assert copy == CopyStep(("a.sh", "dir/"), "/srv/app/", "10:20", 0o755, 8)
    assert (touch.argv, touch.user, touch.working_directory) == (("touch", "x"), "10:20", "/srv")
    config = found.config
    assert config.environment == {"PATH": recipe.DEFAULT_PATH, "MODE": "fast", "GREETING": "hello world"}
    assert config.exposed_ports == ("8080/tcp", "53/udp")
    assert (config.volumes, config.labels, config.stop_signal) == (("/data",), {"title": "x y"}, "SIGINT")
    assert (config.user, config.working_directory) == ("10:20", "/srv")
    assert (config.entrypoint, config.command) == (("/srv/app/a.sh",), ("/bin/sh", "-c", "serve --all"))


def test_arguments_given_win_over_defaults() -> None:
    found = recipe.read(TEXT, {"VERSION": "2", "FLAVOUR": "rich"})
    assert found.base == "base:2"
    assert t.cast("RunStep", found.steps[0]).environment["FLAVOUR"] == "rich"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "(line 1): FROM is missing"),
        ("RUN x\nFROM base", "(line 1): RUN stands before FROM"),
        ("FROM base AS stage", "(line 1): FROM with a stage name"),
        ("FROM base\nFROM base", "(line 2): a second FROM"),
        ("FROM base\nRUN --mount=type=cache x", "RUN --mount is not supported"),
        ("FROM base\nCOPY --from=other x /y", "COPY --from is not supported"),
        ("FROM base\nCOPY x", "COPY needs a source and a destination"),
        ("FROM base\nCOPY a b /c", "several sources need a directory; write /c/"),
        ("FROM base\nCOPY ../a /c", "the source ../a is not supported"),
        ("FROM base\nCOPY *.py /c", "the source *.py is not supported"),
        ("FROM base\nCOPY --chmod=rwx a /c", "--chmod=rwx is no mode"),
        ("FROM base\nENV a", "ENV needs name=value"),
        ("FROM base\nLABEL a=1 b", "LABEL needs name=value"),
        ("FROM base\nEXPOSE http", "http/tcp is no port"),
    ],
)
def test_what_is_refused(text: str, says: str) -> None:
    with pytest.raises(InputError) as error:
        recipe.read(text, {}, "Containerfile")
    assert says in str(error.value)


def digest(text: str, files: t.Optional[dict[str, tuple[int, str]]] = None, base: BaseImage = BASE) -> str:
    return recipe.recipe_digest(recipe.read(text, {}), recipe.base_digest(base, "amd64", 0), files or {})


def test_the_digest_knows_everything_that_decides_what_the_image_is() -> None:
    text = "FROM base:1\nRUN x\nCOPY a /a\n"
    same = digest(text, {"a": (0o644, "1")})
    assert same == digest("# a comment moves lines\n\n" + text, {"a": (0o644, "1")})
    others = [
        digest(text, {"a": (0o755, "1")}),
        digest(text, {"a": (0o644, "2")}),
        digest(text.replace("RUN x", "RUN y"), {"a": (0o644, "1")}),
        digest(text + "USER 1", {"a": (0o644, "1")}),
        digest(text, {"a": (0o644, "1")}, dataclasses.replace(BASE, path_exclude=("/usr/share/man/*",))),
        digest(text, {"a": (0o644, "1")}, dataclasses.replace(BASE, sources=("deb http://other suite main",))),
    ]
    assert len({same, *others}) == len(others) + 1


def test_the_base_digest_knows_architecture_and_time() -> None:
    assert len({recipe.base_digest(BASE, *key) for key in (("amd64", 0), ("arm64", 0), ("amd64", 1))}) == 3
