"""Processes that a timer starts: an instance for each time it is due, exactly once, late if need be."""

import logging
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session

from engine import Engine, bodies, due, errors, instances, jobs, policy
from engine.models.base import table
from engine.models.clocks import StartTimer
from engine.sessions import is_passing

TIMERS = table(StartTimer)
ANY_DUE = (
    select(TIMERS.c.process_id, TIMERS.c.node_id, TIMERS.c.due_at)
    .where(
        TIMERS.c.tenant_id == bindparam("of_tenant"),
        TIMERS.c.status == "waiting",
        TIMERS.c.due_at <= bindparam("now"),
    )
    .order_by(TIMERS.c.due_at, TIMERS.c.process_id, TIMERS.c.node_id)
    .limit(1)
)
log = logging.getLogger("woshou.timers")


def start_due(engine: Engine) -> int:
    """Start the instance that has been due longest in each tenant; gives how many were looked at.

    May run in any number of threads and processes at once.
    """
    return sum(_start_next(engine, tenant_id) for tenant_id in jobs.tenants(engine))


def _start_next(engine: Engine, tenant_id: str) -> bool:
    now = {"of_tenant": tenant_id, "now": engine.now()}
    with engine.sessions.query(tenant_id) as session:
        found = session.connection().execute(ANY_DUE, now).one_or_none()
    if found is None:
        return False
    try:
        with engine.sessions.command(tenant_id) as session:
            return _start(session, engine, (found.process_id, found.node_id))
    except errors.ConcurrentChange:
        return False
    except Exception as failed:
        if is_passing(failed):
            raise
        log.exception("the timer start %s of %s failed", found.node_id, found.process_id)
        _set_aside(engine, tenant_id, found, errors.shown(failed))
        return True


def _start(session: Session, engine: Engine, place: tuple[str, str]) -> bool:
    """Start the instance, unless another worker has the timer, or had it, or it is gone."""
    this = (StartTimer.process_id == place[0], StartTimer.node_id == place[1])
    is_due = (StartTimer.status == "waiting", StartTimer.due_at <= engine.now())
    found = select(StartTimer).where(*this, *is_due).with_for_update(skip_locked=True)
    timer = session.scalars(found).one_or_none()
    if timer is None:
        return False
    new = instances.NewProcess(timer.process_id, bodies.root_body(session), {}, timer.node_id)
    actor = policy.system(timer.tenant_id)
    instances.start(session, engine, actor, new, lambda _: None)
    _count(timer)
    return True


def _count(timer: StartTimer) -> None:
    """It has fired once more: when it is due next, if it is."""
    again = due.again(timer.base_at, timer.interval, timer.fired, timer.repeats_left)
    for name, value in (again or {"fired": timer.fired + 1, "status": "done"}).items():
        setattr(timer, name, value)


def _set_aside(engine: Engine, tenant_id: str, found: Row[Any, Any, Any], error: str) -> None:
    """Let it not be tried again, unless another worker has started this one meanwhile."""
    with engine.sessions.command(tenant_id) as session:
        this = (
            TIMERS.c.tenant_id == tenant_id,
            TIMERS.c.process_id == found.process_id,
            TIMERS.c.node_id == found.node_id,
            TIMERS.c.status == "waiting",
            TIMERS.c.due_at == found.due_at,
        )
        session.execute(update(TIMERS).where(*this).values(status="failed", error=error))
