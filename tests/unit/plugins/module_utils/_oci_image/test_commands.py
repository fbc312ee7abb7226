# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image import commands
from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image.commands import Copied
from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image.recipe import (
    BaseImage,
    CopyStep,
    ImageConfig,
    Recipe,
    RunStep,
)

BASE = BaseImage(
    "base:1",
    "suite",
    ("deb http://m suite main", "deb http://s suite-security main"),
    "minbase",
    ("/doc/*",),
    ("/doc/c",),
)


def test_base() -> None:
    assert commands.base_argv(BASE, "/c/built.tar") == [
        "mmdebstrap",
        "--format=tar",
        "--variant=minbase",
        '--aptopt=Acquire::Languages "none"',
        "--dpkgopt=path-exclude=/doc/*",
        "--dpkgopt=path-include=/doc/c",
        "suite",
        "/c/built.tar",
        "deb http://m suite main",
        "deb http://s suite-security main",
    ]


def test_image() -> None:
    run = RunStep(("/bin/sh", "-c", "echo 'a b' > /x"), {"PATH": "/bin", "A": "1 2"}, "/srv", "")
    own = RunStep(("id",), {}, "/", "10:20")
    copy = CopyStep(("a",), "/srv/a", "10:20", None)
    recipe = Recipe("base:1", (run, copy, own), ImageConfig())
    argv = commands.image_argv(recipe, BASE, "/c/root fs.tar", [Copied("/c/copy.tar", ("/srv/a",))], "/c/built.tar")
    assert argv == [
        "mmdebstrap",
        "--format=tar",
        "--variant=custom",
        "--skip=update",
        "--setup-hook=tar-in '/c/root fs.tar' /",
        """--customize-hook=chroot "$1" /usr/bin/env -C /srv 'A=1 2' PATH=/bin /bin/sh -c 'echo '"'"'a b'"'"' > /x'""",
        "--customize-hook=tar-in /c/copy.tar /",
        '--customize-hook=chroot "$1" chown --no-dereference 10:20 /srv/a',
        '--customize-hook=chroot --userspec=10:20 "$1" /usr/bin/env -C / id',
        "suite",
        "/c/built.tar",
        "deb http://m suite main",
        "deb http://s suite-security main",
    ]


@pytest.mark.parametrize(
    ("destination", "source", "relative", "expected"),
    [
        ("/srv/app.py", "app.py", "", "/srv/app.py"),
        ("/srv/", "src/app.py", "", "/srv/app.py"),
        ("/srv", "templates", "a/b.html", "/srv/a/b.html"),
        ("/srv/", "templates/", "b.html", "/srv/b.html"),
    ],
)
def test_where_a_file_ends_up(destination: str, source: str, relative: str, expected: str) -> None:
    assert commands.target_of(CopyStep((source,), destination), source, relative) == expected
