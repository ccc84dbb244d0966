"""Equality and order of values (DMN 1.5, 10.3.2)."""

import datetime
import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.feel import limits
from engine.feel.calls import Lambda
from engine.feel.run import Run
from engine.feel.temporal import clock_micros, fixed_zone, instant, is_zoned, micros_of
from engine.feel.values import Invocable, Range, YearsMonths
from engine.feel.wide import WideDate, WideDateTime, date_part, join, offset_of, ordinal, time_part

ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_KINDS: dict[type, str] = {
    Decimal: "number",
    str: "string",
    bool: "boolean",
    datetime.date: "date",
    WideDate: "date",
    datetime.time: "time",
    datetime.datetime: "moment",
    WideDateTime: "moment",
    datetime.timedelta: "duration",
    YearsMonths: "months",
    list: "list",
    dict: "context",
    Range: "range",
}
_ORDERED = frozenset(["number", "string", "date", "time", "moment", "duration", "months"])
_ITSELF = frozenset([Decimal, str, YearsMonths, datetime.timedelta])


def kind_of(value: Any) -> str | None:
    """What a value can be compared with: those of the same kind."""
    return _KINDS.get(type(value))


def sort_key(value: Any) -> tuple[bool, Any] | None:
    """A key by which values of one kind are ordered; keys that differ in their first part can't be."""
    kind = type(value)
    if kind in _ITSELF:
        return False, value
    if kind is datetime.date or kind is WideDate:
        return False, ordinal(value)
    if kind is datetime.datetime or kind is WideDateTime:
        return is_zoned(value), instant(value)
    if kind is datetime.time:
        return _time_key(value)
    return None


def _time_key(value: datetime.time) -> tuple[bool, Any]:
    if value.tzinfo is None:
        return False, clock_micros(value)
    return True, clock_micros(value) - micros_of(_time_offset(value))


def _time_offset(value: datetime.time) -> datetime.timedelta:
    """A time's offset; that of a named zone is the one at the beginning of the year 2000."""
    day = datetime.datetime.combine(datetime.date(2000, 1, 1), value)
    return value.utcoffset() or day.utcoffset() or datetime.timedelta()


def compared_key(value: Any, kind: str | None) -> tuple[bool, Any] | None:
    """The key for comparisons: times compare by whole seconds (DMN 1.5, 10.3.2.3)."""
    key = sort_key(value)
    if key is None or (kind != "time" and kind != "moment"):
        return key
    return key[0], key[1] // 1_000_000


def _beside(value: Any, other: Any) -> Any:
    """A time, or date and time, at the offset of the other where it has none of its own."""
    if is_zoned(value):
        return value
    if type(value) is datetime.time:
        return value.replace(tzinfo=fixed_zone(_time_offset(other)))
    zone = fixed_zone(offset_of(other) or datetime.timedelta())
    return join(date_part(value), time_part(value).replace(tzinfo=zone))


def order(symbol: str, left: Any, right: Any) -> bool | None:
    """left < right and the like; null where the two can't be ordered.

    Where one of two times has no offset, it takes that of the other (DMN 1.5, table 54).
    """
    kind = kind_of(left)
    if kind not in _ORDERED or kind != kind_of(right):
        return None
    left_key, right_key = compared_key(left, kind), compared_key(right, kind)
    if left_key is None or right_key is None:
        return None
    if left_key[0] != right_key[0]:
        return order(symbol, _beside(left, right), _beside(right, left))
    return ORDERS[symbol](left_key[1], right_key[1])


def equal(run: Run, left: Any, right: Any) -> bool | None:
    """left = right: null equals null only; values of different kinds give null (DMN 1.5, table 53)."""
    if left is None or right is None:
        return left is right
    kind = kind_of(left)
    if isinstance(left, Invocable) and isinstance(right, Invocable):
        return left is right or _equal_functions(run, left, right)
    if kind is None or kind != kind_of(right):
        return None
    if kind in _ORDERED:
        return compared_key(left, kind) == compared_key(right, kind)
    if kind == "list":
        return _equal_lists(run, left, right)
    if kind == "context":
        return _equal_contexts(run, left, right)
    if kind == "range":
        return _equal_ranges(run, left, right)
    return bool(left == right)


def _equal_functions(run: Run, left: Invocable, right: Invocable) -> bool:
    """Functions written in FEEL are equal by their text and their scope; the trees may be large."""
    run.spend(limits.CLOCK_STEPS)
    return isinstance(left, Lambda) and isinstance(right, Lambda) and left.is_like(right)


def _equal_lists(run: Run, left: list[Any], right: list[Any]) -> bool:
    run.spend(len(left))
    return len(left) == len(right) and all(equal(run, a, b) is True for a, b in zip(left, right, strict=True))


def _equal_contexts(run: Run, left: dict[str, Any], right: dict[str, Any]) -> bool:
    run.spend(len(left))
    return left.keys() == right.keys() and all(equal(run, left[key], right[key]) is True for key in left)


def _equal_ranges(run: Run, left: Range, right: Range) -> bool:
    return (
        left.operator == right.operator
        and left.start_included == right.start_included
        and left.end_included == right.end_included
        and equal(run, left.start, right.start) is True
        and equal(run, left.end, right.end) is True
    )


def in_range(value: Any, interval: Range) -> bool | None:
    """Whether a value lies in an interval; null where it can't be compared with an end."""
    if interval.operator == "!=":
        found = order("<=", value, interval.end)
        return None if found is None else not (found and order(">=", value, interval.end))
    if interval.operator in ORDERS:
        end = interval.end if interval.start is None else interval.start
        return order(interval.operator, value, end)
    after = order(">=" if interval.start_included else ">", value, interval.start)
    before = order("<=" if interval.end_included else "<", value, interval.end)
    return None if after is None or before is None else after and before


def matches_test(run: Run, value: Any, test: Any) -> bool | None:
    """value in test: equal to it, within it, or matched by one of its items."""
    if type(test) is Range and type(value) is not Range:
        return in_range(value, test)
    if type(test) is list:
        if type(value) is list and equal(run, value, test) is True:
            return True
        run.spend(len(test))
        return any(matches_test(run, value, item) is True for item in test)
    return equal(run, value, test)
