"""Processes that a timer starts: each due time one instance, late if need be, a failure alone."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from engine import audit, bodies, instances, timed_starts
from engine.models.processes import ProcessInstance
from tests import diagrams
from tests.away import away_at
from tests.conftest import TENANT, House, recorded
from tests.engine.test_start_timers import start_timers, timed
from tests.engine.test_tasks import open_tasks
from tests.engine.test_timers import timer


def started(house: House, process_id: str = "sweep") -> list[ProcessInstance]:
    with house.engine.sessions.query(TENANT) as session:
        found = select(ProcessInstance).where(ProcessInstance.process_id == process_id)
        return list(session.scalars(found.order_by(ProcessInstance.id)))


def start_all(house: House) -> int:
    """As the worker does: until nothing is due."""
    count = 0
    while found := timed_starts.start_due(house.engine):
        count += found
    return count


def test_a_duration_after_activation_starts_one_instance_and_no_second(house: House) -> None:
    house.deploy({"sweep.bpmn": timed("P1D")})
    house.clock.forward(days=1, microseconds=-1)
    assert start_all(house) == 0
    house.clock.forward(microseconds=1)
    assert start_all(house) == 1
    house.clock.forward(days=30)
    house.deploy({"other.bpmn": diagrams.in_line("other", [])})
    assert start_all(house) == 0
    (root,) = started(house)
    assert [task.node_id for task in open_tasks(house, root.id)] == ["look"]
    assert [row.status for row in start_timers(house)] == ["done"]


def test_the_system_starts_it_in_the_care_of_the_outermost_body(house: House) -> None:
    with house.engine.sessions.command(TENANT) as session:
        bodies.ensure_body(session, bodies.NewBody("某社区", parent_id=house.body_id))
    house.deploy({"sweep.bpmn": timed("P1D")})
    house.clock.forward(days=1)
    start_all(house)
    (root,) = started(house)
    assert (root.body_id, root.started_at) == (house.body_id, house.clock())
    assert recorded(house, root.id) == ["process.started"]
    with house.engine.sessions.query(TENANT) as session:
        found = select(audit.AuditRow.actor_id).where(audit.AuditRow.chain_id == root.id)
        assert session.scalars(found).all() == ["system"]
    assert audit.verify(house.engine, TENANT, {}) == []


def test_a_cycle_starts_as_often_as_it_says_even_if_the_system_was_down(house: House) -> None:
    house.deploy({"sweep.bpmn": timed("R3/P1D", "timeCycle")})
    house.clock.forward(days=1)
    assert start_all(house) == 1
    house.clock.forward(days=10)
    assert start_all(house) == 2
    house.clock.forward(days=10)
    assert start_all(house) == 0
    assert len(started(house)) == 3


def test_a_cycle_without_end_goes_on(house: House) -> None:
    house.deploy({"sweep.bpmn": timed("R/PT1H", "timeCycle")})
    for _ in range(5):
        house.clock.forward(hours=1)
        assert start_all(house) == 1
    assert len(started(house)) == 5


def test_several_timers_of_one_process_start_it_each_at_its_own_event(house: House) -> None:
    nodes = [
        diagrams.event("startEvent", "daily", timer("P1D")),
        diagrams.event("startEvent", "weekly", timer("P7D")),
        diagrams.user_task("by_day"),
        diagrams.user_task("by_week"),
        diagrams.end(),
        diagrams.end("ended_too"),
    ]
    flows = ["daily -> by_day", "weekly -> by_week", "by_day -> ended", "by_week -> ended_too"]
    house.deploy({"sweep.bpmn": diagrams.process("sweep", nodes, flows)})
    house.clock.forward(days=8)
    assert start_all(house) == 2
    opened = [[task.node_id for task in open_tasks(house, root.id)] for root in started(house)]
    assert opened == [["by_day"], ["by_week"]]


def test_a_start_that_fails_is_set_aside_alone_until_a_release_mends_it(house: House) -> None:
    nodes = [
        diagrams.event("startEvent", "due", timer("P1D")), diagrams.choice("which"),
        diagrams.user_task("look"), diagrams.end(), diagrams.end("stopped"),
    ]  # fmt: skip
    flows = ["due -> which", "which -> look: 1/0 > 1", "which => stopped", "look -> ended"]
    house.deploy(
        {"sweep.bpmn": diagrams.process("sweep", nodes, flows), "a.bpmn": timed("P2D", process_id="a")}
    )
    house.clock.forward(days=2)
    assert start_all(house) == 2
    assert (len(started(house)), len(started(house, "a"))) == (0, 1)
    failed = next(row for row in start_timers(house) if row.process_id == "sweep")
    assert (failed.status, "flow_1" in failed.error) == ("failed", True)
    house.deploy({"sweep.bpmn": timed("P1D")})
    assert start_all(house) == 1
    assert len(started(house)) == 1


def test_a_start_that_the_database_did_not_let_through_is_made_up_for(house: House) -> None:
    house.deploy({"sweep.bpmn": timed("P1D")})
    house.clock.forward(days=1)
    with away_at(house, "INSERT INTO user_tasks") as lost, pytest.raises(DBAPIError):
        start_all(house)
    assert lost
    assert [(row.status, row.error) for row in start_timers(house)] == [("waiting", "")]
    assert start_all(house) == 1
    assert len(started(house)) == 1


@pytest.mark.parametrize("kind", ["timeDuration", "timeCycle"])
def test_a_start_that_failed_here_and_worked_elsewhere_is_not_set_aside(
    house: House, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    house.deploy({"sweep.bpmn": timed({"timeDuration": "P1D", "timeCycle": "R9/P1D"}[kind], kind)})
    house.clock.forward(days=3)
    put_aside: Callable[..., None] = timed_starts._set_aside

    def slowly(*rest: object) -> None:
        monkeypatch.undo()
        assert timed_starts.start_due(house.engine) == 1
        put_aside(*rest)

    def fail(*_: object) -> None:
        raise RuntimeError("only here")

    monkeypatch.setattr(timed_starts, "_set_aside", slowly)
    monkeypatch.setattr(instances, "start", fail)
    timed_starts.start_due(house.engine)
    assert [row.status for row in start_timers(house)] == [
        {"timeDuration": "done", "timeCycle": "waiting"}[kind]
    ]
