"""The lexical form of each value: what FEEL's `string()` gives (DMN 1.5, 10.3.4.1)."""

import datetime
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from engine.feel import limits
from engine.feel.errors import FeelError
from engine.feel.temporal import micros_of
from engine.feel.values import Invocable, Range, YearsMonths
from engine.feel.wide import AnyDate, AnyDateTime, WideDate, WideDateTime, date_part, time_part

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def quote(text: str) -> str:
    """A string as a FEEL literal."""
    return '"' + text.translate(_ESCAPES) + '"'


def number_text(number: Decimal) -> str:
    """A number in plain digits, without an exponent and without zeros at the end of its fraction."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def date_text(date: AnyDate) -> str:
    """A date as in XML Schema."""
    sign = "-" if date.year < 0 else ""
    return f"{sign}{abs(date.year):04d}-{date.month:02d}-{date.day:02d}"


def time_text(time: datetime.time) -> str:
    """A time as in XML Schema, or with @ and the zone's name."""
    text = f"{time.hour:02d}:{time.minute:02d}:{time.second:02d}"
    if time.microsecond:
        text += f".{time.microsecond:06d}".rstrip("0")
    if isinstance(time.tzinfo, ZoneInfo):
        return f"{text}@{time.tzinfo.key}"
    offset = time.utcoffset()
    return text if offset is None else text + offset_text(offset)


def offset_text(offset: datetime.timedelta) -> str:
    """An offset as in XML Schema, with seconds where it has some."""
    if not offset:
        return "Z"
    seconds = abs(int(offset.total_seconds()))
    text = f"{'-' if offset.days < 0 else '+'}{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    return text + f":{seconds % 60:02d}" if seconds % 60 else text


def moment_text(moment: AnyDateTime) -> str:
    """A date and time."""
    return f"{date_text(date_part(moment))}T{time_text(time_part(moment))}"


def months_text(duration: YearsMonths) -> str:
    """A years and months duration, at most eleven months in it."""
    years, months = divmod(abs(duration.months), 12)
    text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
    return ("-P" if duration.months < 0 else "P") + (text or "0M")


def duration_text(duration: datetime.timedelta) -> str:
    """A days and time duration, without parts that are zero."""
    micros = micros_of(duration)
    seconds, fraction = divmod(abs(micros), 1_000_000)
    days, seconds = divmod(seconds, 86_400)
    hours, minutes, seconds = seconds // 3600, seconds // 60 % 60, seconds % 60
    second = f"{seconds}" + (f".{fraction:06d}".rstrip("0") if fraction else "")
    time = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    time += f"{second}S" if second != "0" else ""
    text = (f"{days}D" if days else "") + (f"T{time}" if time else "")
    return ("-P" if micros < 0 else "P") + (text or "T0S")


_FORMS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _value: "null",
    bool: lambda value: "true" if value else "false",
    Decimal: number_text,
    datetime.date: date_text,
    WideDate: date_text,
    datetime.time: time_text,
    datetime.datetime: moment_text,
    WideDateTime: moment_text,
    YearsMonths: months_text,
    datetime.timedelta: duration_text,
}


def text_of(value: Any, spend: Callable[[int], None] = lambda _steps: None) -> str:
    """The string of a value: a string is itself, and stands in quotes within lists and contexts.

    `spend` is told of each piece. Raises FeelError for a string that would be too long.
    """
    if type(value) is str:
        return value
    form = _FORMS.get(type(value))
    return form(value) if form else "".join(_bounded(_pieces(value), spend))


def _bounded(pieces: Iterator[str], spend: Callable[[int], None]) -> Iterator[str]:
    total = 0
    for piece in pieces:
        total += len(piece)
        spend(2)
        if total > limits.STRING_LENGTH:
            raise FeelError("A string is longer than {limit} characters.", limit=limits.STRING_LENGTH)
        yield piece


def _pieces(value: Any) -> Iterator[str]:
    if type(value) is str:
        yield quote(value)
    elif isinstance(value, list):
        yield "["
        for position, item in enumerate(value):
            yield ", " if position else ""
            yield from _pieces(item)
        yield "]"
    elif isinstance(value, dict):
        yield "{"
        for position, (key, item) in enumerate(value.items()):
            yield f"{', ' if position else ''}{key_text(key)}: "
            yield from _pieces(item)
        yield "}"
    elif isinstance(value, Range):
        yield from _range_pieces(value)
    elif isinstance(value, Invocable):
        yield "function"
    else:
        yield _FORMS[type(value)](value)


def _range_pieces(value: Range) -> Iterator[str]:
    if value.operator:
        yield f"({value.operator}"
        yield from _pieces(value.start if value.end is None else value.end)
        yield ")"
        return
    yield "[" if value.start_included else "("
    yield from _pieces(value.start)
    yield ".."
    yield from _pieces(value.end)
    yield "]" if value.end_included else ")"


def key_text(key: str) -> str:
    """A context's key: bare where it is a name, else in quotes."""
    return key if key.isidentifier() else quote(key)
