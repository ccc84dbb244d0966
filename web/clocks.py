"""The clocks of a case: stopped, let go on, and set to another time, each with its reason."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import clocks, errors
from engine.calendar import ZONE, end_of
from engine.clocks import Because
from web import cases, metrics, refusals
from web.access import actor, engine, staff_only

pages = Blueprint("clocks", __name__, url_prefix="/cases/<case_id>/clocks")
SECOND = dt.timedelta(seconds=1)
LONGEST_REASON = 2000
# Of a slip of the fingers; at the edges of the calendar no pause could move the day any more.
YEARS = range(2000, 2100)


@dataclass(frozen=True)
class Wrong:
    """What can't be read in a form of the page: the clock's id (`clocks` for all), the field, and why."""

    clock_id: str
    field: str
    text: str
    typed: Mapping[str, str]


@pages.post("/pause")
@staff_only
def pause(case_id: str) -> ResponseReturnValue:
    """Let the clocks of the case stand still."""
    return _change(
        case_id,
        lambda: clocks.pause_clocks(engine(), actor(), case_id, _because()),
        gettext("The time limits stand still."),
    )


@pages.post("/resume")
@staff_only
def resume(case_id: str) -> ResponseReturnValue:
    """Let them go on, later by the time in which they stood still."""
    return _change(
        case_id,
        lambda: clocks.resume_clocks(engine(), actor(), case_id, _because()),
        gettext("The time limits go on, with as much time left as before."),
    )


@pages.post("/timers/<timer_id>")
@staff_only
def set_timer(case_id: str, timer_id: str) -> ResponseReturnValue:
    """Set a timer; a day alone means that it has passed."""
    return _change(
        case_id,
        lambda: clocks.set_timer_due(engine(), actor(), timer_id, _moment() or end_of(_day()), _because()),
        gettext("The time limit has been changed."),
    )


@pages.post("/tasks/<task_id>")
@staff_only
def set_task(case_id: str, task_id: str) -> ResponseReturnValue:
    """Set when a task is due; a day alone means its last second."""
    return _change(
        case_id,
        lambda: clocks.set_task_due(
            engine(), actor(), task_id, _moment() or end_of(_day()) - SECOND, _because()
        ),
        gettext("The time limit has been changed."),
    )


def _change(case_id: str, command: Callable[[], None], said: str) -> ResponseReturnValue:
    """Do it and go back to the case; what can't be read is shown on its page again, as it was typed."""
    try:
        command()
    except (errors.ReasonMissing, errors.UnreadableTime) as refusal:
        metrics.refused(refusal)
        return cases.page_of(case_id, _wrong(refusal)), 422
    flash(said, "success")
    return redirect(url_for("cases.show", case_id=case_id, _anchor="time-limits"), 303)


def _wrong(refusal: errors.Refusal) -> Wrong:
    given = request.view_args or {}
    clock_id = given.get("timer_id") or given.get("task_id") or "clocks"
    return Wrong(clock_id, _unreadable(refusal), refusals.say(refusal), request.form)


def _unreadable(refusal: errors.Refusal) -> str:
    if isinstance(refusal, errors.ReasonMissing):
        return "reason"
    try:
        _day()
    except errors.UnreadableTime:
        return "day"
    return "time"


def _because() -> Because:
    return Because(request.form.get("reason", "").strip()[:LONGEST_REASON])


def _day() -> dt.date:
    try:
        day = dt.date.fromisoformat(request.form.get("day", ""))
    except ValueError as unreadable:
        raise errors.UnreadableTime from unreadable
    if day.year not in YEARS:
        raise errors.UnreadableTime
    return day


def _moment() -> dt.datetime | None:
    """The day and the time that were typed, on the tenant's clock; None where no time was."""
    typed = request.form.get("time", "")
    if not typed:
        return None
    try:
        return dt.datetime.combine(_day(), dt.time.fromisoformat(typed), ZONE)
    except ValueError as unreadable:
        raise errors.UnreadableTime from unreadable
