"""Members of values by name: entries of contexts, parts of dates, times, durations and ranges."""

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from engine.feel.run import Run
from engine.feel.temporal import micros_of
from engine.feel.values import Range, YearsMonths
from engine.feel.wide import AnyDate, WideDate, WideDateTime, date_part, near, offset_of, time_part

Getter = Callable[[Any], Any]


def _weekday(date: AnyDate) -> Decimal:
    return Decimal(near(date).isoweekday())


def _zone(time: datetime.time) -> str | None:
    return time.tzinfo.key if isinstance(time.tzinfo, ZoneInfo) else None


def _seconds(micros: int) -> Decimal:
    """Microseconds as seconds, with the fraction that they have."""
    seconds, fraction = divmod(micros, 1_000_000)
    return Decimal(seconds) + Decimal(fraction).scaleb(-6).normalize() if fraction else Decimal(seconds)


def _part(unit: int, modulus: int) -> Getter:
    def part(duration: datetime.timedelta) -> Decimal:
        micros = micros_of(duration)
        count = abs(micros) // (unit * 1_000_000)
        count = count % modulus if modulus else count
        return Decimal(-count if micros < 0 else count)

    return part


def _seconds_part(duration: datetime.timedelta) -> Decimal:
    micros = micros_of(duration)
    rest = _seconds(abs(micros) % 60_000_000)
    return -rest if micros < 0 else rest


def _months(duration: YearsMonths) -> Decimal:
    rest = abs(duration.months) % 12
    return Decimal(-rest if duration.months < 0 else rest)


_DATE: dict[str, Getter] = {
    "year": lambda date: Decimal(date.year),
    "month": lambda date: Decimal(date.month),
    "day": lambda date: Decimal(date.day),
    "weekday": _weekday,
}
_TIME: dict[str, Getter] = {
    "hour": lambda time: Decimal(time.hour),
    "minute": lambda time: Decimal(time.minute),
    "second": lambda time: _seconds(time.second * 1_000_000 + time.microsecond),
    "timezone": _zone,
    "time offset": lambda time: time.utcoffset(),
}


def _after(part: Getter, get: Getter) -> Getter:
    return lambda value: get(part(value))


_MOMENT: dict[str, Getter] = {
    **{name: _after(date_part, get) for name, get in _DATE.items()},
    **{name: _after(time_part, get) for name, get in _TIME.items()},
    "time offset": offset_of,
}
_DURATION: dict[str, Getter] = {
    "days": _part(86_400, 0),
    "hours": _part(3_600, 24),
    "minutes": _part(60, 60),
    "seconds": _seconds_part,
}
_MONTHS: dict[str, Getter] = {"years": lambda duration: Decimal(duration.years), "months": _months}
_RANGE: dict[str, Getter] = {
    "start": lambda interval: interval.start,
    "end": lambda interval: interval.end,
    "start included": lambda interval: interval.start_included,
    "end included": lambda interval: interval.end_included,
}
_MEMBERS: dict[type, dict[str, Getter]] = {
    datetime.date: _DATE,
    WideDate: _DATE,
    datetime.time: _TIME,
    datetime.datetime: _MOMENT,
    WideDateTime: _MOMENT,
    datetime.timedelta: _DURATION,
    YearsMonths: _MONTHS,
    Range: _RANGE,
}


def member(run: Run, value: Any, name: str, at: int) -> Any:
    """The member of a value; of a list, each item's; null with a note where there is none."""
    if type(value) is dict:
        return value[name] if name in value else run.note(at, "There is no entry {name}.", name=name)
    if type(value) is list:
        run.check_length(len(value))
        return [member(run, item, name, at) for item in value]
    getter = _MEMBERS.get(type(value), {}).get(name)
    if getter is None:
        return None if value is None else run.note(at, "There is no entry {name}.", name=name)
    return getter(value)
