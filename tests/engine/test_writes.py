"""Changed rows are written as they changed and in the version that was read, on both databases."""

from decimal import Decimal
from typing import Any, TypeVar

import pytest
from sqlalchemy import inspect, select, update
from sqlalchemy.exc import SAWarning
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from engine import errors, instances
from engine.models.agreements import Agreement, Mark
from engine.models.base import TenantRow, table
from engine.models.online import Offer
from engine.models.people import Account, Body
from engine.models.processes import ProcessInstance
from engine.rows import adopt
from engine.writes import write_changed, write_together
from tests import diagrams
from tests.bench.watch import watching
from tests.conftest import TENANT, House
from tests.engine.test_tasks import begin

ROWS = table(ProcessInstance)
GONE = {"tenant_id": TENANT, "id": "gone"}
T = TypeVar("T", bound=TenantRow)
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
        rows[1].status, rows[1].ended_at = "ended", house.engine.now()
        with watching(house.engine.sessions) as seen:
            write_together(session, rows)
            session.flush()
        assert seen.kinds() == "1 UPDATE"
        assert not session.dirty
        assert all(inspect(row).persistent for row in rows)
    after = [stored(house, root_id) for root_id in root_ids]
    assert [row.variables for row in after] == [{"number": 0}, {"number": 1}, {"number": 2}]
    assert [row.status for row in after] == ["active", "ended", "active"]
    assert [row.version for row in after] == [version + 1 for version in before]


def test_what_equals_what_it_was_is_written_all_the_same(house: House, root_ids: list[str]) -> None:
    with house.engine.sessions.command(TENANT) as session:
        rows = locked(session, root_ids)
        for row in rows:
            row.variables = {"paid": 1, "amount": Decimal(100)}
        write_together(session, rows)
        rows[0].variables = {"amount": Decimal("100.00"), "paid": True}
        write_together(session, rows)
    assert str(stored(house, root_ids[0]).variables) == "{'amount': Decimal('100.00'), 'paid': True}"
    assert str(stored(house, root_ids[1]).variables) == "{'paid': 1, 'amount': 100}"


def test_what_is_set_in_a_row_that_was_forgotten_is_written(house: House, root_ids: list[str]) -> None:
    with house.engine.sessions.command(TENANT) as session:
        rows = locked(session, root_ids[:2])
        session.expire_all()
        rows[0].variables = {"set": "blind"}
        write_together(session, rows)
        session.expire_all()
        rows[1].variables = {"set": "blind too"}
        write_changed(session)
    assert stored(house, root_ids[0]).variables == {"set": "blind"}
    assert stored(house, root_ids[1]).variables == {"set": "blind too"}


def test_a_row_that_has_not_changed_keeps_its_version(house: House, root_ids: list[str]) -> None:
    with house.engine.sessions.command(TENANT) as session, watching(house.engine.sessions) as seen:
        rows = locked(session, root_ids)
        seen.statements.clear()
        write_together(session, rows)
        assert seen.statements == []


def test_a_row_of_another_version_is_refused_and_none_is_written(house: House, root_ids: list[str]) -> None:
    before = [stored(house, root_id).version for root_id in root_ids]
    with pytest.raises(errors.ConcurrentChange):
        write_over_another_version(house, root_ids)
    assert [stored(house, root_id).version for root_id in root_ids] == before
    assert "late" not in stored(house, root_ids[0]).variables


def write_over_another_version(house: House, root_ids: list[str]) -> None:
    this = (ROWS.c.tenant_id == TENANT, ROWS.c.id == root_ids[1])
    later = update(ROWS).where(*this).values(version=ROWS.c.version + 1)
    with house.engine.sessions.command(TENANT) as session:
        rows = locked(session, root_ids)
        session.connection().execute(later)
        for row in rows:
            row.variables = {"late": True}
        write_together(session, rows)


def test_what_changes_after_it_was_written_is_written_by_the_session(
    house: House, root_ids: list[str]
) -> None:
    with house.engine.sessions.command(TENANT) as session:
        (row,) = locked(session, root_ids[:1])
        row.variables = {"said": "first"}
        write_together(session, [row])
        row.variables = {"said": "last"}
        version = row.version
    found = stored(house, root_ids[0])
    assert (found.variables, found.version) == ({"said": "last"}, version + 1)


def written(statements: list[str]) -> list[str]:
    return [text for text in statements if not text.startswith(("SELECT", "BEGIN"))]


def accounts(session: Session) -> list[Account]:
    return list(session.scalars(select(Account).order_by(Account.id).limit(3)))


def test_changed_rows_are_written_with_only_what_changed_and_equal_changes_together(
    house: House, statements: list[str]
) -> None:
    with house.engine.sessions.command(TENANT) as session:
        first, second, third = accounts(session)
        first.name, second.name, third.roles = "李一", "李二", ["reception", "mediator"]
        del statements[:]
        write_changed(session)
        assert not session.dirty
        session.flush()
    assert [text.split("=")[0] for text in written(statements)] == [
        "UPDATE accounts SET name", "UPDATE accounts SET roles",
    ]  # fmt: skip
    with house.engine.sessions.query(TENANT) as session:
        assert [one.name for one in accounts(session)][:2] == ["李一", "李二"]
        assert accounts(session)[2].roles == ["reception", "mediator"]


def test_rows_are_written_in_the_order_of_their_keys(house: House, statements: list[str]) -> None:
    with house.engine.sessions.command(TENANT) as session:
        body = session.scalars(select(Body).where(Body.id == house.body_id)).one()
        first, second, third = accounts(session)
        body.name, third.name, second.roles, first.name = "花滩", "李三", [], "李一"
        del statements[:]
        write_changed(session)
    assert [text.split("=")[0] for text in written(statements)] == [
        "UPDATE accounts SET name", "UPDATE accounts SET roles", "UPDATE accounts SET name",
        "UPDATE bodies SET name",
    ]  # fmt: skip


def test_a_row_that_was_set_to_what_it_had_is_not_written(house: House, statements: list[str]) -> None:
    with house.engine.sessions.command(TENANT) as session:
        account = accounts(session)[0]
        account.name, account.roles = str(account.name), list(account.roles)
        del statements[:]
        write_changed(session)
        assert written(statements) == []
        assert not session.dirty


def test_rows_that_come_and_rows_that_change_are_written_together(house: House) -> None:
    with house.engine.sessions.command(TENANT) as session:
        body = session.scalars(select(Body).where(Body.id == house.body_id)).one()
        body.name = "花滩老街道"
        session.add(Body(tenant_id=TENANT, name="新的社区", code="新社"))
        write_changed(session)
        assert not session.dirty
        assert not session.new
    with house.engine.sessions.query(TENANT) as session:
        assert {"花滩老街道", "新的社区"} <= set(session.scalars(select(Body.name)))


def adopted(session: Session, kind: type[T], **values: Any) -> T:
    """A row that the session takes for stored, though no database has it."""
    return adopt(session, kind, dict.fromkeys(inspect(kind).column_attrs.keys()) | GONE | values)


def test_a_row_that_is_gone_meanwhile_is_a_concurrent_change(house: House, statements: list[str]) -> None:
    with house.engine.sessions.command(TENANT) as session:
        adopted(session, Offer, to=[]).to = [house.mediator.id]
        with pytest.raises(errors.ConcurrentChange):
            write_changed(session)
        session.expunge_all()
    assert "UPDATE offers SET to_parties=" in statements[-1]


def test_a_row_is_written_as_its_next_version_and_in_the_one_that_was_read(
    house: House, root_ids: list[str]
) -> None:
    with house.engine.sessions.command(TENANT) as session:
        rows = locked(session, root_ids[:2])
        versions = [row.version for row in rows]
        rows[0].variables = {"said": "first"}
        write_changed(session)
        assert [row.version for row in rows] == [versions[0] + 1, versions[1]]
        write_changed(session)
        assert rows[0].version == versions[0] + 1
        set_committed_value(rows[1], "version", versions[1] - 1)
        rows[1].variables = {"said": "late"}
        with pytest.raises(errors.ConcurrentChange):
            write_changed(session)
        session.expunge_all()
    assert stored(house, root_ids[0]).version == versions[0] + 1
    assert stored(house, root_ids[1]).version == versions[1]


def test_what_a_row_has_lost_goes_with_it(house: House, statements: list[str]) -> None:
    with house.engine.sessions.command(TENANT) as session:
        agreement = adopted(session, Agreement)
        set_committed_value(agreement, "marks", [adopted(session, Mark)])
        agreement.marks = []
        with pytest.warns(SAWarning, match="0 were matched"):
            write_changed(session)
    assert statements[-1].startswith("DELETE FROM marks")
