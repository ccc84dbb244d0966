"""Transactions: a tenant sees its own rows only, readers don't write, and no update is lost."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session, aliased
from sqlalchemy.pool import QueuePool

from engine import Engine, bodies, errors, instances
from engine.models.base import table
from engine.models.people import Account, Body, Tenant
from engine.models.processes import ProcessInstance, UserTask
from engine.sessions import tenant_of
from tests import diagrams
from tests.conftest import TENANT, House, settle
from tests.engine.test_tasks import begin

OTHER = "00000000-0000-7000-8000-000000000002"
SAME_ID = "00000000-0000-7000-8000-00000000aaaa"
RENAMED = "改了名的委员会"


def add_body(engine: Engine, tenant_id: str, body_id: str, name: str) -> None:
    with engine.sessions.command(tenant_id) as session:
        session.add(Body(tenant_id=tenant_id, id=body_id, name=name, code=""))


def names(engine: Engine, tenant_id: str) -> set[str]:
    with engine.sessions.query(tenant_id) as session:
        return set(session.scalars(select(Body.name)))


@pytest.fixture
def two(house: House) -> Engine:
    """Two tenants, each with a body under the same id."""
    settle(house.engine, house.clock, OTHER)
    add_body(house.engine, TENANT, SAME_ID, "本区的")
    add_body(house.engine, OTHER, SAME_ID, "别区的")
    return house.engine


def test_a_select_finds_the_rows_of_its_tenant_only(two: Engine) -> None:
    for tenant_id, name in ((TENANT, "本区的"), (OTHER, "别区的"), (TENANT, "本区的")):
        with two.sessions.query(tenant_id) as session:
            assert session.scalars(select(Body).where(Body.id == SAME_ID)).one().name == name
            assert tenant_of(session) == tenant_id


def test_the_connection_that_was_used_last_is_used_next(two: Engine) -> None:
    def connection(session: Session) -> object:
        return session.connection().connection.dbapi_connection

    query = two.sessions.query
    with query(TENANT) as first, query(OTHER) as second:
        assert connection(first) is not connection(second)
    with query(TENANT) as session:
        last = connection(session)
    for tenant_id in (TENANT, OTHER, TENANT):
        with query(tenant_id) as session:
            assert connection(session) is last


def test_columns_counts_and_subqueries_stay_inside_the_tenant(two: Engine) -> None:
    for tenant_id, name in ((TENANT, "本区的"), (OTHER, "别区的")):
        with two.sessions.query(tenant_id) as session:
            assert session.scalar(select(func.count()).select_from(Body)) == 2
            assert session.scalars(select(Body.name).where(Body.id == SAME_ID)).all() == [name]
            inner = select(Account.body_id).where(Account.username == "mediator")
            assert len(session.scalars(select(Body).where(Body.id.in_(inner))).all()) == 1


def test_a_join_without_a_relationship_stays_inside_the_tenant(two: Engine) -> None:
    for tenant_id in (TENANT, OTHER):
        with two.sessions.query(tenant_id) as session:
            other = aliased(Body)
            pairs = session.execute(select(Body, other).join(other, Body.id == other.id)).all()
            assert {body.tenant_id for pair in pairs for body in pair} == {tenant_id}
            assert len(pairs) == 2


def test_get_gives_nothing_of_another_tenant(two: Engine) -> None:
    with two.sessions.query(TENANT) as session:
        assert session.get(Body, (TENANT, SAME_ID)).name == "本区的"
        assert session.get(Body, (OTHER, SAME_ID)) is None


def test_an_update_or_delete_through_the_orm_stays_inside_the_tenant(two: Engine) -> None:
    with two.sessions.command(TENANT) as session:
        session.execute(update(Body).where(Body.id == SAME_ID).values(name=RENAMED))
    assert "别区的" in names(two, OTHER)
    with two.sessions.command(TENANT) as session:
        session.execute(delete(Body).where(Body.id == SAME_ID))
    assert "别区的" in names(two, OTHER)
    assert RENAMED not in names(two, TENANT)


def test_a_task_of_another_tenant_is_not_found(house: House) -> None:
    there = settle(house.engine, house.clock, OTHER)
    house.deploy({"p.bpmn": diagrams.in_line("p", [diagrams.user_task("ask")])})
    root_id = begin(house, "p")
    with house.engine.sessions.query(OTHER) as session, pytest.raises(errors.NotFound):
        instances.visible(session, there.reception, root_id)
    with house.engine.sessions.command(OTHER) as session, pytest.raises(errors.NotFound):
        instances.lock(session, root_id)


def test_a_command_that_raises_leaves_nothing(house: House) -> None:
    def add_and_fail() -> None:
        with house.engine.sessions.command(TENANT) as session:
            bodies.ensure_body(session, bodies.NewBody(RENAMED))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        add_and_fail()
    assert RENAMED not in names(house.engine, TENANT)


def test_a_reading_session_does_not_write(house: House) -> None:
    with house.engine.sessions.query(TENANT) as session:
        session.add(Body(tenant_id=TENANT, id=SAME_ID, name=RENAMED, code=""))
        with pytest.raises(DBAPIError):
            session.flush()
    with house.engine.sessions.query(TENANT) as session, pytest.raises(DBAPIError):
        session.execute(text("DELETE FROM user_tasks WHERE tenant_id = ''"))


def test_a_reading_session_sees_one_state_while_another_writes(house: House) -> None:
    with house.engine.sessions.query(TENANT) as session:
        before = session.scalar(select(func.count()).select_from(Body))
        add_body(house.engine, TENANT, SAME_ID, RENAMED)
        assert session.scalar(select(func.count()).select_from(Body)) == before


def test_the_queries_of_a_snapshot_see_one_state_until_a_command_of_the_thread_ends(house: House) -> None:
    engine = house.engine
    with engine.sessions.snapshot(), ThreadPoolExecutor(1) as elsewhere:
        before = names(engine, TENANT)
        elsewhere.submit(add_body, engine, TENANT, SAME_ID, RENAMED).result()
        assert names(engine, TENANT) == before
        assert elsewhere.submit(names, engine, TENANT).result() == before | {RENAMED}
        add_body(engine, TENANT, OTHER, "另一个")
        assert names(engine, TENANT) == before | {RENAMED, "另一个"}


def test_a_command_that_fails_ends_a_snapshot_too(two: Engine) -> None:
    with two.sessions.snapshot(), ThreadPoolExecutor(1) as elsewhere:
        assert RENAMED not in names(two, TENANT)
        elsewhere.submit(add_body, two, TENANT, OTHER, RENAMED).result()
        with pytest.raises(errors.ConcurrentChange):
            add_body(two, TENANT, SAME_ID, "同一个键")
        assert RENAMED in names(two, TENANT)


def test_a_snapshot_is_of_a_tenant_and_ends_with_its_block(two: Engine) -> None:
    with two.sessions.snapshot():
        for _ in range(2):
            assert "本区的" in names(two, TENANT)
            assert "别区的" in names(two, OTHER)
        assert open_connections(two) == 2
    assert open_connections(two) == 0
    names(two, TENANT)
    assert open_connections(two) == 0


def test_a_query_inside_of_another_reads_for_itself_and_one_that_failed_is_not_gone_on_with(
    two: Engine,
) -> None:
    with two.sessions.snapshot():
        with two.sessions.query(TENANT) as outer, two.sessions.query(TENANT) as inner:
            assert outer is not inner
            inner.scalars(select(Body)).all()
        assert open_connections(two) == 1
        with pytest.raises(ZeroDivisionError), two.sessions.query(TENANT):
            raise ZeroDivisionError
        assert open_connections(two) == 0


def test_a_query_during_which_a_command_ended_is_not_gone_on_with(house: House) -> None:
    engine = house.engine
    with engine.sessions.snapshot():
        with engine.sessions.query(TENANT) as session:
            before = set(session.scalars(select(Body.name)))
            add_body(engine, TENANT, SAME_ID, RENAMED)
            assert set(session.scalars(select(Body.name))) == before
        assert names(engine, TENANT) == before | {RENAMED}


def open_connections(engine: Engine) -> int:
    pool = engine.sessions.reader.pool
    assert isinstance(pool, QueuePool)
    return pool.checkedout()


def test_sqlite_takes_its_write_lock_first_and_waits_for_the_disk(
    sqlite_url: str, make_house: Callable[..., House], statements: list[str]
) -> None:
    sessions = make_house(sqlite_url).engine.sessions
    statements.clear()
    with sessions.command(TENANT) as session:
        session.scalars(select(Body)).all()
        settings = [session.scalar(text(f"PRAGMA {name}")) for name in ("synchronous", "foreign_keys")]
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
    assert statements[0] == "BEGIN IMMEDIATE"
    assert settings == [2, 1]
    with sessions.query(TENANT) as session:
        session.scalars(select(Body)).all()
    assert statements.count("BEGIN IMMEDIATE") == 1


def test_a_row_without_its_tenant_is_refused(house: House) -> None:
    with pytest.raises(IntegrityError):
        add_body(house.engine, "00000000-0000-7000-8000-00000000dead", SAME_ID, "无主")


def test_a_key_taken_meanwhile_is_a_concurrent_change(two: Engine) -> None:
    with pytest.raises(errors.ConcurrentChange):
        add_body(two, TENANT, SAME_ID, "第二个")


def test_an_instance_that_changed_under_a_command_is_a_concurrent_change(house: House) -> None:
    house.deploy({"p.bpmn": diagrams.in_line("p", [diagrams.user_task("ask")])})
    root_id = begin(house, "p")
    rows = table(ProcessInstance)

    def change_a_changed_one() -> None:
        with house.engine.sessions.command(TENANT) as session:
            root = instances.lock(session, root_id)
            this = (rows.c.tenant_id == TENANT, rows.c.id == root_id)
            session.connection().execute(update(rows).where(*this).values(version=root.version + 1))
            root.variables = {"mine": True}

    with pytest.raises(errors.ConcurrentChange):
        change_a_changed_one()
    with house.engine.sessions.query(TENANT) as session:
        assert instances.visible(session, house.reception, root_id).variables == {}


@contextmanager
def started(*calls: Callable[[], None]) -> Iterator[None]:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def test_who_waits_for_the_lock_reads_what_the_other_has_written(house: House) -> None:
    house.deploy({"p.bpmn": diagrams.in_line("p", [diagrams.user_task("ask")])})
    root_id = begin(house, "p")
    locked, seen = threading.Event(), []

    def first() -> None:
        with house.engine.sessions.command(TENANT) as session:
            root = instances.lock(session, root_id)
            locked.set()
            waiting.wait(0.2)
            root.variables = {"turn": 1}

    def second() -> None:
        locked.wait(10)
        with house.engine.sessions.command(TENANT) as session:
            seen.append(instances.lock(session, root_id).variables)
            waiting.set()

    waiting = threading.Event()
    with started(first, second):
        pass
    assert seen == [{"turn": 1}]


def test_of_forty_increments_by_eight_threads_none_is_lost(house: House) -> None:
    house.deploy({"p.bpmn": diagrams.in_line("p", [diagrams.user_task("ask")])})
    root_id = begin(house, "p", turn=0)

    def increment(_: int) -> None:
        with house.engine.sessions.command(TENANT) as session:
            root = instances.lock(session, root_id)
            root.variables = {"turn": root.variables["turn"] + 1}

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(increment, range(40)))
    with house.engine.sessions.query(TENANT) as session:
        assert instances.visible(session, house.reception, root_id).variables == {"turn": 40}


def test_what_one_tenant_is_called_changes_nothing_in_another(two: Engine) -> None:
    with two.sessions.command(TENANT) as session:
        session.scalars(select(Tenant).where(Tenant.id == TENANT)).one().name = RENAMED
        assert session.scalars(select(UserTask)).all() == []
    with two.sessions.query(OTHER) as session:
        assert session.scalars(select(Tenant.name).where(Tenant.id == OTHER)).one() != RENAMED
