# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a control says it breaks was measured, or it says from where it is known."""

from __future__ import annotations

import typing as t

import generate_breaks
import pytest
from breaks import write

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.control import parse_controls
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.features import FEATURES
from ansible_collections.anycloud.container_host.plugins.plugin_utils._baseline import read_catalogue

TABLE = generate_breaks.load_table("breaks/settings.yml")
PROBES = generate_breaks.load_table("features/probes.yml")["probes"]
CONTROLS = parse_controls(read_catalogue(), [])
PROOF = generate_breaks.load_proof("breaks")

BROKEN = [(control.id, feature) for control in CONTROLS.values() for feature in control.breaks]
TRIED = {control: setting["name"] for setting in TABLE["settings"] for control in setting.get("controls", [])}
ELSEWHERE = {(entry["control"], entry["feature"]): entry["source"] for entry in TABLE["not_measured"]}


@pytest.mark.parametrize(("control", "feature"), BROKEN)
def test_what_a_control_breaks_has_a_source(control: str, feature: str) -> None:
    assert control in TRIED or (control, feature) in ELSEWHERE, (
        f"{control} says it breaks {feature}: name it under `controls` of a setting in tests/breaks/settings.yml "
        "that shows it, or under `not_measured` with its source"
    )


@pytest.mark.parametrize(("control", "feature"), sorted(ELSEWHERE))
def test_what_is_not_measured_is_still_claimed(control: str, feature: str) -> None:
    assert (control, feature) in BROKEN
    assert ELSEWHERE[control, feature].strip()


def features_lost(setting: str) -> set[str]:
    """Features of the catalogue that a setting took from an engine."""
    of_probe = {probe["name"]: probe.get("feature") for probe in PROBES}
    lost = [name for engine in PROOF["results"].values() for name in engine["lost"].get(setting, [])]
    return {of_probe[name] for name in lost if of_probe.get(name)}


@pytest.mark.skipif(not PROOF, reason="nothing has been measured yet (make test-all)")
def test_controls_break_what_was_measured() -> None:
    engines_of = {setting["name"]: setting.get("engines", ["docker", "podman"]) for setting in TABLE["settings"]}
    for control, setting in TRIED.items():
        # what one engine does not lose, another may
        if all(setting in PROOF["results"].get(engine, {"lost": []})["lost"] for engine in engines_of[setting]):
            claimed = {one for one in CONTROLS[control].breaks if (control, one) not in ELSEWHERE}
            lost = features_lost(setting)
            assert claimed <= lost, f"{control} claims more than {setting} was seen to break"
            # Without its storage nothing runs, and everything is lost with it.
            assert lost <= claimed or "overlay_storage" in claimed, f"{control} claims less than {setting} broke"


def test_settings_are_whole() -> None:
    names = [setting["name"] for setting in TABLE["settings"]]
    assert len(names) == len(set(names))
    assert names[0] == write.UNTOUCHED
    for setting in TABLE["settings"]:
        assert all(setting[key] for key in ("setting", "source", "set"))
        assert set(setting.get("engines", [])) <= {"docker", "podman"}
        assert set(setting.get("controls", [])) <= set(CONTROLS)


def test_probes_are_whole() -> None:
    names = [probe["name"] for probe in PROBES]
    assert len(names) == len(set(names))
    for probe in PROBES:
        assert probe.get("feature") is None or probe["feature"] in FEATURES
        assert ("run" in probe) != ("docker" in probe and "podman" in probe), probe["name"]
        assert probe["title"]


def found(*lost: str) -> dict[str, t.Any]:
    """What probe.py prints when some of three probes fail."""
    names = ("run", "egress", "no_router")
    return {"version": "1", "kernel": "6", "probes": {name: {"passed": name not in lost} for name in names}}


def test_gather_compares_with_the_untouched_host() -> None:
    findings = {"untouched": found("no_router"), "forwarding_off": found("egress", "no_router"), "harmless": found()}
    gathered = write.gather(findings, ["no_router"])
    assert gathered["lost"] == {"forwarding_off": ["egress"], "harmless": []}
    assert gathered["not_passed_untouched"] == ["no_router"]


@pytest.mark.parametrize(
    ("findings", "message"),
    [
        ({"forwarding_off": found("egress")}, "no findings for untouched"),
        ({"untouched": found("egress")}, "already fails egress"),
    ],
)
def test_gather_refuses_what_cannot_be_compared(findings: dict[str, t.Any], message: str) -> None:
    with pytest.raises(write.BreaksError, match=message):
        write.gather(findings, [])


def test_what_was_tried_before_is_kept_for_the_settings_that_were_not_tried_now() -> None:
    earlier = {
        "docker": write.gather({"untouched": found(), "forwarding_off": found("egress"), "off": found("run")}, [])
    }
    now = {"docker": write.gather({"untouched": found(), "off": found()}, [])}
    assert write.with_earlier(now, earlier)["docker"]["lost"] == {"forwarding_off": ["egress"], "off": []}
    assert write.with_earlier(now, {}) == now
    podman = {"podman": earlier["docker"]}
    assert write.with_earlier(now, podman) == {**now, **podman}


@pytest.mark.parametrize("differs", [{"version": "2"}, {"kernel": "7"}, {"probes": ["run"]}])
def test_what_another_engine_or_kernel_lost_is_not_kept(differs: dict[str, t.Any]) -> None:
    now = {"docker": write.gather({"untouched": found(), "off": found()}, [])}
    earlier = {"docker": {**now["docker"], "lost": {"forwarding_off": ["egress"]}, **differs}}
    assert write.with_earlier(now, earlier) == now


def test_claim_counts_what_every_engine_was_tried_with() -> None:
    settings = [{"name": "untouched"}, {"name": "a"}, {"name": "b"}, {"name": "c", "engines": ["docker"]}]
    results = {"docker": {"lost": {"a": [], "c": []}}, "podman": {"lost": {"a": [], "b": []}}}
    assert ": 2 of 3 settings, " in write.claim(settings, results)


def test_page_says_what_was_lost() -> None:
    settings = {
        "settings": [
            {"name": "untouched", "setting": "none", "source": "x"},
            {"name": "off", "setting": "a=0", "source": "b", "controls": ["a_off"]},
            {"name": "other", "setting": "c|d", "source": "e", "engines": ["podman"]},
        ],
        "not_measured": [],
    }
    results = {
        "docker": {"version": "20", "kernel": "6", "probes": ["run", "egress", "volume"], "lost": {"off": ["run"]}}
    }
    page = generate_breaks.page(settings, {"probes": []}, {"results": results, "date": "2026-01-01T"})
    assert "| a=0 | b | run | not measured yet |" in page
    assert "| c\\|d | e | no such setting | not measured yet |" in page
    assert "| `a_off` | a=0 |" in page
