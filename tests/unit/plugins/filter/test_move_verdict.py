# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter move_verdict."""

from __future__ import annotations

import json

import move_pairs
import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.anycloud.container_host.plugins.filter.move_verdict import filter_move_verdict


def test_the_result_is_plain() -> None:
    got = filter_move_verdict(move_pairs.source(), move_pairs.side(cgroup__version="v1"), move_pairs.text())
    assert json.loads(json.dumps(got)) == got
    assert (got["verdict"], got["codes"]) == ("refused", ["cgroup_version", "live_not_offered"])
    first = got["findings"][0]
    assert (first["code"], first["source"], first["target"]) == (
        "cgroup_version",
        {"cgroup.version": "v2"},
        {"cgroup.version": "v1"},
    )
    assert "the target" in first["remedy"]


def test_bad_input() -> None:
    with pytest.raises(AnsibleFilterError, match=r"move_verdict: source.contract: is missing"):
        filter_move_verdict({}, move_pairs.side(), move_pairs.text())
