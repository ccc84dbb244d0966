"""Timers that are due: fired in batches, each as a step of its own, exactly once and in their order."""

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping, bindparam, exists, select, update
from sqlalchemy.orm import Session

from engine import Engine, audit, due, errors, failures, jobs, policy
from engine.models.base import table
from engine.models.clocks import Pause, Timer
from engine.models.processes import ProcessInstance
from engine.sessions import HOT, OF_TENANT, is_passing, savepoint, tenant_of
from engine.tree import Tree

TIMERS = table(Timer)
PAUSES = table(Pause)
BATCH = 50
TIMER = "timer"
STANDS_STILL = exists().where(
    PAUSES.c.tenant_id == TIMERS.c.tenant_id,
    PAUSES.c.root_id == TIMERS.c.root_id,
    PAUSES.c.resumed_at.is_(None),
)
IS_DUE = (
    TIMERS.c.tenant_id == OF_TENANT,
    TIMERS.c.status == "waiting",
    TIMERS.c.due_at <= bindparam("now"),
    ~STANDS_STILL,
)
IN_ORDER = (TIMERS.c.due_at, TIMERS.c.id)
ANY_DUE = select(TIMERS.c.id).where(*IS_DUE).limit(1)
# Roots that another transaction holds are left to the next batch: nothing waits here, so that no two
# batches can wait for each other, in whatever order they lock.
LOCK_ROOTS = (
    select(ProcessInstance)
    .join(
        TIMERS, (TIMERS.c.tenant_id == ProcessInstance.tenant_id) & (TIMERS.c.root_id == ProcessInstance.id)
    )
    .where(*IS_DUE)
    .order_by(*IN_ORDER)
    .limit(BATCH)
    .with_for_update(of=ProcessInstance, skip_locked=True)
    .execution_options(**HOT)
)
# Read again under the locks: what is due may have been fired or moved since.
DUE_OF_ROOTS = (
    select(TIMERS)
    .where(*IS_DUE, TIMERS.c.root_id.in_(bindparam("roots", expanding=True)))
    .order_by(*IN_ORDER)
    .limit(BATCH)
)
THIS_TIMER = (TIMERS.c.tenant_id == OF_TENANT, TIMERS.c.id == bindparam("of_timer"))
STILL_ARMED = select(TIMERS.c.id).where(*THIS_TIMER)
CHANGE = update(TIMERS).where(*THIS_TIMER)
log = logging.getLogger("woshou.timers")


def put_back(session: Session, timer_id: str) -> bool:
    """Let a timer that has failed fire when it is its turn; False if it has not failed, or not any more."""
    this = {"of_tenant": tenant_of(session), "of_timer": timer_id}
    again = CHANGE.where(TIMERS.c.status == "failed").values(status="waiting", error="")
    return bool(session.connection().execute(again, this).rowcount)


def fire_due(engine: Engine) -> int:
    """Fire one batch of what is due in each tenant; gives how many were looked at, 0 when nothing is due.

    May run in any number of threads and processes at once.
    """
    return sum(fire_batch(engine, tenant_id) for tenant_id in jobs.tenants(engine))


def fire_batch(engine: Engine, tenant_id: str) -> int:
    """Fire up to 50 timers in one transaction, in order of due time; one that fails is set aside alone."""
    at = engine.now()
    now = {"of_tenant": tenant_id, "now": at}
    with engine.sessions.query(tenant_id) as session:
        if session.connection().execute(ANY_DUE, now).first() is None:
            return 0
    with engine.sessions.command(tenant_id) as session:
        roots = {root.id: root for root in session.scalars(LOCK_ROOTS, now)}
        found = session.connection().execute(DUE_OF_ROOTS, now | {"roots": list(roots)}).mappings().all()
        # Together is quick; if one of them fails, nothing has happened yet and each is fired by itself.
        if found and _failure(session, engine, roots, found) is not None:
            for timer in found:
                # One before it may have ended what it waits on.
                if session.connection().execute(STILL_ARMED, _this(timer)).first() is None:
                    continue
                if (failed := _failure(session, engine, roots, [timer])) is not None:
                    log.error("timer %s failed: %s", timer["id"], errors.traced(failed))
                    _set_aside(session, timer, failed, at)
        return len(found)


def _failure(
    session: Session, engine: Engine, roots: Mapping[str, ProcessInstance], found: Sequence[RowMapping]
) -> Exception | None:
    """Fire timers in one savepoint; what went wrong, if anything did, and then nothing has happened."""
    trees = {root_id: Tree(session, engine, roots[root_id], engine.now()) for root_id in roots}
    try:
        with savepoint(session):
            for timer in found:
                tree = trees[timer["root_id"]]
                if (Timer, timer["instance_id"], timer["wait_id"]) not in tree.disarmed:
                    _fire(tree, timer)
            first, *others = (trees[root_id] for root_id in {timer["root_id"]: None for timer in found})
            first.store(*others)
    except Exception as failed:
        if is_passing(failed):
            raise
        # What was written past the ORM is taken back in the database only.
        session.expire_all()
        return failed
    return None


def _set_aside(session: Session, timer: RowMapping, error: Exception, at: dt.datetime) -> None:
    given = {name: timer[name] for name in ("instance_id", "wait_id", "due_at")}
    failed = failures.Failed(timer["id"], TIMER, timer["root_id"], timer["node_id"], given)
    failures.raise_incident(session, failed, error, at)
    _change(session, timer, {"status": "failed", "error": errors.shown(error)})


def _fire(tree: Tree, timer: RowMapping) -> None:
    live = tree.live(timer["instance_id"])
    wait = live.wait(timer["wait_id"])
    again = due.again(timer["base_at"], timer["interval"], timer["fired"], timer["repeats_left"])
    tree.trigger(live, wait, stays=bool(again))
    if again:
        _change(tree.session, timer, again)
    entry = audit.Entry("timer.fired", timer["id"], tree.at, timer["node_id"], timer["law_ref"])
    tree.record(policy.system(tree.root.tenant_id), entry)


def _change(session: Session, timer: RowMapping, values: Mapping[str, Any]) -> None:
    session.connection().execute(CHANGE.values(**values), _this(timer))


def _this(timer: RowMapping) -> dict[str, str]:
    return {"of_tenant": timer["tenant_id"], "of_timer": timer["id"]}
