"""A case's clocks as people change them: paused, resumed, and set anew, each a recorded command."""

import datetime as dt
from dataclasses import dataclass, replace

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from engine import Engine, audit, calendar, due, errors, instances, policy
from engine.models.base import new_id
from engine.models.clocks import Pause, Timer
from engine.models.processes import ProcessInstance, UserTask
from engine.policy import Actor


@dataclass(frozen=True)
class Because:
    """Why a clock was changed, in the words of who did it, and the article it rests on."""

    reason: str
    law_ref: str = ""


def pause_clocks(engine: Engine, actor: Actor, root_id: str, because: Because) -> None:
    """Let the clocks of a case stand still, as an appraisal does: timers don't fire.

    Raises NotFound, Forbidden, CaseClosed, ClocksPaused.
    """
    policy.allow(actor, "clocks.pause")
    with engine.sessions.command(actor.tenant_id) as session:
        root = _lock(session, actor, root_id)
        if root.status != "active":
            raise errors.CaseClosed
        require_running(session, root_id)
        at = engine.now()
        session.add(
            Pause(
                tenant_id=actor.tenant_id, id=new_id(), root_id=root_id, reason=because.reason,
                law_ref=because.law_ref, paused_at=at, paused_by=actor.name, resumed_at=None, resumed_by=None,
            )
        )  # fmt: skip
        audit.record(
            session, engine.keys, root, actor, _with(audit.Entry("clocks.paused", root_id, at), because)
        )


def resume_clocks(engine: Engine, actor: Actor, root_id: str, because: Because) -> None:
    """Let the clocks go on: timers and open tasks that are still to come are due later by the pause.

    As much time is left as when the clock stopped: exact time, legal days or working days, as it was
    counted. Raises NotFound, Forbidden, ClocksRunning.
    """
    policy.allow(actor, "clocks.pause")
    days = calendar.of_tenant(engine, actor.tenant_id)
    with engine.sessions.command(actor.tenant_id) as session:
        root = _lock(session, actor, root_id)
        pause = paused(session, root_id)
        if pause is None:
            raise errors.ClocksRunning
        pause.resumed_at, pause.resumed_by = engine.now(), actor.name
        stop = _Stop(days, pause.paused_at, pause.resumed_at)
        for timer in session.scalars(select(Timer).where(Timer.root_id == root_id)):
            moved = stop.moved(timer.due_at, timer.unit, timer.armed_at)
            timer.base_at += moved - timer.due_at
            timer.due_at = moved
        for task in session.scalars(_open_tasks(root_id)):
            if task.due_at is not None:
                task.due_at = stop.moved(task.due_at, task.due_unit, task.created_at)
        entry = audit.Entry("clocks.resumed", root_id, pause.resumed_at)
        audit.record(session, engine.keys, root, actor, _with(entry, because))


def set_timer_due(engine: Engine, actor: Actor, timer_id: str, due_at: dt.datetime, because: Because) -> None:
    """Let a timer fire at another moment, one that had failed too; a moment that is past: at once.

    Raises NotFound, Forbidden, ClocksPaused, and TimerGone for one that has fired meanwhile.
    """
    policy.allow(actor, "due.set")
    root_id = _root_of(engine, actor, Timer, timer_id)
    with engine.sessions.command(actor.tenant_id) as session:
        root = _lock(session, actor, root_id)
        timer = session.scalars(select(Timer).where(Timer.id == timer_id)).one_or_none()
        if timer is None:
            raise errors.TimerGone
        require_running(session, root_id)
        timer.base_at += due_at - timer.due_at
        timer.due_at, timer.status, timer.error = due_at, "waiting", ""
        entry = audit.Entry("due.set", timer_id, engine.now(), timer.node_id, content=due_at)
        audit.record(session, engine.keys, root, actor, _with(entry, because))


def set_task_due(engine: Engine, actor: Actor, task_id: str, due_at: dt.datetime, because: Because) -> None:
    """Let an open user task be due at another moment.

    Raises NotFound, Forbidden, ClocksPaused, TaskClosed, TaskCancelled.
    """
    policy.allow(actor, "due.set")
    root_id = _root_of(engine, actor, UserTask, task_id)
    with engine.sessions.command(actor.tenant_id) as session:
        root = _lock(session, actor, root_id)
        task = session.scalars(select(UserTask).where(UserTask.id == task_id)).one()
        if task.status == "cancelled":
            raise errors.TaskCancelled
        if task.status == "completed":
            raise errors.TaskClosed(who=task.closed_by, when=task.closed_at)
        require_running(session, root_id)
        task.due_at = due_at
        entry = audit.Entry("due.set", task_id, engine.now(), task.node_id, content=due_at)
        audit.record(session, engine.keys, root, actor, _with(entry, because))


def paused(session: Session, root_id: str) -> Pause | None:
    """The pause in which a case's clocks stand still now, None if they run."""
    found = select(Pause).where(Pause.root_id == root_id, Pause.resumed_at.is_(None))
    return session.scalars(found).one_or_none()


def require_running(session: Session, root_id: str) -> None:
    """Raise ClocksPaused if the case's clocks stand still."""
    pause = paused(session, root_id)
    if pause is not None:
        raise errors.ClocksPaused(when=pause.paused_at)


@dataclass(frozen=True)
class _Stop:
    """A pause that is over."""

    days: calendar.Calendar
    paused_at: dt.datetime
    resumed_at: dt.datetime

    def moved(self, due_at: dt.datetime, unit: str, runs_since: dt.datetime) -> dt.datetime:
        since = max(self.paused_at, runs_since)
        return due.after_pause(self.days, due.Due(due_at, unit), since, self.resumed_at)


def _lock(session: Session, actor: Actor, root_id: str) -> ProcessInstance:
    return instances.lock(session, root_id, None if "system" in actor.roles else actor)


def _root_of(engine: Engine, actor: Actor, row: type[Timer] | type[UserTask], row_id: str) -> str:
    with engine.sessions.query(actor.tenant_id) as session:
        root_id = session.scalars(select(row.root_id).where(row.id == row_id)).one_or_none()
    if root_id is None:
        raise errors.NotFound
    return root_id


def _open_tasks(root_id: str) -> Select[UserTask]:
    return select(UserTask).where(UserTask.root_id == root_id, UserTask.status == "open")


def _with(said: audit.Entry, because: Because) -> audit.Entry:
    return replace(said, law_ref=because.law_ref, content=[because.reason, said.content])
