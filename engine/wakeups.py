"""Wake-ups on PostgreSQL: Procrastinate tells an idle worker, on whatever machine, that a job is due.

A wake-up names a job and holds nothing else. The job's own row is the truth (docs/adr/0010).
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from sqlalchemy import ColumnElement, Enum, String, column, exists, table
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from engine import errors
from engine.sessions import tenant_of

DO_JOB = "do_job"
JOBS_AT_ONCE = 4
# A lock that comes free is not told to anybody: the next job of the same case is found by looking.
LOOK_SECONDS = 0.25
HEARTBEAT_SECONDS, STALLED_SECONDS = 3, 10
PAUSE_SECONDS = 1.0
TICK_SECONDS = 0.1
STATUS = Enum("todo", "doing", name="procrastinate_job_status")
WAKEUPS = table("procrastinate_jobs", column("queueing_lock", String), column("status", STATUS))
Do = Callable[[str, str], None]
log = logging.getLogger("woshou.wakeups")
# Only ever used on connections of sessions; it has none of its own.
_deferring = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())


def wake(session: Session, job_id: str, key: str, lock: str | None) -> None:
    """Let a worker do a job once this transaction has committed.

    Jobs with one lock are done one after the other. Raises ConcurrentChange, which ends the
    transaction, where a wake-up for the key waits already.
    """
    tenant_id = tenant_of(session)
    connection = session.connection().connection.driver_connection
    wakeup = _deferring.configure_task(
        DO_JOB, allow_unknown=True, lock=lock, queueing_lock=f"{tenant_id}:{key}", connection=connection
    )
    try:
        wakeup.defer(tenant_id=tenant_id, job_id=job_id)
    except AlreadyEnqueued as waiting:
        raise errors.ConcurrentChange from waiting


def is_waking(tenant_id: str, key: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a wake-up for the job with this key waits or is being followed."""
    named = WAKEUPS.c.queueing_lock == f"{tenant_id}:" + key
    return exists().where(named, WAKEUPS.c.status.in_(("todo", "doing")))


@contextmanager
def following(url: str, do: Do, stop: threading.Event, at_once: int = JOBS_AT_ONCE) -> Iterator[None]:
    """Follow wake-ups in threads of their own until `stop` is set; the block's end waits for them."""
    thread = threading.Thread(target=_follow, args=(url, do, stop, at_once), name="wake-ups", daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _follow(url: str, do: Do, stop: threading.Event, at_once: int) -> None:
    while not stop.is_set():
        try:
            asyncio.run(_work(url, do, stop, at_once))
        except Exception as failed:
            log.error("wake-ups can't be followed: %s", errors.traced(failed))
            stop.wait(PAUSE_SECONDS)


async def _work(url: str, do: Do, stop: threading.Event, at_once: int) -> None:
    """One worker of Procrastinate, until it is to stop or the database is away."""
    conninfo = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=conninfo))
    app.task(name=DO_JOB)(_of_job(do))
    async with app.open_async():
        working = asyncio.create_task(
            app.run_worker_async(
                concurrency=at_once, delete_jobs="always", install_signal_handlers=False,
                fetch_job_polling_interval=LOOK_SECONDS, update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=STALLED_SECONDS,
            )
        )  # fmt: skip
        mending = asyncio.create_task(_retry_stalled(app))
        while not (stop.is_set() or working.done() or mending.done()):
            await asyncio.sleep(TICK_SECONDS)
        for task in (working, mending):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def _of_job(do: Do) -> Callable[..., None]:
    def do_job(tenant_id: str, job_id: str) -> None:
        do(tenant_id, job_id)

    return do_job


async def _retry_stalled(app: procrastinate.App) -> None:
    """A killed worker's wake-ups are followed again; they hold the locks of their cases until then."""
    while True:
        stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS)
        for wakeup in stalled:
            try:
                await app.job_manager.retry_job(wakeup)
            except ConnectorException:
                # Another worker was first, or a newer wake-up for the same job waits.
                log.info("wake-up %s was stalled, but is so no longer", wakeup.id)
        await asyncio.sleep(HEARTBEAT_SECONDS)
