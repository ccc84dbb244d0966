"""Legal days: calendar dates in the tenant's zone, and working days of the Chinese calendar."""

import datetime as dt
from decimal import Decimal

import chinese_calendar

from engine import feel
from engine.scope import ZONE

ONE = dt.timedelta(days=1)
SUNDAY_AND_SATURDAY = (5, 6)


def day_of(at: dt.datetime) -> dt.date:
    """The legal day in which a moment lies."""
    return at.astimezone(ZONE).date()


def start_of(day: dt.date) -> dt.datetime:
    """The first moment of a legal day."""
    return dt.datetime.combine(day, dt.time(), ZONE)


def is_working(day: dt.date) -> bool:
    """Whether offices work on the day; for years whose holidays are not announced yet, Monday to Friday."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() not in SUNDAY_AND_SATURDAY


def add_working_days(start: dt.date, days: int) -> dt.date:
    """The last day of a limit of so many working days; the day on which it starts is not counted."""
    day = start
    for _ in range(days):
        day += ONE
        while not is_working(day):
            day += ONE
    return day


def _call(start: dt.date | dt.datetime, days: Decimal) -> dt.date:
    return add_working_days(day_of(start) if isinstance(start, dt.datetime) else start, int(days))


FUNCTIONS = {"add working days": feel.Function("add working days", ("from", "days"), _call)}
