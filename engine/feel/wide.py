"""Dates outside the years 1 to 9999, which FEEL knows and Python's datetime does not."""

import datetime
from dataclasses import dataclass

MAX_YEAR = 999_999_999
CYCLE_YEARS = 400
CYCLE_DAYS = 146_097
_EPOCH_SHIFT = datetime.date(2000, 1, 1).toordinal()


@dataclass(frozen=True, slots=True, order=True)
class WideDate:
    """A date of the proleptic Gregorian calendar in a year before 1 or after 9999."""

    year: int
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class WideDateTime:
    """A date and time in such a year; the time carries the offset or the zone."""

    date: WideDate
    time: datetime.time


AnyDate = datetime.date | WideDate
AnyDateTime = datetime.datetime | WideDateTime


def make_date(year: int, month: int, day: int) -> AnyDate | None:
    """The date, or None where there is no such date."""
    if abs(year) > MAX_YEAR:
        return None
    try:
        if 1 <= year <= 9999:
            return datetime.date(year, month, day)
        datetime.date(year % CYCLE_YEARS + 2000, month, day)
    except (ValueError, OverflowError):
        return None
    return WideDate(year, month, day)


def ordinal(date: AnyDate) -> int:
    """Days since 0001-01-01, which is day 1."""
    if isinstance(date, datetime.date):
        return date.toordinal()
    cycles, year = divmod(date.year - 2000, CYCLE_YEARS)
    return cycles * CYCLE_DAYS + datetime.date(2000 + year, date.month, date.day).toordinal()


def from_ordinal(days: int) -> AnyDate | None:
    """The date of an ordinal; None beyond FEEL's years."""
    cycles, rest = divmod(days - _EPOCH_SHIFT, CYCLE_DAYS)
    near = datetime.date.fromordinal(_EPOCH_SHIFT + rest)
    return make_date(near.year + cycles * CYCLE_YEARS, near.month, near.day)


def near(date: AnyDate) -> datetime.date:
    """A date of Python with the same month, day, weekday and leap year."""
    if isinstance(date, datetime.date):
        return date
    return datetime.date((date.year - 2000) % CYCLE_YEARS + 2000, date.month, date.day)


def join(date: AnyDate, time: datetime.time) -> AnyDateTime:
    """A date and a time put together."""
    if isinstance(date, WideDate):
        return WideDateTime(date, time)
    return datetime.datetime.combine(date, time)


def date_part(moment: AnyDateTime) -> AnyDate:
    """The date of a date and time."""
    return moment.date if isinstance(moment, WideDateTime) else moment.date()


def time_part(moment: AnyDateTime) -> datetime.time:
    """The time of a date and time, with its offset or zone."""
    return moment.time if isinstance(moment, WideDateTime) else moment.timetz()


def offset_of(moment: AnyDateTime) -> datetime.timedelta | None:
    """The offset from UTC at that moment, None where the moment is local."""
    if isinstance(moment, datetime.datetime):
        return moment.utcoffset()
    return datetime.datetime.combine(near(moment.date), moment.time).utcoffset()
