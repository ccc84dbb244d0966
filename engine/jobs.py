"""Jobs: work outside a command, enqueued in the command's transaction and done once it has committed."""

import datetime as dt
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine import Engine, errors, failures, wakeups
from engine.models.base import new_id, table
from engine.models.people import Tenant
from engine.models.records import Job
from engine.sessions import tenant_of

JOBS = table(Job)
ADD = sqlite.insert(JOBS).on_conflict_do_nothing()
ADD_AND_TELL = postgresql.insert(JOBS).on_conflict_do_nothing().returning(JOBS.c.id)
# The states of what is still to be done, and of what stands still until somebody has it tried again.
UNDONE = ("waiting", "doing", "failed")
ATTEMPTS = 5
# In a payload: how often this job is tried, where that is not ATTEMPTS.
TRIES = "tries"
PAUSE = dt.timedelta(seconds=5)
# A pause is doubled so often at most: the longest is 85 minutes.
DOUBLINGS = 10
POLL_SECONDS, SWEEP_SECONDS = 0.2, 1.0
WAKES = 100
# A worker that is killed is known to be gone when its lease is over; one that lives renews it.
LEASE = dt.timedelta(seconds=10)
RENEWALS = 3
# So often may a job's worker be lost before the job itself is taken to be what kills it: a machine that
# starts again and again for other reasons must not stop a case.
LOST = 100
Handler = Callable[[Engine, str, Mapping[str, Any]], None]
Sweep = Callable[[Engine], int]
log = logging.getLogger("woshou.jobs")


def enqueue(session: Session, kind: str, key: str, run_at: dt.datetime, payload: Mapping[str, Any]) -> None:
    """Ask for a job; a second one with the same key is dropped.

    Its failure becomes an incident of the case that the payload names as `root_id`, at its `node_id`. The
    kind's handler must mark the job done by `finish`, in the transaction that stores the result.
    """
    job_id = new_id()
    values = {
        "tenant_id": tenant_of(session), "id": job_id, "kind": kind, "key": key, "run_at": run_at,
        "payload": dict(payload), "status": "waiting", "attempts": 0, "failures": 0, "error": "",
    }  # fmt: skip
    # Past the session, which would first write the half of the step that has been taken by now.
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.execute(ADD, values)
    elif connection.execute(ADD_AND_TELL, values).first():
        wakeups.wake(session, job_id, key, payload.get("root_id"))


def cancel(session: Session, key: str) -> None:
    """Drop a job that is not done; one that is being done finds its work gone and is not tried again."""
    still = (JOBS.c.key == key, JOBS.c.status.in_(UNDONE))
    session.execute(
        update(JOBS).where(JOBS.c.tenant_id == tenant_of(session), *still).values(status="cancelled")
    )


def finish(session: Session, key: str) -> None:
    """Mark the job done in the transaction that stores its result."""
    session.execute(
        update(JOBS).where(JOBS.c.tenant_id == tenant_of(session), JOBS.c.key == key).values(status="done")
    )


def put_back(session: Session, job_id: str, run_at: dt.datetime) -> bool:
    """Let a job that has failed be tried once more; False if it has not failed, or not any more."""
    failed = (JOBS.c.tenant_id == tenant_of(session), JOBS.c.id == job_id, JOBS.c.status == "failed")
    again = {"status": "waiting", "run_at": run_at, "failures": JOBS.c.attempts}
    return bool(session.connection().execute(update(JOBS).where(*failed).values(**again)).rowcount)


def at_work(session: Session, keys: Sequence[str], *, hold: bool = False) -> set[str]:
    """Those of these jobs that have begun; `hold` keeps the others from beginning in this transaction."""
    these = (JOBS.c.tenant_id == tenant_of(session), JOBS.c.key.in_(keys))
    found = select(JOBS.c.key, JOBS.c.status).where(*these)
    rows = session.execute(found.with_for_update() if hold else found)
    return {key for key, status in rows if status == "doing"}


def run_due(engine: Engine, handlers: Mapping[str, Handler], stop: threading.Event | None = None) -> int:
    """Do every job that is due in every tenant, one after the other; gives how many were begun.

    None is begun once `stop` is set. May run in any number of threads and processes at once.
    """
    begun = 0
    for tenant_id in tenants(engine):
        while not (stop and stop.is_set()) and (job := take(engine, tenant_id)):
            begun += 1
            _do(engine, handlers, job)
    return begun


def wake_due(engine: Engine) -> int:
    """Wake workers for due jobs that no wake-up tells of: after a pause, a lost worker, a lost wake-up."""
    return sum(_wake_due_of(engine, tenant_id) for tenant_id in tenants(engine))


def run_worker(
    engine: Engine,
    handlers: Mapping[str, Handler],
    stop: threading.Event,
    sweeps: Sequence[Sweep] = (),
    at_once: int = wakeups.JOBS_AT_ONCE,
) -> None:
    """Do jobs and sweeps as they come due until `stop` is set, whatever becomes of the database meanwhile.

    A sweep does some of what its own table says is due and gives how much that was; 0 lets the worker rest.
    On PostgreSQL up to `at_once` jobs are done at the same time, on SQLite one. There may be any number of
    workers.
    """
    if engine.sessions.url.startswith("sqlite"):
        _sweep(engine, [lambda engine: run_due(engine, handlers, stop), *sweeps], stop, POLL_SECONDS)
        return

    def follow(tenant_id: str, job_id: str) -> None:
        _tried(engine, lambda engine: _do_one(engine, handlers, tenant_id, job_id))

    with wakeups.following(engine.sessions.url, follow, stop, at_once):
        _sweep(engine, [wake_due, *sweeps], stop, SWEEP_SECONDS)


def _sweep(engine: Engine, work: Sequence[Sweep], stop: threading.Event, pause: float) -> None:
    while not stop.wait(pause):
        while sum(_tried(engine, sweep) for sweep in work) and not stop.is_set():
            pass


def _tried(engine: Engine, sweep: Sweep) -> int:
    try:
        return sweep(engine)
    except Exception as failed:
        log.error("what is due could not be looked at: %s", errors.traced(failed))
        return 0


def tenants(engine: Engine) -> list[str]:
    """The ids of all tenants."""
    with engine.sessions.reader.connect() as connection:
        return list(connection.scalars(select(Tenant.id).order_by(Tenant.id)))


def take(engine: Engine, tenant_id: str, job_id: str | None = None) -> dict[str, Any] | None:
    """Lease the job that is due first, or this one; also one whose worker was lost. None if none is due."""
    due = _due(engine, tenant_id).limit(1)
    due = due if job_id is None else due.where(JOBS.c.id == job_id)
    with engine.sessions.query(tenant_id) as session:
        if session.execute(due).first() is None:
            return None
    with engine.sessions.command(tenant_id) as session:
        row = session.execute(due.with_for_update(skip_locked=True)).mappings().one_or_none()
        if row is None:
            return None
        leased = {"status": "doing", "attempts": row["attempts"] + 1, "run_at": engine.now() + LEASE}
        this = (JOBS.c.tenant_id == tenant_id, JOBS.c.id == row["id"])
        session.execute(update(JOBS).where(*this).values(**leased))
        return {**row, **leased}


def _due(engine: Engine, tenant_id: str) -> Select[Any]:
    takeable = (JOBS.c.status.in_(("waiting", "doing")), JOBS.c.run_at <= engine.now())
    return select(JOBS).where(JOBS.c.tenant_id == tenant_id, *takeable).order_by(JOBS.c.run_at, JOBS.c.id)


def _wake_due_of(engine: Engine, tenant_id: str) -> int:
    unheard = _due(engine, tenant_id).where(~wakeups.is_waking(tenant_id, JOBS.c.key)).limit(WAKES)
    with engine.sessions.query(tenant_id) as session:
        if session.execute(unheard.limit(1)).first() is None:
            return 0
    try:
        with engine.sessions.command(tenant_id) as session:
            found = session.execute(unheard.with_for_update(skip_locked=True)).mappings().all()
            for job in found:
                wakeups.wake(session, job["id"], job["key"], job["payload"].get("root_id"))
            return len(found)
    except errors.ConcurrentChange:
        return 0


def _do_one(engine: Engine, handlers: Mapping[str, Handler], tenant_id: str, job_id: str) -> int:
    job = take(engine, tenant_id, job_id)
    if job is not None:
        _do(engine, handlers, job)
    return job is not None


def _do(engine: Engine, handlers: Mapping[str, Handler], job: Mapping[str, Any]) -> None:
    lost = job["attempts"] - job["failures"] - 1
    try:
        if lost >= LOST:
            raise errors.WorkerLost(times=lost)
        with _leased(engine, job):
            handlers[job["kind"]](engine, job["tenant_id"], job["payload"])
    except Exception as failed:
        log.error("job %s failed: %s", job["kind"], errors.traced(failed))
        _put_off(engine, job, failed)


@contextmanager
def _leased(engine: Engine, job: Mapping[str, Any]) -> Iterator[None]:
    """Keep the lease while the work goes on."""
    done = threading.Event()
    keeper = threading.Thread(target=_keep_lease, args=(engine, job, done), name="lease", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()


def _keep_lease(engine: Engine, job: Mapping[str, Any], done: threading.Event) -> None:
    while not done.wait(LEASE.total_seconds() / RENEWALS):
        try:
            with engine.sessions.command(job["tenant_id"]) as session:
                _change(session, job, run_at=engine.now() + LEASE)
        except Exception as failed:
            log.warning("the lease of a job was not renewed: %s", errors.traced(failed))


def _put_off(engine: Engine, job: Mapping[str, Any], failed: Exception) -> None:
    """Try it again after a pause, or leave it as an incident; nothing if another worker has it by now."""
    count = job["failures"] + 1
    over = count >= job["payload"].get(TRIES, ATTEMPTS) or isinstance(failed, errors.WorkerLost)
    with engine.sessions.command(job["tenant_id"]) as session:
        if over and "root_id" in job["payload"]:
            # Before the job's own row, which a step locks after its case's, too.
            failures.raise_incident(session, _as_failed(job), failed, engine.now())
        _change(
            session, job,
            status="failed" if over else "waiting", failures=count, error=errors.shown(failed),
            run_at=engine.now() + PAUSE * 2 ** min(count, DOUBLINGS),
        )  # fmt: skip


def _as_failed(job: Mapping[str, Any]) -> failures.Failed:
    given = job["payload"]
    return failures.Failed(
        job["id"], job["kind"], given["root_id"], given.get("node_id", ""), given, job["attempts"]
    )


def _change(session: Session, job: Mapping[str, Any], **values: Any) -> None:
    """Change a job if this worker still has it."""
    mine = (JOBS.c.status == "doing", JOBS.c.attempts == job["attempts"])
    this = (JOBS.c.tenant_id == job["tenant_id"], JOBS.c.id == job["id"])
    session.execute(update(JOBS).where(*this, *mine).values(**values))
