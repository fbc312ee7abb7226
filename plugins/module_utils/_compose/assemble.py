# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""One project out of several files: merging, ``include`` and ``extends`` of the Compose Specification.

Files are read by functions handed in. Paths are as seen from the project's directory, that of the first file.
"""

from __future__ import annotations

import posixpath
import typing as t
from dataclasses import replace

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.env_file import parse_env_file
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.merge import (
    merge,
    merge_service,
    settled,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.relocate import (
    moved,
    relocate_document,
    relocate_service,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import (
    BadValueError,
    Path,
    Place,
    Report,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.tree import Node, interpolate_tree

# The tree of a Compose file by its path; None when it isn't there or isn't a Compose file (and that is reported).
ReadDocument = t.Callable[[str], t.Optional[Node]]
ReadText = t.Callable[[str], t.Optional[str]]
Variables = t.Mapping[str, str]

# No project has as many; without a limit a few small files could have a computer read for ever.
MAXIMUM_INCLUDED = 200
MAXIMUM_CHAIN = 30
_REMOTE = ("http://", "https://", "git@", "oci://", "ssh://")


class Assembler:
    """Puts the files of one project together; what is wrong goes to ``report``."""

    def __init__(self, read_document: ReadDocument, read_text: ReadText, report: Report) -> None:
        self._read_document = read_document
        self._read_text = read_text
        self._report = report
        self._circles: set[frozenset[tuple[str, str]]] = set()
        self._documents: dict[str, t.Optional[Node]] = {}
        self._included_count = 0

    def assemble(self, documents: t.Sequence[Node], variables: Variables) -> Node:
        """The merged file. Later documents win; nothing in it refers to another file any more."""
        return self._level(documents, variables, "", ())

    def _level(self, documents: t.Sequence[Node], variables: Variables, directory: str, way: tuple[str, ...]) -> Node:
        result: t.Optional[Node] = None
        for document in documents:
            one = interpolate_tree(document, variables, self._report)
            if isinstance(one.value, dict) and "include" in one.value:
                one = self._included(one, variables, directory, way)
            result = settled(one) if result is None else merge(result, one)
        whole = result or Node({})
        return self._extended(whole, variables, directory)

    # include

    def _included(self, document: Node, variables: Variables, directory: str, way: tuple[str, ...]) -> Node:
        """The document with what its ``include`` names beside its own parts."""
        entries = document.value["include"]
        own = document.without("include")
        if not isinstance(entries.value, list):
            self._wrong(entries, ("include",), "isn't a list", "write one path or mapping for each file")
            return own
        for index, entry in enumerate(entries.value):
            other = self._one_include(entry, variables, directory, ("include", index), way)
            if other is not None:
                own = self._beside(own, other)
        return own

    def _one_include(
        self, entry: Node, variables: Variables, directory: str, path: Path, way: tuple[str, ...]
    ) -> t.Optional[Node]:
        known = {"path", "project_directory", "env_file"}
        if isinstance(entry.value, dict) and not set(entry.value) <= known:
            extra = sorted(str(key) for key in set(entry.value) - known)
            self._wrong(entry, path, f"has {', '.join(extra)}", "use path, project_directory and env_file")
            return None
        paths = self._texts(entry.get("path") if isinstance(entry.value, dict) else entry, path)
        if not paths:
            if paths is not None:
                self._wrong(entry, path, "has no path", "give the path of a Compose file")
            return None
        places = [moved(text, directory) for text in paths]
        given = entry.get("project_directory")
        chosen = moved(given.value, directory) if given is not None and isinstance(given.value, str) else ""
        inner = _directory(chosen or posixpath.dirname(places[0]))
        twice = next((place for place in places if place in way), None)
        if twice is not None:
            self._wrong(entry, path, f"{twice} includes itself: {' -> '.join((*way, twice))}", "remove one of these")
            return None
        self._included_count += len(places)
        if self._included_count > MAXIMUM_INCLUDED or len(way) > MAXIMUM_CHAIN:
            text = f"more than {MAXIMUM_INCLUDED} files, or {MAXIMUM_CHAIN} in each other, are included"
            self._report.add_at(entry.place, ("include",), text, "include fewer files")
            return None
        documents = [document for place in places if (document := self._document(place, entry, path)) is not None]
        if not documents:
            return None
        files = entry.get("env_file")
        names = self._texts(files, (*path, "env_file")) if files is not None else None
        env_files = [moved(name, directory) for name in names] if names else [posixpath.join(inner, ".env")]
        inside = {**self._variables(env_files, variables, entry, path, names is not None), **variables}
        project = self._level(documents, inside, inner, (*way, *places))
        return relocate_document(project.without("name", "version"), _relative(inner, directory), self._report)

    def _beside(self, own: Node, other: Node) -> Node:
        """Both files' resources; the same name for two different things is refused."""
        result = dict(own.value)
        for kind, holder in other.value.items():
            mine = result.get(kind)
            if mine is None or not _is_map(mine) or not _is_map(holder):
                result.setdefault(kind, holder)
                continue
            both = dict(mine.value)
            for name, entry in holder.value.items():
                if name in both and both[name].plain() != entry.plain():
                    remedy = "rename one of them, or change it in a further file that is merged over this one"
                    self._wrong(
                        both[name], (kind, name), f"is also defined by {entry.place.file or 'an included file'}", remedy
                    )
                both.setdefault(name, entry)
            result[kind] = replace(mine, value=both)
        return replace(own, value=result)

    # extends

    def _extended(self, document: Node, variables: Variables, directory: str) -> Node:
        services = document.get("services")
        if services is None or not _is_map(services):
            return document
        done: dict[str, Node] = {}
        for name in services.value:
            done[name] = self._service(name, services, variables, directory, ())
        return replace(document, value={**document.value, "services": replace(services, value=done)})

    def _service(
        self,
        name: str,
        services: Node,
        variables: Variables,
        directory: str,
        way: tuple[tuple[str, str], ...],
        file: str = "",
    ) -> Node:
        """The service ``name`` with all that it extends merged into it; ``file``: whose it is, "" for the project's."""
        service: Node = services.value[name]
        if file:
            service = interpolate_tree(service, variables, self._report, ("services", name))
        extends = service.get("extends")
        if extends is None:
            return service
        path: Path = ("services", name, "extends")
        rest = service.without("extends")
        other, other_file = self._target(extends, path)
        if not other:
            return rest
        place = moved(other_file, directory) if other_file else file
        step = (place, other)
        if step in way or (not other_file and other == name):
            circle = (*way, step)
            if frozenset(circle) not in self._circles:
                names = " -> ".join(entry for _file, entry in circle)
                self._wrong(extends, path, f"services extend each other: {names}", "remove one of these extends")
            self._circles.add(frozenset(circle))
            return rest
        if len(way) >= MAXIMUM_CHAIN:
            self._wrong(extends, path, f"more than {MAXIMUM_CHAIN} services extend each other", "extend fewer of them")
            return rest
        holder, inner = services, directory
        if other_file:
            document = self._document(place, extends, path)
            if document is None:
                return rest
            found = document.get("services")
            holder = settled(found) if found is not None else Node({})
            inner = _directory(posixpath.dirname(place))
        if not _is_map(holder) or other not in holder.value:
            where = f"{place} has" if place else "the file has"
            self._wrong(extends, path, f"{where} no service {other}", "correct the name, or define the service there")
            return rest
        base = self._service(other, holder, variables, inner, (*way, step), place)
        if not _is_map(base):
            self._wrong(extends, path, f"service {other} isn't a mapping", "define it with at least an image")
            return rest
        if other_file:
            base = relocate_service(base, _relative(inner, directory), self._report, ("services", name))
        return merge_service(base, rest)

    def _target(self, extends: Node, path: Path) -> tuple[str, str]:
        """The service's name and the file's, "" when it is the same file."""
        if isinstance(extends.value, str):
            return extends.value, ""
        if not _is_map(extends) or not set(extends.value) <= {"service", "file"}:
            self._wrong(extends, path, "isn't a service to extend", "write a service's name, or service: and file:")
            return "", ""
        service, file = ((extends.get(key) or Node("")).value for key in ("service", "file"))
        if not isinstance(service, str) or not service or not isinstance(file, str):
            self._wrong(extends, path, "names no service", "give the service's name as service")
            return "", ""
        return service, file

    # files

    def _document(self, place: str, node: Node, path: Path) -> t.Optional[Node]:
        if place.startswith(_REMOTE):
            self._wrong(node, path, f"{place} is not on the control node", "fetch it first and give its path")
            return None
        if place not in self._documents:
            self._documents[place] = self._read_document(place)
        document = self._documents[place]
        if document is None:
            self._wrong(node, path, f"file {place} isn't there", "give a path that begins at the file's own directory")
        elif not _is_map(document):
            self._wrong(node, path, f"file {place} isn't a Compose file", "begin it with services:")
            return None
        return document

    def _variables(
        self, names: t.Sequence[str], variables: Variables, node: Node, path: Path, required: bool
    ) -> dict[str, str]:
        result: dict[str, str] = {}
        for name in names:
            text = self._read_text(name)
            if text is None:
                if required:
                    self._wrong(node, (*path, "env_file"), f"file {name} isn't there", "create it on the control node")
                continue
            try:
                result.update(parse_env_file(text, {**result, **variables}))
            except BadValueError as error:
                self._wrong(node, (*path, "env_file"), f"file {name}, {error.message}", error.remedy)
        return result

    def _texts(self, node: t.Optional[Node], path: Path) -> t.Optional[list[str]]:
        """One text or a list of them; None when it is something else, which is reported."""
        if node is None:
            return []
        entries = node.value if isinstance(node.value, list) else [node]
        if not all(isinstance(entry.value, str) and entry.value for entry in entries):
            self._wrong(node, path, "isn't a path", "write a path, or a list of them")
            return None
        return [entry.value for entry in entries]

    def _wrong(self, node: Node, path: Path, message: str, remedy: str) -> None:
        self._report.add_at(node.place if node.place != Place() else None, path, message, remedy)


def _is_map(node: Node) -> bool:
    return isinstance(node.value, dict)


def _directory(path: str) -> str:
    """A directory in its shortest form; the project's own is empty."""
    short = posixpath.normpath(path or ".")
    return "" if short == "." else short


def _relative(inner: str, outer: str) -> str:
    """The way from the directory ``outer`` to ``inner``, both as seen from the project's."""
    if inner == outer:
        return ""
    return inner if inner.startswith("/") else posixpath.relpath(inner or ".", outer or ".")
