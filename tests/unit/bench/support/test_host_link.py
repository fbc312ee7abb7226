# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The link between two hosts that is made slow and lossy: what tc-netem(8) is told, and that it is always taken back."""

from __future__ import annotations

import json
import subprocess
import typing as t
from pathlib import Path
from types import SimpleNamespace

import pytest
from support import host_link
from support.host_link import netem_words, shaped
from support.move_hosts import HandsError, Hosts
from support.shaping import Shape

SCRIPT = Path(host_link.__file__).with_name("host_link.sh")
OURS = "qdisc prio b7c4: root refcnt 2 bands 3 priomap 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"
USUAL = "qdisc fq_codel 0: root refcnt 2 limit 10240p"
STAND_INS = {
    "tc": 'case "$*" in "qdisc show"*) cat $F/qdisc; exit;; esac; echo "tc $*" >>$F/log; '
    'case "$*" in "qdisc add"*root*) exit $(cat $F/full);; esac',
    "ip": 'case "$*" in "-d link"*) cat $F/link;; *"route get"*) echo "$5 dev ens4 src 10.0.0.1 uid 0";; '
    '*) echo "ip $*" >>$F/log;; esac',
    "modprobe": "case $2 in $(cat $F/missing)) exit 1;; esac",
    "getent": 'case $2 in nowhere) exit 0;; *) echo "10.0.0.2        STREAM peer"; echo "10.0.0.2        DGRAM";; esac',
    "uname": "echo 6.12.1",
}


class Tools:
    """Stand-ins for the tools of a host, that say what they were told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        for name, body in STAND_INS.items():
            tool = folder / name
            tool.write_text(f"#!/bin/sh\nF={folder}\n{body}\n")
            tool.chmod(0o755)
        self.tell(qdisc=USUAL, link="2: ens4: mtu 1500 gso_max_size 65536 gso_max_segs 65535 tso_max_segs 7", full="0")
        self.tell(missing="none")

    def tell(self, **answers: str) -> None:
        for name, answer in answers.items():
            (self.folder / name).write_text(answer + "\n")

    def run(self, *words: str) -> tuple[int, str, list[str]]:
        """Exit status, what it complained of, and what it did."""
        log = self.folder / "log"
        log.write_text("")
        done = subprocess.run(
            ["sh", str(SCRIPT), words[0], str(self.state), *words[1:]],
            env={"PATH": f"{self.folder}:/usr/bin:/bin"}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stderr, log.read_text().splitlines()


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    return Tools(tmp_path)


def test_only_what_goes_to_the_peer_is_shaped(tools: Tools) -> None:
    code, said, did = tools.run("on", "peer", "delay", "25ms")
    assert (code, said) == (0, "")
    assert did == [
        "ip link set dev ens4 gso_max_segs 1",
        "tc qdisc add dev ens4 root handle b7c4: prio bands 3 priomap 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
        "tc qdisc add dev ens4 parent b7c4:3 netem delay 25ms",
        "tc filter add dev ens4 parent b7c4: protocol ip prio 1 u32 match ip dst 10.0.0.2/32 flowid b7c4:3",
    ]
    assert tools.state.read_text() == "ens4 65535\n"


BACK = ["tc qdisc del dev ens4 root", "ip link set dev ens4 gso_max_segs 65535"]


def test_it_is_taken_back_once(tools: Tools) -> None:
    tools.run("on", "peer", "delay", "25ms")
    tools.tell(qdisc=OURS)
    assert tools.run("off", "peer", "delay", "25ms") == (0, "", BACK)
    assert not tools.state.exists()
    assert tools.run("off") == (0, "", [])


def test_what_a_killed_run_left_goes_first(tools: Tools) -> None:
    tools.run("on", "peer", "delay", "25ms")
    tools.tell(qdisc=OURS)
    code, _said, did = tools.run("on", "peer", "delay", "9ms")
    assert (code, did[:2]) == (0, BACK)
    assert did[4].endswith("netem delay 9ms")


def test_a_discipline_of_the_hosts_own_stays(tools: Tools) -> None:
    tools.tell(full="2", qdisc="qdisc htb 1: root refcnt 2")
    code, said, did = tools.run("on", "peer", "delay", "25ms")
    assert code == 1
    assert "ens4 has a queueing discipline of its own" in said
    assert not any("netem" in line for line in did)
    assert tools.run("off") == (0, "", BACK[1:])


@pytest.mark.parametrize("module", ["sch_prio", "sch_netem", "cls_u32"])
def test_a_kernel_that_can_not_is_named_before_anything_is_touched(tools: Tools, module: str) -> None:
    tools.tell(missing=module)
    code, said, did = tools.run("on", "peer", "delay", "25ms")
    assert (code, did) == (1, [])
    assert f"the kernel 6.12.1 has no module {module}" in said
    assert not tools.state.exists()


@pytest.mark.parametrize(("peer", "link", "words"), [("nowhere", "", "no IPv4"), ("peer", "2: ens4:", "gso_max_segs")])
def test_what_can_not_be_shaped_is_left_alone(tools: Tools, peer: str, link: str, words: str) -> None:
    tools.tell(link=link)
    code, said, did = tools.run("on", peer, "delay", "25ms")
    assert (code, did) == (1, [])
    assert words in said


def test_half_of_the_round_trip_at_either_host() -> None:
    assert " ".join(netem_words(Shape())) == "limit 625 delay 25000us loss 0.1% rate 100000kbit"
    assert " ".join(netem_words(Shape(5, 0.5, 0))) == "limit 44 delay 2500us loss 0% rate 500kbit"


class FakeHosts:
    """Notes the playbooks; fails in the one told."""

    def __init__(self, output: Path, failing: str = "") -> None:
        self.output, self.failing = output, failing
        self.played: list[str] = []
        self.sides = {"source": "a", "target": "b"}
        self.known = {"a": SimpleNamespace(peer_address="10.0.0.1"), "b": SimpleNamespace(peer_address="10.0.0.2")}

    def play(self, playbook: str, _log: str, **values: t.Any) -> None:
        self.played.append(f"{playbook} {values['bench_link']}")
        assert values["bench_peers"] == {"a": "10.0.0.2", "b": "10.0.0.1"}
        if self.failing == values["bench_link"]:
            raise HandsError("the kernel can't")
        Path(values["bench_seen"]).write_text(json.dumps({"link_round_trip_ms": 50.4}))


def over(hosts: FakeHosts, shape: Shape | None, error: Exception | None = None) -> dict[str, t.Any]:
    with shaped(t.cast("Hosts", hosts), shape) as link:
        if error:
            raise error
    return link


def test_facts_of_the_link(tmp_path: Path) -> None:
    hosts = FakeHosts(tmp_path)
    assert over(hosts, Shape()) == {"link": str(Shape()), "link_round_trip_ms": 50.4}
    assert hosts.played == ["move_link on", "move_link off"]


def test_it_is_taken_back_however_the_run_ends(tmp_path: Path) -> None:
    hosts = FakeHosts(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        over(hosts, Shape(), t.cast("Exception", KeyboardInterrupt()))
    assert hosts.played[-1] == "move_link off"
    hosts = FakeHosts(tmp_path, failing="on")
    with pytest.raises(HandsError):
        over(hosts, Shape())
    assert hosts.played[-1] == "move_link off"


def test_a_host_out_of_reach_at_the_end_takes_nothing_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hosts = FakeHosts(tmp_path, failing="off")
    assert over(hosts, Shape())["link_round_trip_ms"] == 50.4
    with pytest.raises(ValueError, match="before"):
        over(hosts, Shape(), ValueError("before"))
    assert capsys.readouterr().err.count("The link may be shaped still") == 2


def test_without_a_shape_nothing_is_done(tmp_path: Path) -> None:
    hosts = FakeHosts(tmp_path)
    assert over(hosts, None) == {}
    assert hosts.played == []
