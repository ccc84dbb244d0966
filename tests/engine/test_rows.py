"""Rows that are read past the ORM's loader are the session's own, on both databases."""

from typing import Any

import pytest
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from engine.models.base import Row, table
from engine.models.messages import Subscription
from engine.models.people import Account, Body
from engine.rows import adopt, loaded, parts, take_as_stored
from tests.conftest import TENANT, House

ACCOUNTS, BODIES = table(Account), table(Body)


def read(session: Session, house: House) -> dict[str, Any]:
    this = (BODIES.c.tenant_id == TENANT, BODIES.c.id == house.body_id)
    row = session.connection().execute(select(BODIES).where(*this)).one()
    return parts(row, Body)[0][0]


def test_a_row_of_several_tables_is_taken_apart_by_their_columns(house: House) -> None:
    columns = [*ACCOUNTS.c, *BODIES.c, BODIES.c.name.label("again")]
    this = (BODIES.c.id == ACCOUNTS.c.body_id, ACCOUNTS.c.id == house.mediator.id)
    with house.engine.sessions.query(TENANT) as session:
        row = session.connection().execute(select(*columns).where(*this)).one()
        (account, body), rest = parts(row, Account, Body)
    assert set(account) == {column.name for column in ACCOUNTS.c}
    assert (account["name"], account["roles"]) == (house.mediator.name, ["mediator"])
    assert (body["id"], [body["name"]]) == (house.body_id, list(rest))


def test_an_adopted_row_is_written_when_it_is_changed_and_only_then(
    house: House, statements: list[str]
) -> None:
    with house.engine.sessions.command(TENANT) as session:
        body = adopt(session, Body, read(session, house))
        assert inspect(body).persistent
        session.flush()
        assert not session.dirty
        body.name = "花滩新街道"
        assert body in session.dirty
    changed = [text for text in statements if text.startswith("UPDATE")]
    assert len(changed) == 1
    assert "SET name=" in changed[0]
    with house.engine.sessions.query(TENANT) as session:
        assert session.scalars(select(Body.name).where(Body.id == house.body_id)).one() == "花滩新街道"


def test_a_session_has_one_object_of_a_row_however_it_was_read(house: House) -> None:
    with house.engine.sessions.command(TENANT) as session:
        first = session.scalars(select(Body).where(Body.id == house.body_id)).one()
        first.name = "还没有写下的名称"
        with session.no_autoflush:
            assert adopt(session, Body, read(session, house)) is first
        assert first.name == "还没有写下的名称"
        session.expunge(first)
        adopted = adopt(session, Body, read(session, house))
        assert session.get(Body, (TENANT, house.body_id)) is adopted
        assert session.scalars(select(Body).where(Body.id == house.body_id)).one() is adopted


def test_a_row_that_the_session_has_is_found_without_the_database(
    house: House, statements: list[str]
) -> None:
    key = (TENANT, house.body_id)
    with house.engine.sessions.query(TENANT) as session:
        assert loaded(session, Body, key) is None
        body = adopt(session, Body, read(session, house))
        asked = len(statements)
        assert loaded(session, Body, key) is body
        assert loaded(session, Account, key) is None
        assert len(statements) == asked


def test_a_row_that_lacks_a_column_of_its_key_is_not_adopted(house: House) -> None:
    with house.engine.sessions.query(TENANT) as session, pytest.raises(KeyError):
        adopt(session, Subscription, {"tenant_id": TENANT})


def test_a_row_taken_as_stored_is_written_only_if_it_changes_again(
    house: House, statements: list[str]
) -> None:
    with house.engine.sessions.command(TENANT) as session:
        body = adopt(session, Body, read(session, house))
        body.name = "别处已经写下的名称"
        take_as_stored(session, body)
        session.flush()
        assert session.get(Body, (TENANT, house.body_id)) is body
        assert [text for text in statements if text.startswith("UPDATE")] == []
        body.code = "新"
    assert len([text for text in statements if text.startswith("UPDATE")]) == 1
    with house.engine.sessions.query(TENANT) as session:
        stored = session.scalars(select(Body).where(Body.id == house.body_id)).one()
        assert (stored.code, stored.name == "别处已经写下的名称") == ("新", False)


def test_an_attribute_that_is_named_otherwise_than_its_column_is_adopted_under_its_own_name(
    house: House,
) -> None:
    renamed = [
        kind
        for kind in (mapper.class_ for mapper in Row.registry.mappers)
        if any(attribute.key != attribute.columns[0].name for attribute in inspect(kind).column_attrs)
    ]
    assert renamed != []
    for kind in renamed:
        columns = list(table(kind).columns)
        (values,), rest = parts([f"of {column.name}" for column in columns], kind)
        with house.engine.sessions.query(TENANT) as session:
            row = adopt(session, kind, values)
            for attribute in inspect(kind).column_attrs:
                assert getattr(row, attribute.key) == f"of {attribute.columns[0].name}"
        assert rest == []
