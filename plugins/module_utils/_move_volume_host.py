# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Volumes of a move on this host: where they are, making and removing them, and sending them in rounds."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_manifest_host
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, InputError, Problem
from ansible_collections.anycloud.container_host.plugins.module_utils._move import (
    id_ranges,
    key,
    manifest,
    rounds,
    rsync,
    snapshots,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move_send import Sender, Sent
from ansible_collections.anycloud.container_host.plugins.module_utils._move_snapshot_host import (
    SnapshotSender,
    SnapshotsFailedError,
    is_subvolume,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

ZSTD_SINCE = (3, 2, 0)


@dataclass(frozen=True)
class Volume:
    """A volume of the move. path: empty until it is known."""

    name: str
    path: str = ""
    driver_opts: t.Mapping[str, str] = field(default_factory=dict)
    labels: t.Mapping[str, str] = field(default_factory=dict)
    users: tuple[id_ranges.IdRange, ...] = ()
    groups: tuple[id_ranges.IdRange, ...] = ()


@dataclass(frozen=True)
class Manner:
    """How volumes are sent. target_generation: of the target's lease, which its gate asks for."""

    bandwidth_limit_kib_per_second: int = 0
    compress: str = "auto"
    checksum: bool = False
    timeout_seconds: int = 60
    downtime_budget_ms: int = 0
    max_rounds: int = 8
    block_size_kib: int = 0
    target_generation: int = 0


def read_volumes(values: t.Sequence[t.Mapping[str, t.Any]]) -> list[Volume]:
    """Volumes from a module's option. Raises InputError with every problem."""
    problems: list[Problem] = []
    found = []
    names = [value["name"] for value in values]
    for index, value in enumerate(values):
        ranges = {}
        for option in ("uid_map", "gid_map"):
            try:
                ranges[option] = id_ranges.read(value.get(option) or [], f"volumes[{index}].{option}")
            except InputError as error:  # noqa: PERF203 - all problems are told together
                problems += error.problems
        if names.count(value["name"]) > 1:
            problems.append(
                Problem(f"volumes[{index}].name", f"{value['name']!r} is there twice", "name each one once")
            )
        path = (value.get("path") or "").rstrip("/")
        try:
            key.check({}, {value["name"]: path or "/unknown/yet"})
        except InputError as error:
            problems += error.problems
        found.append(
            Volume(
                value["name"], path, value.get("driver_opts") or {}, value.get("labels") or {},
                ranges.get("uid_map", ()), ranges.get("gid_map", ()),
            )
        )  # fmt: skip
    if problems:
        raise InputError(problems)
    return found


def mountpoints(engine_volumes: t.Sequence[t.Mapping[str, t.Any]], wanted: t.Sequence[Volume]) -> dict[str, str]:
    """Name -> directory of the volumes the engine has. Raises InputError for those that are kept elsewhere."""
    known = {str(entry["Name"]): entry for entry in engine_volumes}
    problems, found = [], {}
    for volume in wanted:
        entry = known.get(volume.name)
        if entry is None:
            continue
        options = entry.get("Options") or {}
        if entry.get("Driver", "local") != "local" or any(options.get(name) for name in ("type", "device")):
            where = options.get("device") or f"the driver {entry.get('Driver')}"
            message = f"is kept elsewhere ({where}), and only mounted while in use"
            problems.append(Problem(f"volumes.{volume.name}", message, "give its path, or leave it out and share it"))
        found[volume.name] = str(entry["Mountpoint"])
    if problems:
        raise InputError(problems)
    return found


def locate(client: t.Optional[EngineClient], volumes: t.Sequence[Volume]) -> dict[str, str]:
    """Name -> directory of those volumes that are there; the engine is asked for those without a path."""
    asked = [volume for volume in volumes if not volume.path]
    found = mountpoints(client.volumes(), asked) if asked and client else {}
    return {volume.name: volume.path or found[volume.name] for volume in volumes if volume.path or volume.name in found}


def all_there(io: HostIO, volumes: t.Sequence[Volume], paths: t.Mapping[str, str]) -> None:
    """Raises InputError for every volume that is not there."""
    problems = []
    for volume in volumes:
        path = paths.get(volume.name)
        status = io.status(path) if path else None
        if status is None or status.kind != "directory":
            message = f"{path} is no directory" if path else "is not there"
            problems.append(Problem(f"volumes.{volume.name}", message, "correct the name, or give its path"))
    if problems:
        raise InputError(problems)


class VolumeSender:
    """Sends volumes of this host to the move's target. ways: name of a volume -> how, once that is known."""

    def __init__(
        self, io: HostIO, files: key.Files, volumes: t.Sequence[Volume], paths: t.Mapping[str, str], manner: Manner,
        sender: Sender,
    ) -> None:  # fmt: skip
        self.io, self.files, self.volumes, self.paths = io, files, volumes, paths
        self.manner, self.sender = manner, sender
        self.ways: dict[str, snapshots.Way] = {}
        limit = manner.bandwidth_limit_kib_per_second
        self._by_snapshots = SnapshotSender(io, files, sender, limit, manner.target_generation)
        self._version: t.Optional[tuple[int, ...]] = None
        self._dry_run = False
        self._changed_bytes = 0

    def _compresses(self, rate: float) -> bool:
        if self.manner.compress != "auto":
            return self.manner.compress == "always"
        if self._version is None:
            self._version = rsync.version_of(self.io.run(["rsync", "--version"]).stdout)
        limit = self.manner.bandwidth_limit_kib_per_second * 1024
        rate = min(rate or limit, limit or rate)
        return self._version >= ZSTD_SINCE and rounds.worth_compressing(rate)

    def _options(self, volume: Volume, rate: float) -> rsync.Options:
        maps = ["", ""]
        if volume.users or volume.groups:
            tree = list(self.io.read_tree(self.paths[volume.name]))
            # not hashed: only the owners are wanted, those named in access lists too
            owners = manifest.build(tree, lambda _path: "")
            self._refuse_named(volume, owners)
            maps = [
                id_ranges.rsync_map(owners.users(), volume.users),
                id_ranges.rsync_map(owners.groups(), volume.groups),
            ]
        return rsync.Options(
            bandwidth_limit_kib_per_second=self.manner.bandwidth_limit_kib_per_second,
            timeout_seconds=self.manner.timeout_seconds,
            compress=self._compresses(rate),
            checksum=self.manner.checksum,
            user_map=maps[0],
            group_map=maps[1],
            dry_run=self._dry_run,
            block_size_kib=self.manner.block_size_kib,
            generation=self.manner.target_generation,
        )

    @staticmethod
    def _refuse_named(volume: Volume, owners: manifest.Manifest) -> None:
        """Rsync keeps the ids that access lists name as they are: better said before anything stands still."""
        named = sorted(
            {number for number in owners.named("user") if id_ranges.translate(number, volume.users) != number}
            | {number for number in owners.named("group") if id_ranges.translate(number, volume.groups) != number}
        )
        if named:
            message = f"has access lists that name ids which change: {', '.join(map(str, named[:10]))}"
            remedy = "give both hosts the same subordinate ids, or take these entries out (setfacl --remove)"
            raise InputError([Problem(f"volumes.{volume.name}", message, remedy)])

    def _choose_ways(self) -> None:
        """Know how each volume is sent. Raises HostError when a target that has to be asked can't be reached."""
        for volume in self.volumes:
            if volume.name not in self.ways:
                path = self.paths[volume.name]
                why = snapshots.unmet(
                    compares_by_content=self.manner.checksum,
                    compresses=self.manner.compress == "always",
                    translates_ids=bool(volume.users or volume.groups),
                    is_subvolume=is_subvolume(self.io, path),
                    has_program=self.io.find_command("btrfs") is not None,
                ) or self._by_snapshots.why_not(volume.name, path)
                self.ways[volume.name] = snapshots.Way(snapshots.RSYNC if why else snapshots.BTRFS, why)

    def _send(self, volume: Volume, in_use: bool) -> Sent:
        """Send one volume once."""
        path = self.paths[volume.name]
        if not self._dry_run and self.ways[volume.name].way == snapshots.BTRFS:
            try:
                return self._by_snapshots.send(volume.name, path)
            except SnapshotsFailedError as error:
                self.ways[volume.name] = snapshots.Way(snapshots.RSYNC, str(error))
        options = self._options(volume, self.sender.known_rate())
        argv = rsync.volume_argv(self.files.ssh_config, path, volume.name, options)
        return self.sender.send(argv, f"volume {volume.name}", in_use)

    def round(self, in_use: bool) -> rounds.Round:
        """Send every volume once."""
        if not self._dry_run:
            self._choose_ways()
        taken = [self._send(volume, in_use) for volume in self.volumes]
        numbers = [sent.statistics for sent in taken]
        self._changed_bytes = sum(entry.changed_bytes for entry in numbers)
        return rounds.Round(
            wire_bytes=sum(entry.wire_bytes for entry in numbers),
            moved_bytes=sum(entry.moved_bytes for entry in numbers),
            total_bytes=sum(entry.total_bytes for entry in numbers),
            changed_files=sum(entry.changed_items for entry in numbers),
            seconds=sum(sent.seconds for sent in taken),
            attempts=max((sent.attempts for sent in taken), default=1),
        )

    def preview(self) -> t.Optional[tuple[int, int]]:
        """Files a round would change, and their size; None before the target can be reached. Changes nothing."""
        if not self.io.exists(self.files.ssh_config):
            return None
        self._dry_run = True
        taken = self.round(in_use=True)
        self._dry_run = False
        return taken.changed_files, self._changed_bytes

    def precopy(self) -> tuple[list[rounds.Round], str]:
        """Rounds until one more would not help, and why."""
        done: list[rounds.Round] = []
        while True:
            why = rounds.stop(done, self.manner.downtime_budget_ms, self.manner.max_rounds)
            if why:
                return done, why
            done.append(self.round(in_use=True))
            self._remember(done[-1])

    def get_ready(self) -> None:
        """Do what can be done before the last round. Raises HostError when the target can't be reached."""
        self.sender.open()
        self._compresses(self.sender.known_rate())
        self._choose_ways()

    def final(self) -> tuple[rounds.Round, dict[str, str]]:
        """The last round, with the manifests sent after it: name -> digest."""
        taken = self.last_round()
        digests = self.make_manifests()
        self.send_manifests()
        return taken, digests

    def last_round(self) -> rounds.Round:
        """Send what is left of volumes that nobody writes to."""
        taken = self.round(in_use=False)
        self._remember(taken)
        return taken

    def make_manifests(self) -> dict[str, str]:
        """The manifests as they have to be at the target: name -> digest."""
        self.io.make_directory(self.files.manifests, 0o700)
        digests = {}
        for volume in self.volumes:
            made = _move_manifest_host.make(self.io, self.files, volume.name, self.paths[volume.name])
            made = made.translated(volume.users, volume.groups)
            digests[volume.name] = made.digest()
            self.io.write_atomic(f"{self.files.manifests}/{volume.name}", made.canonical(), mode=0o600)
        return digests

    def send_manifests(self) -> None:
        """Send what was made last."""
        options = rsync.Options(
            self.manner.bandwidth_limit_kib_per_second,
            self.manner.timeout_seconds,
            compress=True,
            generation=self.manner.target_generation,
        )
        argv = rsync.blobs_argv(self.files.ssh_config, self.files.manifests, key.MANIFESTS, options)
        self.sender.send(argv, "the manifests")

    def _remember(self, taken: rounds.Round) -> None:
        every = [*self.remembered(), taken]
        text = json.dumps([entry.as_dict() for entry in every]) + "\n"
        self.io.write_atomic(f"{self.files.folder}/rounds.json", text, mode=0o600)

    def remembered(self) -> list[rounds.Round]:
        """The rounds of this move so far, from all runs."""
        text = self.io.read_text(f"{self.files.folder}/rounds.json")
        return [rounds.Round(**entry) for entry in json.loads(text)] if text else []

    def estimate(self) -> rounds.Estimate:
        """The next round; before the first one, all there is, at the rate known from elsewhere."""
        done = self.remembered()
        if done:
            return rounds.estimate(done)
        trees = (self.io.read_tree(path) for path in self.paths.values())
        size = sum(manifest.build(tree, lambda _path: "").size_bytes for tree in trees)
        return self.expected(size)

    def expected(self, size: int) -> rounds.Estimate:
        """So many bytes at the rate known."""
        rate = self.sender.known_rate()
        return rounds.Estimate(size, round(1000 * size / rate) if rate else None)


def target_engine_arguments(volume: Volume) -> dict[str, t.Any]:
    """The SDK's keyword arguments for a volume that has to be made."""
    return {"driver": "local", "driver_opts": dict(volume.driver_opts), "labels": dict(volume.labels)}


def file_system(io: HostIO, path: str) -> tuple[str, bool]:
    """The type of the file system a path is on, and whether the path can be snapshotted by itself."""
    done = io.run(["findmnt", "--noheadings", "--output", "FSTYPE", "--target", path])
    words = done.stdout.split()
    if done.rc != 0 or not words:
        raise HostError(f"{path}: the file system can't be told: {done.stderr.strip() or 'findmnt says nothing'}")
    return words[0], is_subvolume(io, path)
