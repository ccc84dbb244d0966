"""Jobs: work outside a command, enqueued in the command's transaction and done once it has committed."""

import datetime as dt
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine import Engine
from engine.models.base import new_id, table
from engine.models.people import Tenant
from engine.models.records import Job
from engine.sessions import tenant_of

JOBS = table(Job)
ATTEMPTS = 5
PAUSE = dt.timedelta(seconds=5)
POLL_SECONDS = 0.2
Handler = Callable[[Engine, str, Mapping[str, Any]], None]
Sweep = Callable[[Engine], int]
log = logging.getLogger("woshou.jobs")


def enqueue(session: Session, kind: str, key: str, run_at: dt.datetime, payload: Mapping[str, Any]) -> None:
    """Ask for a job; a second one with the same key is dropped."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(
        dialect.insert(JOBS)
        .values(
            tenant_id=tenant_of(session), id=new_id(), kind=kind, key=key, run_at=run_at,
            payload=dict(payload), status="waiting", attempts=0, error="",
        )
        .on_conflict_do_nothing()
    )  # fmt: skip


def cancel(session: Session, key: str) -> None:
    """Drop a job that has not begun; one that runs finds its work gone."""
    waiting = (JOBS.c.tenant_id == tenant_of(session), JOBS.c.key == key, JOBS.c.status == "waiting")
    session.execute(update(JOBS).where(*waiting).values(status="cancelled"))


def finish(session: Session, key: str) -> None:
    """Mark the job done in the transaction that stores its result."""
    session.execute(
        update(JOBS).where(JOBS.c.tenant_id == tenant_of(session), JOBS.c.key == key).values(status="done")
    )


def run_due(engine: Engine, handlers: Mapping[str, Handler]) -> int:
    """Do every job that is due in every tenant, one after the other; gives how many were begun."""
    begun = 0
    for tenant_id in tenants(engine):
        while job := _begin(engine, tenant_id):
            begun += 1
            try:
                handlers[job["kind"]](engine, tenant_id, job["payload"])
            except Exception as failed:
                log.exception("job %s failed", job["kind"])
                _put_off(engine, tenant_id, job, type(failed).__name__)
    return begun


def recover(engine: Engine) -> None:
    """Put back what a killed process had begun; called before the only worker starts."""
    for tenant_id in tenants(engine):
        with engine.sessions.command(tenant_id) as session:
            begun = (JOBS.c.tenant_id == tenant_id, JOBS.c.status == "doing")
            session.execute(update(JOBS).where(*begun).values(status="waiting"))


def run_worker(
    engine: Engine, handlers: Mapping[str, Handler], stop: threading.Event, sweeps: Sequence[Sweep] = ()
) -> None:
    """Do jobs and sweeps as they come due until `stop` is set, whatever becomes of the database meanwhile.

    A sweep does some of what its own table says is due and gives how much that was; 0 lets the worker rest.
    """
    recover(engine)
    work = [lambda engine: run_due(engine, handlers), *sweeps]
    while not stop.wait(POLL_SECONDS):
        while sum(_tried(engine, sweep) for sweep in work) and not stop.is_set():
            pass


def _tried(engine: Engine, sweep: Sweep) -> int:
    try:
        return sweep(engine)
    except Exception:
        log.exception("what is due could not be looked at")
        return 0


def tenants(engine: Engine) -> list[str]:
    """The ids of all tenants."""
    with engine.sessions.reader.connect() as connection:
        return list(connection.scalars(select(Tenant.id).order_by(Tenant.id)))


def _begin(engine: Engine, tenant_id: str) -> dict[str, Any] | None:
    if not _any_due(engine, tenant_id):
        return None
    with engine.sessions.command(tenant_id) as session:
        row = (
            session.execute(_due(engine, tenant_id).limit(1).with_for_update(skip_locked=True))
            .mappings()
            .one_or_none()
        )
        if row is None:
            return None
        this = (JOBS.c.tenant_id == tenant_id, JOBS.c.id == row["id"])
        session.execute(update(JOBS).where(*this).values(status="doing", attempts=row["attempts"] + 1))
        return dict(row)


def _any_due(engine: Engine, tenant_id: str) -> bool:
    with engine.sessions.query(tenant_id) as session:
        return session.execute(_due(engine, tenant_id).limit(1)).first() is not None


def _due(engine: Engine, tenant_id: str) -> Any:
    return (
        select(JOBS)
        .where(JOBS.c.tenant_id == tenant_id, JOBS.c.status == "waiting", JOBS.c.run_at <= engine.now())
        .order_by(JOBS.c.run_at, JOBS.c.id)
    )


def _put_off(engine: Engine, tenant_id: str, job: Mapping[str, Any], error: str) -> None:
    attempts = job["attempts"] + 1
    status = "failed" if attempts >= ATTEMPTS else "waiting"
    with engine.sessions.command(tenant_id) as session:
        session.execute(
            update(JOBS)
            .where(JOBS.c.tenant_id == tenant_id, JOBS.c.id == job["id"])
            .values(status=status, error=error, run_at=engine.now() + PAUSE * 2**attempts)
        )
