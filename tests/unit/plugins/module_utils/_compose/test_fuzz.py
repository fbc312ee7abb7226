# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a file holds, it ends in a plan for both engines or in a refusal that says where and what to do.

The examples are the same on every run. For a longer search, on a machine with time:
``COMPOSE_FUZZ_EXAMPLES=100000 python -m pytest tests/unit/plugins/module_utils/_compose/test_fuzz.py``.
"""

from __future__ import annotations

import collections
import os
import typing as t

import pytest
from compose_documents import changed, documents, texts, values
from compose_outcome import PLANNED, REFUSED, outcome_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.interpolate import interpolate_text
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.load import load
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.merge import merge
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import BadValueError, Report
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.tree import fell, grow
from ansible_collections.anycloud.container_host.plugins.plugin_utils._compose_yaml import parse_yaml

EXAMPLES = int(os.environ.get("COMPOSE_FUZZ_EXAMPLES", "0"))
BOUNDED = settings(
    max_examples=EXAMPLES or 300,
    derandomize=not EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def outcome(document: t.Any, more: t.Any = None) -> str:
    """How a parsed document ends, with ``more`` merged over it."""
    return outcome_of(
        lambda: load(
            document,
            project_name="p",
            variables=dict.fromkeys(("A", "SECRET_KEY", "PG_PASSWORD", "JENKINS_URL", "SESSION_SECRET"), "1"),
            project_directory="/srv/p",
            read_text=lambda path: None if path == "gone" else "B=2\nC=${A}",
            read_bytes=lambda path: None if path == "gone" else b"\x00",
            read_document=lambda path: grow({"services": {"web": {"image": "b"}}}) if path == "a" else None,
            more=[] if more is None else [grow(more)],
            profiles=("*",),
        )
    )


SEEN: collections.Counter[str] = collections.Counter()


@BOUNDED
@given(documents())
def test_every_document_ends_in_a_plan_or_in_a_refusal(document: t.Any) -> None:
    outcome(document)


@BOUNDED
@given(changed())
def test_every_change_of_a_good_document_ends_in_a_plan_or_in_a_refusal(document: t.Any) -> None:
    SEEN[outcome(document)] += 1


def test_the_fuzzing_reaches_plans_and_refusals() -> None:
    if not SEEN:
        pytest.skip("runs after the fuzzing")
    assert min(SEEN[PLANNED], SEEN[REFUSED]) > sum(SEEN.values()) / 10, SEEN


@BOUNDED
@given(documents(), documents())
def test_any_two_documents_merge(first: t.Any, second: t.Any) -> None:
    outcome(first, second)
    fell(merge(grow(first), grow(second)))


@BOUNDED
@given(values())
def test_every_service_ends_in_a_plan_or_in_a_refusal(keys: t.Any) -> None:
    outcome({"services": {"web": keys, "db": {"image": "b"}}, "volumes": {"data": None}})


@BOUNDED
@given(st.one_of(st.text(), st.lists(st.sampled_from([*"{}[]:,-?&*!|>'\"%@` \n\t#<a1~$"]), max_size=30).map("".join)))
def test_every_text_is_yaml_or_refused(text: str) -> None:
    report, tags = Report(), {}
    value, lines = parse_yaml(text, report, tags)
    if not report.problems:
        outcome(grow(value, lines, tags))


@BOUNDED
@given(st.lists(st.one_of(st.sampled_from([*"${}:-?+A_b1 "]), texts()), max_size=12).map("".join))
def test_every_text_is_interpolated_or_refused(text: str) -> None:
    result: t.Optional[str]
    try:
        result = interpolate_text(text, {"A": "1"})
    except BadValueError as error:
        result = error.remedy or None
    assert isinstance(result, str)
