# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An archive is imported from by a Python of its own, which tells what it compiled."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
import zipfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[4]
SOURCE = ROOT / "plugins" / "module_utils" / "_import_once.py"
FILES = {
    "outer/__init__.py": "",
    "outer/inner/__init__.py": "VALUE = 1\n",
    "outer/inner/leaf.py": "from outer.inner import VALUE\n",
    "outer/plain.py": "",
}
PROGRAM = """
import json, sys
compiled = []
def hook(event, arguments):
    if event == "compile" and str(arguments[1]).startswith(sys.argv[1]):
        compiled.append(arguments[1][len(sys.argv[1]) + 1:])
sys.path.insert(0, sys.argv[1])
if sys.argv[2] == "with":
    import once
sys.addaudithook(hook)
import outer.inner.leaf, outer.plain
try:
    import outer.missing
    missing = "found"
except ImportError as error:
    missing = str(error)
files = {name: module.__file__[len(sys.argv[1]) + 1:] for name, module in sys.modules.items() if name.startswith("outer")}
print(json.dumps({"compiled": sorted(compiled), "files": files, "missing": missing,
    "path": list(sys.modules["outer.inner"].__path__) == [sys.argv[1] + "/outer/inner"]}))
"""


@pytest.fixture
def archive(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "payload.zip"
    with zipfile.ZipFile(path, "w") as file:
        for name, text in {**FILES, "once.py": SOURCE.read_text(encoding="utf-8")}.items():
            file.writestr(name, text)
    return path


def imported(archive: pathlib.Path, how: str) -> dict[str, object]:
    argv = [sys.executable, "-c", PROGRAM, str(archive), how]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60)
    told: dict[str, object] = json.loads(done.stdout)
    return told


def test_each_module_is_compiled_once_and_all_else_is_as_it_was(archive: pathlib.Path) -> None:
    before, after = imported(archive, "without"), imported(archive, "with")
    assert after["compiled"] == sorted(FILES)
    assert {**after, "compiled": None} == {**before, "compiled": None}
    assert after["path"] is True
    assert "outer.missing" in str(after["missing"])


@pytest.mark.parametrize(
    "module",
    [
        "baseline",
        "baseline_info",
        "kernel_pin",
        "kernel_pin_info",
        "kernel_sign",
        "kernel_sign_info",
        "move_cutover",
        "move_host_info",
        "secure_boot_key",
        "secure_boot_key_info",
        "workload",
    ],
)
def test_a_module_that_has_much_to_import_begins_with_it(module: str) -> None:
    text = (ROOT / "plugins" / "modules" / f"{module}.py").read_text(encoding="utf-8")
    imports = [line for line in text.splitlines() if line.startswith("from ansible_collections.")]
    # It is imported for what it does, which neither linter sees.
    assert imports[0].partition("  #")[0].endswith(".plugins.module_utils import _import_once")
    assert "# noqa: F401  # pylint: disable=unused-import" in imports[0]
