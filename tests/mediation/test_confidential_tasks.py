"""A task that the diagram marks as confidential: the staff do it, and no party learns that it is there."""

import pytest
from sqlalchemy import select

from engine import errors, open_tasks, tasks
from engine.mediation import cases, inbox
from engine.mediation.case_page import CaseView, diagram, show_case
from engine.models.processes import UserTask
from engine.policy import Actor
from tests import diagrams

from ..conftest import TENANT, House

GROUPS = "reception, party"
PROPERTIES = '<zeebe:property name="confidential" value="{}"/>'


def marked(node_id: str, value: str) -> str:
    """A user task of reception and of parties with the property."""
    drawn = diagrams.user_task(node_id, groups=GROUPS)
    properties = f"<zeebe:properties>{PROPERTIES.format(value)}</zeebe:properties>"
    return drawn.replace("<bpmn:extensionElements>", f"<bpmn:extensionElements>{properties}", 1)


@pytest.fixture
def case_id(house: House) -> str:
    steps = [marked("report_harm", "true"), marked("ask", "false")]
    house.deploy({"mediation.bpmn": diagrams.in_line("mediation", steps)})
    return cases.open_case(house.engine, house.reception, "k")


@pytest.fixture
def party(case_id: str) -> Actor:
    return Actor(TENANT, "p", "罗小琴", frozenset({"party"}), party_id="p", instance_id=case_id)


def open_task_id(house: House) -> str:
    with house.engine.sessions.query(TENANT) as session:
        return session.scalars(select(UserTask.id).where(UserTask.status == "open")).one()


def told(view: CaseView) -> set[str]:
    """Every node that the page of a case names."""
    steps = {step.node_id for position in view.positions for step in position.steps}
    marks = {node for position in view.positions for node in (*position.active, *position.done)}
    timeline = {row.node_id for row in view.timeline if row.node_id}
    return steps | marks | timeline | {row.node_id for row in view.tasks}


def test_no_list_count_timeline_or_position_tells_a_party_of_it(
    house: House, case_id: str, party: Actor
) -> None:
    task_id = open_task_id(house)
    for actor, count in ((house.reception, 1), (party, 0)):
        found = inbox.list_tasks(house.engine, actor, "role")
        assert (len(found.rows), found.counts.role) == (count, count)
        assert (open_tasks.first_to_do(house.engine, actor, [task_id]) is not None) == bool(count)
    tasks.complete_task(house.engine, house.reception, task_id, {}, "done")
    assert "report_harm" in told(show_case(house.engine, house.reception, case_id))
    seen = told(show_case(house.engine, party, case_id))
    assert "ask" in seen
    assert "report_harm" not in seen
    assert inbox.list_tasks(house.engine, party, "role").counts.role == 1


def test_a_party_can_neither_open_nor_do_it_nor_type_into_it(house: House, party: Actor) -> None:
    task_id, engine = open_task_id(house), house.engine
    assert open_tasks.open_task(engine, house.reception, task_id).task.id == task_id
    with pytest.raises(errors.NotFound):
        open_tasks.open_task(engine, party, task_id)
    with pytest.raises(errors.NotFound):
        tasks.complete_task(engine, party, task_id, {}, "k2")
    with pytest.raises(errors.NotFound):
        tasks.save_draft(engine, party, task_id, {})


def test_a_party_is_given_no_diagram(house: House, case_id: str, party: Actor) -> None:
    assert b"report_harm" in diagram(house.engine, house.reception, case_id, case_id)
    with pytest.raises(errors.NotFound):
        diagram(house.engine, party, case_id, case_id)
