"""A district's cases in any number: copies of real cases, written by COPY on PostgreSQL."""

import contextlib
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import psycopg
from psycopg import Connection, sql
from sqlalchemy import insert, select

from engine import Engine, tasks
from engine.models.base import new_id, table
from engine.models.cases import Case, Party
from engine.models.people import Account, Body
from engine.models.processes import ProcessInstance, UserTask
from engine.policy import Actor
from tests import conftest
from tests.bench import house
from tests.bench.house import ANSWERS, Place

# A street with its villages: what its reception sees, whatever else the database holds.
STREET, VILLAGES, MEDIATORS = 1_000, 9, 2
YEARS = dt.timedelta(days=3 * 365)
UNTIL_DUE = dt.timedelta(days=100)
# Of a hundred cases, the last so many are still open.
OPEN = 12
BLOCK = 5_000
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹"
GIVEN = "伟芳娜敏静秀丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰建国红梅志文春海小龙永林凤"
OF_CASE = {
    "process_instances": "id",
    "cases": "id",
    "parties": "case_id",
    "instance_members": "instance_id",
    "user_tasks": "root_id",
}
NAMES = ("申请人甲", "被申请人乙")
NUMBER = "第零号"
ROOT = "%(n)s-0003-7000-8000-000000000000"
# Kinds of cases: how many of their tasks are done.
KINDS = {"mine": 0, "role": 1, "over": len(house.SHORT)}
DUE = dt.datetime(2001, 1, 1, tzinfo=dt.UTC)
# Lines of COPY by table, in which what differs from case to case stands as %(words)s.
Pattern = Mapping[str, str]


@dataclass(frozen=True)
class District:
    """A database that was filled, and who looks at the cases of its first street."""

    place: Place
    reception: Actor
    mediator: Actor


def fill(place: Place, cases: int, *, checked: bool = False) -> District:
    """Write so many cases, spread over streets that look alike; the first is the same in every district.

    `checked` lets the database look at each foreign key, which takes several times as long.
    """
    engine, streets = place.engine(), max(1, cases // STREET)
    _settle(engine, streets)
    with psycopg.connect(place.url.replace("+psycopg", ""), autocommit=True) as connection:
        patterns = {kind: _pattern(engine, connection, place, done) for kind, done in KINDS.items()}
        with contextlib.nullcontext() if checked else _unchecked(connection):
            for first in range(0, cases, BLOCK):
                numbers = range(first, min(first + BLOCK, cases))
                _write(connection, patterns, [_words(n % streets, n // streets) for n in numbers])
        connection.execute("VACUUM ANALYZE")
    engine.sessions.dispose()
    return District(place, _reception(), _mediator())


@contextlib.contextmanager
def _unchecked(connection: Connection) -> Iterator[None]:
    """Leave foreign keys alone, and make the indices at the end, which is several times as fast."""
    chosen = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname LIKE 'ix_%%'"
    made = connection.execute(chosen, [list(OF_CASE)]).fetchall()
    for name, _ in made:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    # The order of foreign keys does not matter to a replica.
    connection.execute("SET session_replication_role = replica")
    yield
    for _, definition in made:
        connection.execute(definition)


def _write(connection: Connection, patterns: Mapping[str, Pattern], words: list[dict[str, str]]) -> None:
    for name in OF_CASE:
        with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(name))) as copy:
            copy.write("".join(patterns[one["kind"]][name] % one for one in words))


def given_name() -> str:
    """Two characters inside the name of somebody in the first street whose case waits for reception."""
    names = (_words(0, number)["applicant"] for number in range(STREET - 1, 0, -2))
    return next(name[1:] for name in names if len(name) == 3)


def _settle(engine: Engine, streets: int) -> None:
    bodies, accounts = [], []
    for street in range(streets):
        for village in range(VILLAGES + 1):
            parent = _body(street, 0) if village else None
            named = {"name": f"第{street}街第{village}人民调解委员会", "code": "", "court": ""}
            kind = "village" if village else "town"
            bodies.append({**_keyed(_body(street, village)), "parent_id": parent, "kind": kind, **named})
            accounts += [_account(street, village, number) for number in range(MEDIATORS)]
    with engine.sessions.command(conftest.TENANT) as session:
        session.connection().execute(insert(table(Body)), bodies)
        session.connection().execute(insert(table(Account)), accounts)


def _keyed(row_id: str) -> dict[str, object]:
    return {"tenant_id": conftest.TENANT, "id": row_id}


def _account(street: int, village: int, number: int) -> dict[str, object]:
    person = _person(street, village, number)
    return {
        **_keyed(person), "username": person, "name": _name(street * 31 + village * 7 + number),
        "roles": ["mediator"], "body_id": _body(street, village), "password_hash": "-", "active": True,
    }  # fmt: skip


def _pattern(engine: Engine, connection: Connection, place: Place, done: int) -> Pattern:
    """The lines of a case with so many tasks completed; the next is the mediator's or the reception's own."""
    found, root_id = (house.begin(engine, place, "short"),), ""
    for number in range(done):
        actor = (place.mediator, place.reception)[number % 2]
        closed = tasks.complete_task(engine, actor, found[0], ANSWERS, f"{done}-{number}")
        found = closed.next_task_ids
    with engine.sessions.command(conftest.TENANT) as session:
        root_id = (
            session.scalars(select(ProcessInstance.id).order_by(ProcessInstance.id.desc())).first() or ""
        )
        session.add(_case(place, root_id, is_open=bool(found)))
        session.flush()
        session.add_all(_party(root_id, position) for position in range(len(NAMES)))
        if found:
            task = session.scalars(select(UserTask).where(UserTask.id == found[0])).one()
            task.due_at, task.claimed_by = DUE, place.mediator.id if done == 0 else None
        session.flush()
        parties = select(Party.id).where(Party.case_id == root_id)
        ids = [
            *session.scalars(parties),
            *session.scalars(select(UserTask.id).where(UserTask.root_id == root_id)),
        ]
    words = {
        NUMBER + root_id: "%(number)s", root_id: ROOT, place.body_id: "%(body)s",
        place.mediator.id: "%(mediator)s", NAMES[1]: "%(respondent)s", NAMES[0]: "%(applicant)s",
        _text(conftest.MORNING): "%(at)s", _text(DUE): "%(due)s",
    } | {one: f"%(n)s-0004-7000-8000-{number:012x}" for number, one in enumerate(ids)}  # fmt: skip
    return {name: _lines(connection, name, root_id, words) for name in OF_CASE}


def _lines(connection: Connection, name: str, root_id: str, words: Mapping[str, str]) -> str:
    column = sql.Identifier(OF_CASE[name])
    chosen = sql.SQL("COPY (SELECT * FROM {} WHERE tenant_id = {} AND {} = {}) TO STDOUT").format(
        sql.Identifier(name), conftest.TENANT, column, root_id
    )
    with connection.cursor().copy(chosen) as copy:
        lines = b"".join(map(bytes, copy)).decode().replace("%", "%%")
    for real, word in words.items():
        lines = lines.replace(real, word)
    return lines


def _case(place: Place, root_id: str, *, is_open: bool) -> Case:
    return Case(
        tenant_id=conftest.TENANT, id=root_id, body_id=place.body_id, number=NUMBER + root_id,
        search_text="\n".join([NUMBER + root_id, *NAMES]),
        dispute_type="traffic", status="mediating" if is_open else "effective", people_count=2,
        mediator_id=place.mediator.id,
        facts="两车相撞，双方对赔偿数额有争议。", opened_at=conftest.MORNING,
    )  # fmt: skip


def _party(root_id: str, position: int) -> Party:
    return Party(
        tenant_id=conftest.TENANT, id=new_id(), case_id=root_id, position=position, kind="natural",
        side=("applicant", "respondent")[position], name=NAMES[position], phone="139-0000-0000",
        address="书院路18号",
    )  # fmt: skip


def _words(street: int, number: int) -> dict[str, str]:
    """What differs in the street's case of this number, which is open if it is one of the last."""
    village = 0 if number % 10 < 3 else number % VILLAGES + 1
    opened = conftest.MORNING - YEARS * (STREET - number) / STREET
    is_open = number * 100 >= STREET * (100 - OPEN)
    mixed = (street * STREET + number) * 2_654_435_761 % 2**32
    return {
        "kind": ("mine", "role")[number % 2] if is_open else "over",
        "n": f"{number:04x}{street:04x}",
        "body": _body(street, village),
        "mediator": _person(street, village, number // 10 % MEDIATORS),
        "number": f"（2026）第{street}街人调字第{number:04}号",
        "applicant": _name(mixed),
        "respondent": _name(mixed // 7_919),
        "at": _text(opened),
        "due": _text(opened + UNTIL_DUE),
    }


def _name(mixed: int) -> str:
    """A name of three characters, in one of ten of two."""
    first, rest = mixed % len(SURNAMES), mixed // len(SURNAMES)
    given = GIVEN[rest % len(GIVEN)] + GIVEN[rest // len(GIVEN) % len(GIVEN)]
    return SURNAMES[first] + given[: 1 if rest % 10 == 0 else 2]


def _body(street: int, village: int) -> str:
    return f"{street:08x}-0001-7000-8000-{village:012x}"


def _person(street: int, village: int, number: int) -> str:
    return f"{street:08x}-0002-7000-8000-{village * MEDIATORS + number:012x}"


def _text(moment: dt.datetime) -> str:
    """A moment as PostgreSQL writes it."""
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _reception() -> Actor:
    bodies = frozenset(_body(0, village) for village in range(VILLAGES + 1))
    return Actor(conftest.TENANT, "reception", "接待", frozenset({"reception"}), _body(0, 0), bodies)


def _mediator() -> Actor:
    person = _person(0, 0, 0)
    return Actor(
        conftest.TENANT, person, "调解员", frozenset({"mediator"}), _body(0, 0), frozenset({_body(0, 0)})
    )
