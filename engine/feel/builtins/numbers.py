"""Numeric functions (DMN 1.5, 10.3.4.5)."""

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    DecimalException,
    InvalidOperation,
)

from engine.feel.builtins.registry import builtin
from engine.feel.run import Run
from engine.feel.values import CONTEXT

MIN_SCALE, MAX_SCALE = -6111, 6176
_WIDE = Context(prec=12_400, Emin=-999_999, Emax=999_999, traps=[InvalidOperation])


def rounded(number: Decimal, scale: Decimal, rounding: str) -> Decimal | None:
    """A number with so many digits after the point; null for a scale out of bounds."""
    if not MIN_SCALE <= scale <= MAX_SCALE:
        return None
    places = int(scale)
    if -number.as_tuple().exponent <= places:  # type: ignore[operator]
        return number
    result = number.quantize(Decimal((0, (1,), -places)), rounding, _WIDE)
    return _plain(result)


def _plain(number: Decimal) -> Decimal | None:
    """The number without a positive exponent where its digits allow, within the 34 digits."""
    try:
        number = CONTEXT.plus(number)
        return CONTEXT.quantize(number, Decimal(1)) if number.as_tuple().exponent > 0 else number  # type: ignore[operator]
    except DecimalException:
        return number


@builtin("decimal", "n: number, scale: number")
def _decimal(_run: Run, n: Decimal, scale: Decimal) -> Decimal | None:
    return rounded(n, scale, ROUND_HALF_EVEN)


@builtin("floor", "n: number, scale?: number")
def _floor(_run: Run, n: Decimal, scale: Decimal = Decimal(0)) -> Decimal | None:
    return rounded(n, scale, ROUND_FLOOR)


@builtin("ceiling", "n: number, scale?: number")
def _ceiling(_run: Run, n: Decimal, scale: Decimal = Decimal(0)) -> Decimal | None:
    return rounded(n, scale, ROUND_CEILING)


@builtin("round up", "n: number, scale: number")
def _round_up(_run: Run, n: Decimal, scale: Decimal) -> Decimal | None:
    return rounded(n, scale, ROUND_UP)


@builtin("round down", "n: number, scale: number")
def _round_down(_run: Run, n: Decimal, scale: Decimal) -> Decimal | None:
    return rounded(n, scale, ROUND_DOWN)


@builtin("round half up", "n: number, scale: number")
def _round_half_up(_run: Run, n: Decimal, scale: Decimal) -> Decimal | None:
    return rounded(n, scale, ROUND_HALF_UP)


@builtin("round half down", "n: number, scale: number")
def _round_half_down(_run: Run, n: Decimal, scale: Decimal) -> Decimal | None:
    return rounded(n, scale, ROUND_HALF_DOWN)


@builtin("modulo", "dividend: number, divisor: number")
def _modulo(_run: Run, dividend: Decimal, divisor: Decimal) -> Decimal | None:
    if not divisor or dividend.adjusted() - divisor.adjusted() > MAX_SCALE:
        return None
    rest = _WIDE.remainder(dividend, divisor)
    if rest and (rest < 0) != (divisor < 0):
        rest = _WIDE.add(rest, divisor)
    return CONTEXT.plus(rest)


@builtin("sqrt", "number: number")
def _sqrt(_run: Run, number: Decimal) -> Decimal | None:
    return CONTEXT.sqrt(number) if number >= 0 else None


@builtin("log", "number: number")
def _log(_run: Run, number: Decimal) -> Decimal | None:
    return CONTEXT.ln(number) if number > 0 else None


@builtin("exp", "number: number")
def _exp(_run: Run, number: Decimal) -> Decimal | None:
    try:
        return CONTEXT.exp(number)
    except DecimalException:
        return None


def _parity(number: Decimal) -> Decimal | None:
    if number != number.to_integral_value():
        return None
    return abs(_WIDE.remainder(number, Decimal(2)))


@builtin("odd", "number: number")
def _odd(_run: Run, number: Decimal) -> bool | None:
    rest = _parity(number)
    return None if rest is None else rest == 1


@builtin("even", "number: number")
def _even(_run: Run, number: Decimal) -> bool | None:
    rest = _parity(number)
    return None if rest is None else rest == 0
