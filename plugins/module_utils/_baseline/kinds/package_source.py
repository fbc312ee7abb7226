# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Where packages come from, and by whose word: no source is trusted without a signature, each names its key.

A source is changed only where its key is known, so that its packages are still accepted; the rest is named for a person
to decide. apt reads the new files before they are left to it.
"""

from __future__ import annotations

import fnmatch
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.protocol import (
    Item,
    Kind,
    Record,
    Scope,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.package_sources import (
    PATTERNS,
    Draft,
    Entry,
    is_apt,
    is_yes,
    parse_sources,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import (
    DEVIATES,
    FAILED,
    NOT_APPLICABLE,
    PASSED,
    Finding,
    KindPlan,
    PlanBuilder,
    Restoration,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import Step
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import FileStatus, HostIO

MIRROR_LIST = "mirror+file:"
NO_SOURCES = "no source of packages is configured here"


@dataclass(frozen=True)
class Parameters:
    """refuse: option -> the value it must not have (yes or no). keyrings: keyring -> patterns of the addresses (without
    ``scheme://``) of the sources it signs. name_key: whether each of apt's sources has to name its key.
    """

    refuse: t.Mapping[str, str]
    name_key: bool
    keyrings: t.Mapping[str, tuple[str, ...]]

    @property
    def rule(self) -> str:
        """What a change is kept under."""
        return "key" if self.name_key else "refuse"

    def refused(self, entry: Entry) -> list[str]:
        """The options of an entry that have a value they must not have."""
        options = entry.options
        return [
            name for name, value in self.refuse.items() if name in options and is_yes(options[name]) == is_yes(value)
        ]


@dataclass(frozen=True)
class SeenFile:
    """A file of sources."""

    text: str
    status: FileStatus


@dataclass(frozen=True)
class Seen:
    """files: by path. mirrors: list of mirrors on the host -> the addresses in it. present: keyrings that are there."""

    files: t.Mapping[str, SeenFile]
    mirrors: t.Mapping[str, tuple[str, ...]]
    present: frozenset[str]

    @property
    def entries(self) -> list[Entry]:
        """All sources."""
        return [entry for path, file in self.files.items() for entry in parse_sources(path, file.text)]

    def addresses(self, entry: Entry) -> set[str]:
        """The addresses of a source, those in lists of mirrors instead of the lists, without scheme and user."""
        uris = (address for uri in entry.uris for address in self.mirrors.get(uri, (uri,)))
        return {uri.partition("://")[2].rpartition("@")[2].rstrip("/") or uri for uri in uris}

    def keyring(self, entry: Entry, keyrings: t.Mapping[str, tuple[str, ...]]) -> str:
        """The keyring known to sign a source, if it is there; empty otherwise."""
        found = {
            next((name for name, patterns in keyrings.items() if _matches(address, patterns)), "")
            for address in self.addresses(entry)
        }
        return next(iter(found)) if len(found) == 1 and found <= self.present else ""


@dataclass(frozen=True)
class WriteSources(Step):
    """Write files of sources; when apt does not understand the whole of them, all are put back.

    files: path, text before, text after and status of each.
    """

    files: tuple[tuple[str, str, str, FileStatus], ...]

    def apply(self, io: HostIO) -> None:
        self._write(io, 2)
        if any(is_apt(path) for path, *_rest in self.files):
            done = io.run(["apt-get", "indextargets"])
            if done.rc != 0:
                self._write(io, 1)
                raise HostError(f"apt refuses the new sources, the old ones are back: {done.stderr.strip()}")

    def _write(self, io: HostIO, which: t.Literal[1, 2]) -> None:
        for file in self.files:
            status = file[3]
            io.write_atomic(file[0], file[which], status.mode, status.uid, status.gid)


def _matches(address: str, patterns: t.Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(address, pattern) for pattern in patterns)


def _paths(io: HostIO) -> list[str]:
    return [path for pattern in PATTERNS for path in (io.glob(pattern) if "*" in pattern else [pattern])]


class PackageSource(Kind[Parameters, Seen]):
    """Kind ``package_source``."""

    name = "package_source"

    def parse(self, reader: Reader) -> Parameters:
        keyrings = {}
        for keyring, patterns in reader.mapping("keyrings").items():
            if not isinstance(patterns, list) or not all(isinstance(pattern, str) for pattern in patterns):
                reader.wrong(f"keyrings.{keyring}", "is no list of texts", "give patterns of addresses, in quotes")
            else:
                keyrings[str(keyring)] = tuple(patterns)
        parameters = Parameters(
            dict(reader.scalars("refuse", required=False)), reader.boolean("name_key", False), keyrings
        )
        if bool(parameters.refuse) == parameters.name_key:
            reader.wrong("", "must either refuse options or have keys named", "give refuse, or name_key: true")
        return parameters

    def observe(self, scope: Scope[Parameters]) -> Seen:
        io = scope.io
        files = {}
        for path in _paths(io):
            text, status = io.read_text(path), io.status(path)
            if text is not None and status is not None:
                files[path] = SeenFile(text, status)
        entries = Seen(files, {}, frozenset()).entries
        lists = {uri for entry in entries for uri in entry.uris if uri.startswith(MIRROR_LIST)}
        keys = {keyring for item in scope.items for keyring in item.parameters.keyrings}
        keys |= {file for entry in entries for file in entry.key_files}
        return Seen(
            files,
            {uri: _mirrors(io.read_text(uri[len(MIRROR_LIST) :].replace("//", "", 1)) or "") for uri in lists},
            frozenset(key for key in keys if io.exists(key)),
        )

    def compare(self, items: t.Sequence[Item[Parameters]], seen: Seen, kept: Record) -> KindPlan:
        builder = PlanBuilder(kept)
        drafts = {path: Draft(path, file.text) for path, file in seen.files.items()}
        writers: dict[str, list[str]] = {path: [] for path in drafts}
        held = {item.parameters.rule for item in items}
        for key, entry in kept.items():
            rule, _colon, path = key.partition(":")
            if rule not in held:
                _put_back(builder, key, drafts.get(path))
                writers.get(path, []).append(entry.control)
        for item in items:
            finding, mended = _judge(item, seen)
            builder.findings.append(finding)
            # What was put back for another control is changed anew for this one.
            for path in sorted({entry.path for entry in mended} | {path for path, who in writers.items() if who}):
                if _apply(item, seen, drafts[path]):
                    writers[path].append(item.id)
                    builder.remember(f"{item.parameters.rule}:{path}", item.id, "")
        files = tuple(
            (path, file.text, drafts[path].text, file.status)
            for path, file in seen.files.items()
            if drafts[path].text != file.text
        )
        if files:
            ids = dict.fromkeys(control for path, *_rest in files for control in writers[path])
            builder.steps.append(WriteSources(tuple(ids), files))
        return builder.plan()


def _mirrors(text: str) -> tuple[str, ...]:
    """The addresses in a list of mirrors, one a line (apt-transport-mirror(1))."""
    return tuple(line.split()[0] for line in text.splitlines() if line.strip() and not line.startswith("#"))


def _put_back(builder: PlanBuilder, key: str, draft: Draft | None) -> None:
    path = key.partition(":")[2]
    before = None if draft is None else draft.text
    if draft is not None:
        draft.put_back()
    after = None if draft is None else draft.text
    builder.restorations.append(Restoration(key, builder.kept[key].control, {path: before}, {path: after}))


def _has_key(entry: Entry, seen: Seen, wants: Parameters) -> bool:
    """Whether an entry is still accepted when its signature counts."""
    named = bool(entry.key) and set(entry.key_files) <= seen.present
    return named or bool(seen.keyring(entry, wants.keyrings))


def _new_key(entry: Entry, seen: Seen, wants: Parameters) -> str:
    """The key an entry can be given; empty when none is known, or when it would contradict another entry."""
    keyring = seen.keyring(entry, wants.keyrings)
    # apt refuses all sources when two entries of one address name different keys.
    others = {other.key for other in seen.entries if other.key and seen.addresses(other) & seen.addresses(entry)}
    return keyring if others <= {keyring} else ""


def _is_wrong(entry: Entry, wants: Parameters) -> bool:
    return is_apt(entry.path) and not entry.key if wants.name_key else bool(wants.refused(entry))


def _can_mend(entry: Entry, seen: Seen, wants: Parameters) -> bool:
    if seen.files[entry.path].status.kind != "file":
        return False
    return bool(_new_key(entry, seen, wants)) if wants.name_key else _has_key(entry, seen, wants)


def _apply(item: Item[Parameters], seen: Seen, draft: Draft) -> bool:
    """Mend what can be mended in one file; whether anything was."""
    wants = item.parameters
    # From the last entry on, so that the lines of those before stay where they are.
    wrong = [entry for entry in reversed(draft.entries) if _is_wrong(entry, wants) and _can_mend(entry, seen, wants)]
    for entry in wrong:
        if wants.name_key:
            draft.name_key(entry, _new_key(entry, seen, wants))
        else:
            draft.drop(entry, wants.refused(entry))
    return bool(wrong)


def _judge(item: Item[Parameters], seen: Seen) -> tuple[Finding, list[Entry]]:
    """The finding, and the entries that can be mended."""
    wants = item.parameters
    entries = [entry for entry in seen.entries if is_apt(entry.path) or not wants.name_key]
    if not entries:
        return Finding(item.id, NOT_APPLICABLE, reason=NO_SOURCES), []
    wrong = [entry for entry in entries if _is_wrong(entry, wants)]
    mended = [entry for entry in wrong if _can_mend(entry, seen, wants)]
    before = {entry.title: _words(entry, wants) for entry in wrong or entries}
    after = dict(before)
    for entry in mended:
        key = _new_key(entry, seen, wants)
        after[entry.title] = f"signed by {key}" if wants.name_key else "signature counts"
    left = [f"{entry.title} ({before[entry.title]})" for entry in wrong if entry not in mended]
    if left:
        remedy = "have each name its key (Signed-By, gpgkey), which is known to nobody here, or take it out"
        return Finding(item.id, FAILED, before, after, f"{'; '.join(left)}: {remedy}"), mended
    return Finding(item.id, DEVIATES if wrong else PASSED, before, after), mended


def _words(entry: Entry, wants: Parameters) -> str:
    if wants.name_key:
        return f"signed by {entry.key[:80]}" if entry.key else "names no key"
    return ", ".join(f"{name}={entry.options[name]}" for name in wants.refused(entry)) or "signature counts"
