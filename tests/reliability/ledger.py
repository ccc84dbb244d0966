"""Holds what clients were told against what the database says: lost, halved and doubled steps."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, audit, bpmn, feel
from engine.arrivals import SERVICE
from engine.models.base import TenantRow
from engine.models.documents import Document, PartyLink
from engine.models.processes import ProcessInstance, UserTask
from engine.models.records import AuditRow, IdempotencyKey, Job
from tests.reliability.walker import Acknowledged

ENTERED = "link.entered"
KINDS = {"user_task": "task", "call_activity": "call", "service_task": "job", "send_task": "job"}


@dataclass
class Verdict:
    """Each list names what is wrong, one text a step."""

    lost: list[str] = field(default_factory=list)
    halved: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.halved or self.doubled or self.unfinished)


class Ledger:
    """Everything that the database of one tenant holds about steps, read at one moment."""

    def __init__(self, session: Session, engine: Engine) -> None:
        self._session, self._engine = session, engine
        self.tasks: dict[str, UserTask] = {row.id: row for row in self._all(UserTask)}
        self.instances: dict[str, ProcessInstance] = {row.id: row for row in self._all(ProcessInstance)}
        self.keys: dict[str, Any] = {row.key: row.response for row in self._all(IdempotencyKey)}
        self.jobs: dict[str, Job] = {row.key: row for row in self._all(Job)}
        self.documents: list[Document] = self._all(Document)
        self.rows: list[AuditRow] = sorted(self._all(AuditRow), key=lambda row: (row.chain_id, row.seq))
        self.recorded: dict[str, list[AuditRow]] = defaultdict(list)
        for row in self.rows:
            if row.action == "task.completed":
                self.recorded[row.subject].append(row)
        entered = Counter(row.subject for row in self.rows if row.action == ENTERED)
        self.entries = Counter({link.token: entered[link.party_id] for link in self._all(PartyLink)})
        self.answered: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for response in self.keys.values():
            if isinstance(response, dict) and "task_id" in response:
                self.answered[response["task_id"]].append(response)

    def verdict(self, told: Acknowledged) -> Verdict:
        """What is wrong, given what clients were told."""
        return Verdict(
            lost=[*self._lost(told)],
            halved=[*self._halved_tasks(), *self._halved_instances(), *self._halved_variables()],
            doubled=[*self._doubled(told)],
            unfinished=[
                case_id for case_id in self._begun(told) if self.instances[case_id].status == "active"
            ],
        )

    def _all(self, kind: type[TenantRow]) -> list[Any]:
        return list(self._session.scalars(select(kind)))

    def _lost(self, told: Acknowledged) -> Iterator[str]:
        for key, task_id in told.tasks.items():
            task = self.tasks.get(task_id)
            if task is None or task.status != "completed":
                yield f"task {task_id} is not completed"
            elif key not in self.keys or not self.recorded[task_id]:
                yield f"task {task_id} was completed without its key or its record"
        for key in told.cases:
            if self.keys.get(key) not in self.instances:
                yield f"the case opened with key {key} is not there"
        for token, count in told.entered.items():
            if (kept := self.entries[token]) < count:
                yield f"a party entered {count} times and is recorded {kept} times"

    def _halved_tasks(self) -> Iterator[str]:
        for task in self.tasks.values():
            rows, answers = self.recorded[task.id], self.answered[task.id]
            done = task.status == "completed"
            if not (done == bool(rows) == bool(answers) == (task.answers is not None)):
                yield f"task {task.id} {task.status}, recorded {len(rows)}, answered {len(answers)}"
            if done and rows and self._differs(task, rows[0]):
                yield f"task {task.id} and its row of the record differ"
        for task_id in (self.recorded.keys() | self.answered.keys()) - self.tasks.keys():
            yield f"task {task_id} is recorded or answered but not there"
        for response in (one for found in self.answered.values() for one in found):
            if not self.tasks.keys() >= set(response["next_task_ids"]):
                yield f"task {response['task_id']} opened tasks that are not there"

    def _differs(self, task: UserTask, row: AuditRow) -> bool:
        if (row.at, row.node_id) != (task.closed_at, task.node_id):
            return True
        return not audit.proves(self._engine.keys, row.digest, task.id, task.answers, task.kept_seal)

    def _halved_instances(self) -> Iterator[str]:
        beside = self._beside()
        for row in self.instances.values():
            waits = self._waits(row) if row.status == "active" else set()
            if waits != beside[row.id]:
                yield f"{row.process_id} {row.id} waits at {sorted(waits)}, not {sorted(beside[row.id])}"
        chains = Counter(row.chain_id for row in self.rows)
        for row in self.instances.values():
            if row.parent_id is None and row.audit_count != chains[row.id]:
                yield f"the record of {row.id} has {chains[row.id]} rows and not {row.audit_count}"

    def _beside(self) -> dict[str, set[tuple[str, str]]]:
        """The open tasks, called instances and jobs beside each instance, by the waits they belong to."""
        beside: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for task in self.tasks.values():
            if task.status == "open":
                beside[task.instance_id].add(("task", task.wait_id))
        for row in self.instances.values():
            if row.status == "active" and row.parent_id is not None:
                beside[row.parent_id].add(("call", row.parent_wait_id or ""))
        for job in self.jobs.values():
            if job.kind == SERVICE and job.status in {"waiting", "doing"}:
                beside[job.payload["instance_id"]].add(("job", job.payload["wait_id"]))
        return beside

    def _waits(self, row: ProcessInstance) -> set[tuple[str, str]]:
        stepper = bpmn.Stepper.restore(self._definition(row), row.state)
        return {(KINDS[wait.node.kind], wait.id) for wait in stepper.waits if wait.node.kind in KINDS}

    def _definition(self, row: ProcessInstance) -> bpmn.Definition:
        return self._engine.definitions.process(self._session, row.release_id, row.process_id)

    def _halved_variables(self) -> Iterator[str]:
        """What user tasks alone write must be what the last of them was answered."""
        for row in self.instances.values():
            for name, value in self._expected(row).items():
                if row.variables.get(name) != value:
                    yield f"{row.process_id} {row.id}: {name} is {row.variables.get(name)!r}, not {value!r}"

    def _expected(self, row: ProcessInstance) -> dict[str, Any]:
        definition = self._definition(row)
        done = [
            self.tasks[r.subject]
            for r in self.rows
            if r.chain_id == row.root_id and r.action == "task.completed"
        ]
        values: dict[str, Any] = {}
        for task in done:
            if task.instance_id != row.id:
                continue
            for source, target in definition.nodes[task.node_id].outputs:
                values |= _result(source, target, task.answers or {})
        return {name: value for name, value in values.items() if name not in _others(definition)}

    def _doubled(self, told: Acknowledged) -> Iterator[str]:
        for task_id, rows in self.recorded.items():
            if len(rows) > 1 or len(self.answered[task_id]) > 1:
                yield f"task {task_id} was completed {len(rows)} times"
        yield from _twice("task", ((task.instance_id, task.wait_id) for task in self.tasks.values()))
        yield from _twice("document", ((row.case_id, row.kind) for row in self.documents))
        begun = self._begun(told)
        served = (
            (row.chain_id, row.node_id, row.subject) for row in self.rows if row.action == "service.completed"
        )
        yield from _twice("service", (place for place in served if place[0] in begun))
        for token, count in told.asked.items():
            if (kept := self.entries[token]) > count:
                yield f"a party asked {count} times and entered {kept} times"
        if len(begun) != len(told.cases):
            yield f"{len(told.cases)} keys opened {len(begun)} cases"
        walks = Counter(
            self._walk_of(case_id) for case_id in begun if self.instances[case_id].status == "ended"
        )
        for walk, count in walks.most_common()[1:]:
            yield f"{count} cases went another way: {walk}"

    def _begun(self, told: Acknowledged) -> set[str]:
        return {self.keys[key] for key in told.cases if key in self.keys}

    def _walk_of(self, case_id: str) -> tuple[tuple[str, str], ...]:
        """What was done in a case; entering a page is told apart, as often as it was asked for."""
        steps = (row for row in self.rows if row.chain_id == case_id and row.action != ENTERED)
        return tuple(sorted((row.action, row.node_id) for row in steps))


def _others(definition: bpmn.Definition) -> set[str]:
    """Names that something else than a user task writes too."""
    return {
        name
        for node in definition.nodes.values()
        if node.kind != "user_task"
        for name in (node.result_variable, *(target for _, target in node.outputs))
        if name
    }


def _result(source: str, target: str, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The variable that a mapping makes of answers alone; nothing if it reads anything else."""
    if not source.startswith("="):
        return {target: source}
    expression = feel.parse(source[1:])
    if not set(expression.names) <= answers.keys():
        return {}
    return {target: expression.evaluate(answers)}


def _twice(what: str, places: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for place, count in Counter(places).items():
        if count > 1:
            yield f"{what} at {place} is there {count} times"
