"""The ledger finds what was lost, halved or doubled: a database is tampered with in each way."""

from collections.abc import Callable
from urllib.request import Request

import pytest
from sqlalchemy import delete, select, update

from engine import audit, instances, tasks
from engine.models.base import table
from engine.models.cases import Case, Party
from engine.models.documents import PartyLink
from engine.models.processes import ProcessInstance, UserTask
from engine.models.records import AuditRow, IdempotencyKey, Job
from tests import diagrams, small_forms
from tests.conftest import TENANT, House
from tests.engine.test_instances import Printer
from tests.engine.test_tasks import begin, the_task
from tests.reliability.ledger import ENTERED, Ledger, Verdict
from tests.reliability.walker import Acknowledged

ASK = small_forms.form("ask", small_forms.field("textfield", "word"))
WALK = diagrams.in_line(
    "walk",
    [diagrams.user_task("ask", "ask", outputs="said=word"), diagrams.service_task("print", "printer"),
     diagrams.user_task("end")],
)  # fmt: skip
TASKS, ROWS, KEYS, JOBS, INSTANCES = map(table, (UserTask, AuditRow, IdempotencyKey, Job, ProcessInstance))


@pytest.fixture
def told(sqlite_url: str, make_house: Callable[..., House]) -> tuple[House, Acknowledged]:
    house = make_house(sqlite_url, Printer().services())
    house.deploy({"walk.bpmn": WALK, "ask.form": ASK})
    root_id = begin(house, "walk")
    done = tasks.complete_task(house.engine, house.mediator, the_task(house, root_id).id, {"word": "好"}, "k")
    return house, Acknowledged(tasks={"k": done.task_id})


def verdict(house: House, told: Acknowledged) -> Verdict:
    with house.engine.sessions.query(TENANT) as session:
        return Ledger(session, house.engine).verdict(told)


def test_nothing_is_wrong_with_what_the_engine_wrote(told: tuple[House, Acknowledged]) -> None:
    assert verdict(*told).holds


MINE = {row: row.c.tenant_id == TENANT for row in (TASKS, ROWS, KEYS, JOBS, INSTANCES)}


@pytest.mark.parametrize(
    ("statement", "fields"),
    [
        (delete(KEYS).where(MINE[KEYS]), {"lost", "halved"}),
        (delete(ROWS).where(MINE[ROWS], ROWS.c.action == "task.completed"), {"lost", "halved"}),
        (update(TASKS).where(MINE[TASKS]).values(status="open"), {"lost", "halved"}),
        (update(TASKS).where(MINE[TASKS]).values(answers={"word": "坏"}), {"halved"}),
        (update(INSTANCES).where(MINE[INSTANCES]).values(variables={}), {"halved"}),
        (update(INSTANCES).where(MINE[INSTANCES]).values(audit_count=7), {"halved"}),
        (update(INSTANCES).where(MINE[INSTANCES]).values(status="ended"), {"halved"}),
        (update(JOBS).where(MINE[JOBS]).values(status="done"), {"halved"}),
    ],
)
def test_what_is_missing_or_does_not_agree_is_found(
    told: tuple[House, Acknowledged], statement: object, fields: set[str]
) -> None:
    house, acknowledged = told
    with house.engine.sessions.command(TENANT) as session:
        session.connection().execute(statement)  # type: ignore[call-overload]
    found = verdict(house, acknowledged)
    assert {name for name in ("lost", "halved", "doubled") if getattr(found, name)} == fields


def test_what_is_there_twice_is_found(told: tuple[House, Acknowledged]) -> None:
    house, acknowledged = told
    with house.engine.sessions.command(TENANT) as session:
        row = session.scalars(select(AuditRow).where(AuditRow.action == "task.completed")).one()
        values = {column.name: getattr(row, column.name) for column in ROWS.columns} | {"seq": row.seq + 1}
        session.connection().execute(ROWS.insert().values(values))
    assert verdict(house, acknowledged).doubled


def test_a_case_that_does_not_end_is_found(told: tuple[House, Acknowledged]) -> None:
    house, acknowledged = told
    with house.engine.sessions.query(TENANT) as session:
        root_id = session.scalars(select(ProcessInstance.id)).one()
    opened = {"key": "case", "actor_id": "a", "request_digest": "", "response": root_id}
    with house.engine.sessions.command(TENANT) as session:
        session.add(IdempotencyKey(tenant_id=TENANT, made_at=house.clock(), **opened))
    acknowledged.cases.add("case")
    assert verdict(house, acknowledged).unfinished == [root_id]
    acknowledged.cases.add("another")
    assert verdict(house, acknowledged).lost


def enter(house: House, times: int) -> None:
    """A party with a link has entered its page so often."""
    with house.engine.sessions.command(TENANT) as session:
        root_id = session.scalars(select(ProcessInstance.id)).one()
        root = instances.lock(session, root_id)
        at = house.clock()
        session.add(Case(tenant_id=TENANT, id=root_id, body_id=house.body_id, opened_at=at))
        session.flush()
        session.add(Party(tenant_id=TENANT, id="p", case_id=root_id, side="applicant", position=1,
                          kind="natural", name="罗小琴"))  # fmt: skip
        session.flush()
        session.add(PartyLink(tenant_id=TENANT, id="l", party_id="p", token="t", made_at=at))
        for _ in range(times):
            audit.record(session, house.engine.keys, root, house.reception, audit.Entry(ENTERED, "p", at))


@pytest.mark.parametrize(
    ("recorded", "fields"), [(0, {"lost"}), (1, set()), (2, set()), (3, {"doubled"})],
)  # fmt: skip
def test_a_party_enters_as_often_as_it_was_answered_and_not_more_often_than_it_asked(
    told: tuple[House, Acknowledged], recorded: int, fields: set[str]
) -> None:
    house, acknowledged = told
    enter(house, recorded)
    acknowledged.asked["t"], acknowledged.entered["t"] = 2, 1
    found = verdict(house, acknowledged)
    assert {name for name in ("lost", "halved", "doubled") if getattr(found, name)} == fields


def test_what_is_sent_to_a_link_is_asked_and_what_leads_on_has_entered() -> None:
    acknowledged = Acknowledged()
    sent = Request("http://127.0.0.1/p/t", data=b"code=1", method="POST")
    acknowledged.note_asked(sent)
    acknowledged.note_asked(sent)
    acknowledged.note_asked(Request("http://127.0.0.1/p/t"))
    acknowledged.note(sent, "http://127.0.0.1/party")
    assert (acknowledged.asked, acknowledged.entered) == ({"t": 2}, {"t": 1})
