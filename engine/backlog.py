"""What waits to be done in a tenant, in numbers alone: for those who watch over an installation."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from engine import Engine, jobs, timers
from engine.models.clocks import StartTimer, Timer
from engine.models.messages import KeptMessage
from engine.models.processes import UserTask
from engine.models.records import Job

Counted = Job | Timer | StartTimer | KeptMessage


@dataclass(frozen=True)
class Backlog:
    """Open user tasks and those overdue; jobs, timers and kept messages by status; delays in seconds.

    Timers are those of cases and those that start processes. A delay is that of the oldest job or timer
    which is due and not done yet, 0 where there is none.
    """

    open_tasks: int
    overdue_tasks: int
    jobs: Mapping[str, int]
    timers: Mapping[str, int]
    messages: Mapping[str, int]
    job_delay: float
    timer_delay: float


def backlog(engine: Engine, tenant_id: str) -> Backlog:
    """Count what waits in one tenant now."""
    now = engine.now()

    def delay(session: Session, moment: Any, *conditions: ColumnElement[bool]) -> float:
        oldest = session.scalar(select(func.min(moment)).where(moment <= now, *conditions))
        return (now - oldest).total_seconds() if oldest else 0.0

    with engine.sessions.query(tenant_id) as session:
        tasks = select(func.count()).select_from(UserTask).where(UserTask.status == "open")
        return Backlog(
            open_tasks=session.scalar(tasks) or 0,
            overdue_tasks=session.scalar(tasks.where(UserTask.due_at < now)) or 0,
            jobs=_by_status(session, Job),
            timers=Counter(_by_status(session, Timer)) + Counter(_by_status(session, StartTimer)),
            messages=_by_status(session, KeptMessage),
            job_delay=delay(session, Job.run_at, Job.status == "waiting"),
            timer_delay=max(
                delay(session, Timer.due_at, Timer.status == "waiting", ~timers.STANDS_STILL),
                delay(session, StartTimer.due_at, StartTimer.status == "waiting"),
            ),
        )


def _by_status(session: Session, row: type[Counted]) -> dict[str, int]:
    found = select(row.status, func.count()).where(row.status.in_(jobs.UNDONE)).group_by(row.status)
    return dict(session.execute(found).all())
