# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one engine can't do is refused there, and only there."""

from __future__ import annotations

import pytest
import yaml

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.load import load
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.identity import EngineIdentity
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.lacks import LACKS, problems

OLD_DOCKER = EngineIdentity("docker", "20.10.24", "1.41", "/s")
NEW_DOCKER = EngineIdentity("docker", "28.0.1", "1.48", "/s")
OLD_PODMAN = EngineIdentity("podman", "4.3.1", "1.41", "/s")
NEW_PODMAN = EngineIdentity("podman", "5.4.2", "1.41", "/s")

CASES = [
    ("{}", []),
    ("healthcheck: {test: x, start_interval: 1s}", [OLD_DOCKER, OLD_PODMAN, NEW_PODMAN]),
    ("volumes: [{type: volume, source: d, target: /d, volume: {subpath: a}}]", [OLD_DOCKER, OLD_PODMAN, NEW_PODMAN]),
    ("tmpfs: '/t:uid=5'", [OLD_PODMAN, NEW_PODMAN]),
    ("tmpfs: '/t:gid=0'", [OLD_PODMAN, NEW_PODMAN]),
    ("annotations: {a: b}", [OLD_DOCKER, OLD_PODMAN]),
    ("domainname: example.test", [OLD_PODMAN, NEW_PODMAN]),
]


@pytest.mark.parametrize(("text", "lacking"), CASES)
def test_lacks(text, lacking):
    project = load(
        {"services": {"web": {"image": "a", **yaml.safe_load(text)}}, "volumes": {"d": {}}}, project_name="p"
    )
    found = {engine: problems(project, engine) for engine in (OLD_DOCKER, NEW_DOCKER, OLD_PODMAN, NEW_PODMAN)}
    assert [engine for engine, entries in found.items() if entries] == lacking
    for engine in lacking:
        (problem,) = found[engine]
        assert problem.path.startswith("services.web.")
        assert engine.version in problem.message
        assert problem.remedy


def test_every_lack_is_tried():
    assert {lack.key for lack in LACKS} == {
        "healthcheck.start_interval", "volumes[].volume.subpath", "tmpfs: uid=, gid=", "annotations", "domainname",
    }  # fmt: skip


def test_the_reason_says_what_it_takes():
    project = load({"services": {"web": {"image": "a", "annotations": {"a": "b"}}}}, project_name="p")
    assert str(problems(project, OLD_PODMAN)[0]) == (
        "services.web.annotations: Podman 4.3.1 doesn't have it; it needs 5.0 or later; use labels, or a newer engine"
    )
