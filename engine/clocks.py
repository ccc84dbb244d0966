"""A case's clocks as people change them: paused, resumed, and set anew, each a recorded command."""

import datetime as dt
from dataclasses import dataclass, replace

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from engine import Engine, audit, calendar, care, due, errors, open_tasks, policy
from engine.models.base import new_id
from engine.models.clocks import ClockChange, Pause, Timer
from engine.models.processes import ProcessInstance, UserTask
from engine.policy import Actor


@dataclass(frozen=True)
class Because:
    """Why a clock was changed, in the words of who did it, and the article it rests on.

    Raises ReasonMissing for no words at all.
    """

    reason: str
    law_ref: str = ""

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise errors.ReasonMissing


def pause_clocks(engine: Engine, actor: Actor, root_id: str, because: Because) -> None:
    """Let the clocks of a case stand still, as an appraisal does: timers don't fire.

    Raises NotFound, Forbidden, CaseClosed, ClocksPaused.
    """
    policy.allow(actor, "clocks.pause")
    with engine.sessions.command(actor.tenant_id) as session:
        root = care.lock(session, root_id, actor)
        if root.status != "active":
            raise errors.CaseClosed
        require_running(session, root_id)
        stop(session, engine, root, actor, because)


def resume_clocks(engine: Engine, actor: Actor, root_id: str, because: Because) -> None:
    """Let the clocks go on: timers and open tasks that are still to come are due later by the pause.

    As much time is left as when the clock stopped: exact time, legal days or working days, as it was
    counted. Raises NotFound, Forbidden, ClocksRunning, and ClocksHeld while something that happened halts
    the case.
    """
    policy.allow(actor, "clocks.pause")
    with engine.sessions.command(actor.tenant_id) as session:
        root = care.lock(session, root_id, actor)
        pause = paused(session, root_id)
        if pause is None:
            raise errors.ClocksRunning
        if pause.held:
            raise errors.ClocksHeld
        go_on(session, engine, root, actor, because)


def stop(session: Session, engine: Engine, root: ProcessInstance, actor: Actor, because: Because) -> Pause:
    """Begin a pause of a locked case whose clocks run, and record it."""
    at = engine.now()
    pause = Pause(
        tenant_id=root.tenant_id, id=new_id(), root_id=root.id, reason=because.reason,
        law_ref=because.law_ref, paused_at=at, paused_by=actor.name, resumed_at=None, resumed_by=None,
        held=False,
    )  # fmt: skip
    session.add(pause)
    _record(session, engine, root, actor, _Change(audit.Entry("clocks.paused", root.id, at), because))
    return pause


def go_on(session: Session, engine: Engine, root: ProcessInstance, actor: Actor, because: Because) -> None:
    """End the pause of a locked case, move what waits, and record it; ClocksRunning without one."""
    pause, days = paused(session, root.id), calendar.of_tenant(engine, root.tenant_id)
    if pause is None:
        raise errors.ClocksRunning
    pause.resumed_at, pause.resumed_by = engine.now(), actor.name
    over = _Stop(days, pause.paused_at, pause.resumed_at)
    for timer in session.scalars(select(Timer).where(Timer.root_id == root.id)):
        moved = over.moved(timer.due_at, timer.unit, timer.armed_at)
        timer.base_at += moved - timer.due_at
        timer.due_at = moved
    for task in session.scalars(_open_tasks(root.id)):
        if task.due_at is not None:
            task.due_at = over.moved(task.due_at, task.due_unit, task.created_at)
    entry = audit.Entry("clocks.resumed", root.id, pause.resumed_at)
    _record(session, engine, root, actor, _Change(entry, because))


def set_timer_due(engine: Engine, actor: Actor, timer_id: str, due_at: dt.datetime, because: Because) -> None:
    """Let a timer fire at another moment, one that had failed too; a moment that is past: at once.

    Raises NotFound, Forbidden, ClocksPaused, and TimerGone for one that has fired meanwhile.
    """
    policy.allow(actor, "due.change")
    root_id = care.root_of(engine, actor, Timer, timer_id)
    with engine.sessions.command(actor.tenant_id) as session:
        root = care.lock(session, root_id, actor)
        timer = session.scalars(select(Timer).where(Timer.id == timer_id)).one_or_none()
        if timer is None:
            raise errors.TimerGone
        require_running(session, root_id)
        before = timer.due_at
        timer.base_at += due_at - before
        timer.due_at, timer.status, timer.error = due_at, "waiting", ""
        entry = audit.Entry("due.set", timer_id, engine.now(), timer.node_id, content=due_at)
        _record(session, engine, root, actor, _Change(entry, because, before, due_at, timer.unit))


def set_task_due(engine: Engine, actor: Actor, task_id: str, due_at: dt.datetime, because: Because) -> None:
    """Let an open user task be due at another moment.

    Raises NotFound, Forbidden, ClocksPaused, TaskClosed, TaskCancelled.
    """
    policy.allow(actor, "due.change")
    root_id = care.root_of(engine, actor, UserTask, task_id)
    with engine.sessions.command(actor.tenant_id) as session:
        root = care.lock(session, root_id, actor)
        task = session.scalars(select(UserTask).where(UserTask.id == task_id)).one()
        open_tasks.require_not_closed(task)
        require_running(session, root_id)
        before, task.due_at = task.due_at, due_at
        entry = audit.Entry("due.set", task_id, engine.now(), task.node_id, content=due_at)
        _record(session, engine, root, actor, _Change(entry, because, before, due_at, task.due_unit))


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


@dataclass(frozen=True)
class _Change:
    """What is recorded, and of a clock that was set its moments before and after."""

    entry: audit.Entry
    because: Because
    before: dt.datetime | None = None
    after: dt.datetime | None = None
    unit: str = due.TIME


def _open_tasks(root_id: str) -> Select[UserTask]:
    return select(UserTask).where(UserTask.root_id == root_id, UserTask.status == "open")


def _record(session: Session, engine: Engine, root: ProcessInstance, actor: Actor, change: _Change) -> None:
    """The record seals a digest of the reason; its words are kept beside it, to be read."""
    because = change.because
    content = [because.reason, change.entry.content]
    entry = replace(change.entry, law_ref=because.law_ref, content=content)
    audit.record(session, engine.keys, root, actor, entry)
    session.add(
        ClockChange(
            tenant_id=root.tenant_id, root_id=root.id, seq=root.audit_count, reason=because.reason,
            due_before=change.before, due_after=change.after, unit=change.unit,
        )
    )  # fmt: skip
