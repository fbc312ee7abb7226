# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Builds images into OCI layouts in a cache. An image gets its name when it is whole, so half a one is never used.

Layout of the cache: ``bases/<key>/`` (rootfs.tar, layer.tar.gz, layer.json), ``images/<key>/`` (an OCI image layout),
``<either>/<key>.lock``, ``<either>/<key>.partial/`` while one is made. A key is the recipe's digest.
"""

from __future__ import annotations

import hashlib
import io as _io
import json
import posixpath
import tarfile
import typing as t
from dataclasses import asdict, dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, InputError, Problem
from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image import documents
from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image import recipe as _recipe
from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image.commands import (
    Copied,
    base_argv,
    image_argv,
    target_of,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image.layer import (
    Layer,
    RootFilesystem,
    write_layer,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

BUILD_TIMEOUT_SECONDS = 1800


@dataclass(frozen=True)
class ImageSpec:
    """One image asked for: its name and tag, the directory its files are copied from, the path of its Containerfile."""

    name: str
    tag: str
    context: str
    containerfile: str
    arguments: dict[str, str]


@dataclass(frozen=True)
class Prepared:
    """An image's inputs read and checked. files: path in the context -> mode and SHA-256."""

    spec: ImageSpec
    recipe: _recipe.Recipe
    base: _recipe.BaseImage
    base_key: str
    key: str
    files: dict[str, tuple[int, str]]


class Cache:
    """The cache of images in one directory, and the building of what is missing in it."""

    def __init__(self, io: HostIO, directory: str, epoch_seconds: int) -> None:
        self.io, self.directory, self.epoch_seconds = io, directory, epoch_seconds

    def architecture(self) -> str:
        """The name dpkg has for this machine's architecture."""
        return self.io.run(["dpkg", "--print-architecture"], check=True).stdout.strip()

    def layout(self, key: str) -> str:
        """The directory of an image's OCI layout."""
        return f"{self.directory}/images/{key}"

    # --- read ---------------------------------------------------------------------------------------------------------
    def prepare(self, specs: t.Sequence[ImageSpec], bases: t.Sequence[_recipe.BaseImage]) -> list[Prepared]:
        """Read all inputs. Raises InputError with every problem of every image, before anything is built."""
        problems: list[Problem] = []
        prepared = []
        known = {base.reference: base for base in bases}
        architecture = self.architecture()
        for spec in specs:
            found, wrong = self._try_to_prepare(spec, known, architecture)
            prepared += found
            problems += wrong
        if problems:
            raise InputError(problems)
        return prepared

    def _try_to_prepare(
        self, spec: ImageSpec, bases: t.Mapping[str, _recipe.BaseImage], architecture: str
    ) -> tuple[list[Prepared], t.Sequence[Problem]]:
        try:
            return [self._prepare(spec, bases, architecture)], ()
        except InputError as error:
            return [], error.problems

    def _prepare(self, spec: ImageSpec, bases: t.Mapping[str, _recipe.BaseImage], architecture: str) -> Prepared:
        text = self.io.read_text(spec.containerfile)
        if text is None:
            remedy = "give the image's context, or the path of its containerfile"
            raise InputError([Problem(spec.containerfile, "can't be read", remedy)])
        recipe = _recipe.read(text, spec.arguments, spec.containerfile)
        if recipe.base not in bases:
            known = ", ".join(sorted(bases)) or "none"
            raise InputError(
                [Problem(spec.containerfile, f"the base image {recipe.base} is not known", f"known are {known}")]
            )
        files: dict[str, tuple[int, str]] = {}
        for step in recipe.steps:
            if isinstance(step, _recipe.CopyStep):
                for source in step.sources:
                    files.update(self._files(spec, source, step.line))
        base_key = _recipe.base_digest(bases[recipe.base], architecture, self.epoch_seconds)
        key = _recipe.recipe_digest(recipe, base_key, files)
        return Prepared(spec, recipe, bases[recipe.base], base_key, key, files)

    def _files(self, spec: ImageSpec, source: str, line: int) -> dict[str, tuple[int, str]]:
        """Mode and digest of a source: a file, or every file below a directory."""
        path = posixpath.normpath(f"{spec.context}/{source}")
        status = self.io.status(path)
        if status is not None and status.kind == "directory":
            found: dict[str, tuple[int, str]] = {}
            for name in self.io.list_directory(path):
                found.update(self._files(spec, posixpath.join(source, name), line))
            return found
        content = self.io.read_bytes(path) if status is not None and status.kind == "file" else None
        if status is None or content is None:
            remedy = f"put it into {spec.context}, as a file or a directory of files"
            raise InputError([Problem(spec.containerfile, f"{source} can't be copied", remedy, line)])
        # a checkout's other bits depend on the umask of whoever made it
        mode = 0o755 if status.mode & 0o100 else 0o644
        return {posixpath.normpath(source): (mode, hashlib.sha256(content).hexdigest())}

    def find(self, key: str) -> documents.StoredImage | None:
        """The image of a key, or None when it isn't in the cache."""
        layout = self.layout(key)
        index = self.io.read_text(f"{layout}/index.json")
        if index is None:
            return None
        return documents.stored_image(index, lambda digest: self.io.read_text(documents.blob_path(layout, digest)))

    # --- change -------------------------------------------------------------------------------------------------------
    def build(self, image: Prepared, again: bool = False, base_again: bool = False) -> documents.StoredImage:
        """Build one image; what another run has built meanwhile is taken. ``again`` builds it all the same."""
        target = self.layout(image.key)
        with self.io.lock(f"{target}.lock"):
            found = None if again else self.find(image.key)
            if found is not None:
                return found
            base_layer, base_directory = self._base(image, base_again)
            partial = self._partial(target)
            self._build_layout(image, base_layer, base_directory, partial)
            self._replace(partial, target)
        built = self.find(image.key)
        if built is None:
            raise HostError(f"{target}: gone right after it was built; does something else clean up there?")
        return built

    def remove(self, key: str) -> None:
        """Remove an image from the cache; the base images stay."""
        with self.io.lock(f"{self.layout(key)}.lock"):
            self.io.remove_tree(self.layout(key))

    def _partial(self, target: str) -> str:
        # under the lock, so what is there was left by a run that was interrupted
        partial = f"{target}.partial"
        self.io.remove_tree(partial)
        self.io.make_directory(partial)
        return partial

    def _replace(self, partial: str, target: str) -> None:
        self.io.remove_tree(target)
        self.io.rename(partial, target)

    def _run(self, argv: t.Sequence[str], what: str) -> None:
        environment = {"SOURCE_DATE_EPOCH": str(self.epoch_seconds)}
        done = self.io.run(argv, timeout_seconds=BUILD_TIMEOUT_SECONDS, env=environment)
        if done.rc == 127:
            raise HostError(f"{argv[0]} is not there, and images are built with it; install the package {argv[0]}")
        if done.rc != 0:
            words = "\n".join(done.stderr.strip().splitlines()[-15:])
            raise HostError(f"{what} could not be built: {argv[0]} failed with {done.rc}:\n{words}")

    def _base(self, image: Prepared, again: bool) -> tuple[Layer, str]:
        """The base image's layer and directory, made when it isn't there."""
        target = f"{self.directory}/bases/{image.base_key}"
        with self.io.lock(f"{target}.lock"):
            text = None if again else self.io.read_text(f"{target}/layer.json")
            if text is None:
                partial = self._partial(target)
                self._run(base_argv(image.base, f"{partial}/built.tar"), f"the base image {image.base.reference}")
                with (
                    self.io.open_stream(f"{partial}/built.tar") as built,
                    self.io.open_stream(f"{partial}/layer.tar.gz", "wb") as blob,
                    self.io.open_stream(f"{partial}/rootfs.tar", "wb") as plain,
                ):
                    made = write_layer({}, RootFilesystem(built), blob, plain)
                self.io.remove(f"{partial}/built.tar")
                self.io.write_atomic(f"{partial}/layer.json", json.dumps(asdict(made)))
                self._replace(partial, target)
                return made, target
        return Layer(**json.loads(text)), target

    def _build_layout(self, image: Prepared, base: Layer, base_directory: str, partial: str) -> None:
        copies = [
            self._copied(image, step, f"{partial}/copy-{number}.tar")
            for number, step in enumerate(image.recipe.steps)
            if isinstance(step, _recipe.CopyStep)
        ]
        argv = image_argv(image.recipe, image.base, f"{base_directory}/rootfs.tar", copies, f"{partial}/built.tar")
        self._run(argv, f"the image {image.spec.name}")
        self.io.make_directory(f"{partial}/blobs/sha256")
        with (
            self.io.open_stream(f"{base_directory}/rootfs.tar") as lower,
            self.io.open_stream(f"{partial}/built.tar") as upper,
            self.io.open_stream(f"{partial}/layer.tar.gz", "wb") as blob,
        ):
            layer = write_layer(RootFilesystem(lower).signatures, RootFilesystem(upper), blob)
        self.io.rename(f"{partial}/layer.tar.gz", documents.blob_path(partial, layer.digest))
        # one copy on the disk, unless the cache spans file systems
        self.io.run(
            ["cp", "--link", f"{base_directory}/layer.tar.gz", documents.blob_path(partial, base.digest)], check=True
        )
        history = [(base, image.recipe.base), (layer, f"{image.spec.name} from its Containerfile")]
        config = documents.config_document(image.recipe.config, history, self.architecture(), self.epoch_seconds)
        manifest = documents.manifest_document(config, [base, layer])
        for document in (config, manifest):
            self.io.write_atomic(documents.blob_path(partial, document.digest), document.text)
        self.io.write_atomic(f"{partial}/oci-layout", documents.LAYOUT)
        self.io.write_atomic(f"{partial}/index.json", documents.index_document(manifest).text)
        for path in (f"{partial}/built.tar", *(copied.archive for copied in copies)):
            self.io.remove(path)

    def _copied(self, image: Prepared, step: _recipe.CopyStep, archive: str) -> Copied:
        """Write a copy step's files as a tar archive."""
        paths = []
        with self.io.open_stream(archive, "wb") as stream, tarfile.open(fileobj=stream, mode="w") as target:
            for source in step.sources:
                normal = posixpath.normpath(source)
                for path, (mode, _digest) in sorted(image.files.items()):
                    relative = posixpath.relpath(path, normal) if path != normal else ""
                    if relative.startswith(".."):
                        continue
                    content = self.io.read_bytes(f"{image.spec.context}/{path}") or b""
                    entry = tarfile.TarInfo(target_of(step, source, relative).lstrip("/"))
                    entry.mode = mode if step.mode is None else step.mode
                    entry.mtime, entry.size = self.epoch_seconds, len(content)
                    target.addfile(entry, _io.BytesIO(content))
                    paths.append(f"/{entry.name}")
        return Copied(archive, tuple(paths))
