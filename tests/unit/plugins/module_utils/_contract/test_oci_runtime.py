# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OCI runtimes."""

from __future__ import annotations

import typing as t

import pytest
from contract_hosts import CRUN, RUNC

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.oci_runtime import (
    parse_features,
    parse_version,
)

TEST_RUNTIMES: list[tuple[str, t.Optional[str], list[str]]] = [
    (RUNC, "1.1.15+ds1", ["libseccomp 2.6.0", "spec 1.2.0"]),
    (CRUN, "1.8.1", ["apparmor", "criu", "selinux", "spec 1.0.0", "systemd", "yajl"]),
    ("runc version v1.3.0\n", "1.3.0", []),
    ("", None, []),
    ("something else\n", None, []),
]


@pytest.mark.parametrize(("text", "version", "features"), TEST_RUNTIMES)
def test_runtime(text: str, version: t.Optional[str], features: list[str]) -> None:
    assert parse_version(text) == version
    assert parse_features(text) == features
