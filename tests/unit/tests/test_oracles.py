# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The oracles' answers are scored against a denominator that does not move."""

from __future__ import annotations

import sys
import typing as t
from pathlib import Path
from xml.etree import ElementTree

import generate_oracles
import pytest
import yaml
from oracles import collect, scores, write

FOLDER = Path(scores.__file__).parent
ORACLES = yaml.safe_load((FOLDER / "oracles.yml").read_text(encoding="utf-8"))
WAIVERS, LYNIS_WAIVERS = (
    yaml.safe_load((FOLDER / name).read_text(encoding="utf-8")) for name in ("waivers.yml", "lynis_waivers.yml")
)

RESULTS = {"a": "pass", "b": "fail", "c": "notapplicable", "d": "pass", "e": "notchecked"}


@pytest.mark.parametrize(
    ("waivers", "percent", "failing"),
    [
        ([], 40.0, ("b", "c", "e")),
        (["c"], 50.0, ("b", "e")),
        (["c", "e"], 66.7, ("b",)),
        (["b", "c", "e"], 100.0, ()),
        (["d"], 25.0, ("b", "c", "e")),
        (["unheard_of"], 40.0, ("b", "c", "e")),
    ],
)
def test_score(waivers: list[str], percent: float, failing: tuple[str, ...]) -> None:
    score = scores.score(RESULTS, dict.fromkeys(waivers, "why"), 3)
    assert (score.percent, score.failing) == (percent, failing)


def test_content_of_another_release_is_no_result() -> None:
    with pytest.raises(scores.OracleError, match="only 3 of 5 rules were evaluated"):
        scores.score(RESULTS, {}, 4)


@pytest.mark.parametrize("document", [WAIVERS, LYNIS_WAIVERS], ids=["openscap", "lynis"])
@pytest.mark.parametrize("release", sorted(ORACLES["content"]["data_streams"]))
def test_waivers_have_reasons(release: str, document: t.Any) -> None:
    waivers = scores.read_waivers(document, release)
    assert waivers
    assert all(len(reason.split()) >= 4 for reason in waivers.values())


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([{"rules": ["a"], "reason": " "}], "have no reason"),
        ([{"rules": ["a"], "reason": "x"}, {"rules": ["a"], "reason": "y"}], "a is named twice"),
    ],
)
def test_waivers_refused(document: t.Any, message: str) -> None:
    with pytest.raises(scores.OracleError, match=message):
        scores.read_waivers(document, "12")


def test_waivers_of_a_release() -> None:
    document = [{"rules": ["a"], "reason": "x", "releases": ["12"]}, {"rules": ["b"], "reason": "y"}]
    assert scores.read_waivers(document, "12") == {"a": "x", "b": "y"}
    assert scores.read_waivers(document, "13") == {"b": "y"}


DATA_STREAM = """<d xmlns="http://checklists.nist.gov/xccdf/1.2"><Benchmark><version>0.1.82</version>
<Profile id="xccdf_org.ssgproject.content_profile_one">
<select idref="xccdf_org.ssgproject.content_rule_a" selected="true"/>
<select idref="xccdf_org.ssgproject.content_rule_b" selected="false"/>
<select idref="xccdf_org.ssgproject.content_group_g" selected="true"/>
<refine-value idref="v" selector="5"/></Profile></Benchmark></d>"""


def test_data_stream_is_read() -> None:
    stream = ElementTree.fromstring(DATA_STREAM)
    assert collect.read_profiles(stream) == {"one": collect.Profile(frozenset({"a"}), frozenset({("v", "5")}))}
    assert collect.read_version(stream) == "0.1.82"


@pytest.mark.parametrize(
    ("rules", "values", "covered"),
    [("ab", "x", True), ("abc", "x", True), ("abd", "x", False), ("ab", "z", False)],
)
def test_a_part_of_an_evaluated_profile_is_not_evaluated_again(rules: str, values: str, covered: bool) -> None:
    def profile(rules: str, values: str) -> collect.Profile:
        return collect.Profile(frozenset(rules), frozenset((value, "1") for value in values))

    whole = {"whole": profile("abc", "xy")}
    assert collect.covering(profile(rules, values), whole) == ("whole" if covered else None)


LYNIS = """# Lynis Report
lynis_version=3.0.8
hardening_index=64
lynis_tests_done=250
suggestion[]=AUTH-9286|Configure minimum password age|-|-|
suggestion[]=BANN-7126|Add a legal banner|-|-|
warning[]=KRNL-5830|Reboot of system is most likely needed||text:reboot|
"""


def test_lynis_report() -> None:
    assert collect.parse_lynis(LYNIS) == {
        "version": "3.0.8",
        "index": 64,
        "tests": 250,
        "suggestions": [["AUTH-9286", "Configure minimum password age"], ["BANN-7126", "Add a legal banner"]],
        "warnings": [["KRNL-5830", "Reboot of system is most likely needed"]],
    }


TABLE = {"profiles": {"one": {"goal": 80}}, "lynis": {"goal": 88}}


def judged(percent: float, index: int) -> dict[str, t.Any]:
    """What a stage was scored."""
    return {"one": {"percent": percent}, "lynis": {"counted": index}}


@pytest.mark.parametrize(
    ("before", "strict", "below", "no_better"),
    [
        (judged(50.0, 60), judged(80.0, 88), [], []),
        (judged(50.0, 60), judged(79.9, 87), ["one: 79.9, aimed at 80", "lynis: 87, aimed at 88"], []),
        (judged(90.0, 90), judged(89.0, 90), [], ["one: 89.0, and 90.0 before", "lynis: 90, and 90 before"]),
    ],
)
def test_what_is_missed(
    before: dict[str, t.Any], strict: dict[str, t.Any], below: list[str], no_better: list[str]
) -> None:
    stages = {"none": before, "strict": strict}
    assert write.below_goal(stages, TABLE) == below
    assert write.not_better(stages) == no_better


def test_nothing_is_missed_where_nothing_was_judged() -> None:
    assert write.below_goal({}, TABLE) == write.not_better({"none": judged(1.0, 1)}) == []


LOG = """\
2026-11-29 17:23:40 Performing test ID USB-3000 (Check for presence of USBGuard)
2026-11-29 17:23:40 Hardening: assigned partial number of hardening points (0 of 8). Currently having 10 points (out of 18)
2026-11-29 17:23:41 Performing test ID SSH-7408 (Check SSH specific defined options)
2026-11-29 17:23:41 Hardening: assigned maximum number of hardening points for this item (3). Currently having 13 points (out of 21)
2026-11-29 17:23:41 Hardening: assigned partial number of hardening points (1 of 3). Currently having 14 points (out of 24)
"""


def test_points_are_read_from_the_log_of_lynis() -> None:
    assert collect.parse_points(LOG) == {"USB-3000": [0, 8], "SSH-7408": [4, 6]}


@pytest.mark.parametrize(("waivers", "index"), [((), 28), (("USB-3000",), 66), (("USB-3000", "SSH-7408"), 0)])
def test_index_of_the_tests_that_count(waivers: tuple[str, ...], index: int) -> None:
    assert scores.lynis_index(collect.parse_points(LOG), waivers) == index


def test_page_tells_both_indices_and_where_points_are_missing() -> None:
    lynis = {"version": "3", "index": 80, "tests": 250, "counted": 90, "warnings": [], "suggestions": [["A-1", "text"]]}
    stages = {"strict": {"lynis": {**lynis, "missing": {"A-1": [1, 3], "B-2": [0, 8]}}}}
    proof = {"date": "2026-01-01T", "results": {"content": ["0.1.82"], "stages": stages}}
    table = {"profiles": {}, "lynis": {"goal": 88}}
    text = generate_oracles.page(table, [], [{"rules": ["B-2"], "reason": "why"}], {"13": proof})
    assert "| Lynis, index of the tests not waived |  |  |  | 90 | 88 |" in text
    assert "| Lynis, its own index |  |  |  | 80 |  |" in text
    assert "points not given: `A-1` 2 of 3, `B-2` 8 of 8 (waived)." in text
    assert "| why | `B-2` |" in text


@pytest.mark.parametrize(
    ("stages", "end"), [(["none", "strict"], "better scores than before"), (["strict"], "the scores aimed at")]
)
def test_what_is_better_is_claimed_only_where_it_was_seen_before(stages: list[str], end: str) -> None:
    assert write.claim_of("13", stages) == f"Independent oracles give a hardened Debian 13 host {end}"


def test_a_host_of_which_nothing_was_said_leaves_the_proof_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "13").mkdir()
    monkeypatch.setattr(sys, "argv", ["write.py", str(tmp_path)])
    monkeypatch.setattr(write, "write_proof", lambda **_proof: pytest.fail("a proof was written"))
    assert write.main() == 1
    assert capsys.readouterr().out == "Debian 13: nothing was said of it\n"
