"""Service tasks: a job does the work outside any transaction, its result comes back as a command."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, arrivals, audit, bpmn, errors, instances, jobs, messages, policy, signals, throws
from engine.models.base import new_id
from engine.models.processes import ProcessInstance
from engine.services import Call, Result, ServiceTask
from engine.tree import Live, Tree

ALONE = "service_alone"


@dataclass(frozen=True)
class _Place:
    """Where a service task waits."""

    root_id: str
    instance_id: str
    wait_id: str

    @property
    def job_key(self) -> str:
        return arrivals.job_key(self.instance_id, self.wait_id)


def perform(engine: Engine, tenant_id: str, payload: Mapping[str, Any]) -> None:
    """The handler of service jobs: do the work, then complete the task or throw its error.

    A place where the token no longer waits is left alone, so a job that runs twice does no harm.
    """
    place = _Place(payload["root_id"], payload["instance_id"], payload["wait_id"])
    node = _node(engine, tenant_id, place)
    if node is None:
        with engine.sessions.command(tenant_id) as session:
            jobs.finish(session, place.job_key)
        return
    service = engine.services.tasks[node.service or ""]
    call = Call(engine, tenant_id, place.root_id, place.wait_id, node.properties)
    try:
        value = service.work(call)
    except errors.Refusal as refused:
        # What the law forbids is no error that a diagram could go on from.
        if not service.error_code or isinstance(refused, errors.LawForbids):
            raise
        _return(engine, tenant_id, place, _throwing(service, refused))
    else:
        _return(engine, tenant_id, place, _completing(service, value))


def ask_alone(
    session: Session, root_id: str, service: str, properties: Mapping[str, str], at: dt.datetime
) -> None:
    """Have a service done for a case that no token waits for, such as printing a list that has changed."""
    key = f"{ALONE}:{new_id()}"
    payload = {"key": key, "root_id": root_id, "node_id": "", "service": service, "properties": properties}
    jobs.enqueue(session, ALONE, key, at, payload)


def perform_alone(engine: Engine, tenant_id: str, payload: Mapping[str, Any]) -> None:
    """The handler of what `ask_alone` asks for: done twice, it leaves the same."""
    service, properties = engine.services.tasks[payload["service"]], payload["properties"]
    value = service.work(Call(engine, tenant_id, payload["root_id"], "", properties))
    with engine.sessions.command(tenant_id) as session:
        root = instances.lock(session, payload["root_id"])
        service.store(Result(session, engine, root, properties, value, engine.now()))
        jobs.finish(session, payload["key"])


HANDLERS: Mapping[str, jobs.Handler] = {
    arrivals.SERVICE: perform,
    ALONE: perform_alone,
    throws.SIGNAL: signals.receive,
    messages.UNHEARD: messages.tell_again,
}

Outcome = Callable[[Tree, Live, bpmn.Wait], None]


def _completing(service: ServiceTask, value: Any) -> Outcome:
    def outcome(tree: Tree, live: Live, wait: bpmn.Wait) -> None:
        variables = service.store(_result(tree, wait, value))
        tree.complete(live, wait, variables)
        _record(tree, wait, "service.completed")

    return outcome


def _throwing(service: ServiceTask, refused: errors.Refusal) -> Outcome:
    def outcome(tree: Tree, live: Live, wait: bpmn.Wait) -> None:
        if service.refused:
            service.refused(_result(tree, wait, refused))
        if not tree.throw(live, wait, service.error_code):
            raise errors.ErrorUncaught(element_id=wait.node.id, error_code=service.error_code) from refused
        _record(tree, wait, "service.refused")

    return outcome


def _return(engine: Engine, tenant_id: str, place: _Place, outcome: Outcome) -> None:
    with engine.sessions.command(tenant_id) as session:
        root = instances.lock(session, place.root_id)
        tree = Tree(session, engine, root, engine.now())
        found = _waiting(tree, place)
        if found is not None:
            outcome(tree, *found)
        jobs.finish(session, place.job_key)
        tree.store()


def _waiting(tree: Tree, place: _Place) -> tuple[Live, bpmn.Wait] | None:
    # While the work was done the call may have been withdrawn: a cancelled instance keeps its last state.
    try:
        live = tree.live(place.instance_id)
        return live, live.wait(place.wait_id)
    except errors.TaskCancelled:
        return None


def _result(tree: Tree, wait: bpmn.Wait, value: Any) -> Result:
    return Result(tree.session, tree.engine, tree.root, wait.node.properties, value, tree.at)


def _record(tree: Tree, wait: bpmn.Wait, action: str) -> None:
    entry = audit.Entry(action, wait.id, tree.at, wait.node.id, wait.node.properties.get("lawRef", ""))
    tree.record(policy.system(tree.root.tenant_id), entry)


def _node(engine: Engine, tenant_id: str, place: _Place) -> bpmn.Node | None:
    with engine.sessions.query(tenant_id) as session:
        row = session.scalars(select(ProcessInstance).where(ProcessInstance.id == place.instance_id)).one()
        if row.status != "active":
            return None
        definition = engine.definitions.process(session, row.release_id, row.process_id)
        stepper = bpmn.Stepper.restore(definition, row.state)
        return next((wait.node for wait in stepper.waits if wait.id == place.wait_id), None)
