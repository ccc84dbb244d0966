"""Rows of instances that moved are written at once, in the version that was read, on both databases."""

import pytest
from sqlalchemy import inspect, select, update
from sqlalchemy.orm import Session

from engine import errors, instances, moved
from engine.models.processes import ProcessInstance
from tests import diagrams
from tests.bench.watch import watching
from tests.conftest import TENANT, House
from tests.engine.test_tasks import begin

LINE = {"line.bpmn": diagrams.in_line("line", [diagrams.user_task("ask")])}


@pytest.fixture
def root_ids(house: House) -> list[str]:
    house.deploy(LINE)
    return [begin(house, "line") for _ in range(3)]


def locked(session: Session, root_ids: list[str]) -> list[ProcessInstance]:
    return [instances.lock(session, root_id) for root_id in root_ids]


def stored(house: House, root_id: str) -> ProcessInstance:
    with house.engine.sessions.query(TENANT) as session:
        return session.scalars(select(ProcessInstance).where(ProcessInstance.id == root_id)).one()


def test_rows_are_written_in_one_statement_and_not_again_at_the_commit(
    house: House, root_ids: list[str]
) -> None:
    before = [stored(house, root_id).version for root_id in root_ids]
    with house.engine.sessions.command(TENANT) as session:
        rows = locked(session, root_ids)
        for number, row in enumerate(rows):
            row.variables = {"number": number}
        with watching(house.engine.sessions) as seen:
            moved.write(session, rows)
            session.flush()
        assert seen.kinds() == "1 UPDATE"
        assert not session.dirty
        assert all(inspect(row).persistent for row in rows)
    after = [stored(house, root_id) for root_id in root_ids]
    assert [row.variables for row in after] == [{"number": 0}, {"number": 1}, {"number": 2}]
    assert [row.version for row in after] == [version + 1 for version in before]


def test_a_row_that_has_not_changed_keeps_its_version(house: House, root_ids: list[str]) -> None:
    with house.engine.sessions.command(TENANT) as session, watching(house.engine.sessions) as seen:
        rows = locked(session, root_ids)
        seen.statements.clear()
        moved.write(session, rows)
        assert seen.statements == []


def test_a_row_of_another_version_is_refused_and_none_is_written(house: House, root_ids: list[str]) -> None:
    before = [stored(house, root_id).version for root_id in root_ids]
    with pytest.raises(errors.ConcurrentChange):
        write_over_another_version(house, root_ids)
    assert [stored(house, root_id).version for root_id in root_ids] == before
    assert "late" not in stored(house, root_ids[0]).variables


def write_over_another_version(house: House, root_ids: list[str]) -> None:
    this = (moved.ROWS.c.tenant_id == TENANT, moved.ROWS.c.id == root_ids[1])
    later = update(moved.ROWS).where(*this).values(version=moved.ROWS.c.version + 1)
    with house.engine.sessions.command(TENANT) as session:
        rows = locked(session, root_ids)
        session.connection().execute(later)
        for row in rows:
            row.variables = {"late": True}
        moved.write(session, rows)


def test_what_changes_after_it_was_written_is_written_by_the_session(
    house: House, root_ids: list[str]
) -> None:
    with house.engine.sessions.command(TENANT) as session:
        (row,) = locked(session, root_ids[:1])
        row.variables = {"said": "first"}
        moved.write(session, [row])
        row.variables = {"said": "last"}
        version = row.version
    found = stored(house, root_ids[0])
    assert (found.variables, found.version) == ({"said": "last"}, version + 1)
