# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The files that containers get as configs and secrets, on the managed node.

Each is kept twice: below /run, a tmpfs, where containers have it mounted from, and below /var/lib for root alone, from
where a unit of systemd fills /run at boot, before any engine starts a container.
"""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.delivery import (
    KEPT_DIRECTORY,
    RUN_DIRECTORY,
    DeliveredFile,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.observed import FILE_CHANGED, FILE_RIGHT
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

KEY_PATH = "/var/lib/container-host/files.key"
# Each holds 122 random bits of the kernel (random(4)).
_RANDOM_PATH = "/proc/sys/kernel/random/uuid"
_MINIMUM_KEY_LENGTH = 32

UNIT_NAME = "container-host-files.service"
UNIT_PATH = f"/etc/systemd/system/{UNIT_NAME}"
LINK_PATH = f"/etc/systemd/system/sysinit.target.wants/{UNIT_NAME}"
UNIT = f"""\
# Managed by the Ansible collection anycloud.container_host.
[Unit]
Description=Configs and secrets of workloads
DefaultDependencies=no
RequiresMountsFor={KEPT_DIRECTORY} /run
After=local-fs.target
Before=sysinit.target shutdown.target
Conflicts=shutdown.target
ConditionPathExists={KEPT_DIRECTORY}

[Service]
Type=oneshot
RemainAfterExit=yes
UMask=0077
ExecStart=/bin/sh -c 'mkdir -p -m 0755 /run/container-host && mkdir -p -m 0700 {RUN_DIRECTORY} && \\
    cp -a {KEPT_DIRECTORY}/. {RUN_DIRECTORY}/ && chmod 0700 {RUN_DIRECTORY} && \\
    if command -v selinuxenabled >/dev/null && selinuxenabled; then \\
        chcon -R -t container_file_t {RUN_DIRECTORY}; \\
    fi'

[Install]
WantedBy=sysinit.target
"""


class FileStore:
    """The host's files for containers."""

    def __init__(self, io: HostIO) -> None:
        self._io = io

    def key(self, make: bool) -> bytes:
        """The host's secret for digests of contents; empty when it has none yet and none is to be made."""
        text = (self._io.read_text(KEY_PATH) or "").strip()
        if text and len(text) < _MINIMUM_KEY_LENGTH:
            raise HostError(
                f"{KEY_PATH}: is damaged; remove it, and the services with configs or secrets are made anew"
            )
        if not text and make:
            text = "".join((self._io.read_text(_RANDOM_PATH) or "").strip() for _part in range(2))
            if len(text) < _MINIMUM_KEY_LENGTH:
                raise HostError(f"{_RANDOM_PATH}: gives no random text; is /proc mounted?")
            self._io.write_atomic(KEY_PATH, text + "\n", 0o600)
        return text.encode("ascii", "replace")

    def observe(self, project: str, wanted: t.Mapping[str, DeliveredFile]) -> dict[str, str]:
        """Path -> FILE_RIGHT or FILE_CHANGED for the project's files; those not fully there are left out.

        Files that aren't ``wanted`` are FILE_CHANGED.
        """
        result = {}
        for path in self._paths(project):
            file = wanted.get(path)
            if file is None:
                result[path] = FILE_CHANGED
            elif self._is_right(RUN_DIRECTORY, file):
                if self._is_right(KEPT_DIRECTORY, file) and self._unit_is_right():
                    result[path] = FILE_RIGHT
            elif self._io.exists(f"{RUN_DIRECTORY}/{path}"):
                result[path] = FILE_CHANGED
        return result

    def write(self, file: DeliveredFile) -> None:
        """Write a file at both places and see to it that it is back after a boot."""
        text = file.content.decode("utf-8", "surrogateescape")
        for directory in (KEPT_DIRECTORY, RUN_DIRECTORY):
            path = f"{directory}/{file.path}"
            self._io.make_directory(directory.rpartition("/")[0])
            self._io.make_directory(path.rpartition("/")[0], 0o700)
            self._io.write_atomic(path, text, file.mode, file.uid, file.gid)
        if not self._unit_is_right():
            self._io.write_atomic(UNIT_PATH, UNIT)
            # This makes systemd read its units anew as well.
            self._io.run(["systemctl", "enable", UNIT_NAME], check=True)

    def remove(self, path: str) -> None:
        """Remove a file at both places; a project's directories go with its last file, the unit with the very last."""
        for directory in (RUN_DIRECTORY, KEPT_DIRECTORY):
            self._io.remove(f"{directory}/{path}")
            project = f"{directory}/{path.partition('/')[0]}"
            if not self._io.glob(f"{project}/*"):
                self._io.remove_tree(project)
        if self._io.exists(UNIT_PATH) and not self._io.glob(f"{KEPT_DIRECTORY}/*/*"):
            self._io.run(["systemctl", "disable", "--no-reload", UNIT_NAME], check=True)
            self._io.remove(UNIT_PATH)
            self._io.run(["systemctl", "daemon-reload"], check=True)

    def _paths(self, project: str) -> list[str]:
        found = {
            path[len(directory) + 1 :]
            for directory in (RUN_DIRECTORY, KEPT_DIRECTORY)
            for path in self._io.glob(f"{directory}/{project}/*")
        }
        return sorted(found)

    def _is_right(self, directory: str, file: DeliveredFile) -> bool:
        path = f"{directory}/{file.path}"
        status = self._io.status(path)
        if status is None or (status.mode, status.uid, status.gid) != (file.mode, file.uid, file.gid):
            return False
        return self._io.read_bytes(path) == file.content

    def _unit_is_right(self) -> bool:
        return self._io.read_text(UNIT_PATH) == UNIT and self._io.read_link(LINK_PATH) == UNIT_PATH
