"""Where a case stands: for each of its process instances, which activities are done, active, ahead."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, bpmn
from engine.models.processes import ProcessInstance, UserTask
from engine.models.records import AuditRow

ACTIVITIES = ("user_task", "manual_task", "service_task", "send_task", "business_rule_task", "call_activity")
SERVICE_DONE = "service.completed"


class Names(NamedTuple):
    """A node's name in Chinese and in English."""

    name: str
    name_en: str


@dataclass(frozen=True)
class StepView:
    """An activity in the list for readers of text; state is done, active or ahead."""

    node_id: str
    name: str
    name_en: str
    state: str


@dataclass(frozen=True)
class Position:
    """One process instance of the case; `active` and `done` are node ids for the diagram's markers."""

    instance_id: str
    process_id: str
    name: str
    name_en: str
    status: str
    active: list[str]
    done: list[str]
    steps: list[StepView]


def positions_of(session: Session, engine: Engine, case_id: str) -> list[Position]:
    """The case's instances in the order in which they began."""
    instances = _instances(session, case_id)
    return [_position(session, engine, row, instances) for row in instances]


def names_of(session: Session, engine: Engine, case_id: str) -> dict[str, Names]:
    """Node id → names, of all nodes in the case's processes."""
    return {
        node.id: Names(node.name or "", node.name_en or "")
        for row in _instances(session, case_id)
        for node in engine.definitions.process(session, row.release_id, row.process_id).nodes.values()
    }


def _position(
    session: Session, engine: Engine, row: ProcessInstance, instances: list[ProcessInstance]
) -> Position:
    definition = engine.definitions.process(session, row.release_id, row.process_id)
    stepper = bpmn.Stepper.restore(definition, row.state)
    active = [wait.node.id for wait in stepper.waits if wait.node.kind in ACTIVITIES]
    ended = [node_id for node_id in stepper.end_nodes if node_id in definition.nodes]
    done = sorted({*_done(session, row, definition, instances), *ended} - set(active))
    return Position(
        instance_id=row.id,
        process_id=row.process_id,
        name=definition.name or row.process_id,
        name_en=definition.name_en or "",
        status=row.status,
        active=active if row.status == "active" else [],
        done=done,
        steps=_steps(definition, active if row.status == "active" else [], done),
    )


def _steps(definition: bpmn.Definition, active: list[str], done: list[str]) -> list[StepView]:
    states = dict.fromkeys(done, "done") | dict.fromkeys(active, "active")
    return [
        StepView(node.id, node.name or node.id, node.name_en or "", states.get(node.id, "ahead"))
        for node in definition.nodes.values()
        if node.kind in ACTIVITIES
    ]


def _done(
    session: Session, row: ProcessInstance, definition: bpmn.Definition, instances: list[ProcessInstance]
) -> Iterator[str]:
    completed = select(UserTask.node_id).where(UserTask.instance_id == row.id, UserTask.status == "completed")
    yield from session.scalars(completed)
    served = select(AuditRow.node_id).where(AuditRow.chain_id == row.root_id, AuditRow.action == SERVICE_DONE)
    called = {one.process_id for one in instances if one.parent_id == row.id and one.status == "ended"}
    by_service = set(session.scalars(served))
    for node in definition.nodes.values():
        decided = node.result_variable is not None and node.result_variable in row.variables
        if node.kind == "start_event" or node.id in by_service or node.called_process in called or decided:
            yield node.id


def _instances(session: Session, case_id: str) -> list[ProcessInstance]:
    found = select(ProcessInstance).where(ProcessInstance.root_id == case_id).order_by(ProcessInstance.id)
    return list(session.scalars(found))
