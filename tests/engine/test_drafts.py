"""Drafts lie encrypted in the database and come back as they were typed."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, pool, select, text

from engine import drafts, errors, seals, tasks
from engine.models.processes import Draft
from engine.open_tasks import open_task
from tests.conftest import TENANT, House
from tests.engine.test_tasks import TALK, TALKS, begin, the_task

SAID = "最多再让一千二百三十四元"
KEY = bytes(range(32))


@pytest.fixture
def typed(url: str, make_house: Callable[..., House]) -> tuple[House, str]:
    """A house in which the mediator has typed something into a task that is not sent yet."""
    house = make_house(url)
    house.deploy({"talks.bpmn": TALKS, "talk.form": TALK})
    task_id = the_task(house, begin(house)).id
    tasks.save_draft(house.engine, house.mediator, task_id, {"summary": SAID, "rows": [{"amount": "1,5"}]})
    return house, task_id


def raw(house: House) -> str:
    database = create_engine(house.engine.sessions.url, poolclass=pool.NullPool)
    with database.connect() as connection:
        found = connection.execute(text("SELECT answers, sealed FROM drafts /* tenant_id */")).one()
    return f"{found.answers}{bytes(found.sealed).decode('latin-1')}"


@given(st.binary(), st.lists(st.text(), min_size=1), st.lists(st.text(), min_size=1))
def test_what_is_sealed_opens_in_its_own_place_only(plain: bytes, place: list[str], other: list[str]) -> None:
    sealed = seals.seal(KEY, plain, tuple(place))
    assert seals.unseal(KEY, sealed, tuple(place)) == plain
    if place != other:
        with pytest.raises(errors.SealBroken):
            seals.unseal(KEY, sealed, tuple(other))


@pytest.mark.parametrize("damaged", [b"", b"short", bytes(60)])
def test_what_was_never_sealed_is_refused_by_name(damaged: bytes) -> None:
    with pytest.raises(errors.SealBroken):
        seals.unseal(KEY, damaged, ("place",))


def test_what_was_typed_is_not_readable_in_the_database_and_comes_back(typed: tuple[House, str]) -> None:
    house, task_id = typed
    assert SAID not in raw(house)
    assert SAID.encode().decode("latin-1") not in raw(house)
    found = open_task(house.engine, house.mediator, task_id).draft
    assert found == {"summary": SAID, "rows": [{"amount": "1,5"}]}


def test_a_draft_put_under_another_name_is_not_opened(typed: tuple[House, str]) -> None:
    house, task_id = typed
    with house.engine.sessions.command(TENANT) as session:
        draft = session.scalars(select(Draft)).one()
        other = Draft(
            tenant_id=TENANT, task_id=task_id, actor_id=house.reception.id, sealed=draft.sealed,
            saved_at=draft.saved_at,
        )  # fmt: skip
        session.add(other)
    with pytest.raises(errors.SealBroken):
        open_task(house.engine, house.reception, task_id)


def test_other_keys_open_no_draft(typed: tuple[House, str]) -> None:
    house, task_id = typed
    stolen = replace(house.engine, keys=replace(house.engine.keys, links=KEY))
    with pytest.raises(errors.SealBroken):
        open_task(stolen, house.mediator, task_id)


def test_a_draft_of_an_earlier_version_is_read_and_encrypted_once(typed: tuple[House, str]) -> None:
    house, task_id = typed
    with house.engine.sessions.command(TENANT) as session:
        draft = session.scalars(select(Draft)).one()
        draft.sealed, draft.answers = None, {"summary": SAID}
    assert open_task(house.engine, house.mediator, task_id).draft == {"summary": SAID}
    assert [drafts.seal_older(house.engine, TENANT) for _ in range(2)] == [1, 0]
    assert SAID not in raw(house)
    assert open_task(house.engine, house.mediator, task_id).draft == {"summary": SAID}
