"""Drives a case of any diagram through the engine's commands by a row of numbers, and pictures it."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

import forms
from engine import Engine, audit, bpmn, errors, instances, policy, service_tasks, tasks
from engine.arrivals import job_key
from engine.definitions import Definitions
from engine.models.base import TenantRow
from engine.models.processes import ProcessInstance, UserTask
from engine.models.records import AuditRow, Job
from engine.services import Call, Services, ServiceTask
from engine.tree import Tree
from tests.conftest import House
from tests.reliability.blocks import ERROR, FRAGILE, NAMES, SERVICE

EVENTS = frozenset(("message", "timer", "signal"))


@dataclass(frozen=True)
class Place:
    """Where a case can be moved, and how: by its task, its job or its event."""

    instance_id: str
    wait: bpmn.Wait
    kind: str


class Counting:
    """The service of the random diagrams: gives a number, or refuses where the diagram catches that."""

    def __init__(self) -> None:
        self.number, self.refuses = 0, False

    def work(self, _: Call) -> int:
        if self.refuses:
            raise errors.RenderingFailed(reason="asked to")
        return self.number

    def prepare(self, number: int, *, refuses: bool) -> None:
        """What the next call gives, or whether it refuses."""
        self.number, self.refuses = number, refuses

    def services(self) -> Services:
        """Itself under the name that the diagrams call."""
        counted = ServiceTask(self.work, lambda result: {NAMES[0]: result.value}, error_code=ERROR)
        return Services(tasks={SERVICE: counted})


class Driver:
    """One case; `restores` drops everything that is kept in memory before each step."""

    def __init__(
        self, house: House, counting: Counting, process_id: str = "p_0", *, restores: bool = False
    ) -> None:
        self.house, self.counting, self.restores = house, counting, restores
        self.tenant_id = house.mediator.tenant_id
        self.engine: Engine = house.engine
        self.root_id = self._begin(process_id)
        self.steps = 0

    def drive(self, numbers: bytes) -> list[Any]:
        """The pictures of the case after each step, until nothing waits or the numbers are used up."""
        picture, places = self._look()
        seen = [picture]
        for number in numbers:
            if not places:
                break
            if self.restores:
                self.engine = replace(self.house.engine, definitions=Definitions(forms))
            self._take(places[number % len(places)], number)
            picture, places = self._look()
            seen.append(picture)
        return seen

    def _look(self) -> tuple[Any, list[Place]]:
        """All that the database says of the case, ids put as numbers in their order; and its places.

        Asserts that each state is dumped again as it was stored.
        """
        with self.engine.sessions.query(self.tenant_id) as session:
            rows = _of(session, ProcessInstance, self.root_id)
            order = {row.id: at for at, row in enumerate(rows)}
            waits = [
                (row, wait) for row in rows if row.status == "active" for wait in self._waits(session, row)
            ]
            made = _of(session, UserTask, self.root_id)
            recorded = select(AuditRow).where(AuditRow.chain_id == self.root_id).order_by(AuditRow.seq)
            keys = [Job.key.startswith(job_key(row.id, "")) for row in rows]
            waiting = session.scalars(select(Job).where(or_(*keys))).all()
            picture = (
                [(r.process_id, r.status, r.variables, r.state, order.get(r.parent_id or "")) for r in rows],
                sorted((order[t.instance_id], t.wait_id, t.node_id, t.status, str(t.answers)) for t in made),
                [(row.seq, row.action, row.node_id) for row in session.scalars(recorded)],
                sorted((order[j.payload["instance_id"]], j.payload["wait_id"], j.status) for j in waiting),
            )
            places = [Place(row.id, wait, kind) for row, wait in waits if (kind := _kind(wait.node))]
        return picture, places

    def _waits(self, session: Session, row: ProcessInstance) -> tuple[bpmn.Wait, ...]:
        definition = self.engine.definitions.process(session, row.release_id, row.process_id)
        stepper = bpmn.Stepper.restore(definition, row.state)
        assert stepper.dump() == row.state, "a state that is restored is dumped otherwise"
        return stepper.waits

    def _begin(self, process_id: str) -> str:
        with self.engine.sessions.command(self.tenant_id) as session:
            new = instances.NewProcess(process_id, self.house.body_id, dict.fromkeys(NAMES, 0))
            root = instances.start(session, self.engine, self.house.reception, new, lambda _: None)
            instances.add_member(session, root.id, self.house.mediator.id)
            return root.id

    def _take(self, place: Place, number: int) -> None:
        self.steps += 1
        match place.kind:
            case "task":
                self._complete(place, number % 10)
            case "job":
                self._serve(place, number)
            case _:
                self._trigger(place)

    def _complete(self, place: Place, answer: int) -> None:
        with self.engine.sessions.query(self.tenant_id) as session:
            here = (UserTask.instance_id == place.instance_id, UserTask.wait_id == place.wait.id)
            task_id = session.scalars(select(UserTask.id).where(*here)).one()
        key = f"{self.root_id}:{self.steps}"
        tasks.complete_task(self.engine, self.house.mediator, task_id, {"n": answer}, key)

    def _serve(self, place: Place, number: int) -> None:
        self.counting.prepare(number % 10, refuses=number % 2 == 1 and FRAGILE in place.wait.node.id)
        payload = {"root_id": self.root_id, "instance_id": place.instance_id, "wait_id": place.wait.id}
        service_tasks.perform(self.engine, self.tenant_id, payload)

    def _trigger(self, place: Place) -> None:
        with self.engine.sessions.command(self.tenant_id) as session:
            root = instances.lock(session, self.root_id)
            tree = Tree(session, self.engine, root, self.engine.now())
            live = tree.live(place.instance_id)
            tree.trigger(live, live.wait(place.wait.id))
            entry = audit.Entry("event.triggered", place.wait.id, tree.at)
            audit.record(session, self.engine.keys, root, policy.system(self.tenant_id), entry)
            tree.store()


def _kind(node: bpmn.Node) -> str:
    """How a place is moved; nothing for a call, which ends by itself."""
    if node.event in EVENTS and not node.throws:
        return "event"
    return {"user_task": "task", "service_task": "job"}.get(node.kind, "")


def _of(session: Session, kind: type[TenantRow], root_id: str) -> list[Any]:
    return list(session.scalars(select(kind).where(kind.root_id == root_id).order_by(kind.id)))  # type: ignore[attr-defined]
