"""Transactions: one writes and commits for a command, one only reads for a query."""

import datetime as dt
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache, partial
from typing import Any, cast

from sqlalchemy import BindParameter, Table, bindparam, create_engine, event
from sqlalchemy import Engine as Database
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import LoaderCriteriaOption, ORMExecuteState, Session, sessionmaker, with_loader_criteria
from sqlalchemy.orm.exc import StaleDataError

from engine import errors, sqlite
from engine.models.base import TenantRow

# PostgreSQL's codes: serialization failure, deadlock, lock not available; a unique key that is taken.
LOCKED = frozenset({"40001", "40P01", "55P03"})
UNIQUE = "23505"
# How its codes begin: connection lost, no room or no connection left, shut down, the system below failed.
AWAY = ("08", "53", "57P", "58")
SQLITE_AWAY = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})
PRIMARY_CODE = 0xFF
# What a hot statement that names its tenant itself is executed with, and the parameter in which it does.
NAMES_TENANT = "names_tenant"
HOT = {NAMES_TENANT: True}
OF_TENANT: BindParameter[str] = bindparam("of_tenant")
AFTERWARDS = "afterwards"
RECORDED = "recorded"
MOMENT = "moment"


class Tally:
    """Counts by name since the process began; all threads may add."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, name: str) -> None:
        """One more of this name."""
        with self._lock:
            self._counts[name] += 1

    def counts(self) -> dict[str, int]:
        """The counts so far."""
        with self._lock:
            return dict(self._counts)


class _Shared(threading.local):
    """Of a thread: inside of a snapshot each tenant's reading session that no query uses; commands so far."""

    def __init__(self) -> None:
        self.idle: dict[str, Session] | None = None
        self.commands = 0

    def let_go(self) -> None:
        """End the transactions: what is asked from now on sees what has been committed."""
        while self.idle:
            self.idle.popitem()[1].close()


class Sessions:
    """Opens transactions on one database; a tenant's session adds the tenant to every ORM statement."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.recorded = Tally()
        self._sqlite = url.startswith("sqlite")
        self.writer = _open(url, read_only=False)
        self.reader = _open(url, read_only=True)
        self._make_writer = sessionmaker(self.writer, expire_on_commit=False)
        self._make_reader = sessionmaker(self.reader, expire_on_commit=False)
        self._lock: AbstractContextManager[Any] = threading.Lock() if self._sqlite else nullcontext()
        self._shared = _Shared()

    @contextmanager
    def command(self, tenant_id: str) -> Iterator[Session]:
        """One write transaction: commits when the block returns, rolls back when it raises."""
        with self._lock, self._make_writer() as session:
            session.info.update({"tenant_id": tenant_id, RECORDED: self.recorded})
            afterwards: list[Callable[[], None]] = session.info.setdefault(AFTERWARDS, [])
            try:
                with session.begin():
                    yield session
                for action in afterwards:
                    action()
            except StaleDataError as stale:
                raise errors.ConcurrentChange from stale
            except DBAPIError as failed:
                if _is_conflict(failed):
                    raise errors.ConcurrentChange from failed
                raise
            finally:
                self._shared.commands += 1
                self._shared.let_go()

    @contextmanager
    def query(self, tenant_id: str) -> Iterator[Session]:
        """One read-only transaction, or a snapshot's if none uses it; on SQLite writing in it is an error."""
        shared, kept = self._shared, False
        begun = shared.commands
        session = (shared.idle or {}).pop(tenant_id, None)
        if session is None:
            session = self._make_reader(info={"tenant_id": tenant_id})
        try:
            yield session
            kept = shared.idle is not None and tenant_id not in shared.idle and shared.commands == begun
        finally:
            if kept:
                cast(dict[str, Session], shared.idle)[tenant_id] = session
            else:
                session.close()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """The queries of this thread inside of the block see one state, until a command of its own ends.

        So the parts of a page do not contradict each other, and one transaction serves them all.
        """
        self._shared.idle = {}
        try:
            yield
        finally:
            self._shared.let_go()
            self._shared.idle = None

    def dispose(self) -> None:
        """Close all connections."""
        self.writer.dispose()
        self.reader.dispose()


def after_commit(session: Session, action: Callable[[], None]) -> None:
    """Do something once the session's command has committed; never if it rolls back."""
    session.info[AFTERWARDS].append(action)


def count(session: Session, action: str) -> None:
    """Count an action in `Sessions.recorded` once the session's command has committed."""
    after_commit(session, partial(session.info[RECORDED].add, action))


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """A part of a command that can fail alone: what it did, and meant to do after the commit, is undone."""
    afterwards = session.info[AFTERWARDS]
    before = len(afterwards)
    try:
        with session.begin_nested():
            yield
    except BaseException:
        del afterwards[before:]
        raise


def insert_into(session: Session, rows: Table) -> sqlite_dialect.Insert | postgresql.Insert:
    """An INSERT of the session's database that can say what is done where a key is there already."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite_dialect.insert(rows)
    return postgresql.insert(rows)


def tenant_of(session: Session) -> str:
    """The tenant whose rows the session sees."""
    return str(session.info["tenant_id"])


def moment_of(session: Session) -> dt.datetime:
    """The moment at which an expression asks for facts; KeyError where none does."""
    return cast(dt.datetime, session.info[MOMENT])


@event.listens_for(Session, "do_orm_execute")
def _stay_inside_the_tenant(state: ORMExecuteState) -> None:
    tenant_id = state.session.info.get("tenant_id")
    reads_or_changes = state.is_select or state.is_update or state.is_delete
    # A relationship is loaded by a foreign key, and each of those begins with the tenant.
    if tenant_id is None or not reads_or_changes or state.is_column_load or state.is_relationship_load:
        return
    if not state.execution_options.get(NAMES_TENANT):
        state.statement = state.statement.options(_only(tenant_id))


@lru_cache(1_000)
def _only(tenant_id: str) -> LoaderCriteriaOption:
    return with_loader_criteria(TenantRow, lambda row: row.tenant_id == tenant_id, include_aliases=True)


def _open(url: str, *, read_only: bool) -> Database:
    # Here as on SQLite the connection that was used last comes first: it has its statements prepared.
    if url.startswith("sqlite"):
        return sqlite.opened(url, read_only=read_only)
    level = "REPEATABLE READ" if read_only else "READ COMMITTED"
    database = create_engine(url, isolation_level=level, pool_use_lifo=True)
    return database.execution_options(postgresql_readonly=True) if read_only else database


def is_passing(failed: Exception) -> bool:
    """Whether it may well work the next time: another was in the way, or the database was away or full."""
    return _is_locked(failed) or _is_away(failed)


def _is_locked(failed: Exception) -> bool:
    """Whether somebody held the lock, or changed the row meanwhile."""
    if isinstance(failed, StaleDataError):
        return True
    cause = getattr(failed, "orig", None)
    return getattr(cause, "sqlstate", None) in LOCKED or "database is locked" in str(cause)


def _is_away(failed: Exception) -> bool:
    """Whether the database could not do its work at all, whatever it was asked."""
    cause = getattr(failed, "orig", None)
    code = getattr(cause, "sqlstate", None) or ""
    of_sqlite = getattr(cause, "sqlite_errorcode", 0) & PRIMARY_CODE
    invalidated = isinstance(failed, DBAPIError) and failed.connection_invalidated
    return invalidated or code.startswith(AWAY) or of_sqlite in SQLITE_AWAY


def _is_conflict(failed: DBAPIError) -> bool:
    """Whether another transaction was in the way: a lock, a deadlock, or a unique key taken meanwhile."""
    taken = getattr(failed.orig, "sqlstate", None) == UNIQUE or "UNIQUE constraint failed" in str(failed.orig)
    return taken or _is_locked(failed)
