"""What has failed for good stands in its case until somebody has it tried again, on both databases."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, text

from engine import (
    audit,
    clocks,
    errors,
    feel,
    incidents,
    instances,
    jobs,
    messages,
    service_tasks,
    throws,
    timers,
)
from engine.mediation import cancellations
from engine.models.base import new_id
from engine.models.people import Body
from engine.models.records import Incident, Job
from engine.policy import Actor, system
from engine.services import Call, Services, ServiceTask
from tests import diagrams
from tests.conftest import TENANT, House, add_person, recorded
from tests.engine.test_instances import MESSAGE, STOPPED
from tests.engine.test_tasks import begin, open_tasks
from tests.engine.test_timers import caught, complete, fire, the_timer, timer

PRINTED = diagrams.process(
    "printed",
    [
        diagrams.start(),
        diagrams.fork("both"),
        diagrams.service_task("print", "printer"),
        diagrams.boundary("stopped", "print", STOPPED),
        diagrams.user_task("read"),
        diagrams.user_task("talk"),
        diagrams.user_task("go_on"),
        diagrams.end("done"),
        diagrams.end("talked"),
        diagrams.end("left"),
    ],
    ["begun -> both", "both -> print", "both -> talk", "print -> read", "read -> done", "talk -> go_on",
     "go_on -> talked", "stopped -> left"],
    extra=MESSAGE,
)  # fmt: skip
TIMED = diagrams.process(
    "timed",
    [
        diagrams.start(),
        diagrams.user_task("answer"),
        diagrams.boundary("too_late", "answer", timer("PT1H")),
        diagrams.user_task("remind", groups="=case.groups"),
        diagrams.end(),
        diagrams.end("late"),
    ],
    ["begun -> answer", "answer -> ended", "too_late -> remind", "remind -> late"],
)
HEARD = '<bpmn:signalEventDefinition signalRef="s"/>'
HEARING = diagrams.process(
    "hearing",
    [
        diagrams.start(),
        caught("heard", HEARD),
        diagrams.user_task("answer", groups="=case.groups"),
        diagrams.end(),
    ],
    ["begun -> heard", "heard -> answer", "answer -> ended"],
    extra='<bpmn:signal id="s" name="told"/>',
)


class Trouble:
    """A service and a fact that fail while there is a problem."""

    def __init__(self) -> None:
        self.problem: Exception | None = None
        self.calls = 0
        self.meanwhile: Callable[[], object] = lambda: None

    def work(self, call: Call) -> str:
        self.calls += 1
        self.meanwhile()
        if self.problem:
            raise self.problem
        return "printed"

    def case(self, _session: Any, _root_id: str) -> Mapping[str, Any]:
        if self.problem:
            raise self.problem
        return {"groups": ["mediator"]}


@pytest.fixture
def trouble() -> Trouble:
    return Trouble()


@pytest.fixture
def house(url: str, make_house: Callable[..., House], trouble: Trouble) -> House:
    printer = ServiceTask(trouble.work, lambda result: {"printed": result.value})
    house = make_house(url, Services(tasks={"printer": printer}, facts={"case": trouble.case}))
    house.deploy({"printed.bpmn": PRINTED, "timed.bpmn": TIMED, "hearing.bpmn": HEARING})
    return house


@pytest.fixture
def broken(house: House, trouble: Trouble) -> str:
    """A case whose printer was given up."""
    trouble.problem = OSError("打印机缺纸")
    root_id = begin(house, "printed", kept=1)
    give_up(house)
    return root_id


def work(house: House) -> int:
    return jobs.run_due(house.engine, service_tasks.HANDLERS)


def give_up(house: House) -> None:
    for _ in range(jobs.ATTEMPTS):
        work(house)
        house.clock.forward(minutes=10)


def standing(house: House, actor: Actor | None = None) -> list[Incident]:
    with house.engine.sessions.query(TENANT) as session:
        return list(session.scalars(incidents.open_incidents(actor or system(TENANT))))


def the_incident(house: House) -> Incident:
    (found,) = standing(house)
    return found


def retry(house: House, actor: Actor) -> None:
    incidents.retry_incident(house.engine, actor, the_incident(house).id)


def signal(house: House, root_id: str) -> None:
    """Let another case have sent the signal for which this one waits."""
    with house.engine.sessions.query(TENANT) as session:
        place = session.execute(
            select(throws.SUBSCRIPTIONS.c.instance_id, throws.SUBSCRIPTIONS.c.wait_id).where(
                throws.SUBSCRIPTIONS.c.tenant_id == TENANT
            )
        ).one()
    given = {"root_id": root_id, "signal": "told", "places": [list(place)], "key": "told"}
    with house.engine.sessions.command(TENANT) as session:
        jobs.enqueue(session, throws.SIGNAL, "told", house.clock(), given)


def names(house: House, root_id: str) -> set[str]:
    return {task.node_id for task in open_tasks(house, root_id)}


def test_a_job_that_used_up_its_attempts_stands_in_its_case(house: House, broken: str) -> None:
    found = the_incident(house)
    with house.engine.sessions.query(TENANT) as session:
        job = session.scalars(select(Job)).one()
    assert (found.root_id, found.kind, found.node_id, found.subject_id) == (
        broken,
        "service",
        "print",
        job.id,
    )
    assert (found.error_type, found.error, found.params) == ("OSError", "打印机缺纸", None)
    assert (found.attempts, found.payload) == (jobs.ATTEMPTS, job.payload)
    assert found.payload["service"] == "printer"
    assert found.raised_at < house.clock()
    assert found.retried_at is None


def test_nothing_stands_while_there_are_attempts_left(house: House, trouble: Trouble) -> None:
    trouble.problem = OSError("打印机缺纸")
    begin(house, "printed", kept=1)
    for _ in range(jobs.ATTEMPTS - 1):
        work(house)
        house.clock.forward(minutes=10)
        assert standing(house) == []
    work(house)
    assert len(standing(house)) == 1


def test_what_stands_blocks_nothing_else_and_loses_no_step(house: House, broken: str) -> None:
    complete(house, broken, "talk")
    assert names(house, broken) == {"go_on"}
    complete(house, broken, "go_on")
    assert len(standing(house)) == 1


def test_a_retried_job_is_done_at_once_and_nothing_stands_any_more(
    house: House, trouble: Trouble, broken: str
) -> None:
    trouble.problem = None
    assert work(house) == 0
    retry(house, house.chief_mediator)
    assert work(house) == 1
    assert standing(house) == []
    assert names(house, broken) == {"read", "talk"}
    assert recorded(house, broken) == ["process.started", "incident.retried", "service.completed"]
    assert audit.verify(house.engine, TENANT, {}) == []
    with house.engine.sessions.query(TENANT) as session:
        kept = session.scalars(select(Incident)).one()
    assert (kept.retried_by, kept.retried_at) == (house.chief_mediator.name, house.clock())


def test_a_retry_that_fails_is_known_at_once_and_counted_on(
    house: House, trouble: Trouble, broken: str
) -> None:
    first = the_incident(house)
    trouble.problem = errors.RenderingFailed(reason="too long")
    retry(house, house.reception)
    assert standing(house) == []
    assert work(house) == 1
    again = the_incident(house)
    assert (again.id, again.attempts) == (first.id, first.attempts + 1)
    assert again.raised_at > first.raised_at
    assert (again.error_type, again.error) == ("RenderingFailed", errors.RenderingFailed.__doc__)
    assert again.params == {"reason": "too long"}


def test_what_is_retried_in_vain_again_and_again_goes_on_to_stand_there(house: House, broken: str) -> None:
    for tries in range(1, 50):
        retry(house, house.reception)
        assert work(house) == 1
        assert the_incident(house).attempts == jobs.ATTEMPTS + tries
    assert recorded(house, broken).count("incident.retried") == 49


def test_two_people_who_press_the_button_have_it_tried_once(house: House, broken: str) -> None:
    incident = the_incident(house)
    retry(house, house.chief_mediator)
    with pytest.raises(errors.IncidentOver):
        incidents.retry_incident(house.engine, house.reception, incident.id)
    assert recorded(house, broken).count("incident.retried") == 1


@pytest.mark.parametrize("role", ["mediator", "seal_keeper"])
def test_other_roles_may_not_have_it_tried_again(house: House, broken: str, role: str) -> None:
    with pytest.raises(errors.Forbidden):
        retry(house, house.actors[role])
    party = Actor(TENANT, "p", "罗小琴", frozenset({"party"}), party_id="p", instance_id=broken)
    with pytest.raises(errors.Forbidden):
        retry(house, party)
    assert len(standing(house)) == 1
    assert recorded(house, broken) == ["process.started"]
    assert incidents.count_incidents(house.engine, house.actors[role]) == 0


def test_who_may_not_see_the_case_does_not_learn_of_it_but_administrators_do(
    house: House, broken: str
) -> None:
    with house.engine.sessions.command(TENANT) as session:
        elsewhere = Body(tenant_id=TENANT, id=new_id(), name="双凤镇人民调解委员会", code="双凤")
        session.add(elsewhere)
        session.flush()
        body_id = elsewhere.id
    stranger = add_person(house.engine, TENANT, body_id, "chief_mediator", "stranger")
    with pytest.raises(errors.NotFound):
        retry(house, stranger)
    counted = [
        incidents.count_incidents(house.engine, actor)
        for actor in (stranger, house.chief_mediator, house.reception, house.administrator)
    ]
    assert counted == [0, 1, 1, 1]
    retry(house, house.administrator)
    assert work(house) == 1


def test_an_incident_that_is_not_there_is_not_found(house: House) -> None:
    with pytest.raises(errors.NotFound):
        incidents.retry_incident(house.engine, house.administrator, new_id())


def test_what_is_no_longer_wanted_stands_no_longer(house: House, broken: str) -> None:
    incident = the_incident(house)
    with house.engine.sessions.command(TENANT) as session:
        root = instances.lock(session, broken)
        assert messages.throw(session, house.engine, root, "stopped")
    assert standing(house) == []
    with pytest.raises(errors.IncidentOver):
        incidents.retry_incident(house.engine, house.chief_mediator, incident.id)


@pytest.mark.parametrize("way", ["left", "cancelled"])
def test_work_that_fails_after_the_case_went_on_without_it_stands_nowhere(
    house: House, trouble: Trouble, way: str
) -> None:
    trouble.problem = OSError("打印机缺纸")
    root_id = begin(house, "printed", kept=1)
    for _ in range(jobs.ATTEMPTS - 1):
        work(house)
        house.clock.forward(minutes=10)

    def meanwhile() -> None:
        if way == "cancelled":
            cancellations.cancel_case(house.engine, house.administrator, root_id, "登记了两次")
            return
        with house.engine.sessions.command(TENANT) as session:
            root = instances.lock(session, root_id)
            assert messages.throw(session, house.engine, root, "stopped")

    trouble.meanwhile = meanwhile
    assert work(house) == 1
    assert standing(house) == []
    with house.engine.sessions.query(TENANT) as session:
        assert [job.status for job in session.scalars(select(Job))] == ["cancelled"]
    house.clock.forward(days=1)
    assert work(house) == 0


def test_a_signal_that_failed_stands_no_longer_once_the_case_is_cancelled(
    house: House, trouble: Trouble
) -> None:
    root_id = begin(house, "hearing")
    signal(house, root_id)
    trouble.problem = RuntimeError("没有分组")
    give_up(house)
    assert the_incident(house).root_id == root_id
    cancellations.cancel_case(house.engine, house.administrator, root_id, "登记了两次")
    assert standing(house) == []
    assert incidents.count_incidents(house.engine, house.administrator) == 0


def test_what_a_database_quotes_of_a_row_is_not_kept(house: House, trouble: Trouble) -> None:
    secret = "他愿意让三千元"

    def refused() -> None:
        with house.engine.sessions.command(TENANT) as session:
            session.execute(
                text("INSERT INTO drafts (tenant_id, answers) VALUES ('', :said)"), {"said": secret}
            )

    trouble.meanwhile = refused
    begin(house, "printed", kept=1)
    give_up(house)
    kept = the_incident(house)
    assert kept.error_type == "IntegrityError"
    assert secret not in f"{kept.error} {kept.params} {kept.payload}"


def test_of_two_who_have_a_case_tried_again_at_once_one_counts(
    house: House, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    retry_one = incidents.retry_incident

    def after_somebody_else(engine: Any, actor: Actor, incident_id: str) -> None:
        retry_one(engine, house.reception, incident_id)
        retry_one(engine, actor, incident_id)

    monkeypatch.setattr(incidents, "retry_incident", after_somebody_else)
    assert incidents.retry_case(house.engine, house.administrator, broken) == 0
    assert recorded(house, broken).count("incident.retried") == 1


def test_a_timer_that_failed_stands_in_its_case_and_fires_when_it_is_retried(
    house: House, trouble: Trouble
) -> None:
    root_id = begin(house, "timed")
    trouble.problem = RuntimeError("没有分组")
    house.clock.forward(hours=1)
    assert [fire(house), fire(house)] == [1, 0]
    found = the_incident(house)
    assert (found.root_id, found.kind, found.node_id) == (root_id, timers.TIMER, "too_late")
    assert (found.subject_id, found.error, found.attempts) == (the_timer(house).id, "没有分组", 1)
    assert found.payload["wait_id"] == the_timer(house).wait_id
    retry(house, house.chief_mediator)
    assert fire(house) == 1
    assert the_incident(house).attempts == 2
    trouble.problem = None
    retry(house, house.chief_mediator)
    assert fire(house) == 1
    assert standing(house) == []
    assert names(house, root_id) == {"remind"}
    assert recorded(house, root_id)[1:] == ["incident.retried", "incident.retried", "timer.fired"]


@pytest.mark.parametrize("way", ["answered", "set anew"])
def test_a_timer_that_is_answered_or_set_anew_stands_no_longer(
    house: House, trouble: Trouble, way: str
) -> None:
    root_id = begin(house, "timed")
    trouble.problem = RuntimeError("没有分组")
    house.clock.forward(hours=1)
    fire(house)
    incident = the_incident(house)
    if way == "answered":
        complete(house, root_id, "answer")
    else:
        due_at = replace(house.clock)
        due_at.forward(hours=1)
        clocks.set_timer_due(
            house.engine, house.chief_mediator, the_timer(house).id, due_at(), clocks.Because("约定")
        )
    assert standing(house) == []
    with pytest.raises(errors.IncidentOver):
        incidents.retry_incident(house.engine, house.chief_mediator, incident.id)


def test_a_signal_that_can_not_be_received_stands_in_the_case_that_waits_for_it(
    house: House, trouble: Trouble
) -> None:
    root_id = begin(house, "hearing")
    signal(house, root_id)
    trouble.problem = RuntimeError("没有分组")
    give_up(house)
    assert (the_incident(house).root_id, the_incident(house).kind) == (root_id, "signal")
    trouble.problem = None
    retry(house, house.chief_mediator)
    work(house)
    assert names(house, root_id) == {"answer"}
    house.clock.forward(days=1)
    assert (standing(house), work(house)) == ([], 0)


def printing(retries: str) -> bytes:
    tasks = [diagrams.service_task("print", "printer", retries), diagrams.user_task("read")]
    return diagrams.in_line("tried", tasks)


@pytest.mark.parametrize(("retries", "times"), [("1", 1), ("2", 2), ("=times + 1", 3)])
def test_a_diagram_says_how_often_its_service_is_tried(
    house: House, trouble: Trouble, retries: str, times: int
) -> None:
    house.deploy({"tried.bpmn": printing(retries)})
    trouble.problem = OSError("打印机缺纸")
    root_id = begin(house, "tried", times=2)
    give_up(house)
    assert (trouble.calls, the_incident(house).attempts) == (times, times)
    trouble.problem = None
    retry(house, house.reception)
    work(house)
    assert names(house, root_id) == {"read"}


@pytest.mark.parametrize("retries", ["=0", "=21", '="often"', "=true", "=2.5", "=null"])
def test_tries_that_are_no_number_from_1_to_20_stop_the_step_that_would_come_there(
    house: House, retries: str
) -> None:
    house.deploy({"tried.bpmn": printing(retries)})
    with pytest.raises(errors.ExpressionFailed, match="print"):
        begin(house, "tried")


def test_a_problem_of_an_expression_is_kept_in_its_parts(house: House, trouble: Trouble) -> None:
    problem = feel.FeelError("A list is too long.", "x", 2, 7)
    trouble.problem = errors.ExpressionFailed(element_id="print", problem=problem)
    begin(house, "printed")
    give_up(house)
    assert the_incident(house).params == {
        "element_id": "print",
        "problem": {"message": "A list is too long.", "params": {}, "line": 2, "column": 7},
    }
