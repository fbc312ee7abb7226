# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin in a real run of ansible-playbook; no task gets as far as an engine."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
import typing as t

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[4]

# Every task is wrong in its own way, so that nothing ever needs an engine.
TASKS: dict[str, dict[str, t.Any]] = {
    "file": {"compose_file": "bad/compose.yml", "project_name": "p"},
    "directory": {"compose_file": "bad", "project_name": "p"},
    "files": {"files": ["bad", "over/more.yml"], "project_name": "p", "profiles": ["*"]},
    "secret": {"compose_file": "secretive.yml", "project_name": "p"},
    "gone": {"compose_file": "gone.yml", "project_name": "p"},
    "latin": {"compose_file": "latin.yml", "project_name": "p"},
    "definition": {"definition": {"services": {"web": {"image": "{{ 'a' ~ 1 }}", "build": "."}}}, "project_name": "p"},
    "neither": {"project_name": "p"},
    "both": {"compose_file": "bad", "definition": {}, "project_name": "p"},
    "kind": {"compose_file": "bad", "environment": [1]},
    "vault": {"compose_file": "vaulted.yml", "project_name": "p"},
    # The module itself fails, for want of an engine, with words in which a secret happens to be.
    "masked": {
        "definition": {
            "services": {"web": {"image": "a", "secrets": ["s"]}},
            "secrets": {"s": {"environment": "S"}},
        },
        "environment": {"S": "its-own-secret"},
        "project_name": "p",
        "engine": "docker",
        "socket": "/nosuch/its-own-secret.sock",
    },
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, t.Any]]:
    """The result of every task, from one run."""
    directory = tmp_path_factory.mktemp("play")
    (directory / "bad").mkdir()
    (directory / "bad" / "compose.yml").write_text("services:\n  web:\n    image: a\n    prots: []\n", encoding="utf-8")
    (directory / "over").mkdir()
    (directory / "over" / "more.yml").write_text(
        "services:\n  web:\n    prots: !reset []\n    user: [1]\n", encoding="utf-8"
    )
    secretive = "services: {web: {image: a, secrets: [s]}}\nsecrets:\n  s: {file: key.bin}\n  t: {fil: x, file: y}\n"
    (directory / "secretive.yml").write_text(secretive, encoding="utf-8")
    (directory / "key.bin").write_bytes(b"\x00\xff")
    (directory / "latin.yml").write_bytes(b"a: \xe9\n")
    (directory / "password").write_text("secret", encoding="utf-8")
    (directory / "vaulted.yml").write_text("services:\n  web:\n    build: .\n", encoding="utf-8")
    module = "anycloud.container_host.workload"
    tasks: list[dict[str, t.Any]] = [
        {module: options, "register": f"result_{name}", "ignore_errors": True} for name, options in TASKS.items()
    ]
    wanted = "{{ {" + ", ".join(f"'{name}': result_{name}" for name in TASKS) + "} | to_json }}"
    tasks.append({"ansible.builtin.copy": {"content": wanted, "dest": str(directory / "results.json"), "mode": "0600"}})
    play = [{"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}]
    (directory / "play.yml").write_text(json.dumps(play), encoding="utf-8")
    programs = pathlib.Path(sys.executable).parent
    vault = ["--vault-password-file", str(directory / "password")]
    encrypt = [str(programs / "ansible-vault"), "encrypt", *vault, str(directory / "vaulted.yml")]
    subprocess.run(encrypt, cwd=ROOT, check=True, capture_output=True, timeout=120)
    interpreter = ["-e", f"ansible_python_interpreter={sys.executable}"]
    run = [str(programs / "ansible-playbook"), "-i", "localhost,", *vault, *interpreter, str(directory / "play.yml")]
    done = subprocess.run(run, cwd=ROOT, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    read: dict[str, dict[str, t.Any]] = json.loads((directory / "results.json").read_text(encoding="utf-8"))
    return read


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "place", "line"),
    [
        ("file", "services.web.prots", 4),
        ("directory", "services.web.prots", 4),
        ("files", "services.web.user", 4),
        ("secret", "secrets.t.fil", 4),
        ("definition", "services.web.build", None),
        ("vault", "services.web.build", 3),
    ],
)
def test_problems(results: dict[str, dict[str, t.Any]], name: str, place: str, line: t.Optional[int]) -> None:
    result = results[name]
    assert result["failed"]
    assert not result["changed"]
    assert [(problem["path"], problem["line"]) for problem in result["problems"]] == [(place, line)]
    assert place in result["msg"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("gone", "gone.yml isn't there"),
        ("latin", "save it as UTF-8"),
        ("neither", "give option compose_file or definition"),
        ("both", "give one of them"),
        ("kind", "environment"),
    ],
)
def test_messages(results: dict[str, dict[str, t.Any]], name: str, part: str) -> None:
    assert results[name]["failed"]
    assert part in results[name]["msg"]


@pytest.mark.slow
def test_a_failure_shows_no_secret(results: dict[str, dict[str, t.Any]]) -> None:
    assert results["masked"]["msg"].startswith("/nosuch/********.sock: docker is not reachable: no such file")
    assert "its-own-secret" not in json.dumps(results["masked"])
