"""Service tasks: a job does the work outside any transaction, its result comes back as a command."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from engine import Engine, arrivals, audit, bpmn, errors, instances, jobs, policy, signals, throws
from engine.models.processes import ProcessInstance
from engine.services import Call, Result, ServiceTask


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
        if not service.error_code:
            raise
        _return(engine, tenant_id, place, _throwing(service, refused))
    else:
        _return(engine, tenant_id, place, _completing(service, value))


HANDLERS: Mapping[str, jobs.Handler] = {arrivals.SERVICE: perform, throws.SIGNAL: signals.receive}

Outcome = Callable[[instances.Tree, instances.Live, bpmn.Wait], None]


def _completing(service: ServiceTask, value: Any) -> Outcome:
    def outcome(tree: instances.Tree, live: instances.Live, wait: bpmn.Wait) -> None:
        variables = service.store(_result(tree, wait, value))
        tree.complete(live, wait, variables)
        _record(tree, wait, "service.completed")

    return outcome


def _throwing(service: ServiceTask, refused: errors.Refusal) -> Outcome:
    def outcome(tree: instances.Tree, live: instances.Live, wait: bpmn.Wait) -> None:
        if service.refused:
            service.refused(_result(tree, wait, refused))
        if not tree.throw(live, wait, service.error_code):
            raise errors.ErrorUncaught(element_id=wait.node.id, error_code=service.error_code) from refused
        _record(tree, wait, "service.refused")

    return outcome


def _return(engine: Engine, tenant_id: str, place: _Place, outcome: Outcome) -> None:
    with engine.sessions.command(tenant_id) as session:
        root = instances.lock(session, place.root_id)
        tree = instances.Tree(session, engine, root, engine.now())
        found = _waiting(tree, place)
        if found is not None:
            outcome(tree, *found)
        jobs.finish(session, place.job_key)
        tree.store()


def _waiting(tree: instances.Tree, place: _Place) -> tuple[instances.Live, bpmn.Wait] | None:
    # While the work was done the call may have been withdrawn: a cancelled instance keeps its last state.
    try:
        live = tree.live(place.instance_id)
        return live, live.wait(place.wait_id)
    except errors.TaskCancelled:
        return None


def _result(tree: instances.Tree, wait: bpmn.Wait, value: Any) -> Result:
    return Result(tree.session, tree.engine, tree.root, wait.node.properties, value, tree.at)


def _record(tree: instances.Tree, wait: bpmn.Wait, action: str) -> None:
    entry = audit.Entry(action, wait.id, tree.at, wait.node.id, wait.node.properties.get("lawRef", ""))
    audit.record(tree.session, tree.engine.keys, tree.root, policy.system(tree.root.tenant_id), entry)


def _node(engine: Engine, tenant_id: str, place: _Place) -> bpmn.Node | None:
    with engine.sessions.query(tenant_id) as session:
        row = session.scalars(select(ProcessInstance).where(ProcessInstance.id == place.instance_id)).one()
        if row.status != "active":
            return None
        definition = engine.definitions.process(session, row.release_id, row.process_id)
        stepper = bpmn.Stepper.restore(definition, row.state)
        return next((wait.node for wait in stepper.waits if wait.id == place.wait_id), None)
