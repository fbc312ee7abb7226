# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The engine module's work from its options to its result, with the HostIO handed in."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.anycloud.container_host.plugins.module_utils._engine_apply import EngineApplier
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.distribution import (
    Selection,
    parse_os_release,
    select_packages,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.docker import render_docker
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.files import ConfigFile, ConfigSet
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.plan import (
    Desired,
    FoundFile,
    Observed,
    Plan,
    choose_versions,
    compare,
    packages_to_change,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.podman import render_podman
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.repository import (
    OWN_PATHS,
    SOURCE_PATTERNS,
    legacy_sources,
    render_repository,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.settings import (
    Settings,
    parse_settings,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.units import (
    ENGINE_UNIT,
    SOCKETS,
    absent_goals,
    unit_goals,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_observe import (
    check_host,
    observe,
    read_files,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.finder import find_package_manager
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import (
    PackageRequest,
    upstream_version,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

DATA = {
    "docker": ("/var/lib/docker", "/var/lib/containerd"),
    "podman": ("/var/lib/containers", "/etc/containers/networks"),
}
# Other roles have files there that only root reads.
OWN_FOLDER = "/etc/container-host"
# Hosts set up together shall get the same versions, so lists from another day are not good enough.
LISTS_MAX_AGE_MINUTES = 60


@dataclass(frozen=True)
class Outcome:
    """What the module reports."""

    plan: Plan
    version: t.Optional[str]
    socket: str


def render(settings: Settings, version: tuple[int, ...]) -> ConfigSet:
    """The provider's files."""
    return render_docker(settings, version) if settings.provider == "docker" else render_podman(settings)


class EngineHost:
    """One host's engine: present or absent, in check mode or not."""

    def __init__(self, io: HostIO, options: t.Mapping[str, t.Any], check_mode: bool) -> None:
        """``options``: the module's. Raises InputError for bad ones, HostError where no engine can be."""
        self.settings = parse_settings(options)
        self.options = options
        self.check_mode = check_mode
        self.io = io
        check_host(io)
        self.manager = find_package_manager(io)
        self.selection = self._select()
        self.engine_unit = ENGINE_UNIT[self.settings.provider]
        self.version = str(options.get("version") or "")

    def _select(self) -> Selection:
        os_release = parse_os_release(self.io.read_text("/etc/os-release") or "")
        source = str(self.options.get("package_source") or "distribution")
        tables = list(self.options.get("distributions") or ())
        return select_packages(tables, os_release, self.settings.provider, source, self.settings.oci_runtime)

    def run(self) -> Outcome:
        """Observe, plan, and outside check mode apply."""
        present = self.options.get("state") != "absent"
        return self._present() if present else self._absent()

    def _present(self) -> Outcome:
        selection = self.selection
        own_sources = OWN_PATHS.get(self.manager.name, ())
        sources: tuple[ConfigFile, ...] = ()
        legacy: list[str] = []
        if selection.repository:
            key = str(self.options.get("vendor_key") or selection.repository.key)
            sources = render_repository(self.manager.name, selection.repository, key)
            legacy = self._legacy_sources(own_sources)
        statuses = self.manager.query([*selection.packages, *selection.replaces])
        needed = packages_to_change(selection, statuses, self.version)
        stale_sources = () if sources else own_sources
        source_files = read_files(self.io, [*own_sources, *legacy])
        requests = self._requests(needed, sources, [*legacy, *stale_sources], source_files)
        engine = selection.engine[0]
        installed = statuses[engine].version
        chosen = next((request.version for request in requests if request.name == engine), None) or installed
        config = render(self.settings, upstream_version(chosen or self.version))
        extra = [path for pattern in config.owned for path in self.io.glob(pattern) if path not in config.paths]
        goals = unit_goals(self.settings)
        desired = Desired(
            selection=selection,
            files=(*sources, *config.files),
            goals=goals,
            engine_unit=self.engine_unit,
            hold=self.options.get("hold"),
            remove_files=(*legacy, *stale_sources, *extra),
            remove_packages=selection.replaces,
        )
        paths = [*config.paths, *extra]
        observed = observe(self.io, self.manager, self.settings.provider, [], paths, [goal.name for goal in goals])
        observed = replace(
            observed, packages=statuses, files={**observed.files, **source_files}, folders=self._folders(config)
        )
        plan = compare(desired, observed, requests)
        self._apply(plan, config, observed, installed)
        return Outcome(plan, chosen, self._socket())

    def _folders(self, config: ConfigSet) -> dict[str, int]:
        """The modes of the folder of our own that files of the configuration are in, if it is there."""
        if not any(path.startswith(f"{OWN_FOLDER}/") for path in config.paths):
            return {}
        status = self.io.status(OWN_FOLDER)
        return {OWN_FOLDER: status.mode} if status is not None else {}

    def _legacy_sources(self, own: t.Sequence[str]) -> list[str]:
        if self.selection.repository is None:
            return []
        patterns = SOURCE_PATTERNS.get(self.manager.name, ())
        paths = [path for pattern in patterns for path in self.io.glob(pattern)]
        files = {path: file.content for path, file in read_files(self.io, paths).items()}
        return legacy_sources(files, self.selection.repository, own)

    def _requests(
        self,
        needed: t.Sequence[str],
        sources: t.Sequence[ConfigFile],
        removed: t.Sequence[str],
        found: t.Mapping[str, FoundFile],
    ) -> list[PackageRequest]:
        """Exact versions of what is to be installed. New sources are taken back when they don't have them."""
        new = [file for file in sources if file.path not in found or found[file.path].content != file.content]
        gone = [path for path in removed if path in found]
        if self.check_mode:
            available = self.manager.versions(needed) if needed and not (new or gone) else {}
            if needed and not all(available.get(name) for name in needed):
                # Without the lists of the repositories check mode can't know: it predicts what was asked for.
                pinned = self.selection.engine if self.version else ()
                return [PackageRequest(name, self.version if name in pinned else None) for name in needed]
            return choose_versions(self.selection, needed, self.version, available)
        if not needed:
            return []
        try:
            for file in new:
                self.io.write_atomic(file.path, file.content, file.mode)
            for path in gone:
                self.io.remove(path)
            self.manager.refresh(0 if new or gone else LISTS_MAX_AGE_MINUTES)
            return choose_versions(self.selection, needed, self.version, self.manager.versions(needed))
        except ContainerHostError:
            for file in new:
                before = found.get(file.path)
                if before is None:
                    self.io.remove(file.path)
                else:
                    self.io.write_atomic(file.path, before.content, before.mode)
            for path in gone:
                self.io.write_atomic(path, found[path].content, found[path].mode)
            raise

    def _absent(self) -> Outcome:
        selection = self.selection
        config = render(self.settings, ())
        own_sources = OWN_PATHS.get(self.manager.name, ())
        owned = [path for pattern in config.owned for path in self.io.glob(pattern)]
        paths = list(dict.fromkeys([*config.paths, *owned, *own_sources]))
        goals = absent_goals(self.settings.provider)
        data = DATA[self.settings.provider] if self.options.get("remove_data") else ()
        observed = observe(
            self.io,
            self.manager,
            self.settings.provider,
            selection.holdable,
            paths,
            [goal.name for goal in goals],
            data,
        )
        desired = Desired(
            selection=selection,
            files=(),
            goals=goals,
            engine_unit=self.engine_unit,
            hold=False,
            remove_files=tuple(paths),
            remove_packages=selection.removable,
            remove_data=data,
        )
        plan = compare(desired, observed)
        self._apply(plan, ConfigSet((), ()), observed, None)
        return Outcome(plan, None, self._socket())

    def _apply(self, plan: Plan, config: ConfigSet, observed: Observed, installed: t.Optional[str]) -> None:
        if plan.difference and not self.check_mode:
            applier = EngineApplier(self.io, self.manager, self.settings.provider, self.engine_unit)
            applier.apply(plan, config, observed.files, installed)

    def _socket(self) -> str:
        return SOCKETS[self.settings.provider]
