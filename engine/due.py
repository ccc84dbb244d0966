"""What the times in a diagram mean: the moment at which a task or a timer is due, from FEEL or ISO 8601."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine import bpmn, calendar, errors, feel
from engine.calendar import ZONE, Calendar
from engine.scope import Scope

TIME, DAYS, WORKING_DAYS = "time", "days", "working_days"
MOMENT = dt.timedelta(microseconds=1)
_SPAN = re.compile(
    r"P(?!$)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?"
    r"(?:T(?!$)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,6})?)S)?)?",
    re.ASCII,
)
_CYCLE = re.compile(r"R(\d{0,6})/(P[^/]+)", re.ASCII)


@dataclass(frozen=True)
class Due:
    """When something is due, and what a pause moves it by: exact time, legal days or working days.

    A timer that repeats has its interval as ISO 8601 text; `repeats` is how often it fires in all, None
    without end.
    """

    at: dt.datetime
    unit: str = TIME
    interval: str = ""
    repeats: int | None = 1


def of_task(scope: Scope, node: bpmn.Node) -> Due | None:
    """When a user task is due, None for any time: a date means the last second of that legal day.

    Raises ExpressionFailed for a value that is no time.
    """
    value = scope.value(node.due_date, node.id)
    if value is None:
        return None
    try:
        at = _moment(value, lambda day: dt.datetime.combine(day, dt.time(23, 59, 59), ZONE))
    except (TypeError, ValueError):
        raise unsuitable(node, "dueDate", value) from None
    return Due(at, _unit(node.due_date or "", value))


def of_timer(scope: Scope, node: bpmn.Node, armed_at: dt.datetime) -> Due:
    """When a timer that is armed now fires: a date means that the whole legal day has passed.

    Raises ExpressionFailed for a value that is no time, and for an interval of no length.
    """
    text = node.timer or ""
    value = scope.value(text, node.id)
    try:
        match node.timer_kind:
            case "date":
                return Due(_moment(value, calendar.end_of), _unit(text, value))
            case "cycle":
                return _cycle(value, armed_at)
            case _:
                return Due(calendar.after(armed_at, *_span(value)))
    except (TypeError, ValueError, OverflowError):
        raise unsuitable(node, "timer", value) from None


def occurrence(base_at: dt.datetime, interval: str, number: int) -> dt.datetime:
    """The moment at which a timer that repeats fires for the `number`th time, the first being 1."""
    months, rest = _span(interval)
    return calendar.after(base_at, months * number, rest * number)


def again(base_at: dt.datetime, interval: str, fired: int, left: int | None) -> dict[str, Any]:
    """What changes in a timer that has fired `fired` times and now once more; nothing if that was the last.

    `left` counts the times that were still to come, this one too; None without an end.
    """
    if not interval or left == 1:
        return {}
    due_at = occurrence(base_at, interval, fired + 2)
    return {"due_at": due_at, "fired": fired + 1, "repeats_left": None if left is None else left - 1}


def after_pause(days: Calendar, due: Due, since: dt.datetime, resumed_at: dt.datetime) -> dt.datetime:
    """The new moment of something due after its clock stood still from `since` to `resumed_at`.

    What was due before stays. As much is left as there was: time exactly, else legal or working days, of
    which the day on which the clock stopped is not counted; a last day that is none for work is put off.
    One that had been put off already is taken as it stood: the days before it are not looked for again.
    """
    if due.at <= since:
        return due.at
    if due.unit == TIME:
        return due.at + (resumed_at - since)
    stopped, goes_on = calendar.day_of(since), calendar.day_of(resumed_at)
    last = calendar.day_of(due.at - MOMENT)
    if stopped == goes_on:
        return due.at
    if due.unit == WORKING_DAYS:
        moved = days.add_working_days(last, days.count_working_days(stopped, goes_on))
    else:
        moved = days.last_day(last, (goes_on - stopped).days)
    return due.at + (moved - last)


def unsuitable(node: bpmn.Node, attribute: str, value: Any) -> errors.ExpressionFailed:
    """The refusal of a value that an attribute of a diagram can't have."""
    return errors.ExpressionFailed(element_id=node.id, problem=f"{attribute} = {feel.text_of(value)}")


def _moment(value: Any, of_day: Callable[[dt.date], dt.datetime]) -> dt.datetime:
    if isinstance(value, str):
        value = dt.date.fromisoformat(value) if len(value) == len("2027-01-31") else _read(value)
    if isinstance(value, dt.datetime):
        return value if value.tzinfo else value.replace(tzinfo=ZONE)
    if isinstance(value, dt.date):
        return of_day(value)
    raise TypeError("neither a moment nor a day")


def _read(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def _unit(text: str, value: Any) -> str:
    if isinstance(value, dt.datetime) or not isinstance(value, dt.date):
        return TIME
    counted = text.startswith("=") and calendar.ADD_WORKING_DAYS in feel.parse(text[1:]).names
    return WORKING_DAYS if counted else DAYS


def _cycle(value: Any, armed_at: dt.datetime) -> Due:
    found = _CYCLE.fullmatch(value)
    if found is None or found[1] == "0" * len(found[1]) and found[1]:
        raise ValueError("not a cycle")
    first = occurrence(armed_at, found[2], 1)
    if first <= armed_at:
        raise ValueError("an interval of no length")
    return Due(first, TIME, found[2], int(found[1]) if found[1] else None)


def _span(value: Any) -> tuple[int, dt.timedelta]:
    """Months and the rest of a duration, as ISO 8601 text or as FEEL knows them."""
    if isinstance(value, feel.YearsMonths):
        return value.months, dt.timedelta()
    if isinstance(value, dt.timedelta):
        return 0, value
    found = _SPAN.fullmatch(value)
    if found is None:
        raise ValueError("not a duration")
    years, months, weeks, days, hours, minutes = (int(part or 0) for part in found.groups()[:6])
    rest = dt.timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=float(found[7] or 0))
    return years * 12 + months, rest
