"""Plays a process by a script of actions, and writes down where it stands after each: its trace."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import func, select

from engine import bpmn, errors, instances, jobs, messages, service_tasks, tasks, timed_starts, timers
from engine.definitions import LiveSteppers
from engine.models.base import dump_json, load_json
from engine.models.processes import ProcessInstance, UserTask
from engine.services import Call, Services, ServiceTask
from tests.conftest import TENANT, House

ROOT = "p"


def services() -> Services:
    """`count` gives how often it was called in this case, `break` refuses with the error `broken`."""

    def refuse(_: Call) -> None:
        raise errors.RenderingFailed(reason="asked to")

    def counted(result: Any) -> Mapping[str, Any]:
        return {"counted": (result.root.variables.get("counted") or 0) + 1}

    return Services(
        tasks={
            "count": ServiceTask(lambda _: None, counted),
            "break": ServiceTask(refuse, lambda _: {}, error_code="broken"),
        }
    )


class Player:
    """One process instance; with `restores` no stepper is kept in memory from one action to the next."""

    def __init__(self, house: House, variables: Mapping[str, Any], *, restores: bool) -> None:
        self._house, self._restores, self._variables = house, restores, dict(variables)
        self._actions: dict[str, Callable[..., None]] = {
            "begin": self._begin, "do": self._do, "after": self._after, "tell": self._tell,
        }  # fmt: skip
        self._root_id = ""
        self._shown: dict[str, Any] = dict(variables)
        self._keys = 0

    def trace(self, actions: list[str]) -> Iterator[str]:
        """Each action with where the process then waits, how it ended, and which variables changed."""
        for action in actions:
            if self._restores:
                self._house.engine.definitions.live = LiveSteppers()
            verb, *words = action.split()
            self._actions[verb](*words)
            while jobs.run_due(self._house.engine, service_tasks.HANDLERS):
                pass
            yield f"{action} | {self._look()}"

    def _begin(self) -> None:
        with self._house.engine.sessions.command(TENANT) as session:
            new = instances.NewProcess(ROOT, self._house.body_id, self._variables)
            root = instances.start(session, self._house.engine, self._house.reception, new, lambda _: None)
            self._join(session, root.id)

    def _join(self, session: Any, root_id: str) -> None:
        instances.add_member(session, root_id, self._house.mediator.id)
        self._root_id = root_id

    def _do(self, node_id: str, *answers: str) -> None:
        """Complete the oldest open task at a node, with answers such as `n=3`."""
        self._keys += 1
        with self._house.engine.sessions.query(TENANT) as session:
            here = (UserTask.node_id == node_id, UserTask.root_id == self._root_id)
            found = select(UserTask.id).where(*here, UserTask.status == "open").order_by(UserTask.id)
            task_id = session.scalars(found.limit(1)).one()
        given = {name: load_json(value) for name, _, value in (answer.partition("=") for answer in answers)}
        key = f"{self._root_id}-{self._keys}"
        tasks.complete_task(self._house.engine, self._house.mediator, task_id, given, key)

    def _after(self, hours: str, _unit: str) -> None:
        """Let hours pass and what is then due fire."""
        self._house.clock.forward(hours=int(hours))
        while timers.fire_due(self._house.engine) or timed_starts.start_due(self._house.engine):
            pass
        self._find_started()

    def _tell(self, name: str, key: str = "A1") -> None:
        """Publish a message."""
        message = messages.Message(name, key, {"told": name})
        messages.publish(self._house.engine, self._house.administrator, message)
        self._find_started()

    def _find_started(self) -> None:
        """The instance that the event has started, if the script did not begin one."""
        if not self._root_id:
            with self._house.engine.sessions.command(TENANT) as session:
                found = select(ProcessInstance.id).where(ProcessInstance.parent_id.is_(None))
                self._join(session, session.scalars(found.order_by(ProcessInstance.id.desc()).limit(1)).one())

    def _look(self) -> str:
        with self._house.engine.sessions.query(TENANT) as session:
            found = select(ProcessInstance).where(ProcessInstance.root_id == self._root_id)
            rows = session.scalars(found.order_by(ProcessInstance.id)).all()
            roots = select(func.count()).where(ProcessInstance.parent_id.is_(None))
            begun = session.scalar(roots.select_from(ProcessInstance)) or 0
            steppers = [(row, self._stepper(session, row)) for row in rows]
        root, stepper = steppers[0]
        places = [
            wait.node.id if row is root else f"{row.process_id}:{wait.node.id}"
            for row, one in steppers
            if row.status == "active"
            for wait in one.waits
        ]
        ended = f"{root.status}: {' '.join(stepper.end_nodes)}"
        where = " ".join(places) if root.status == "active" else ended
        where += f" ({begun} begun)" if begun > 1 else ""
        changed = {
            name: value for name, value in root.variables.items() if self._shown.get(name, ...) != value
        }
        self._shown = dict(root.variables)
        return f"{where} | {dump_json(changed)}" if changed else where

    def _stepper(self, session: Any, row: ProcessInstance) -> bpmn.Stepper:
        definition = self._house.engine.definitions.process(session, row.release_id, row.process_id)
        return bpmn.Stepper.restore(definition, row.state)
