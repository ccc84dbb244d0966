"""Whether what was stored still stands in the tables: each kind of damage is named, on both databases."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import create_engine, pool, text

from engine import audit
from engine.mediation import documents
from engine.soundness import Flaw, flaws
from tests.conftest import TENANT, House
from tests.engine.test_tasks import TALK, TALKS, begin, complete, the_task

PDF = documents.NewFile("agreement.pdf", "application/pdf", b"%PDF-1.7 agreed")
DAMAGE = {
    "answers": 'UPDATE user_tasks SET answers = \'{"summary":"没有同意","another":"no"}\' WHERE id = :task',
    "file": "UPDATE files SET content = :other WHERE sha256 = :file",
    "definition": "UPDATE definitions SET content = :other WHERE hash = :definition",
    "changed": "UPDATE audit_rows SET actor_name = '别人' WHERE chain_id = :root AND seq = 2",
    "cut_off": "DELETE FROM audit_rows WHERE chain_id = :root AND seq = 2",
}
SUBJECT = {
    "answers": "task",
    "file": "file",
    "definition": "definition",
    "changed": "root",
    "cut_off": "root",
}


@pytest.fixture
def stored(url: str, make_house: Callable[..., House]) -> tuple[House, dict[str, Any]]:
    """A completed task, a file and what was deployed; and their ids."""
    house = make_house(url)
    house.deploy({"talks.bpmn": TALKS, "talk.form": TALK})
    root_id = begin(house)
    ids: dict[str, Any] = {"root": root_id, "task": the_task(house, root_id).id, "other": b"something else"}
    complete(house, house.mediator, root_id, summary="双方愿意各退一步", another="no")
    with house.engine.sessions.command(TENANT) as session:
        ids["file"] = documents.put_file(session, PDF, "x", house.clock())
    ids["definition"] = change(url, "SELECT hash FROM definitions ORDER BY hash")
    return house, ids


def change(url: str, statement: str, **values: Any) -> Any:
    """Do in the database what nobody may do; gives the first value that the statement returns."""
    database = create_engine(url, poolclass=pool.NullPool)
    bound = text(f"{statement} /* tenant_id */")
    known = {name: value for name, value in values.items() if f":{name}" in statement}
    with database.begin() as connection:
        done = connection.execute(bound, known)
        return done.scalar() if done.returns_rows else None


def found(house: House) -> list[Flaw]:
    return list(flaws(house.engine, TENANT, {}))


def test_what_nobody_has_touched_holds(stored: tuple[House, dict[str, Any]]) -> None:
    assert found(stored[0]) == []


@pytest.mark.parametrize("kind", DAMAGE)
def test_each_damage_is_named_with_what_it_befell(
    url: str, stored: tuple[House, dict[str, Any]], kind: str
) -> None:
    house, ids = stored
    change(url, DAMAGE[kind], **ids)
    (flaw,) = found(house)
    assert (flaw.kind, flaw.subject) == (kind, ids[SUBJECT.get(kind, kind)])
    assert flaw.row == (2 if SUBJECT.get(kind) == "root" else 0)


def test_a_task_that_was_deleted_is_missed(url: str, stored: tuple[House, dict[str, Any]]) -> None:
    house, ids = stored
    change(url, "DELETE FROM user_tasks WHERE id = :task", **ids)
    assert found(house) == [Flaw("answers", ids["task"])]


def test_the_record_is_held_against_the_anchors(stored: tuple[House, dict[str, Any]]) -> None:
    house, ids = stored
    anchor = audit.Anchor(ids["root"], 3, "0" * 64)
    assert list(flaws(house.engine, TENANT, {ids["root"]: [anchor]})) == [Flaw("cut_off", ids["root"], 3)]
