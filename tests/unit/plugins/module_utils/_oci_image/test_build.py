# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import io
import tarfile
import typing as t
from pathlib import Path

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import Completed, HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image.build import Cache, ImageSpec
from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image.recipe import BaseImage

BASE = BaseImage("base:1", "suite", ("deb http://m suite main",))


class Builder(HostIO):
    """A real file system, with an mmdebstrap that writes small archives."""

    def __init__(self) -> None:
        self.built: list[str] = []
        self.fails = False

    def run(
        self,
        argv: t.Sequence[str],
        input_text: str | None = None,
        timeout_seconds: float = 60,
        check: bool = False,
        env: t.Mapping[str, str] | None = None,
    ) -> Completed:
        if argv[0] == "dpkg":
            return Completed(tuple(argv), 0, "amd64\n", "")
        if argv[0] != "mmdebstrap":
            return super().run(argv, input_text, timeout_seconds, check, env)
        assert env == {"SOURCE_DATE_EPOCH": "5"}
        target = argv[argv.index("suite") + 1]
        if self.fails:
            Path(target).write_text("half")
            return Completed(tuple(argv), 25, "", "E: apt-get failed\n")
        variant = next(word for word in argv if word.startswith("--variant="))
        self.built.append(variant.partition("=")[2])
        names = ["etc"] if variant.endswith("minbase") else ["etc", "srv"]
        with tarfile.open(target, "w") as archive:
            for name in names:
                archive.addfile(tarfile.TarInfo(name), io.BytesIO())
        return Completed(tuple(argv), 0, "", "")


def spec(context: Path, text: str = "FROM base:1\nCOPY app.py /srv/\n", name: str = "web") -> ImageSpec:
    context.mkdir(exist_ok=True)
    (context / "Containerfile").write_text(text)
    (context / "app.py").write_text("print()\n")
    return ImageSpec(name, "1", str(context), str(context / "Containerfile"), {})


def cache(tmp_path: Path, builder: Builder) -> Cache:
    return Cache(builder, str(tmp_path / "cache"), 5)


def test_an_image_is_built_once_and_its_base_shared(tmp_path: Path) -> None:
    builder = Builder()
    images = cache(tmp_path, builder)
    web, db = images.prepare([spec(tmp_path / "web"), spec(tmp_path / "db", "FROM base:1\nRUN x\n", "db")], [BASE])
    assert images.find(web.key) is None
    built = images.build(web)
    assert images.find(web.key) == built
    assert images.build(web) == built
    other = images.build(db)
    assert builder.built == ["minbase", "custom", "custom"]
    assert built.layer_digests[0] == other.layer_digests[0]
    layout = Path(images.layout(web.key))
    assert sorted(path.name for path in layout.iterdir()) == ["blobs", "index.json", "oci-layout"]
    assert {path.name for path in (layout / "blobs/sha256").iterdir()} == {
        digest.partition(":")[2] for digest in (built.digest, built.config_digest, *built.layer_digests)
    }


def test_building_again_gives_the_same_digest(tmp_path: Path) -> None:
    builder = Builder()
    images = cache(tmp_path, builder)
    (web,) = images.prepare([spec(tmp_path / "web")], [BASE])
    assert images.build(web) == images.build(web, again=True, base_again=True)
    assert builder.built == ["minbase", "custom", "minbase", "custom"]


def test_a_failed_build_leaves_nothing_that_could_be_used(tmp_path: Path) -> None:
    builder = Builder()
    images = cache(tmp_path, builder)
    (web,) = images.prepare([spec(tmp_path / "web")], [BASE])
    builder.fails = True
    with pytest.raises(HostError, match="base:1 could not be built: mmdebstrap failed with 25:\nE: apt-get failed"):
        images.build(web)
    assert images.find(web.key) is None
    builder.fails = False
    assert images.build(web).digest


def test_remove(tmp_path: Path) -> None:
    images = cache(tmp_path, Builder())
    (web,) = images.prepare([spec(tmp_path / "web")], [BASE])
    images.build(web)
    images.remove(web.key)
    assert images.find(web.key) is None


def test_all_problems_come_before_anything_is_built(tmp_path: Path) -> None:
    builder = Builder()
    specs = [
        spec(tmp_path / "a", "FROM other:1\n"),
        spec(tmp_path / "b", "FROM base:1\nCOPY gone.py /\n"),
        spec(tmp_path / "c", "FROM base:1\nADD x /\n"),
        ImageSpec("d", "1", str(tmp_path), str(tmp_path / "none"), {}),
    ]
    with pytest.raises(InputError) as error:
        cache(tmp_path, builder).prepare(specs, [BASE])
    assert [problem.message for problem in error.value.problems] == [
        "the base image other:1 is not known",
        "gone.py can't be copied",
        "ADD is not supported",
        "can't be read",
    ]
    assert builder.built == []


def test_modes_do_not_depend_on_the_umask(tmp_path: Path) -> None:
    images = cache(tmp_path, Builder())
    given = spec(tmp_path / "web")
    keys = []
    for mode in (0o644, 0o664, 0o755):
        (tmp_path / "web/app.py").chmod(mode)
        keys.append(images.prepare([given], [BASE])[0].key)
    assert keys[0] == keys[1] != keys[2]
