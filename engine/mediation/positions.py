"""Where a case stands: for each of its process instances, which activities are done, active, ahead."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, bpmn
from engine.models.processes import InstanceMigration, ProcessInstance, UserTask
from engine.models.records import AuditRow
from engine.policy import Actor

ACTIVITIES = ("user_task", "manual_task", "service_task", "send_task", "business_rule_task", "call_activity")
SERVICE_DONE = "service.completed"


class Names(NamedTuple):
    """A node's name in Chinese and in English; a confidential node is there for the staff alone."""

    name: str
    name_en: str
    confidential: bool = False


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


def positions_of(session: Session, engine: Engine, actor: Actor, case_id: str) -> list[Position]:
    """The case's instances in the order in which they began; a party sees no confidential step in them."""
    instances = _instances(session, case_id)
    found = [_position(session, engine, row, instances) for row in instances]
    if actor.party_id is None:
        return found
    names = names_of(session, engine, case_id)
    hidden = {node_id for node_id, one in names.items() if one.confidential}
    secret = _called_in_confidence(session, engine, instances)
    return [_shown(position, hidden) for position in found if position.instance_id not in secret]


def _called_in_confidence(session: Session, engine: Engine, instances: list[ProcessInstance]) -> set[str]:
    """The ids of instances that a confidential activity has called, and of those that they have called."""
    found: set[str] = set()
    processes = {row.id: (row.release_id, row.process_id) for row in instances}
    for row in instances:
        if row.parent_id is None:
            continue
        nodes = engine.definitions.process(session, *processes[row.parent_id]).nodes
        called = [node for node in nodes.values() if node.called_process == row.process_id]
        if row.parent_id in found or any(_is_confidential(node, nodes) for node in called):
            found.add(row.id)
    return found


def _shown(position: Position, hidden: Collection[str]) -> Position:
    return replace(
        position,
        active=[node_id for node_id in position.active if node_id not in hidden],
        done=[node_id for node_id in position.done if node_id not in hidden],
        steps=[step for step in position.steps if step.node_id not in hidden],
    )


def names_of(session: Session, engine: Engine, case_id: str) -> dict[str, Names]:
    """Node id → names, of all nodes in the case's processes, in the releases too that it has left."""
    rows = _instances(session, case_id)
    left = select(InstanceMigration.from_release_id).where(InstanceMigration.root_id == case_id)
    releases = session.scalars(left.order_by(InstanceMigration.id)).all()
    known = {(release_id, row.process_id) for release_id in releases for row in rows}
    found = [key for key in known if ("process", key[1]) in engine.definitions.items(session, key[0])]
    return {
        node.id: Names(node.name or "", node.name_en or "", _is_confidential(node, nodes))
        for key in (*found, *((row.release_id, row.process_id) for row in rows))
        for nodes in (engine.definitions.process(session, *key).nodes,)
        for node in nodes.values()
    }


def _is_confidential(node: bpmn.Node, nodes: Mapping[str, bpmn.Node]) -> bool:
    # The clock on a task tells as much as the task, and what stands inside as much as what is around it.
    around = (nodes.get(node.attached_to or ""), nodes.get(node.scope))
    return node.is_confidential or any(one is not None and _is_confidential(one, nodes) for one in around)


def _position(
    session: Session, engine: Engine, row: ProcessInstance, instances: list[ProcessInstance]
) -> Position:
    definition = engine.definitions.process(session, row.release_id, row.process_id)
    stepper = bpmn.Stepper.restore(definition, row.state)
    active = [wait.node.id for wait in stepper.waits if wait.node.kind in ACTIVITIES]
    # A case that was moved to another release may have done what its diagram no longer shows.
    done = {*_done(session, row, definition, instances), *stepper.end_nodes} & definition.nodes.keys()
    return Position(
        instance_id=row.id,
        process_id=row.process_id,
        name=definition.name or row.process_id,
        name_en=definition.name_en or "",
        status=row.status,
        active=active if row.status == "active" else [],
        done=sorted(done - set(active)),
        steps=_steps(definition, active if row.status == "active" else [], done - set(active)),
    )


def _steps(definition: bpmn.Definition, active: list[str], done: set[str]) -> list[StepView]:
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
