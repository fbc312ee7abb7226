# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The archives of the Molecule scenario patch are such that apt takes them, and the updates in them are read."""

from __future__ import annotations

import importlib.util
import io
import json
import shutil
import subprocess
import sys
import types
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.anycloud.container_host.plugins.module_utils._packages.updates_apt import (
    _SECURITY_PINS,
    parse_simulation,
)

SCENARIO = Path(__file__).parents[3] / "molecule" / "patch"
PACKAGES = yaml.safe_load((SCENARIO / "vars" / "scenario.yml").read_text())["scenario_packages"]

pytestmark = pytest.mark.skipif(
    not (shutil.which("dpkg-deb") and shutil.which("apt-get")), reason="needs dpkg-deb and apt-get"
)


@pytest.fixture
def maker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """The program, with sources of its own instead of this machine's, and some program in the place of busybox."""
    spec = importlib.util.spec_from_file_location("make_archives", SCENARIO / "files" / "make_archives.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sources = tmp_path / "apt" / "sources.list.d"
    sources.mkdir(parents=True)
    (sources / "debian.sources").write_text("Types: deb\n")
    (tmp_path / "apt" / "preferences.d").mkdir()
    monkeypatch.setattr(module, "APT", tmp_path / "apt")
    monkeypatch.setattr(shutil, "which", lambda _name: "/bin/true")
    return module


def publish(maker: types.ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **versions: str) -> None:
    wanted = {"versions": {name.replace("_", "-"): version for name, version in versions.items()}, "packages": PACKAGES}
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(wanted)))
    monkeypatch.setattr(sys, "argv", ["make_archives.py", str(tmp_path)])
    assert maker.main() == 0


def apt(tmp_path: Path, *argv: str) -> str:
    """apt-get with nothing of this machine: its own sources, lists and database of packages."""
    state = tmp_path / "state"
    (state / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (tmp_path / "cache" / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    stanza = (
        "Package: {}\nStatus: install ok installed\nMaintainer: x\nArchitecture: all\nVersion: 1\nDescription: x\n\n"
    )
    (state / "status").write_text("".join(stanza.format(name) for name in PACKAGES))
    settings: dict[str, t.Any] = {
        "Dir::Etc": tmp_path / "apt",
        "Dir::State": state,
        "Dir::State::status": state / "status",
        "Dir::Cache": tmp_path / "cache",
        "APT::Architecture": "amd64",
        "APT::Sandbox::User": "root",
    }
    options = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
    done = subprocess.run(["/usr/bin/apt-get", *options, *argv], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "W:" not in done.stderr
    return done.stdout


def test_apt_reads_what_is_published_last(
    maker: types.ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in ("1", "2"):
        publish(maker, tmp_path, monkeypatch, patch_plain=version, patch_reboot="1", patch_service=version)
    apt(tmp_path, "update")
    assert [path.name for path in (tmp_path / "apt" / "sources.list.d").iterdir()] == ["scenario.list"]
    found = parse_simulation(apt(tmp_path, "--simulate", "upgrade", "--with-new-pkgs")).updates
    assert [(update.name, update.before, update.after) for update in found] == [
        ("patch-plain", "1", "2"),
        ("patch-service", "1", "2"),
    ]
    (tmp_path / "security.pref").write_text(_SECURITY_PINS)
    preferences = ["-o", f"Dir::Etc::Preferences={tmp_path}/security.pref"]
    secure = parse_simulation(apt(tmp_path, *preferences, "--simulate", "upgrade", "--with-new-pkgs")).updates
    assert [(update.name, update.security) for update in secure] == [("patch-service", True)]


def test_what_packages_bring(maker: types.ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(maker, tmp_path, monkeypatch, patch_plain="3", patch_reboot="3", patch_service="2")
    archives = tmp_path / "archives"
    service = archives / "scenario-security" / "patch-service_2_all.deb"
    listed = subprocess.run(["dpkg-deb", "--contents", str(service)], check=True, capture_output=True, text=True).stdout
    for path in ("lib/patch-service/busybox", "lib/systemd/system/multi-user.target.wants/patch-service.service -> "):
        assert f" ./usr/{path}" in listed
    assert {line[:10] for line in listed.splitlines() if line.startswith("d")} == {"drwxr-xr-x"}
    assert {line.split()[1] for line in listed.splitlines()} == {"root/root"}
    for path in archives.glob("*/*.deb"):
        control = tmp_path / path.stem
        subprocess.run(["dpkg-deb", "--control", str(path), str(control)], check=True)
        subprocess.run(["sh", "-n", str(control / "postinst")], check=True)
    text = (tmp_path / "patch-plain_3_all" / "postinst").read_text()
    assert text.startswith("#!/bin/sh\nset -e\n")
