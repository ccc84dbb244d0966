"""Range functions (DMN 1.5, 10.3.4.7): where points and ranges lie to one another."""

from collections.abc import Callable
from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.compare import in_range, order
from engine.feel.run import Run
from engine.feel.values import Range

Relation = Callable[[Any, Any], bool]


class _NoOrderError(Exception):
    """Two ends can't be compared."""


def _lt(left: Any, right: Any) -> bool:
    return _compared("<", left, right)


def _eq(left: Any, right: Any) -> bool:
    return _compared("<=", left, right) and _compared(">=", left, right)


def _compared(symbol: str, left: Any, right: Any) -> bool:
    found = order(symbol, left, right)
    if found is None:
        raise _NoOrderError
    return found


def _before(a: Any, b: Any) -> bool:
    if not isinstance(a, Range) and not isinstance(b, Range):
        return _lt(a, b)
    end, end_in = (a.end, a.end_included) if isinstance(a, Range) else (a, True)
    start, start_in = (b.start, b.start_included) if isinstance(b, Range) else (b, True)
    return _lt(end, start) or (not (end_in and start_in) and _eq(end, start))


def _meets(a: Range, b: Range) -> bool:
    return a.end_included and b.start_included and _eq(a.end, b.start)


def _starts_within(a: Range, b: Range) -> bool:
    """Whether b starts at or after a's start, by their brackets too."""
    return _lt(a.start, b.start) or (_eq(a.start, b.start) and (a.start_included or not b.start_included))


def _ends_within(a: Range, b: Range) -> bool:
    return _lt(b.end, a.end) or (_eq(a.end, b.end) and (a.end_included or not b.end_included))


def _overlaps(a: Range, b: Range) -> bool:
    return not _before(a, b) and not _before(b, a)


def _overlaps_before(a: Range, b: Range) -> bool:
    starts = _lt(a.start, b.start) or (_eq(a.start, b.start) and a.start_included and not b.start_included)
    ends = _lt(a.end, b.end) or (_eq(a.end, b.end) and (not a.end_included or b.end_included))
    return starts and ends and not _before(a, b)


def _overlaps_after(a: Range, b: Range) -> bool:
    starts = _lt(b.start, a.start) or (_eq(b.start, a.start) and b.start_included and not a.start_included)
    ends = _lt(b.end, a.end) or (_eq(b.end, a.end) and (a.end_included or not b.end_included))
    return starts and ends and not _before(b, a)


def _finishes(a: Any, b: Range) -> bool:
    if not isinstance(a, Range):
        return b.end_included and _eq(a, b.end)
    return a.end_included == b.end_included and _eq(a.end, b.end) and _starts_within(b, a)


def _starts(a: Any, b: Range) -> bool:
    if not isinstance(a, Range):
        return b.start_included and _eq(a, b.start)
    return a.start_included == b.start_included and _eq(a.start, b.start) and _ends_within(b, a)


def _includes(a: Range, b: Any) -> bool:
    if isinstance(b, Range):
        return _starts_within(a, b) and _ends_within(a, b)
    found = in_range(b, a)
    if found is None:
        raise _NoOrderError
    return found


def _coincides(a: Any, b: Any) -> bool:
    if not isinstance(a, Range) or not isinstance(b, Range):
        return _eq(a, b)
    brackets = (a.start_included, a.end_included) == (b.start_included, b.end_included)
    return brackets and _eq(a.start, b.start) and _eq(a.end, b.end)


def _swapped(relation: Relation) -> Relation:
    return lambda a, b: relation(b, a)


def _declare(name: str, relation: Relation, *signatures: str) -> None:
    def call(_run: Run, a: Any, b: Any) -> bool | None:
        try:
            return relation(a, b)
        except _NoOrderError:
            return None

    builtin(name, *signatures)(call)


_POINTS = "point1: point, point2: point"
_RANGES = "range1: range, range2: range"
_POINT_RANGE = "point: point, range: range"
_RANGE_POINT = "range: range, point: point"

_declare("before", _before, _POINTS, _POINT_RANGE, _RANGE_POINT, _RANGES)
_declare("after", _swapped(_before), _POINTS, _POINT_RANGE, _RANGE_POINT, _RANGES)
_declare("meets", _meets, _RANGES)
_declare("met by", _swapped(_meets), _RANGES)
_declare("overlaps", _overlaps, _RANGES)
_declare("overlaps before", _overlaps_before, _RANGES)
_declare("overlaps after", _overlaps_after, _RANGES)
_declare("finishes", _finishes, _POINT_RANGE, _RANGES)
_declare("finished by", _swapped(_finishes), _RANGE_POINT, _RANGES)
_declare("includes", _includes, _RANGE_POINT, _RANGES)
_declare("during", _swapped(_includes), _POINT_RANGE, _RANGES)
_declare("starts", _starts, _POINT_RANGE, _RANGES)
_declare("started by", _swapped(_starts), _RANGE_POINT, _RANGES)
_declare("coincides", _coincides, _POINTS, _RANGES)
