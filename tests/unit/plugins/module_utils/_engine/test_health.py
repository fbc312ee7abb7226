# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from fake_engine import FakeEngine
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._engine import health
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

READY, STARTED = health.CONDITION_READY, health.CONDITION_STARTED
HEALTHY, COMPLETED = health.CONDITION_HEALTHY, health.CONDITION_COMPLETED


def inspected(status="running", check="", exit_code=0, policy="no", restarts=0, output=""):
    state = {"Status": status, "ExitCode": exit_code, "Running": status == "running"}
    if check:
        state["Health"] = {"Status": check, "Log": [{"Output": output}] if output else []}
    return {
        "Id": "1",
        "Name": "/x",
        "Config": {"Labels": {}},
        "State": state,
        "RestartCount": restarts,
        "HostConfig": {"RestartPolicy": {"Name": policy}},
        "NetworkSettings": {"Networks": {}},
    }


CASES = [
    (inspected(), READY, "reached"),
    (inspected(), STARTED, "reached"),
    (inspected(), HEALTHY, "failed"),
    (inspected(), COMPLETED, "waiting"),
    (inspected(check="starting"), READY, "waiting"),
    (inspected(check="starting"), STARTED, "reached"),
    (inspected(check="healthy"), READY, "reached"),
    (inspected(check="healthy"), HEALTHY, "reached"),
    (inspected(check="unhealthy", output="no\nanswer"), HEALTHY, "failed"),
    (inspected("created"), STARTED, "waiting"),
    (inspected("restarting", exit_code=1), READY, "waiting"),
    (inspected("exited"), READY, "reached"),
    (inspected("exited"), COMPLETED, "reached"),
    (inspected("exited"), STARTED, "reached"),
    (inspected("exited"), HEALTHY, "failed"),
    (inspected("exited", exit_code=3), READY, "failed"),
    (inspected("exited", exit_code=3), COMPLETED, "failed"),
    (inspected("exited", exit_code=3, policy="on-failure"), COMPLETED, "waiting"),
    (inspected("exited", policy="on-failure"), READY, "reached"),
    (inspected("exited", policy="always"), READY, "waiting"),
    (inspected("stopped", exit_code=3), READY, "failed"),
    (None, READY, "failed"),
]


@pytest.mark.parametrize(("container", "condition", "expected"), CASES)
def test_judge(container, condition, expected):
    verdict, reason = health.judge(container, condition)
    assert verdict == expected
    assert bool(reason) == (verdict != "reached")


def test_an_unhealthy_container_shows_what_its_check_said():
    assert health.judge(inspected(check="unhealthy", output="no\nanswer"), READY)[1] == "it is unhealthy: no answer"


class Clock(FakeHostIO):
    def __init__(self):
        super().__init__()
        self.now = 100.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


class Script(FakeEngine):
    """Answers one state after the other; the last one stays."""

    def __init__(self, *states):
        super().__init__()
        self.states = list(states)

    def container(self, name):
        return self.states.pop(0) if len(self.states) > 1 else self.states[0]


def wait(condition, *states, timeout_seconds=30, **more):
    clock = Clock()
    health.Waiter(Script(*states), clock, timeout_seconds).wait("x", condition, **more)
    return clock.now - 100


def test_wait_until_healthy():
    assert wait(HEALTHY, inspected(check="starting"), inspected(check="starting"), inspected(check="healthy")) == 1.0


def test_without_a_health_check_it_has_to_stay_up_only_when_just_started():
    assert wait(READY, inspected()) == health.STABLE_SECONDS
    assert wait(READY, inspected(), just_started=False) == 0


class Several(FakeEngine):
    """Answers for each container by its name, and remembers how often it was asked."""

    def __init__(self, clock, **answers):
        super().__init__()
        self.clock, self.answers, self.asked = clock, answers, []

    def container(self, name):
        self.asked.append(name)
        answer = self.answers[name]
        return answer(self.clock.now - 100) if callable(answer) else answer


def test_all_are_waited_for_at_the_same_time():
    clock = Clock()
    slow = Several(
        clock,
        a=inspected(),
        b=inspected(),
        c=lambda now: inspected(check="healthy" if now >= 4 else "starting"),
        d=inspected("exited", exit_code=0),
    )
    health.Waiter(slow, clock, 30).wait_for_all(dict.fromkeys("abcd", True), READY)
    assert clock.now - 100 == 4
    assert [slow.asked.count(name) for name in "abcd"] == [2, 2, 9, 1]


def test_one_of_many_that_fails_is_named():
    clock = Clock()
    engine = Several(clock, a=inspected(check="starting"), b=inspected(check="unhealthy"))
    with pytest.raises(HostError, match=r"^container b: it is unhealthy; the last lines"):
        health.Waiter(engine, clock, 30).wait_for_all({"a": True, "b": True}, READY)


def test_one_of_many_that_takes_too_long_is_named():
    clock = Clock()
    engine = Several(clock, a=inspected(), b=inspected(check="starting"))
    with pytest.raises(HostError, match=r"^container b: not ready within 5 s: its health check has not succeeded yet"):
        health.Waiter(engine, clock, 5).wait_for_all({"a": True, "b": True}, READY)


def test_one_that_was_restarted_meanwhile_begins_to_stay_up_again():
    clock = Clock()
    counts = iter([0, 1, 1])
    engine = Several(clock, a=lambda _now: inspected(policy="always", restarts=next(counts)))
    health.Waiter(engine, clock, 30).wait("a", READY)
    assert clock.now - 100 == 2 * health.STABLE_SECONDS
    assert len(engine.asked) == 3


@pytest.mark.parametrize(("restarts", "seconds"), [(0, 0.0), (1, health.STABLE_SECONDS)])
def test_what_was_started_a_while_ago_and_never_restarted_has_stayed_up(restarts, seconds):
    clock = Clock()
    waiter = health.Waiter(Several(clock, a=inspected(restarts=restarts)), clock, 30)
    waiter.started("a")
    clock.now += 5
    waiter.wait("a", READY)
    assert clock.now - 105 == seconds


def test_the_time_begins_with_the_first_wait_and_is_one_for_all():
    clock = Clock()
    states = {
        "a": lambda now: inspected(check="healthy" if now >= 404 else "starting"),
        "b": inspected(check="starting"),
    }
    waiter = health.Waiter(Several(clock, **states), clock, 10)
    clock.now += 400
    waiter.wait("a", HEALTHY)
    with pytest.raises(HostError, match="container b: not ready within 10 s"):
        waiter.wait("b", HEALTHY)
    assert clock.now - 500 == 10


def test_a_condition_that_many_wait_for_is_asked_for_once():
    clock = Clock()
    engine = Several(clock, a=inspected(check="healthy"))
    waiter = health.Waiter(engine, clock, 30)
    waiter.wait_once("a", STARTED)
    waiter.wait_once("a", HEALTHY)
    waiter.wait_once("a", HEALTHY)
    assert engine.asked == ["a", "a"]
    waiter.started("b")
    waiter.wait_once("b", STARTED)
    assert engine.asked == ["a", "a"]


def test_asking_takes_at_most_half_of_the_time():
    clock = Clock()

    def answer(now):
        clock.now += 2
        return inspected(check="healthy" if now > 5 else "starting")

    engine = Several(clock, a=answer)
    health.Waiter(engine, clock, 30).wait("a", HEALTHY)
    assert len(engine.asked) == 3


def test_an_engine_that_can_t_be_asked_is_told_as_it_is():
    class Broken(FakeEngine):
        def container(self, name):
            raise HostError("container a can't be read: no")

    with pytest.raises(HostError, match=r"^container a can't be read: no$"):
        health.Waiter(Broken(), Clock(), 30).wait("a", READY)


def test_a_container_that_runs_for_a_moment_only_is_not_ready():
    with pytest.raises(
        HostError, match="container x: it ended with exit code 3; the last lines of its log:\n  a line of x"
    ):
        wait(READY, inspected(), inspected("exited", exit_code=3))


def test_a_container_that_keeps_ending_fails_before_the_time_is_over():
    states = [inspected("restarting", policy="always", restarts=count) for count in range(9)]
    with pytest.raises(HostError, match="it keeps ending after its start"):
        wait(READY, *states, timeout_seconds=1000)


def test_what_is_waited_for_is_named_with_what_its_check_said():
    with pytest.raises(health.NotReadyError, match="not succeeded yet: no answer; raise timeout_seconds") as caught:
        wait(HEALTHY, inspected(check="starting", output="no\nanswer"), timeout_seconds=7)
    assert (caught.value.container, caught.value.key) == ("x", "healthcheck")
    with pytest.raises(health.NotReadyError) as caught:
        wait(READY, inspected("exited", exit_code=3, check="unhealthy"))
    assert (caught.value.container, caught.value.key) == ("x", "")


def test_the_time_is_limited():
    with pytest.raises(
        HostError, match="not ready within 7 s: its health check has not succeeded yet; raise timeout_seconds"
    ):
        wait(HEALTHY, inspected(check="starting"), timeout_seconds=7)
