"""Instances as they start, call each other, end and are cut short, on both databases."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from engine import bpmn, errors, instances, jobs, messages, service_tasks, tasks
from engine.models.processes import ProcessInstance, UserTask
from engine.models.records import AuditRow, Job
from engine.services import Call, Result, Services, ServiceTask
from engine.tree import Tree
from tests import diagrams
from tests.conftest import House, recorded
from tests.engine.test_tasks import begin, open_tasks, the_task

MESSAGE = """<bpmn:message id="m" name="stopped"><bpmn:extensionElements>
<zeebe:subscription correlationKey="=kept"/></bpmn:extensionElements></bpmn:message>"""
STOPPED = '<bpmn:messageEventDefinition messageRef="m"/>'
FAILED = '<bpmn:errorEventDefinition errorRef="e"/>'
CALLER = diagrams.process(
    "caller",
    [
        diagrams.start(),
        diagrams.call_activity("talk", "called"),
        diagrams.boundary("party_left", "talk", STOPPED),
        diagrams.user_task("tell"),
        diagrams.user_task("sum_up"),
        diagrams.end("done"),
        diagrams.end("stopped_early"),
    ],
    ["begun -> talk", "talk -> sum_up", "sum_up -> done", "party_left -> tell", "tell -> stopped_early"],
    extra=MESSAGE,
)
CALLED = diagrams.in_line("called", [diagrams.user_task("listen")])
CALLED_TO_PRINT = diagrams.in_line("called", [diagrams.service_task("print", "printer")])
SERVED = diagrams.process(
    "served",
    [
        diagrams.start(),
        diagrams.service_task("print", "printer"),
        diagrams.boundary("too_long", "print", FAILED),
        diagrams.user_task("shorten"),
        diagrams.user_task("read", groups="=case.readers"),
        diagrams.end(),
    ],
    ["begun -> print", "print -> read", "too_long -> shorten", "shorten -> print", "read -> ended"],
    extra='<bpmn:error id="e" name="too_long" errorCode="too_long"/>',
)


def rows(house: House, root_id: str) -> list[ProcessInstance]:
    with house.engine.sessions.query(house.mediator.tenant_id) as session:
        found = select(ProcessInstance).where(ProcessInstance.root_id == root_id)
        return list(session.scalars(found.order_by(ProcessInstance.id)))


def complete(house: House, root_id: str, key: str) -> tasks.TaskDone:
    return tasks.complete_task(house.engine, house.mediator, the_task(house, root_id).id, {}, key)


@pytest.fixture
def calling(house: House) -> tuple[House, str]:
    house.deploy({"caller.bpmn": CALLER, "called.bpmn": CALLED})
    return house, begin(house, "caller", kept=1)


def test_a_call_activity_is_an_instance_of_its_own(calling: tuple[House, str]) -> None:
    house, root_id = calling
    root, child = rows(house, root_id)
    assert (child.parent_id, child.root_id, child.process_id) == (root.id, root.id, "called")
    assert child.variables == {"kept": 1}
    assert the_task(house, root_id).instance_id == child.id


def test_when_the_called_process_ends_its_caller_goes_on(calling: tuple[House, str]) -> None:
    house, root_id = calling
    complete(house, root_id, "k1")
    assert the_task(house, root_id).node_id == "sum_up"
    complete(house, root_id, "k2")
    assert {row.status for row in rows(house, root_id)} == {"ended"}


def test_a_boundary_message_cancels_what_the_call_had_begun(calling: tuple[House, str]) -> None:
    house, root_id = calling
    inner = the_task(house, root_id)
    assert throw(house, root_id, "stopped")
    assert the_task(house, root_id).node_id == "tell"
    assert [row.status for row in rows(house, root_id)] == ["active", "cancelled"]
    with pytest.raises(errors.TaskCancelled):
        tasks.complete_task(house.engine, house.mediator, inner.id, {}, "late")


def test_a_message_that_nothing_waits_for_changes_nothing(calling: tuple[House, str]) -> None:
    house, root_id = calling
    before = [(row.state, row.version) for row in rows(house, root_id)]
    assert not throw(house, root_id, "unheard_of")
    assert [(row.state, row.version) for row in rows(house, root_id)] == before


def throw(house: House, root_id: str, name: str) -> bool:
    with house.engine.sessions.command(house.mediator.tenant_id) as session:
        root = instances.lock(session, root_id)
        return messages.throw(session, house.engine, root, name)


class Printer:
    """A service that can be told to refuse or to break."""

    def __init__(self) -> None:
        self.calls = 0
        self.problem: Exception | None = None

    def work(self, call: Call) -> str:
        self.calls += 1
        if self.problem:
            raise self.problem
        return call.root_id

    def store(self, result: Result) -> Mapping[str, Any]:
        return {"printed": result.value}

    def services(self, **changed: Any) -> Services:
        service = ServiceTask(self.work, self.store, error_code="too_long")
        service = replace(service, **changed)
        return Services(
            tasks={"printer": service}, facts={"case": lambda _session, _id: {"readers": ["mediator"]}}
        )


@pytest.fixture
def printer() -> Printer:
    return Printer()


@pytest.fixture
def serving(url: str, make_house: Callable[..., House], printer: Printer) -> tuple[House, str]:
    house = make_house(url, printer.services())
    house.deploy({"served.bpmn": SERVED})
    return house, begin(house, "served")


def run_jobs(house: House) -> int:
    return jobs.run_due(house.engine, service_tasks.HANDLERS)


def test_a_service_task_waits_until_its_job_is_done(serving: tuple[House, str], printer: Printer) -> None:
    house, root_id = serving
    assert open_tasks(house, root_id) == []
    assert run_jobs(house) == 1
    assert the_task(house, root_id).candidate_groups == ["mediator"]
    assert rows(house, root_id)[0].variables == {"printed": root_id}
    assert recorded(house, root_id) == ["process.started", "service.completed"]


def test_a_job_that_runs_twice_completes_its_task_once(serving: tuple[House, str], printer: Printer) -> None:
    house, root_id = serving
    payload = only_job(house).payload
    service_tasks.perform(house.engine, house.mediator.tenant_id, payload)
    service_tasks.perform(house.engine, house.mediator.tenant_id, payload)
    assert printer.calls == 1
    assert the_task(house, root_id).node_id == "read"


def test_a_refusal_of_a_service_is_an_error_that_the_diagram_catches(
    serving: tuple[House, str], printer: Printer
) -> None:
    house, root_id = serving
    printer.problem = errors.RenderingFailed(reason="too long")
    run_jobs(house)
    assert the_task(house, root_id).node_id == "shorten"
    printer.problem = None
    complete(house, root_id, "k1")
    run_jobs(house)
    assert the_task(house, root_id).node_id == "read"


def test_a_service_that_breaks_is_tried_again_later_and_loses_nothing(
    serving: tuple[House, str], printer: Printer
) -> None:
    house, root_id = serving
    printer.problem = OSError("the disk is away")
    assert run_jobs(house) == 1
    assert run_jobs(house) == 0
    printer.problem = None
    house.clock.forward(minutes=5)
    assert run_jobs(house) == 1
    assert the_task(house, root_id).node_id == "read"


def test_a_service_that_keeps_breaking_is_given_up_with_its_error(
    serving: tuple[House, str], printer: Printer
) -> None:
    house, _ = serving
    printer.problem = OSError("the disk is away")
    for _ in range(jobs.ATTEMPTS + 2):
        run_jobs(house)
        house.clock.forward(hours=1)
    assert printer.calls == jobs.ATTEMPTS
    assert (only_job(house).status, only_job(house).error) == ("failed", "OSError")


def test_a_job_begun_by_a_killed_process_is_done_by_the_next_one(
    serving: tuple[House, str], printer: Printer
) -> None:
    house, root_id = serving
    assert jobs.take(house.engine, house.mediator.tenant_id)
    assert run_jobs(house) == 0
    house.clock.forward(seconds=jobs.LEASE.total_seconds())
    assert run_jobs(house) == 1
    assert the_task(house, root_id).node_id == "read"


def test_a_job_whose_place_is_gone_is_finished_and_not_begun_for_ever(
    serving: tuple[House, str], printer: Printer
) -> None:
    house, root_id = serving
    run_jobs(house)
    with house.engine.sessions.command(house.mediator.tenant_id) as session:
        session.scalars(select(Job)).one().status = "doing"
    house.clock.forward(seconds=jobs.LEASE.total_seconds())
    assert run_jobs(house) == 1
    assert (only_job(house).status, printer.calls) == ("done", 1)
    assert the_task(house, root_id).node_id == "read"


@pytest.mark.parametrize("refusing", [False, True])
def test_a_result_that_comes_after_its_call_was_cancelled_is_dropped(
    url: str, make_house: Callable[..., House], printer: Printer, refusing: bool
) -> None:
    stored: list[object] = []

    def work(call: Call) -> str:
        assert throw(house, call.root_id, "stopped")
        if refusing:
            raise errors.RenderingFailed(reason="too long")
        return printer.work(call)

    def store(result: Result) -> Mapping[str, Any]:
        stored.append(result.value)
        return {}

    house = make_house(url, printer.services(work=work, store=store, refused=store))
    house.deploy({"caller.bpmn": CALLER, "called.bpmn": CALLED_TO_PRINT})
    root_id = begin(house, "caller", kept=1)
    run_jobs(house)
    assert [row.status for row in rows(house, root_id)] == ["active", "cancelled"]
    assert (stored, only_job(house).status) == ([], "done")
    assert the_task(house, root_id).node_id == "tell"
    assert recorded(house, root_id) == ["process.started"]


def test_an_instance_that_is_not_active_is_not_moved(calling: tuple[House, str]) -> None:
    house, root_id = calling
    assert throw(house, root_id, "stopped")
    child = rows(house, root_id)[1]
    with house.engine.sessions.command(house.mediator.tenant_id) as session:
        tree = Tree(session, house.engine, instances.lock(session, root_id), house.clock())
        with pytest.raises(errors.TaskCancelled):
            tree.live(child.id)


def only_job(house: House) -> Job:
    with house.engine.sessions.query(house.mediator.tenant_id) as session:
        return session.scalars(select(Job)).one()


def test_a_process_that_fails_to_start_leaves_nothing_behind(house: House) -> None:
    bad = diagrams.in_line("bad", [diagrams.user_task("ask", assignee="=1 / ")])
    with pytest.raises(errors.DiagramRefused) as refused:
        house.deploy({"bad.bpmn": bad})
    assert "ask" in str(refused.value)
    with house.engine.sessions.query(house.mediator.tenant_id) as session:
        assert session.scalars(select(ProcessInstance)).all() == []
        assert session.scalars(select(UserTask)).all() == []
        assert session.scalars(select(AuditRow)).all() == []


def test_a_stepper_is_kept_while_its_state_stays_whatever_else_of_the_row_changes(
    calling: tuple[House, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, root_id = calling
    restored: list[str] = []
    restore = bpmn.Stepper.restore

    def noted(definition: bpmn.Definition, state: str) -> bpmn.Stepper:
        restored.append(definition.process_id)
        return restore(definition, state)

    monkeypatch.setattr(bpmn.Stepper, "restore", noted)
    before = rows(house, root_id)[0]
    tasks.claim_task(house.engine, house.mediator, the_task(house, root_id).id)
    claimed = rows(house, root_id)[0]
    assert (claimed.version, claimed.state) == (before.version + 1, before.state)
    complete(house, root_id, "k1")
    assert restored == []
    with house.engine.sessions.command(house.mediator.tenant_id) as session:
        root = instances.lock(session, root_id)
        root.state = root.state.replace(" ", "").replace(",", ", ")
    complete(house, root_id, "k2")
    assert restored == ["caller"]
