"""The values of FEEL as Python values, and what makes them from those that a context brings."""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from typing import Any

from engine.feel import limits
from engine.feel.errors import FeelError
from engine.feel.wide import WideDate, WideDateTime

CONTEXT = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[DivisionByZero, InvalidOperation, Overflow],
)
"""IEEE 754-2008 decimal128 (DMN 1.5, 10.3.2.3.1)."""


@dataclass(frozen=True, slots=True, order=True)
class YearsMonths:
    """A years and months duration, as a number of months (negative ones too)."""

    months: int

    @property
    def years(self) -> int:
        """Whole years, towards zero."""
        return int(self.months / 12)


@dataclass(frozen=True, slots=True)
class Range:
    """An interval of comparable values, or with an operator those on one side of a value.

    Without an operator an end that is null makes the range contain nothing that is known.
    """

    start: Any
    end: Any
    start_included: bool = True
    end_included: bool = True
    operator: str = ""


class Invocable:
    """Anything that an expression can call."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Function(Invocable):
    """A Python callable given to expressions: `call(*arguments)` with FEEL values, in parameters' order.

    An argument that the expression leaves out at the end is left out of the call.
    """

    name: str
    parameters: tuple[str, ...]
    call: Callable[..., object]


_EXACT = 10**34

SCALARS = frozenset(
    {
        str,
        bool,
        type(None),
        datetime.date,
        datetime.time,
        datetime.datetime,
        datetime.timedelta,
        YearsMonths,
        Range,
        Function,
        WideDate,
        WideDateTime,
    }
)
"""Python types of which every value is one of FEEL as it stands."""


def to_feel(value: object, depth: int = 0) -> Any:
    """The FEEL value of a Python value; what FEEL does not know, such as a number without end, is null.

    Raises FeelError where containers are nested too deep (or contain themselves).
    """
    kind = type(value)
    if kind in SCALARS:
        return value
    if isinstance(value, Decimal) and kind is Decimal:
        return value if value.is_finite() else None
    if type(value) is int:
        return Decimal(value) if -_EXACT < value < _EXACT else CONTEXT.create_decimal(Decimal(value))
    if depth > limits.VALUE_DEPTH:
        raise FeelError("A value is nested too deep.")
    if isinstance(value, list | tuple):
        return [item if type(item) in SCALARS else to_feel(item, depth + 1) for item in value]
    if isinstance(value, Mapping):
        return {
            str(key): item if type(item) in SCALARS else to_feel(item, depth + 1)
            for key, item in value.items()
        }
    return _from_subclass(value)


def _from_subclass(value: object) -> Any:
    if isinstance(value, Invocable):
        return value
    if isinstance(value, float | int | Decimal):
        number = CONTEXT.create_decimal(repr(float(value)) if isinstance(value, float) else Decimal(value))
        return number if number.is_finite() else None
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, datetime.datetime):
        return datetime.datetime.combine(value.date(), value.timetz())
    if isinstance(value, datetime.date):
        return datetime.date(value.year, value.month, value.day)
    if isinstance(value, set | frozenset):
        return to_feel(sorted(value, key=str), 1)
    return None
