"""Process instances: start, lock, step to the next wait states, store."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, insert, select
from sqlalchemy.orm import Session

from engine import Engine, arrivals, audit, bpmn, errors, events, loops, policy
from engine.models.base import new_id, table
from engine.models.people import InstanceMember
from engine.models.processes import ProcessInstance, UserTask
from engine.policy import Actor
from engine.releases import active_release
from engine.scope import Scope
from engine.sessions import NAMES_TENANT, after_commit, tenant_of

TASKS = table(UserTask)
ADD_TASK = insert(TASKS)
HOT = {NAMES_TENANT: True}


@dataclass
class Live:
    """An instance's row with the stepper that moves its tokens."""

    row: ProcessInstance
    definition: bpmn.Definition
    stepper: bpmn.Stepper
    known: dict[str, bpmn.Wait]

    def wait(self, wait_id: str) -> bpmn.Wait:
        """The place where a token waits under this id; TaskCancelled if it has gone on."""
        for wait in self.stepper.waits:
            if wait.id == wait_id:
                return wait
        raise errors.TaskCancelled


class Tree:
    """The instances of one case, locked through their root, while one command moves them."""

    def __init__(self, session: Session, engine: Engine, root: ProcessInstance, at: dt.datetime) -> None:
        self.session, self.engine, self.root, self.at = session, engine, root, at
        self.new_tasks: list[dict[str, Any]] = []
        self.disarmed: list[events.Armed] = []
        self._live: dict[str, Live] = {}
        self._scope: Scope | None = None

    def live(self, instance_id: str) -> Live:
        """The instance, loaded once; NotFound if it is not of this tree, TaskCancelled if not active."""
        if instance_id not in self._live:
            row = self.root if instance_id == self.root.id else self._row(instance_id)
            if row.status != "active":
                raise errors.TaskCancelled
            definition = self._definition(row.process_id)
            stepper = self.engine.definitions.live.take(row) or bpmn.Stepper.restore(definition, row.state)
            self._live[instance_id] = Live(row, definition, stepper, _by_id(stepper.waits))
        return self._live[instance_id]

    def start(self, row: ProcessInstance, start_id: str | None = None) -> None:
        """Put the first token into a new instance, at its first start event or another, and move it."""
        definition = self._definition(row.process_id)
        row.definition_hash = definition.hash
        live = self._live[row.id] = Live(row, definition, bpmn.Stepper.start(definition, start_id), {})
        self.session.add(row)
        live.stepper.run(self._evaluator(live))
        self._settle(live)

    def complete(self, live: Live, wait: bpmn.Wait, results: Mapping[str, Any]) -> None:
        """Finish a waiting activity with its results and move on to the next wait states."""
        self._merge(live, wait, results)
        loops.collect(self, live, wait)
        self.go_on(live, wait)

    def go_on(self, live: Live, wait: bpmn.Wait) -> None:
        """Let a token go on to the next wait states, its results being kept already."""
        live.known.pop(wait.id, None)
        live.stepper.complete(wait.id, self._evaluator(live))
        self._settle(live)

    def multiply(self, live: Live, wait: bpmn.Wait, count: int) -> None:
        """Begin as many instances of an activity over a collection."""
        live.known.pop(wait.id, None)
        live.stepper.multiply(wait.id, count, self._evaluator(live))
        self._settle(live)

    def trigger(self, live: Live, wait: bpmn.Wait, brought: Any = None, stays: bool = False) -> None:
        """Let a waiting event happen with the variables it brings; a timer that `stays` fires again."""
        self._merge(live, wait, brought or {})
        live.stepper.trigger(wait.id, self._evaluator(live), stays)
        self._settle(live)

    def throw(self, live: Live, wait: bpmn.Wait, error_code: str) -> bool:
        """Raise a BPMN error at a waiting activity; False if no event catches it, here or in a caller."""
        while not live.stepper.throw_error(wait.id, error_code, self._evaluator(live)):
            if live.row.parent_id is None:
                return False
            parent_wait_id = live.row.parent_wait_id or ""
            live = self.live(live.row.parent_id)
            wait = live.wait(parent_wait_id)
        self._settle(live)
        return True

    def escalate(self, live: Live, wait: bpmn.Wait, code: str | None) -> bool:
        """Raise an escalation at a waiting call activity; False if no event in this instance catches it."""
        caught = live.stepper.escalate(wait.id, code, self._evaluator(live))
        if caught:
            self._settle(live)
        return caught

    def scope(self, live: Live, inside: Iterable[bpmn.LoopInstance] = ()) -> Scope:
        """What FEEL sees in this instance now, at a place inside some loop instances."""
        self._scope = self._scope or Scope(self.session, self.engine, self.root.id, {})
        return self._scope.over(loops.seen(live.row, inside))

    def forget_facts(self) -> None:
        """Let facts be asked for anew: domain rows have changed."""
        self._scope = None

    def cancel(self, row: ProcessInstance) -> None:
        """End an instance whose caller no longer waits for it, with all that waits in it."""
        live = self.live(row.id)
        row.status, row.ended_at = "cancelled", self.at
        self._leave(live, live.stepper.waits)

    def opened_task_ids(self) -> tuple[str, ...]:
        """The ids of the tasks that this command has opened and left open, in their order."""
        return tuple(str(task["id"]) for task in self.new_tasks)

    def store(self, *others: "Tree") -> None:
        """Write what moved and the new tasks, of others too at once; keep steppers for the next command."""
        moved = [live for tree in (self, *others) for live in tree._live.values()]
        for live in moved:
            live.row.state = live.stepper.dump()
        self.session.flush()
        events.forget(self.session, [armed for tree in (self, *others) for armed in tree.disarmed])
        if new_tasks := [task for tree in (self, *others) for task in tree.new_tasks]:
            self.session.connection().execute(ADD_TASK, new_tasks)

        def keep() -> None:
            for live in moved:
                self.engine.definitions.live.keep(live.row, live.stepper)

        after_commit(self.session, keep)

    def _settle(self, live: Live) -> None:
        waits = _by_id(live.stepper.waits)
        gone = [wait for wait_id, wait in live.known.items() if wait_id not in waits]
        self._leave(live, gone)
        loops.forget(live)
        while live.row.status == "active" and (
            arrived := [wait for wait in live.stepper.waits if wait.id not in live.known]
        ):
            live.known[arrived[0].id] = arrived[0]
            arrivals.arrive(self, live, arrived[0])
        if live.stepper.is_ended and live.row.status == "active":
            self._end(live)

    def _leave(self, live: Live, waits: Iterable[bpmn.Wait]) -> None:
        for wait in waits:
            arrivals.leave(self, live, wait)
            live.known.pop(wait.id, None)

    def _end(self, live: Live) -> None:
        live.row.status, live.row.ended_at = "ended", self.at
        if live.row.parent_id is None:
            return
        parent = self.live(live.row.parent_id)
        wait = parent.wait(live.row.parent_wait_id or "")
        error_code = live.stepper.uncaught_error
        if error_code is None:
            results = live.row.variables if wait.node.propagate_all_child_variables else {}
            self.complete(parent, wait, live.row.variables if wait.node.outputs else results)
        elif not self.throw(parent, wait, error_code):
            raise errors.ErrorUncaught(element_id=wait.node.id, error_code=error_code)

    def _merge(self, live: Live, wait: bpmn.Wait, results: Mapping[str, Any]) -> None:
        node, merged = wait.node, dict(results)
        if node.outputs:
            scope = self.scope(live).over(loops.seen(live.row, wait.loops) | merged)
            merged = {target: scope.value(source, node.id) for source, target in node.outputs}
        loops.put(live.row, wait.loops, merged)

    def _evaluator(self, live: Live) -> Callable[[bpmn.Expression], object]:
        scope = self.scope(live)
        return lambda text: scope.over(loops.seen(live.row, text.loops, text.counts)).evaluate(
            text, text.element_id
        )

    def _definition(self, process_id: str) -> bpmn.Definition:
        return self.engine.definitions.process(self.session, self.root.release_id, process_id)

    def _row(self, instance_id: str) -> ProcessInstance:
        row = self.session.get(ProcessInstance, (self.root.tenant_id, instance_id), execution_options=HOT)
        if row is None or row.root_id != self.root.id:
            raise errors.NotFound
        return row


def lock(session: Session, root_id: str, actor: Actor | None = None) -> ProcessInstance:
    """Lock a case by its root row; must be the first statement of the transaction.

    With an actor, NotFound unless the actor may see the case.
    """
    return _locked(session, _by_root(actor), {"of_root": root_id})


def lock_of_task(session: Session, task_id: str, actor: Actor) -> ProcessInstance:
    """Lock the case of a user task as `lock` does; NotFound also for an unknown task."""
    return _locked(session, _by_task(actor), {"of_task": task_id})


def _locked(session: Session, found: Select[ProcessInstance], place: dict[str, str]) -> ProcessInstance:
    return _found(session.scalars(found, {"of_tenant": tenant_of(session), **place}).one_or_none())


def _found(root: ProcessInstance | None) -> ProcessInstance:
    if root is None:
        raise errors.NotFound
    return root


@lru_cache(1_000)
def _by_root(actor: Actor | None) -> Select[ProcessInstance]:
    return _locking(actor, bindparam("of_root"))


@lru_cache(1_000)
def _by_task(actor: Actor) -> Select[ProcessInstance]:
    # A task never changes its case, so that looking it up in the locking statement itself is safe.
    this = (TASKS.c.tenant_id == bindparam("of_tenant"), TASKS.c.id == bindparam("of_task"))
    return _locking(actor, select(TASKS.c.root_id).where(*this).scalar_subquery())


def _locking(actor: Actor | None, root_id: ColumnElement[str]) -> Select[ProcessInstance]:
    found = select(ProcessInstance).where(
        ProcessInstance.tenant_id == bindparam("of_tenant"), ProcessInstance.id == root_id
    )
    if actor is not None:
        found = found.where(policy.visible_roots(actor))
    return found.with_for_update().execution_options(**HOT)


def visible(session: Session, actor: Actor, root_id: str) -> ProcessInstance:
    """The root row of a case that the actor may see, for reading; else NotFound."""
    found = select(ProcessInstance).where(ProcessInstance.id == root_id, policy.visible_roots(actor))
    return _found(session.scalars(found).one_or_none())


@dataclass(frozen=True)
class NewProcess:
    """A process to be started in a body's care, in the active release, by default at its first start."""

    process_id: str
    body_id: str
    variables: Mapping[str, Any]
    start_id: str | None = None


def start(
    session: Session, engine: Engine, actor: Actor, new: NewProcess, row_made: Callable[[str], None]
) -> ProcessInstance:
    """Start a root instance and move it to its first wait states.

    `row_made` gets its id before the first token moves. Raises NoRelease, NotFound for an unknown process.
    """
    release_id = active_release(session)
    if release_id is None:
        raise errors.NoRelease
    instance_id = new_id()
    at = engine.now()
    root = ProcessInstance(
        tenant_id=actor.tenant_id, id=instance_id, root_id=instance_id, parent_id=None,
        process_id=new.process_id, release_id=release_id, body_id=new.body_id, status="active", state="",
        variables=dict(new.variables), started_at=at, audit_count=0, audit_head="",
        definition_hash=engine.definitions.process(session, release_id, new.process_id).hash,
    )  # fmt: skip
    session.add(root)
    session.flush()
    row_made(instance_id)
    tree = Tree(session, engine, root, at)
    tree.start(root, new.start_id)
    audit.record(session, engine.keys, root, actor, audit.Entry("process.started", root.id, at))
    tree.store()
    return root


def add_member(session: Session, root_id: str, account_id: str) -> None:
    """Let an account see one case because of its part in it; a second time changes nothing."""
    key = {"tenant_id": tenant_of(session), "instance_id": root_id, "account_id": account_id}
    if session.get(InstanceMember, key) is None:
        session.add(InstanceMember(**key))


def _by_id(waits: Iterable[bpmn.Wait]) -> dict[str, bpmn.Wait]:
    return {wait.id: wait for wait in waits}
