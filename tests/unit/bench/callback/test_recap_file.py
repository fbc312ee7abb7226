# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the benchmarks' callback writes of each host."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path
from types import SimpleNamespace

import pytest
from callback.recap_file import CallbackModule

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.packed import pack

CONTROLS = [{"id": "sysctl_one", "status": "passed"}, {"id": "sysctl_two", "status": "exempt"}]
STATUSES = {"sysctl_one": "passed", "sysctl_two": "exempt"}


@pytest.mark.parametrize(
    ("result", "statuses"),
    [
        ({"controls": CONTROLS}, STATUSES),
        ({"controls_packed": pack(CONTROLS)}, STATUSES),
        ({"ping": "pong"}, None),
    ],
)
def test_the_recap_has_each_control_of_each_host(
    result: dict[str, t.Any], statuses: dict[str, str] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCH_RECAP", str(tmp_path / "recap.json"))
    callback = CallbackModule()
    callback.v2_runner_on_ok(SimpleNamespace(_result=result, _host=SimpleNamespace(get_name=lambda: "alpha")))
    callback.v2_runner_on_ok(SimpleNamespace(_result={}, _host=SimpleNamespace(get_name=lambda: "alpha")))
    callback.v2_playbook_on_stats(SimpleNamespace(processed={"alpha": 1}, summarize=lambda _host: {"ok": 2}))
    assert json.loads((tmp_path / "recap.json").read_text()) == {"alpha": {"ok": 2, "controls": statuses}}
