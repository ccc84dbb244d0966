"""What waits to be done, counted on both databases."""

import pytest

from engine import instances, timed_starts
from engine.backlog import Backlog, backlog
from tests.conftest import TENANT, House
from tests.engine.test_clocks import pause, resume
from tests.engine.test_start_timers import timed
from tests.engine.test_tasks import begin
from tests.engine.test_timers import LIMITED, fire


@pytest.fixture
def limited(house: House) -> tuple[House, str]:
    house.deploy({"limited.bpmn": LIMITED})
    return house, begin(house, "limited")


def now(house: House) -> Backlog:
    return backlog(house.engine, TENANT)


def test_an_empty_tenant_waits_for_nothing(house: House) -> None:
    assert now(house) == Backlog(0, 0, {}, {}, {}, 0.0, 0.0)


def test_a_timer_is_late_from_its_moment_until_it_has_fired(limited: tuple[House, str]) -> None:
    house, _ = limited
    assert (now(house).open_tasks, now(house).timers, now(house).timer_delay) == (1, {"waiting": 1}, 0.0)
    house.clock.forward(days=3, seconds=7)
    assert now(house).timer_delay == 7.0
    fire(house)
    assert (now(house).timers, now(house).timer_delay) == ({}, 0.0)


def test_a_timer_whose_clock_stands_still_is_not_late(limited: tuple[House, str]) -> None:
    house, root_id = limited
    pause(house, root_id)
    house.clock.forward(days=30)
    assert now(house).timer_delay == 0.0
    resume(house, root_id)
    house.clock.forward(days=4)
    assert now(house).timer_delay == 86_400.0


def test_a_process_that_a_timer_could_not_start_is_counted_and_one_that_is_due_is_late(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("it can't be started")

    house.deploy({"sweep.bpmn": timed("P1D")})
    assert (now(house).timers, now(house).timer_delay) == ({"waiting": 1}, 0.0)
    house.clock.forward(days=1, seconds=7)
    assert now(house).timer_delay == 7.0
    monkeypatch.setattr(instances, "start", fail)
    assert timed_starts.start_due(house.engine) == 1
    assert (now(house).timers, now(house).timer_delay) == ({"failed": 1}, 0.0)
