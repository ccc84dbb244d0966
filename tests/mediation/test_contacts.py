"""Identity and phone numbers of parties: encrypted in the tables, readable where they are printed."""

from typing import Any

import pytest
from sqlalchemy import select, text, update

from engine import audit, errors
from engine.mediation import cases, compartments, contexts, lookup, older
from engine.mediation.contacts import Contact, contact_of
from engine.models.base import table
from engine.models.cases import Party
from engine.models.processes import ProcessInstance, UserTask
from engine.soundness import Flaw, flaws

from ..conftest import MORNING, TENANT
from .conftest import Desk, add_task, dispute, person

NUMBERS = Contact("110101199003078515", "13912345678")
PEOPLE = {
    "applicants": [person("申请人0", id_number=NUMBERS.id_number, phone=NUMBERS.phone)],
    "respondents": [person("被申请人0")],
}
PARTIES = table(Party)


def registered(desk: Desk) -> Desk:
    desk.perform(cases.case_registered, desk.house.reception, **dispute() | PEOPLE)
    with desk.query() as session:
        desk.party_ids = [party.id for party in lookup.parties_of(session, desk.case_id)]
    return desk


def contacts(desk: Desk) -> list[Contact]:
    with desk.query() as session:
        compartment = compartments.of_case(session, desk.house.engine.keys, desk.case_id)
        rows = session.scalars(select(Party).where(Party.case_id == desk.case_id).order_by(Party.position))
        return [contact_of(compartment, row) for row in rows]


def rows_of(desk: Desk, name: str) -> str:
    with desk.query() as session:
        return str(session.execute(text(f"SELECT * FROM {name} /* tenant_id */")).all())


def make_older(desk: Desk) -> str:
    """The case as an earlier version kept it; gives the id of the task of registration."""
    answers = dispute() | PEOPLE
    with desk.command() as session:
        first = session.scalars(select(Party.id).where(Party.position == 1)).one()
        plain = {"id_number": NUMBERS.id_number, "phone": NUMBERS.phone}
        session.execute(update(PARTIES).where(PARTIES.c.tenant_id == TENANT).values(sealed=None))
        session.execute(
            update(PARTIES).where(PARTIES.c.tenant_id == TENANT, PARTIES.c.id == first).values(**plain)
        )
        root = session.scalars(select(ProcessInstance)).one()
        root.variables = {"applicants": answers["applicants"], "another": "no"}
        task = add_task(session, desk.case_id, answers=answers, status="completed")
        entry = audit.Entry("task.completed", task.id, MORNING, content=answers)
        audit.record(session, desk.house.engine.keys, root, desk.house.reception, entry)
        return task.id


def changed_answers(desk: Desk, task_id: str) -> None:
    with desk.command() as session:
        task = session.scalars(select(UserTask).where(UserTask.id == task_id)).one()
        task.answers = {**(task.answers or {}), "facts": "没有的事"}


def test_numbers_are_not_readable_in_the_table_and_come_back(desk: Desk) -> None:
    registered(desk)
    assert contacts(desk) == [NUMBERS, Contact("", "")]
    assert not any(number in rows_of(desk, "parties") for number in NUMBERS)
    with desk.query() as session:
        assert {(row.id_number, row.phone) for row in session.scalars(select(Party))} == {("", "")}


def test_the_agreement_is_printed_with_them(desk: Desk) -> None:
    registered(desk).consent().appoint().draft()
    with desk.query() as session:
        root = session.scalars(select(ProcessInstance)).one()
        made: Any = contexts.context_of(session, desk.house.engine.keys, root, "agreement")
    assert [Contact(one["id_number"], one["phone"]) for one in made["parties"]] == [NUMBERS, Contact("", "")]


def test_numbers_copied_to_another_party_are_refused(desk: Desk) -> None:
    registered(desk)
    with desk.command() as session:
        first, second = session.scalars(select(Party).order_by(Party.position))
        second.sealed = first.sealed
    with pytest.raises(errors.SealBroken):
        contacts(desk)


def test_what_an_earlier_version_left_is_encrypted_once_and_stays_proved(desk: Desk) -> None:
    registered(desk)
    task_id, engine = make_older(desk), desk.house.engine
    assert contacts(desk) == [NUMBERS, Contact("", "")]
    assert [older.seal_older(engine, TENANT) for _ in range(2)] == [1, 0]
    assert contacts(desk) == [NUMBERS, Contact("", "")]
    for name in ("parties", "user_tasks", "process_instances"):
        assert not any(number in rows_of(desk, name) for number in NUMBERS), name
    assert "花滩街道1号" in rows_of(desk, "process_instances")
    assert not [flaw for flaw in flaws(engine, TENANT, {}) if flaw.subject == task_id]


def test_answers_that_somebody_had_changed_before_stay_a_flaw(desk: Desk) -> None:
    registered(desk)
    task_id = make_older(desk)
    changed_answers(desk, task_id)
    older.seal_older(desk.house.engine, TENANT)
    assert Flaw("answers", task_id) in list(flaws(desk.house.engine, TENANT, {}))


def test_answers_that_somebody_changes_afterwards_are_a_flaw(desk: Desk) -> None:
    registered(desk)
    task_id = make_older(desk)
    older.seal_older(desk.house.engine, TENANT)
    changed_answers(desk, task_id)
    assert Flaw("answers", task_id) in list(flaws(desk.house.engine, TENANT, {}))
