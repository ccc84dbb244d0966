"""The cases that the lists are measured among are real: the database accepts them, people work on them."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from engine import tasks
from engine.mediation import inbox
from engine.models.cases import Party
from tests.bench import district, house, lists
from tests.bench.house import ANSWERS
from tests.conftest import TENANT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def filled() -> Iterator[district.District]:
    with house.at("postgresql") as place:
        yield district.fill(place, 2 * district.STREET, checked=True)


def test_every_case_is_accepted_by_the_database_with_its_parties(filled: district.District) -> None:
    engine = filled.place.engine()
    with engine.sessions.query(TENANT) as session:
        parties = session.scalars(select(func.count(Party.id))).one()
    assert parties == 2 * (2 * district.STREET + len(district.KINDS))
    assert inbox.list_cases(engine, filled.reception).total == district.STREET
    engine.sessions.dispose()


def test_a_street_sees_its_own_open_tasks_and_finds_a_name_among_them(filled: district.District) -> None:
    engine, name = filled.place.engine(), district.given_name()
    page = inbox.list_tasks(engine, filled.reception, "role")
    assert page.counts.role == district.STREET * district.OPEN // 100 // 2
    assert 0 < page.counts.overdue < page.counts.role
    found = inbox.list_tasks(engine, filled.reception, "role", name)
    assert 0 < found.counts.role < page.counts.role
    assert all(name in row.parties for row in found.rows)
    engine.sessions.dispose()


def test_a_copied_case_goes_on_as_the_real_one(filled: district.District) -> None:
    engine = filled.place.engine()
    task = inbox.list_tasks(engine, filled.mediator, "mine").rows[0]
    done = tasks.complete_task(engine, filled.mediator, task.task_id, ANSWERS, "goes on")
    assert done.root_id == task.case_id
    assert len(done.next_task_ids) == 1
    engine.sessions.dispose()


def test_each_list_is_measured_in_both_databases() -> None:
    found = list(lists.measured(2 * district.STREET, rounds=1))
    assert len(found) == 8
    assert all(figure.value > 0 for figure in found)
    assert list(lists.measured(0)) == []
