"""The record: whatever is done to its rows behind the engine's back is found, and where it begins."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from engine import audit, tasks
from engine.audit import Anchor, Break
from engine.models.base import table
from engine.models.processes import ProcessInstance
from tests.conftest import TENANT, House
from tests.engine.test_tasks import TALK, TALKS, begin, complete, the_task

ROWS, INSTANCES = audit.ROWS, table(ProcessInstance)
COLUMNS = [*audit.SEALED[2:], "mac"]
LENGTH = 7
SECRET = "我愿意再让三千元"


@dataclass
class Record:
    """The record of a house with two cases, open to somebody who can write to the database."""

    house: House
    chain_id: str
    other_id: str

    def breaks(self, *anchors: Anchor) -> list[Break]:
        known = {anchor.chain_id: [anchor] for anchor in anchors}
        return audit.verify(self.house.engine, TENANT, known)

    def rows(self, chain_id: str = "") -> list[dict[str, Any]]:
        found = select(ROWS).where(*self._of(chain_id)).order_by(ROWS.c.seq)
        with self.house.engine.sessions.reader.connect() as connection:
            return [dict(row) for row in connection.execute(found).mappings()]

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put these rows in the place of the chain's."""
        with self.house.engine.sessions.writer.begin() as connection:
            connection.execute(delete(ROWS).where(*self._of()))
            if rows:
                connection.execute(insert(ROWS), rows)

    def head(self) -> Anchor:
        return next(head for head in self.heads() if head.chain_id == self.chain_id)

    def heads(self) -> list[Anchor]:
        return audit.anchors_of(self.house.engine, TENANT)

    def put_head(self, head: Anchor) -> None:
        this = (INSTANCES.c.tenant_id == TENANT, INSTANCES.c.id == head.chain_id)
        values = {"audit_count": head.count, "audit_head": head.head}
        with self.house.engine.sessions.writer.begin() as connection:
            connection.execute(update(INSTANCES).where(*this).values(values))

    def grow(self, times: int = 1) -> None:
        task_id = the_task(self.house, self.chain_id).id
        for turn in range(times):
            change = (tasks.release_task, tasks.claim_task)[len(self.rows()) % 2]
            self.house.clock.forward(seconds=turn)
            change(self.house.engine, self.house.mediator, task_id)

    def _of(self, chain_id: str = "") -> tuple[Any, Any]:
        return (ROWS.c.tenant_id == TENANT, ROWS.c.chain_id == (chain_id or self.chain_id))


def make_record(house: House) -> Record:
    house.deploy({"talks.bpmn": TALKS, "talk.form": TALK})
    record = Record(house, begin(house), begin(house))
    record.grow(LENGTH - 1)
    return record


@pytest.fixture
def record(house: House) -> Record:
    return make_record(house)


def other(value: Any) -> Any:
    return value + dt.timedelta(microseconds=1) if isinstance(value, dt.datetime) else f"{value}x"


def test_an_untouched_record_holds(record: Record) -> None:
    assert len(record.rows()) == LENGTH
    assert record.breaks(*record.heads()) == []


def test_each_column_of_a_row_is_sealed_and_its_change_found_at_that_row(record: Record) -> None:
    rows = record.rows()
    for column in COLUMNS:
        changed = [dict(row) for row in rows]
        changed[3][column] = other(rows[3][column])[:64] if column == "mac" else other(rows[3][column])
        if column == "mac":
            changed[3]["mac"] = rows[2]["mac"]
        record.write(changed)
        assert record.breaks() == [Break(record.chain_id, 4, "changed")], column
    record.write(rows)
    assert record.breaks() == []


def test_no_column_but_the_tenant_and_the_seal_itself_stands_outside_the_seal() -> None:
    assert {column.name for column in ROWS.columns} == {*audit.SEALED, "tenant_id", "mac"}


def test_a_removed_row_is_missed_at_its_place(record: Record) -> None:
    rows = record.rows()
    record.write([*rows[:2], *rows[3:]])
    assert record.breaks() == [Break(record.chain_id, 3, "removed")]


def test_a_removed_row_is_missed_even_if_the_later_ones_move_up(record: Record) -> None:
    rows = record.rows()
    record.write([*rows[:2], *(row | {"seq": row["seq"] - 1} for row in rows[3:])])
    assert record.breaks() == [Break(record.chain_id, 3, "removed")]


def test_an_inserted_row_is_found_even_if_the_later_ones_make_room(record: Record) -> None:
    rows = record.rows()
    record.write([*rows[:2], rows[2], *(row | {"seq": row["seq"] + 1} for row in rows[2:])])
    assert record.breaks() == [Break(record.chain_id, 4, "inserted")]


def test_a_row_added_behind_the_last_one_is_inserted(record: Record) -> None:
    rows = record.rows()
    record.write([*rows, rows[-1] | {"seq": LENGTH + 1}])
    assert record.breaks() == [Break(record.chain_id, LENGTH + 1, "inserted")]


def test_a_row_of_another_chain_does_not_pass_for_one_of_this(record: Record) -> None:
    (foreign,) = record.rows(record.other_id)
    rows = record.rows()
    record.write([foreign | {"chain_id": record.chain_id}, *rows[1:]])
    assert record.breaks() == [Break(record.chain_id, 1, "changed")]


def test_rows_cut_off_at_the_end_are_missed(record: Record) -> None:
    record.write(record.rows()[:4])
    assert record.breaks() == [Break(record.chain_id, 5, "cut_off")]
    record.write([])
    assert record.breaks() == [Break(record.chain_id, 1, "cut_off")]


def test_a_cut_with_the_older_head_put_back_is_found_by_an_anchor_only(record: Record) -> None:
    older, rows = record.head(), record.rows()
    record.grow(2)
    newer = record.head()
    record.put_head(older)
    record.write(rows)
    assert record.breaks() == []
    assert record.breaks(older) == []
    assert record.breaks(newer) == [Break(record.chain_id, LENGTH + 1, "cut_off")]


def test_a_cut_chain_that_grew_again_does_not_pass_its_anchor(record: Record) -> None:
    older, rows = record.head(), record.rows()
    record.grow(2)
    newer = record.head()
    record.put_head(older)
    record.write(rows)
    record.house.clock.forward(minutes=1)
    record.grow(4)
    assert record.breaks() == []
    assert record.breaks(newer) == [Break(record.chain_id, LENGTH + 2, "changed")]


def test_a_head_that_does_not_fit_the_rows_is_found(record: Record) -> None:
    head = record.head()
    record.put_head(Anchor(head.chain_id, head.count, "0" * 64))
    assert record.breaks() == [Break(record.chain_id, LENGTH, "changed")]
    record.put_head(Anchor(head.chain_id, head.count - 1, head.head))
    assert record.breaks() == [Break(record.chain_id, LENGTH, "inserted")]


def test_a_case_that_is_gone_with_its_record_is_missed_by_its_anchor(record: Record) -> None:
    gone = Anchor("00000000-0000-7000-8000-00000000dead", 3, "ab" * 32)
    assert record.breaks(gone) == [Break(gone.chain_id, 1, "removed")]


def test_rows_whose_case_is_gone_are_named(record: Record) -> None:
    stray = "00000000-0000-7000-8000-00000000beef"
    record.write([*record.rows(), *(row | {"chain_id": stray} for row in record.rows())])
    assert record.breaks() == [Break(stray, 1, "removed")]


def test_seals_made_without_the_key_do_not_hold(sqlite_url: str, make_house: Callable[..., House]) -> None:
    record = make_record(make_house(sqlite_url))
    forged = [row | {"mac": f"{number:064x}"} for number, row in enumerate(record.rows())]
    record.write(forged)
    assert record.breaks() == [Break(record.chain_id, 1, "changed")]


def test_the_tenants_own_chain_holds_deployments_and_sign_ins(record: Record) -> None:
    rows = record.rows(TENANT)
    assert [row["action"] for row in rows] == ["release.deployed"]
    with record.house.engine.sessions.writer.begin() as connection:
        of_tenant = (ROWS.c.tenant_id == TENANT, ROWS.c.chain_id == TENANT)
        connection.execute(update(ROWS).where(*of_tenant).values(actor_name="没有人"))
    assert record.breaks() == [Break(TENANT, 1, "changed")]


def test_answers_are_in_the_record_as_a_keyed_digest_only(record: Record) -> None:
    house = record.house
    complete(house, house.mediator, record.other_id, summary=SECRET, another="no")
    row = record.rows(record.other_id)[-1]
    assert row["action"] == "task.completed"
    assert all(SECRET not in str(value) for value in row.values())
    assert row["digest"] == audit.digest(house.engine.keys, {"another": "no", "summary": SECRET})
    assert row["digest"] != audit.digest(house.engine.keys, {"another": "no", "summary": SECRET + "。"})


def test_a_row_says_who_did_what_when_where_and_by_which_article(record: Record) -> None:
    row, house = record.rows()[1], record.house
    assert (row["actor_id"], row["actor_name"]) == (house.mediator.id, house.mediator.name)
    assert (row["action"], row["node_id"]) == ("task.claimed", "hold_talk")
    assert row["subject"] == the_task(house, record.chain_id).id
    assert row["at"].tzinfo == dt.UTC


def test_the_head_in_documents_changes_with_every_row(record: Record) -> None:
    seen = set()
    for _ in range(3):
        record.grow()
        with record.house.engine.sessions.query(TENANT) as session:
            found = select(ProcessInstance).where(ProcessInstance.id == record.chain_id)
            seen.add(audit.head_of(session.scalars(found).one()))
    assert {head.split("-")[0] for head in seen} == {str(LENGTH + turn) for turn in (1, 2, 3)}


@pytest.fixture
def sqlite_record(sqlite_url: str, make_house: Callable[..., House]) -> Record:
    return make_record(make_house(sqlite_url))


PLACES = st.integers(0, LENGTH - 1)
SEALED_TEXTS = [name for name in COLUMNS if name not in ("at", "mac")]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    places=st.tuples(PLACES, PLACES),
    kind=st.sampled_from(["change", "remove", "close_up", "insert", "cut", "swap"]),
    column=st.sampled_from(SEALED_TEXTS),
    value=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12),
)
def test_the_first_row_that_was_touched_is_named_whatever_was_done(
    sqlite_record: Record, places: tuple[int, int], kind: str, column: str, value: str
) -> None:
    rows = sqlite_record.rows()
    changed, first, said = tampered(rows, kind, places, {column: value})
    sqlite_record.write(changed)
    try:
        expected = [] if changed == rows else [Break(sqlite_record.chain_id, first + 1, said)]
        assert sqlite_record.breaks() == expected
    finally:
        sqlite_record.write(rows)


def tampered(
    rows: list[dict[str, Any]], kind: str, places: tuple[int, int], values: dict[str, str]
) -> tuple[list[dict[str, Any]], int, str]:
    """The rows after an attack, the index of the first one touched, and what it should be called."""
    at, to = places
    match kind:
        case "change":
            return [*rows[:at], rows[at] | values, *rows[at + 1 :]], at, "changed"
        case "remove":
            return [*rows[:at], *rows[at + 1 :]], at, "cut_off" if at == len(rows) - 1 else "removed"
        case "close_up":
            moved = renumbered([*rows[:at], *rows[at + 1 :]])
            return moved, at, "cut_off" if at == len(rows) - 1 else "removed"
        case "insert":
            return (
                renumbered([*rows[:at], rows[to] | values, *rows[at:]]),
                inserted_at(rows, at, to, values),
                "inserted",
            )
        case "cut":
            return rows[:at], at, "cut_off"
    swapped = list(rows)
    swapped[at], swapped[to] = rows[to], rows[at]
    return renumbered(swapped), min(at, to), "changed"


def inserted_at(rows: list[dict[str, Any]], at: int, to: int, values: dict[str, str]) -> int:
    """A copy of a row beside the row itself is told from it only at the second of the two."""
    return at + 1 if at == to and rows[to] | values == rows[to] else at


def renumbered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row | {"seq": seq} for seq, row in enumerate(rows, 1)]
