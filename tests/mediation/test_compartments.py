import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from engine import errors
from engine.mediation import compartments, older
from engine.mediation.compartments import Compartment
from engine.mediation.statements import read_statements, statements_recorded
from engine.models.base import new_id
from engine.models.cases import CaseKey, Statement

from ..conftest import MORNING, TENANT
from .conftest import TODAY, Desk, add_case

MARKER = "底线是一万二千三百四十五元"
KEY = bytes(range(32))


def talk(desk: Desk, *texts: str) -> None:
    statements = [{"text": text, "disclosure": "private"} for text in texts]
    desk.perform(
        statements_recorded, desk.house.mediator, needed="yes", party_id=desk.party_ids[0], held_on=TODAY,
        statements=statements, another="no",
    )  # fmt: skip


def read(desk: Desk) -> list[str]:
    return [row.text for row in read_statements(desk.house.engine, desk.house.mediator, desk.case_id)]


def add_older(desk: Desk, text: str) -> None:
    with desk.command() as session:
        session.add(
            Statement(
                tenant_id=TENANT, id=new_id(), case_id=desk.case_id, party_id=desk.party_ids[0], text=text,
                disclosure="private", made_at=MORNING, held_on=TODAY, recorded_by=desk.house.mediator.id,
            )
        )  # fmt: skip


@pytest.fixture
def talking(desk: Desk) -> Desk:
    return desk.register().consent().appoint()


@given(st.text(), st.text(), st.text())
def test_what_is_sealed_opens_in_its_own_place_only(text: str, row: str, other: str) -> None:
    compartment = Compartment(TENANT, "case", KEY)
    sealed = compartment.seal(text, "statements", row)
    assert compartment.open(sealed, "statements", row) == text
    places = [replace(compartment, tenant_id="other"), replace(compartment, case_id="other")]
    for elsewhere in places:
        with pytest.raises(errors.SealBroken):
            elsewhere.open(sealed, "statements", row)
    if other != row:
        with pytest.raises(errors.SealBroken):
            compartment.open(sealed, "statements", other)


def test_the_same_text_is_never_sealed_alike_twice() -> None:
    compartment = Compartment(TENANT, "case", KEY)
    assert compartment.seal(MARKER, "row") != compartment.seal(MARKER, "row")


def test_a_copy_of_the_database_shows_nothing_that_was_said(talking: Desk, tmp_path: Path) -> None:
    talk(talking, MARKER)
    copy = tmp_path / "copy.db"
    file = talking.house.engine.sessions.url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file)) as database:
        database.execute("VACUUM INTO ?", (str(copy),))
    held = copy.read_bytes()
    assert "三轮车相撞".encode() in held
    assert MARKER.encode() not in held
    assert read(talking) == [MARKER]


def test_other_keys_open_nothing(talking: Desk) -> None:
    talk(talking, MARKER)
    house = talking.house
    stolen = replace(house.engine, keys=replace(house.engine.keys, links=KEY))
    with pytest.raises(errors.SealBroken):
        read_statements(stolen, house.mediator, talking.case_id)


def test_a_text_copied_to_another_row_is_refused(talking: Desk) -> None:
    talk(talking, "第一句", "第二句")
    with talking.command() as session:
        first, second = session.scalars(select(Statement).order_by(Statement.id))
        second.sealed = first.sealed
    with pytest.raises(errors.SealBroken):
        read(talking)


def test_a_case_keeps_its_key_and_another_case_has_another(talking: Desk) -> None:
    talk(talking, "第一句")
    talk(talking, "第二句")
    other = add_case(talking.house)
    keys = talking.house.engine.keys
    with talking.command() as session:
        made = compartments.ensure(session, keys, other)
        mine = compartments.of_case(session, keys, talking.case_id)
        assert mine is not None
        assert mine.key != made.key
        assert len(session.scalars(select(CaseKey)).all()) == 2
    assert sorted(read(talking)) == ["第一句", "第二句"]


def test_what_an_earlier_version_left_readable_is_encrypted_once(talking: Desk) -> None:
    add_older(talking, MARKER)
    talk(talking, "新的")
    assert sorted(read(talking)) == sorted([MARKER, "新的"])
    assert older.seal_older(talking.house.engine, TENANT) == 1
    with talking.query() as session:
        rows = session.scalars(select(Statement)).all()
        assert [row.text for row in rows] == ["", ""]
        before = [row.sealed for row in rows]
    assert sorted(read(talking)) == sorted([MARKER, "新的"])
    assert older.seal_older(talking.house.engine, TENANT) == 0
    with talking.query() as session:
        assert [row.sealed for row in session.scalars(select(Statement))] == before
