"""The clocks of a case as its page shows them: timers and dated tasks, and the pause they stand in."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clocks, due
from engine.calendar import ZONE, day_of
from engine.mediation.positions import Names
from engine.models.clocks import ClockChange, Timer
from engine.models.processes import UserTask
from engine.policy import ACTIONS, Actor

TIMER, TASK = "timer", "task"


@dataclass(frozen=True)
class ClockRow:
    """A clock that runs: a timer or an open task; `kind` says which.

    `last_day` is the legal day with which it ends where it counts whole days, else None.
    """

    id: str
    kind: str
    name: str
    name_en: str
    law_ref: str
    due_at: dt.datetime
    last_day: dt.date | None
    is_late: bool
    has_failed: bool

    @property
    def day(self) -> dt.date:
        """The last day, or the day of the moment, on the tenant's clock."""
        return self.last_day or day_of(self.due_at)

    @property
    def time(self) -> str:
        """The time of day of the moment as a form's field takes it, such as 17:30."""
        return f"{self.due_at.astimezone(ZONE):%H:%M}"


@dataclass(frozen=True)
class PauseView:
    """Since when the clocks stand still, who stopped them, why, and whether something that happened did."""

    since: dt.datetime
    by: str
    reason: str
    held: bool


@dataclass(frozen=True)
class TimeLimits:
    """The clocks in the order in which they run out, and what the actor may do with them."""

    clocks: list[ClockRow] = field(default_factory=list)
    pause: PauseView | None = None
    may_pause: bool = False
    may_set: bool = False


@dataclass(frozen=True)
class ChangeView:
    """Why clocks were stopped, let go on or set; of one that was set also what it was before and after.

    They are last days where it counts days (`in_days`), else moments.
    """

    reason: str
    in_days: bool
    before: dt.date | None
    after: dt.date | None


def changes_of(session: Session, case_id: str) -> dict[int, ChangeView]:
    """The number of a row of the case's record → why its clocks were changed there."""
    found = session.scalars(select(ClockChange).where(ClockChange.root_id == case_id))
    return {row.seq: _change(row) for row in found}


def time_limits_of(
    session: Session, actor: Actor, case_id: str, names: Mapping[str, Names], at: dt.datetime
) -> TimeLimits:
    """The clocks of a case that is seen already; nothing for who may neither stop nor set them."""
    may_pause, may_set = ACTIONS["clocks.pause"](actor), ACTIONS["due.change"](actor)
    if not (may_pause or may_set):
        return TimeLimits()
    pause = clocks.paused(session, case_id)
    rows = sorted([*_timers(session, case_id, names, at), *_tasks(session, case_id, at)], key=_by_time)
    shown = PauseView(pause.paused_at, pause.paused_by, pause.reason, pause.held) if pause else None
    return TimeLimits(rows, shown, may_pause, may_set)


def _timers(
    session: Session, case_id: str, names: Mapping[str, Names], at: dt.datetime
) -> Iterator[ClockRow]:
    for timer in session.scalars(select(Timer).where(Timer.root_id == case_id)):
        named = names.get(timer.node_id, Names("", ""))
        yield ClockRow(
            timer.id, TIMER, named.name or timer.node_id, named.name_en, timer.law_ref, timer.due_at,
            _last_day(timer.due_at, timer.unit), timer.due_at < at, timer.status == "failed",
        )  # fmt: skip


def _tasks(session: Session, case_id: str, at: dt.datetime) -> Iterator[ClockRow]:
    dated = (UserTask.root_id == case_id, UserTask.status == "open", UserTask.due_at.is_not(None))
    for task in session.scalars(select(UserTask).where(*dated)):
        if task.due_at is not None:
            yield ClockRow(
                task.id, TASK, task.name, task.name_en, task.law_ref, task.due_at,
                _last_day(task.due_at, task.due_unit), task.due_at < at, False,
            )  # fmt: skip


def _last_day(due_at: dt.datetime, unit: str) -> dt.date | None:
    """A limit in days ends with its last day: a timer fires at the first moment after it."""
    return None if unit == due.TIME else day_of(due_at - due.MOMENT)


def _change(row: ClockChange) -> ChangeView:
    days = [moment and _last_day(moment, row.unit) for moment in (row.due_before, row.due_after)]
    before, after = days if row.unit != due.TIME else (row.due_before, row.due_after)
    return ChangeView(row.reason, row.unit != due.TIME, before, after)


def _by_time(row: ClockRow) -> tuple[dt.datetime, str]:
    return row.due_at, row.id
