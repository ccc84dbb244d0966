"""Addition, subtraction, multiplication, division and power of all values that have them."""

import datetime
from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any

from engine.feel import limits, temporal
from engine.feel.compare import kind_of, sort_key
from engine.feel.errors import FeelError
from engine.feel.values import CONTEXT, YearsMonths
from engine.feel.wide import AnyDate, AnyDateTime, date_part, join, time_part

Operation = Callable[[Any, Any], Any]


def _concatenate(left: str, right: str) -> str:
    if len(left) + len(right) > limits.STRING_LENGTH:
        raise FeelError("A string is longer than {limit} characters.", limit=limits.STRING_LENGTH)
    return left + right


def _add_months(date: AnyDate, duration: YearsMonths) -> AnyDate | None:
    return temporal.add_months(date, duration.months)


def _add_months_to_moment(moment: AnyDateTime, duration: YearsMonths) -> AnyDateTime | None:
    date = temporal.add_months(date_part(moment), duration.months)
    return join(date, time_part(moment)) if date is not None else None


def _add_days(date: AnyDate, duration: datetime.timedelta) -> AnyDate | None:
    return temporal.add_days(date, temporal.micros_of(duration))


def _add_to_moment(moment: AnyDateTime, duration: datetime.timedelta) -> AnyDateTime | None:
    return temporal.add_to_moment(moment, temporal.micros_of(duration))


def _add_to_time(time: datetime.time, duration: datetime.timedelta) -> datetime.time:
    return temporal.from_clock(temporal.clock_micros(time) + temporal.micros_of(duration), time.tzinfo)


def _add_durations(left: datetime.timedelta, right: datetime.timedelta) -> datetime.timedelta | None:
    return temporal.from_micros(temporal.micros_of(left) + temporal.micros_of(right))


def _swapped(operation: Operation) -> Operation:
    return lambda left, right: operation(right, left)


def _minus(operation: Operation) -> Operation:
    return lambda left, right: operation(left, negate(right))


def _between_moments(left: Any, right: Any) -> datetime.timedelta | None:
    left_key, right_key = sort_key(left), sort_key(right)
    if left_key is None or right_key is None or left_key[0] != right_key[0]:
        return None
    return temporal.from_micros(left_key[1] - right_key[1])


def _between_dates(left: AnyDate, right: AnyDate) -> datetime.timedelta | None:
    return _between_moments(temporal.midnight(left), temporal.midnight(right))


def _moment_minus_date(left: AnyDateTime, right: AnyDate) -> datetime.timedelta | None:
    zone = datetime.UTC if temporal.is_zoned(left) else None
    return _between_moments(left, temporal.midnight(right, zone))


def _date_minus_moment(left: AnyDate, right: AnyDateTime) -> datetime.timedelta | None:
    zone = datetime.UTC if temporal.is_zoned(right) else None
    return _between_moments(temporal.midnight(left, zone), right)


def _scale(duration: datetime.timedelta, factor: Decimal) -> datetime.timedelta | None:
    return temporal.scale_micros(temporal.micros_of(duration), factor)


def _scale_months(duration: YearsMonths, factor: Decimal) -> YearsMonths | None:
    return _months(CONTEXT.multiply(Decimal(duration.months), factor))


def _divide(duration: datetime.timedelta, divisor: Decimal) -> datetime.timedelta | None:
    micros = CONTEXT.divide(Decimal(temporal.micros_of(duration)), divisor)
    return temporal.scale_micros(1, micros)


def _divide_months(duration: YearsMonths, divisor: Decimal) -> YearsMonths | None:
    return _months(CONTEXT.divide(Decimal(duration.months), divisor))


def _months(number: Decimal) -> YearsMonths | None:
    return temporal.make_months(int(number)) if number.adjusted() < 15 else None


def _power(base: Decimal, exponent: Decimal) -> Decimal | None:
    """Anything to the power of 0 is 1, and 0 has no power below it: Python's decimal gives infinity."""
    if not exponent:
        return Decimal(1)
    return CONTEXT.power(base, exponent) if base or exponent > 0 else None


def _ratio(left: datetime.timedelta, right: datetime.timedelta) -> Decimal:
    return CONTEXT.divide(Decimal(temporal.micros_of(left)), Decimal(temporal.micros_of(right)))


def _ratio_of_months(left: YearsMonths, right: YearsMonths) -> Decimal:
    return CONTEXT.divide(Decimal(left.months), Decimal(right.months))


_TABLE: dict[tuple[str, str, str], Operation] = {
    ("+", "number", "number"): CONTEXT.add,
    ("+", "string", "string"): _concatenate,
    ("+", "duration", "duration"): _add_durations,
    ("+", "months", "months"): lambda left, right: temporal.make_months(left.months + right.months),
    ("+", "date", "months"): _add_months,
    ("+", "moment", "months"): _add_months_to_moment,
    ("+", "date", "duration"): _add_days,
    ("+", "moment", "duration"): _add_to_moment,
    ("+", "time", "duration"): _add_to_time,
    ("-", "number", "number"): CONTEXT.subtract,
    ("-", "duration", "duration"): _minus(_add_durations),
    ("-", "months", "months"): lambda left, right: temporal.make_months(left.months - right.months),
    ("-", "date", "months"): _minus(_add_months),
    ("-", "moment", "months"): _minus(_add_months_to_moment),
    ("-", "date", "duration"): _minus(_add_days),
    ("-", "moment", "duration"): _minus(_add_to_moment),
    ("-", "time", "duration"): _minus(_add_to_time),
    ("-", "date", "date"): _between_dates,
    ("-", "moment", "moment"): _between_moments,
    ("-", "time", "time"): _between_moments,
    ("-", "moment", "date"): _moment_minus_date,
    ("-", "date", "moment"): _date_minus_moment,
    ("*", "number", "number"): CONTEXT.multiply,
    ("*", "duration", "number"): _scale,
    ("*", "months", "number"): _scale_months,
    ("/", "number", "number"): CONTEXT.divide,
    ("/", "duration", "number"): _divide,
    ("/", "months", "number"): _divide_months,
    ("/", "duration", "duration"): _ratio,
    ("/", "months", "months"): _ratio_of_months,
    ("**", "number", "number"): _power,
}
_TABLE |= {
    (symbol, right, left): _swapped(operation)
    for (symbol, left, right), operation in _TABLE.items()
    if (symbol in "+*" and left != right)
}


def calculate(symbol: str, left: Any, right: Any) -> Any:
    """The result of an operator, null where the operands have none or it is out of bounds."""
    operation = _TABLE.get((symbol, kind_of(left) or "", kind_of(right) or ""))
    if operation is None:
        return None
    try:
        return operation(left, right)
    except (DecimalException, OverflowError, ValueError):
        return None


def negate(value: Any) -> Any:
    """-value, null for values that have no negative."""
    if type(value) is Decimal:
        return CONTEXT.minus(value)
    if type(value) is YearsMonths:
        return YearsMonths(-value.months)
    if type(value) is datetime.timedelta:
        return temporal.from_micros(-temporal.micros_of(value))
    return None
