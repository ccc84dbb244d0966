"""Dates, times and durations: their lexical forms (XML Schema and zone names) and their arithmetic."""

import datetime
import re
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from engine.feel.values import CONTEXT, YearsMonths
from engine.feel.wide import (
    AnyDate,
    AnyDateTime,
    WideDate,
    WideDateTime,
    date_part,
    from_ordinal,
    join,
    make_date,
    offset_of,
    ordinal,
    time_part,
)

DATES = (datetime.date, WideDate)
DATE_TIMES = (datetime.datetime, WideDateTime)
MAX_OFFSET = datetime.timedelta(hours=18)
_DAY = 86_400_000_000
_DATE = re.compile(r"(-?)(\d{4}|[1-9]\d{4,8})-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(
    r"(\d\d):(\d\d):(\d\d)(?:\.(\d+))?"
    r"(?:([Zz])|([+-])(\d\d):(\d\d)(?::(\d\d))?|@([A-Za-z][A-Za-z0-9_+\-]*(?:/[A-Za-z0-9_+\-]+)*))?",
    re.ASCII,
)
_DAYS_TIME = re.compile(
    r"(-?)P(?:(\d{1,18})D)?(T)?(?:(\d{1,18})H)?(?:(\d{1,18})M)?(?:(\d{1,18})(?:\.(\d*))?S)?", re.ASCII
)
MAX_MONTHS = 10**13
_YEARS_MONTHS = re.compile(r"(-?)P(?:(\d{1,12})Y)?(?:(\d{1,12})M)?", re.ASCII)


def parse_date(text: str) -> AnyDate | None:
    """The date that a text like 2026-11-23 means, None where it means none."""
    found = _DATE.fullmatch(text)
    if not found:
        return None
    sign, year, month, day = found.groups()
    return make_date(-int(year) if sign else int(year), int(month), int(day))


def parse_time(text: str) -> datetime.time | None:
    """The time that a text like 10:30:00+08:00 or 10:30:00@Asia/Shanghai means, or None."""
    read = _read_time(text)
    return read[1] if read else None


def parse_date_time(text: str) -> AnyDateTime | None:
    """The date and time that a text means; a date alone is its midnight; or None."""
    day, separator, rest = text.partition("T")
    date = parse_date(day)
    if date is None:
        return None
    if not separator:
        return join(date, datetime.time())
    read = _read_time(rest)
    if read is None:
        return None
    next_day, time = read
    later = from_ordinal(ordinal(date) + 1) if next_day else date
    return join(later, time) if later is not None else None


def _read_time(text: str) -> tuple[bool, datetime.time] | None:
    found = _TIME.fullmatch(text)
    if not found:
        return None
    hour, minute, second = (int(part) for part in found.groups()[:3])
    micros = int((found[4] or "0")[:6].ljust(6, "0"))
    at_end = hour == 24
    if at_end and (minute or second or micros):
        return None
    try:
        zone = _read_zone(found)
        return at_end, datetime.time(0 if at_end else hour, minute, second, micros, zone)
    except (ValueError, OSError, KeyError):
        return None


def _read_zone(found: re.Match[str]) -> datetime.tzinfo | None:
    if found[5]:
        return datetime.UTC
    if found[10]:
        return zone_named(found[10])
    if not found[6]:
        return None
    if int(found[8]) > 59 or int(found[9] or 0) > 59:
        raise ValueError("minutes and seconds of an offset end at 59")
    offset = datetime.timedelta(hours=int(found[7]), minutes=int(found[8]), seconds=int(found[9] or 0))
    return fixed_zone(-offset if found[6] == "-" else offset)


@lru_cache(maxsize=256)
def zone_named(name: str) -> ZoneInfo:
    """The zone of the IANA data; raises KeyError, OSError or ValueError where there is none."""
    return ZoneInfo(name)


def fixed_zone(offset: datetime.timedelta) -> datetime.timezone:
    """The zone of a fixed offset; raises ValueError beyond eighteen hours."""
    if abs(offset) > MAX_OFFSET:
        raise ValueError("an offset ends at eighteen hours")
    return datetime.timezone(offset) if offset else datetime.UTC


def parse_duration(text: str) -> datetime.timedelta | YearsMonths | None:
    """The duration that a text like P1DT2H or P1Y6M means, or None."""
    found = _YEARS_MONTHS.fullmatch(text)
    if found and (found[2] or found[3]):
        months = int(found[2] or 0) * 12 + int(found[3] or 0)
        return make_months(-months if found[1] else months)
    found = _DAYS_TIME.fullmatch(text)
    if not found:
        return None
    sign, days, mark, hours, minutes, seconds, fraction = found.groups()
    if bool(mark) != bool(hours or minutes or seconds) or not (days or mark):
        return None
    micros = int((fraction or "0")[:6].ljust(6, "0"))
    total = (int(days or 0) * 24 + int(hours or 0)) * 60 + int(minutes or 0)
    total = (total * 60 + int(seconds or 0)) * 1_000_000 + micros
    return from_micros(-total if sign else total)


def make_months(months: int) -> YearsMonths | None:
    """The years and months duration, None where it is beyond all dates."""
    return YearsMonths(months) if abs(months) <= MAX_MONTHS else None


def parse_temporal(text: str) -> Any:
    """The value of an @ literal (DMN 1.5, 10.3.2.3), or None."""
    if text.lstrip("-").startswith("P"):
        return parse_duration(text)
    if "T" in text and text[:1] != "T":
        moment = parse_date_time(text)
        if moment is not None:
            return moment
    date = parse_date(text)
    return date if date is not None else parse_time(text)


def from_micros(micros: int) -> datetime.timedelta | None:
    """The duration of so many microseconds, None beyond a timedelta's range."""
    try:
        return datetime.timedelta(microseconds=micros)
    except OverflowError:
        return None


def micros_of(duration: datetime.timedelta) -> int:
    """A duration in whole microseconds."""
    return (duration.days * 86_400 + duration.seconds) * 1_000_000 + duration.microseconds


def clock_micros(time: datetime.time) -> int:
    """Microseconds since midnight."""
    return ((time.hour * 60 + time.minute) * 60 + time.second) * 1_000_000 + time.microsecond


def instant(moment: AnyDateTime) -> int:
    """Microseconds on the time line: of UTC, or of the local clock where there is no zone."""
    local = ordinal(date_part(moment)) * _DAY + clock_micros(time_part(moment))
    offset = offset_of(moment)
    return local - micros_of(offset) if offset else local


def is_zoned(moment: AnyDateTime | datetime.time) -> bool:
    """Whether it carries an offset or a zone."""
    time = moment.time if isinstance(moment, WideDateTime) else moment
    return time.tzinfo is not None


def midnight(date: AnyDate, zone: datetime.tzinfo | None = None) -> AnyDateTime:
    """The beginning of a day."""
    return join(date, datetime.time(tzinfo=zone))


def from_clock(micros: int, zone: datetime.tzinfo | None) -> datetime.time:
    """The time so many microseconds after midnight, modulo a day."""
    seconds, rest = divmod(micros % _DAY, 1_000_000)
    minutes, second = divmod(seconds, 60)
    return datetime.time(minutes // 60, minutes % 60, second, rest, zone)


def add_to_moment(moment: AnyDateTime, micros: int) -> AnyDateTime | None:
    """A moment shifted on the time line; it keeps its zone."""
    zone = time_part(moment).tzinfo
    if not isinstance(zone, ZoneInfo):
        return _shift(moment, micros, zone)
    utc = _shift(
        _shift(moment, -micros_of(offset_of(moment) or datetime.timedelta()), None), micros, datetime.UTC
    )
    if isinstance(utc, datetime.datetime):
        try:
            return utc.astimezone(zone)
        except OverflowError:
            return None
    return _shift(moment, micros, zone)


def _shift(moment: AnyDateTime | None, micros: int, zone: datetime.tzinfo | None) -> AnyDateTime | None:
    if moment is None:
        return None
    clock = clock_micros(time_part(moment)) + micros
    date = from_ordinal(ordinal(date_part(moment)) + clock // _DAY)
    return join(date, from_clock(clock, zone)) if date is not None else None


def add_days(date: AnyDate, micros: int) -> AnyDate | None:
    """A date shifted by a duration counted from its midnight."""
    return from_ordinal(ordinal(date) + micros // _DAY)


def add_months(date: AnyDate, months: int) -> AnyDate | None:
    """A date some months later; a day that the month lacks becomes its last day."""
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    for day in range(date.day, 27, -1):
        found = make_date(year, month + 1, day)
        if found is not None:
            return found
    return make_date(year, month + 1, min(date.day, 28))


def months_between(start: AnyDate, end: AnyDate) -> int:
    """Whole months from one date to another, negative where the end is earlier."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        return months - 1
    return months + 1 if months < 0 and end.day > start.day else months


def scale_micros(micros: int, factor: Decimal) -> datetime.timedelta | None:
    """Microseconds times a number, rounded to a whole microsecond."""
    product = CONTEXT.multiply(Decimal(micros), factor)
    return from_micros(int(product.to_integral_value())) if product.adjusted() < 24 else None
