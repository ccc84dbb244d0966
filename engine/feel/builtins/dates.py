"""Date and time functions (DMN 1.5, 10.3.4.8 and 10.3.4.11)."""

import datetime
from decimal import Decimal
from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.run import Run
from engine.feel.wide import AnyDate, date_part, near

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
) + (
    "November",
    "December",
)


def _date_of(value: Any) -> datetime.date:
    date: AnyDate = (
        value if hasattr(value, "year") and not isinstance(value, datetime.datetime) else date_part(value)
    )
    return near(date)


@builtin("now", "")
def _now(_run: Run) -> datetime.datetime:
    return datetime.datetime.now().astimezone()


@builtin("today", "")
def _today(_run: Run) -> datetime.date:
    return datetime.datetime.now().astimezone().date()


@builtin("day of year", "date: date|moment")
def _day_of_year(_run: Run, date: Any) -> Decimal:
    return Decimal(_date_of(date).timetuple().tm_yday)


@builtin("day of week", "date: date|moment")
def _day_of_week(_run: Run, date: Any) -> str:
    return _DAYS[_date_of(date).weekday()]


@builtin("month of year", "date: date|moment")
def _month_of_year(_run: Run, date: Any) -> str:
    return _MONTHS[_date_of(date).month - 1]


@builtin("week of year", "date: date|moment")
def _week_of_year(_run: Run, date: Any) -> Decimal:
    return Decimal(_date_of(date).isocalendar().week)
