"""Conversion functions (DMN 1.5, 10.3.4.1): dates, times, durations, numbers, strings and ranges."""

import datetime
import re
from decimal import Decimal
from typing import Any

from engine.feel import temporal, tree
from engine.feel.builtins.registry import BUILTINS, builtin
from engine.feel.calls import invoke
from engine.feel.compare import kind_of, order
from engine.feel.errors import FeelError
from engine.feel.lexical import text_of
from engine.feel.names import KnownNames
from engine.feel.parser import parse_expression
from engine.feel.run import Run
from engine.feel.values import CONTEXT, Range, YearsMonths
from engine.feel.wide import AnyDate, AnyDateTime, WideDate, date_part, join, make_date, time_part

_NUMBER = re.compile(r"-?(\d+(\.\d+)?|\.\d+)([eE][+-]?\d{1,6})?", re.ASCII)
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]*(?:/[A-Za-z0-9_+\-]+)*", re.ASCII)


def _whole(*numbers: Decimal) -> list[int] | None:
    if any(number != number.to_integral_value() or abs(number) > 10**10 for number in numbers):
        return None
    return [int(number) for number in numbers]


@builtin("date", "from: string")
def _date_from_text(_run: Run, text: str) -> AnyDate | None:
    return temporal.parse_date(text)


@builtin("date", "from: date|moment")
def _date(_run: Run, value: Any) -> AnyDate:
    return value if isinstance(value, WideDate) or type(value) is datetime.date else date_part(value)


@builtin("date", "year: number, month: number, day: number")
def _date_from_numbers(_run: Run, *parts: Decimal) -> AnyDate | None:
    numbers = _whole(*parts)
    return make_date(*numbers) if numbers else None


@builtin("date and time", "from: string")
def _moment_from_text(_run: Run, text: str) -> AnyDateTime | None:
    return temporal.parse_date_time(text)


@builtin("date and time", "from: moment")
def _moment(_run: Run, value: AnyDateTime) -> AnyDateTime:
    return value


@builtin("date and time", "date: date|moment, time: time")
def _moment_from_parts(run: Run, date: Any, time: datetime.time) -> AnyDateTime:
    return join(_date(run, date), time)


_CLOCK = "year: number, month: number, day: number, hour: number, minute: number, second: number"


@builtin("date and time", _CLOCK, f"{_CLOCK}, offset: duration|null")
def _moment_from_numbers(run: Run, *parts: Any) -> AnyDateTime | None:
    date, time = _date_from_numbers(run, *parts[:3]), _time_from_numbers(run, *parts[3:])
    return join(date, time) if date is not None and time is not None else None


@builtin("date and time", f"{_CLOCK}, timezone: string")
def _moment_in_zone(run: Run, *parts: Any) -> AnyDateTime | None:
    local = _moment_from_numbers(run, *parts[:6])
    if local is None or not _ZONE.fullmatch(parts[6]):
        return None
    try:
        zone = temporal.zone_named(parts[6])
    except (KeyError, OSError, ValueError):
        return None
    return join(date_part(local), time_part(local).replace(tzinfo=zone))


@builtin("time", "from: string")
def _time_from_text(_run: Run, text: str) -> datetime.time | None:
    return temporal.parse_time(text)


@builtin("time", "from: time|moment|date")
def _time(_run: Run, value: Any) -> datetime.time:
    if type(value) is datetime.time:
        return value
    if type(value) is datetime.date or isinstance(value, WideDate):
        return datetime.time(tzinfo=datetime.UTC)
    return time_part(value)


@builtin("time", "hour: number, minute: number, second: number, offset?: duration|null")
def _time_from_numbers(
    _run: Run, hour: Decimal, minute: Decimal, second: Decimal, offset: datetime.timedelta | None = None
) -> datetime.time | None:
    numbers = _whole(hour, minute)
    if not numbers or not 0 <= second < 60:
        return None
    micros = int(CONTEXT.multiply(second, Decimal(1_000_000)))
    try:
        zone = None if offset is None else temporal.fixed_zone(offset)
        return datetime.time(numbers[0], numbers[1], micros // 1_000_000, micros % 1_000_000, zone)
    except ValueError:
        return None


@builtin("duration", "from: string")
def _duration_from_text(_run: Run, text: str) -> datetime.timedelta | YearsMonths | None:
    return temporal.parse_duration(text)


@builtin("duration", "from: duration|months")
def _duration(_run: Run, value: Any) -> Any:
    return value


@builtin("years and months duration", "from: date|moment, to: date|moment")
def _months_between(run: Run, start: Any, end: Any) -> YearsMonths:
    return YearsMonths(temporal.months_between(_date(run, start), _date(run, end)))


@builtin("number", "from: string, grouping separator?: string|null, decimal separator?: string|null")
def _number(_run: Run, text: str, grouping: str | None = None, point: str | None = None) -> Decimal | None:
    if (
        grouping not in (None, " ", ",", ".")
        or point not in (None, ",", ".")
        or (grouping and grouping == point)
    ):
        return None
    plain = text.replace(grouping, "") if grouping else text
    plain = plain.replace(point, ".") if point else plain
    if not _NUMBER.fullmatch(plain) or (point == "," and "." in text and grouping != "."):
        return None
    try:
        return CONTEXT.create_decimal(plain)
    except ArithmeticError:
        return None


@builtin("number", "from: number")
def _number_itself(_run: Run, value: Decimal) -> Decimal:
    return value


@builtin("string", "from: any")
def _string(run: Run, value: Any) -> str | None:
    if value is None:
        return None
    text = text_of(value, run.spend)
    run.spend(len(text) // 20)
    return text


_CONSTRUCTORS = frozenset(["date", "time", "date and time", "duration"])
_NAMES_OF_CONSTRUCTORS = KnownNames(_CONSTRUCTORS)


@builtin("range", "from: string")
def _range(run: Run, text: str) -> Range | None:
    """A range whose ends are literals or constructors of literals."""
    try:
        node = parse_expression(text, _NAMES_OF_CONSTRUCTORS)
    except FeelError:
        return None
    if not isinstance(node, tree.RangeOf):
        return None
    start, end = _literal_end(run, node.start), _literal_end(run, node.end)
    if kind_of(start) != kind_of(end) or not order("<=", start, end):
        return None
    return Range(start, end, node.start_included, node.end_included)


def _literal_end(run: Run, node: tree.Node) -> Any:
    match node:
        case tree.Literal(value):
            return value
        case tree.AtLiteral(text):
            return temporal.parse_temporal(text)
        case tree.Negation(tree.Literal(Decimal() as value)):
            return value.copy_negate()
        case tree.Call(tree.Name(name), (tree.Literal(str() as text),)) if name in _CONSTRUCTORS:
            return invoke(run, BUILTINS[name], [text])
    return None
