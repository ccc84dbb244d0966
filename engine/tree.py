"""The instances of one case while a command moves them: step to the next wait states, and store."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from engine import Engine, arrivals, audit, bpmn, errors, events, loops
from engine.models.base import table
from engine.models.processes import ProcessInstance, UserTask
from engine.policy import Actor
from engine.rows import loaded
from engine.scope import Scope
from engine.sessions import HOT, OF_TENANT, after_commit
from engine.writes import write_changed, write_together

ADD_TASK = insert(table(UserTask))
INSTANCES = table(ProcessInstance)
ACTIVE = select(INSTANCES.c.id).where(
    INSTANCES.c.tenant_id == OF_TENANT,
    INSTANCES.c.root_id == bindparam("of_root"),
    INSTANCES.c.status == "active",
)
CALLED = (
    select(ProcessInstance)
    .where(
        ProcessInstance.tenant_id == OF_TENANT,
        ProcessInstance.parent_id == bindparam("of_parent"),
        ProcessInstance.parent_wait_id == bindparam("of_wait"),
    )
    .execution_options(**HOT)
)


@dataclass
class Live:
    """An instance's row with the stepper that moves its tokens."""

    row: ProcessInstance
    definition: bpmn.Definition
    stepper: bpmn.Stepper
    known: dict[str, bpmn.Wait]

    def wait(self, wait_id: str) -> bpmn.Wait:
        """The place where a token waits under this id; TaskCancelled if it has gone on."""
        try:
            return self.stepper.wait(wait_id)
        except KeyError:
            raise errors.TaskCancelled from None

    def write_state(self) -> None:
        """Put the stepper's state into the row; one that has not moved stays as it is stored."""
        state = self.stepper.dump()
        if state != self.row.state:
            self.row.state = state


class Tree:
    """The instances of one case, locked through their root, while one command moves them."""

    def __init__(self, session: Session, engine: Engine, root: ProcessInstance, at: dt.datetime) -> None:
        self.session, self.engine, self.root, self.at = session, engine, root, at
        self.new_tasks: list[dict[str, Any]] = []
        self.disarmed: list[events.Armed] = []
        self.recorded: list[audit.Sealed] = []
        self._live: dict[str, Live] = {}
        self._scope: Scope | None = None

    def live(self, instance_id: str) -> Live:
        """The instance, loaded once; NotFound if it is not of this tree, TaskCancelled if not active."""
        if instance_id not in self._live:
            row = self.root if instance_id == self.root.id else self._row(instance_id)
            if row.status != "active":
                raise errors.TaskCancelled
            definition = self._definition(row.process_id)
            stepper = self.engine.definitions.live.take(row, definition)
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
        if self._scope is None:
            self._scope = Scope(self.session, self.engine, self.root.id, {})
        return self._scope.over(loops.seen(live.row, inside))

    def forget_facts(self) -> None:
        """Let facts be asked for anew: domain rows have changed, and are written before instances move."""
        write_changed(self.session)
        if self._scope is not None:
            self._scope = self._scope.forgetting()

    def active_ids(self) -> list[str]:
        """The instances of the case that are under way as the command has them now, the outermost first."""
        this = {"of_tenant": self.root.tenant_id, "of_root": self.root.id}
        here = {live.row.id: live.row.status for live in self._live.values()}
        known = {*self.session.connection().scalars(ACTIVE, this), *here}
        return sorted(found for found in known if here.get(found, "active") == "active")

    def called_from(self, live: Live, wait: bpmn.Wait) -> list[ProcessInstance]:
        """The instances that a call activity has called, also those of this very command."""
        place = (live.row.id, wait.id)
        this = {"of_tenant": live.row.tenant_id, "of_parent": place[0], "of_wait": place[1]}
        with self.session.no_autoflush:
            known = self.session.scalars(CALLED, this).all()
        here = [other.row for other in self._live.values()]
        new = [row for row in here if (row.parent_id, row.parent_wait_id) == place]
        return list(dict.fromkeys([*known, *new]))

    def cancel(self, row: ProcessInstance) -> None:
        """End an instance whose caller no longer waits for it, with all that waits in it."""
        live = self.live(row.id)
        row.status, row.ended_at = "cancelled", self.at
        self._leave(live, live.stepper.waits)

    def record(self, actor: Actor, entry: audit.Entry) -> None:
        """Say in the record what the command has done; written with what moved."""
        self.recorded.append(audit.extend(self.engine.keys, self.root, actor, entry))

    def opened_task_ids(self) -> tuple[str, ...]:
        """The ids of the tasks that this command has opened and left open, in their order."""
        return tuple(str(task["id"]) for task in self.new_tasks)

    def store(self, *others: "Tree") -> None:
        """Write what moved, the record and the new tasks, of others too at once; keep the steppers."""
        trees = (self, *others)
        lives = [live for tree in trees for live in tree._live.values()]
        for live in lives:
            live.write_state()
        written = [(live.row, live.row.state, live.stepper) for live in lives]
        write_together(self.session, [*(tree.root for tree in trees), *(live.row for live in lives)])
        self.session.flush()
        events.forget(self.session, [armed for tree in trees for armed in tree.disarmed])
        audit.write(self.session, [row for tree in trees for row in tree.recorded])
        if new_tasks := [task for tree in trees for task in tree.new_tasks]:
            self.session.connection().execute(ADD_TASK, new_tasks)

        def keep() -> None:
            for row, state, stepper in written:
                self.engine.definitions.live.keep(row, state, stepper)

        after_commit(self.session, keep)

    def _settle(self, live: Live) -> None:
        waits = _by_id(live.stepper.waits)
        gone = [wait for wait_id, wait in live.known.items() if wait_id not in waits]
        self._leave(live, gone)
        loops.forget(live)
        while live.row.status == "active" and (arrived := _first_new(live, waits)) is not None:
            live.known[arrived.id] = arrived
            arrivals.arrive(self, live, arrived)
            waits = _by_id(live.stepper.waits)
        if live.stepper.is_ended and live.row.status == "active":
            self._end(live)

    def _leave(self, live: Live, waits: Iterable[bpmn.Wait]) -> None:
        for wait in waits:
            arrivals.leave(self, live, wait)
            live.known.pop(wait.id, None)

    def _end(self, live: Live) -> None:
        live.row.status, live.row.ended_at = "ended", self.at
        if live.row.parent_id is None:
            self.engine.services.may_end(self.session, live.row, self.at)
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
        key = (self.root.tenant_id, instance_id)
        row = loaded(self.session, ProcessInstance, key) or self.session.get(
            ProcessInstance, key, execution_options=HOT
        )
        if row is None or row.root_id != self.root.id:
            raise errors.NotFound
        return row


def _first_new(live: Live, waits: Mapping[str, bpmn.Wait]) -> bpmn.Wait | None:
    return next((wait for wait_id, wait in waits.items() if wait_id not in live.known), None)


def _by_id(waits: Iterable[bpmn.Wait]) -> dict[str, bpmn.Wait]:
    return {wait.id: wait for wait in waits}
