# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection builds, its tarball installs into an empty path without network, and works from there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import typing as t
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.build

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
NAME = "anycloud.container_host"
GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))

MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem != "__init__")
FILTERS = sorted({path.stem for path in (ROOT / "plugins" / "filter").glob("*.py")})
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if (path / "meta" / "argument_specs.yml").is_file())
PLAYBOOKS = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml") if not path.stem.startswith("_"))

# What a user of the collection has no use for stays out of the tarball.
DEVELOPMENT = ("Makefile", "bench", "molecule", "pyproject.toml", "requirements-dev.txt", "tests", "tools")
LARGEST_TARBALL_BYTES = 2 * 1024 * 1024

# These read what any Linux machine has, so they answer on localhost without privileges.
ANSWERING_MODULES = ("baseline_info", "host_contract_info")


class Installed(t.NamedTuple):
    """The tarball, the path it is installed in, and an environment in which nothing else of ours is found."""

    tarball: Path
    path: Path
    environment: dict[str, str]

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(BIN / argv[0]), *argv[1:]],
            cwd=self.path,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("build")
    path = folder / "collections"
    path.mkdir()
    config = folder / "ansible.cfg"
    config.write_text("[defaults]\n", encoding="utf-8")
    environment = {
        "ANSIBLE_COLLECTIONS_PATH": str(path),
        "ANSIBLE_CONFIG": str(config),
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_LOCAL_TEMP": str(folder / "home" / "tmp"),
        "ANSIBLE_NOCOLOR": "1",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    }
    tarball = folder / f"anycloud-container_host-{GALAXY['version']}.tar.gz"
    result = Installed(tarball, path, environment)
    for argv in (
        ("ansible-galaxy", "collection", "build", str(ROOT), "--output-path", str(folder)),
        ("ansible-galaxy", "collection", "install", str(tarball), "--offline", "-p", str(path)),
    ):
        done = result.run(*argv)
        assert done.returncode == 0, done.stdout + done.stderr
    return result


def test_tarball_is_lean(installed: Installed) -> None:
    with tarfile.open(installed.tarball) as tar:
        names = tar.getnames()
    hidden = [name for name in names if name.startswith(".")]
    assert hidden == []
    assert [name for name in names if name.split("/")[0] in DEVELOPMENT] == []
    assert [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".tar.gz", ".qcow2"))] == []
    assert installed.tarball.stat().st_size < LARGEST_TARBALL_BYTES


def test_tarball_has_everything_a_user_needs(installed: Installed) -> None:
    root = installed.path / "ansible_collections" / "anycloud" / "container_host"
    needed = ["README.md", "LICENSE", "CHANGELOG.md", "MANIFEST.json", "meta/runtime.yml", "requirements.txt"]
    needed += [f"plugins/modules/{name}.py" for name in MODULES]
    needed += [f"roles/{name}/meta/argument_specs.yml" for name in ROLES]
    needed += [f"playbooks/{name}.yml" for name in PLAYBOOKS]
    assert [name for name in needed if not (root / name).is_file()] == []


def test_dependencies_have_ranges() -> None:
    assert all(">=" in version and "<" in version for version in GALAXY["dependencies"].values())


@pytest.mark.parametrize(("kind", "names"), [("module", MODULES), ("filter", FILTERS), ("role", ROLES)])
def test_documentation_is_found(installed: Installed, kind: str, names: list[str]) -> None:
    assert names, f"the collection has no {kind}"
    done = installed.run("ansible-doc", "--type", kind, "--json", *(f"{NAME}.{name}" for name in names))
    assert done.returncode == 0, done.stderr
    documents = json.loads(done.stdout)
    assert sorted(documents) == [f"{NAME}.{name}" for name in names]
    for document in documents.values():
        place = document["path"] if kind == "role" else document["doc"]["filename"]
        assert place.startswith(str(installed.path))


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_playbook_is_found_by_name(installed: Installed, playbook: str) -> None:
    done = installed.run("ansible-playbook", "-i", "localhost,", "--syntax-check", f"{NAME}.{playbook}")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", [name for name in MODULES if name.endswith("_info")])
def test_info_module_answers(installed: Installed, module: str) -> None:
    """Run on localhost, where there may be no engine: an answer, or one clear message, never a stack trace."""
    document = json.loads(installed.run("ansible-doc", "--json", f"{NAME}.{module}").stdout)
    options = document[f"{NAME}.{module}"]["doc"].get("options") or {}
    arguments = {name: "nothing-of-ours" for name, option in options.items() if option.get("required")}
    done = installed.run(
        "ansible", "localhost", "-i", "localhost,", "-c", "local", "-e", f"ansible_python_interpreter={sys.executable}",
        "-m", f"{NAME}.{module}", *(("-a", json.dumps(arguments)) if arguments else ()),
    )  # fmt: skip
    words = done.stdout + done.stderr
    assert "Traceback" not in words, words
    assert "couldn't resolve" not in words, words
    if module in ANSWERING_MODULES:
        assert done.returncode == 0, words
        assert "SUCCESS" in done.stdout
    else:
        assert done.returncode in (0, 2), words
        assert '"msg": ""' not in words, words


def test_action_plugin_refuses_a_bad_compose_file(installed: Installed) -> None:
    definition = {"services": {"web": {"image": "example/web:1", "nonsense": True}}}
    done = installed.run(
        "ansible", "localhost", "-i", "localhost,", "-c", "local", "-e", f"ansible_python_interpreter={sys.executable}",
        "-m", f"{NAME}.workload", "-a", json.dumps({"project_name": "shop", "definition": definition}),
    )  # fmt: skip
    assert done.returncode == 2
    assert "services.web.nonsense" in done.stdout + done.stderr


def test_verify_playbook_compares_hosts(installed: Installed, tmp_path: Path) -> None:
    """One machine under two names is the same host: the playbook, its role, module and filters work from the tarball."""
    inventory = tmp_path / "inventory.yml"
    variables = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable, "ansible_become": False}
    hosts = {name: {**variables, "provider": name} for name in ("east", "west")}
    inventory.write_text(yaml.safe_dump({"all": {"hosts": hosts}}), encoding="utf-8")
    reports = tmp_path / "reports"
    done = installed.run(
        "ansible-playbook", "-i", str(inventory), f"{NAME}.verify", "-e", f"verify_report_directory={reports}",
        "-e", "verify_save=false",
    )  # fmt: skip
    words = done.stdout + done.stderr
    assert "Traceback" not in words, words
    # 0 when this machine meets the standard, 2 when it doesn't
    assert done.returncode in (0, 2), words
    assert sorted(path.name for path in reports.iterdir()) == ["contracts.json", "verify.txt", "verify.xml"]
    assert {"east", "west"} <= set((reports / "verify.txt").read_text(encoding="utf-8").split())
