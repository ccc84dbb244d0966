"""A case that should not have begun is ended from outside, with all that waits in it; not against the law."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from engine import audit, errors, tasks
from engine.mediation import cancellations, lookup
from engine.models.cases import Case
from engine.models.clocks import Timer
from engine.models.processes import UserTask
from engine.models.records import Job
from engine.services import Services, ServiceTask
from engine.standing import standing
from tests import diagrams
from tests.conftest import MORNING, TENANT, House, recorded
from tests.engine.test_tasks import begin
from tests.engine.test_timers import fire, timer

from .conftest import Desk

REASON = "同一纠纷登记了两次"
INNER = diagrams.in_line("inner", [diagrams.user_task("ask")])
OUTER = diagrams.process(
    "outer",
    [
        diagrams.start(), diagrams.fork("split"), diagrams.call_activity("call", "inner"),
        diagrams.user_task("answer"), diagrams.boundary("too_late", "answer", timer("P3D")),
        diagrams.service_task("print", "print"), diagrams.end(), diagrams.end("late"),
    ],
    [
        "begun -> split", "split -> call", "split -> answer", "split -> print",
        "call -> ended", "answer -> ended", "print -> ended", "too_late -> late",
    ],
)  # fmt: skip
SERVICES = Services(tasks={"print": ServiceTask(lambda _: None, lambda _: {})})


@pytest.fixture
def running(url: str, make_house: Callable[..., House]) -> tuple[House, str]:
    """A case, not yet accepted, in which a task, a timer, a job and a called process wait."""
    house = make_house(url, SERVICES)
    house.deploy({"outer.bpmn": OUTER, "inner.bpmn": INNER})
    root_id = begin(house, "outer")
    with house.engine.sessions.command(TENANT) as session:
        session.add(Case(tenant_id=TENANT, id=root_id, body_id=house.body_id, opened_at=MORNING))
    return house, root_id


def cancel(house: House, root_id: str) -> None:
    cancellations.cancel_case(house.engine, house.administrator, root_id, REASON)


def count(house: House, row: Any, *conditions: Any) -> int:
    with house.engine.sessions.query(TENANT) as session:
        return session.scalar(select(func.count()).select_from(row).where(*conditions)) or 0


def test_nothing_waits_any_more_and_it_is_recorded(running: tuple[House, str]) -> None:
    house, root_id = running
    before = standing(house.engine, house.administrator, root_id).root
    assert {one.kind for one in before.waiting} == {"task", "timer", "job"}
    assert [one.process_id for one in before.called] == ["inner"]
    cancel(house, root_id)
    after = standing(house.engine, house.administrator, root_id).root
    assert (after.waiting, after.called[0].waiting) == ([], [])
    assert (after.status, after.called[0].status) == ("cancelled", "cancelled")
    assert count(house, UserTask, UserTask.status == "open") == 0
    assert count(house, Timer) == 0
    assert count(house, Job, Job.status == "cancelled") == 1
    assert recorded(house, root_id)[-1] == "case.cancelled"
    assert not audit.verify(house.engine, TENANT, {})
    with house.engine.sessions.query(TENANT) as session:
        case = lookup.case_of(session, root_id)
        assert (case.status, case.end_code, case.end_reason) == ("ended", "other", REASON)
        assert case.ended_at == MORNING


def test_what_comes_late_finds_a_cancelled_case(running: tuple[House, str]) -> None:
    house, root_id = running
    with house.engine.sessions.query(TENANT) as session:
        task_id = session.scalars(select(UserTask.id).where(UserTask.node_id == "answer")).one()
    cancel(house, root_id)
    with pytest.raises(errors.TaskCancelled):
        tasks.complete_task(house.engine, house.mediator, task_id, {}, "k")
    house.clock.forward(days=30)
    assert fire(house) == 0
    with pytest.raises(errors.CaseClosed):
        cancel(house, root_id)


@pytest.mark.parametrize("role", ["reception", "mediator", "chief_mediator"])
def test_only_administrators_cancel_and_look_behind_a_case(running: tuple[House, str], role: str) -> None:
    house, root_id = running
    with pytest.raises(errors.Forbidden):
        cancellations.cancel_case(house.engine, house.actors[role], root_id, REASON)
    with pytest.raises(errors.Forbidden):
        standing(house.engine, house.actors[role], root_id)
    for unknown in (cancel, lambda house, root_id: standing(house.engine, house.administrator, root_id)):
        with pytest.raises(errors.NotFound):
            unknown(house, "nothing")


def test_an_agreement_that_binds_is_not_cancelled(desk: Desk) -> None:
    desk.ready_to_sign()
    with desk.command() as session:
        lookup.drafted_agreement(session, desk.case_id).effective_at = MORNING
    with pytest.raises(errors.LawForbids, match=r"Arts\. 31 and 32"):
        cancel(desk.house, desk.case_id)


def test_an_accepted_case_ends_only_after_the_parties_were_told_of_other_ways(desk: Desk) -> None:
    with desk.command() as session:
        lookup.case_of(session, desk.case_id).accepted_at = MORNING
    with pytest.raises(errors.LawForbids, match=r"Art\. 26"):
        cancel(desk.house, desk.case_id)
    assert "case.cancelled" not in recorded(desk.house, desk.case_id)
