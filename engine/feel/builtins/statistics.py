"""List functions that compute one value of many (DMN 1.5, 10.3.4.4)."""

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal, DecimalException
from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.compare import kind_of, order, sort_key
from engine.feel.run import Run
from engine.feel.values import CONTEXT


def _given(run: Run, items: Sequence[Any]) -> Sequence[Any]:
    """The items of the one list given, else the arguments themselves."""
    found = items[0] if len(items) == 1 and type(items[0]) is list else items
    run.spend(len(found))
    return found


def _extreme(run: Run, items: Sequence[Any], symbol: str) -> Any:
    values = _given(run, items)
    if not values:
        return None
    best = values[0]
    if sort_key(best) is None:
        return None
    for value in values[1:]:
        is_better = order(symbol, value, best)
        if is_better is None:
            return None
        best = value if is_better else best
    return best


@builtin("min", "list: list", "*list: point")
def _min(run: Run, *items: Any) -> Any:
    return _extreme(run, items, "<")


@builtin("max", "list: list", "*list: point")
def _max(run: Run, *items: Any) -> Any:
    return _extreme(run, items, ">")


def _on_numbers(run: Run, items: Sequence[Any], compute: Callable[[Sequence[Decimal]], Any]) -> Any:
    values = _given(run, items)
    if not values or any(type(value) is not Decimal for value in values):
        return None
    run.spend(4 * len(values))
    try:
        return compute(values)
    except DecimalException:
        return None


def total(values: Sequence[Decimal]) -> Decimal:
    """The sum, rounded to 34 digits at each step."""
    result = Decimal(0)
    for value in values:
        result = CONTEXT.add(result, value)
    return result


def _product_of(values: Sequence[Decimal]) -> Decimal:
    result = Decimal(1)
    for value in values:
        result = CONTEXT.multiply(result, value)
    return result


def _mean_of(values: Sequence[Decimal]) -> Decimal:
    return CONTEXT.divide(total(values), Decimal(len(values)))


def _median_of(values: Sequence[Decimal]) -> Decimal:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else _mean_of(ordered[middle - 1 : middle + 1])


def _deviation_of(values: Sequence[Decimal]) -> Decimal | None:
    if len(values) < 2:
        return None
    mean = _mean_of(values)
    gaps = [CONTEXT.subtract(value, mean) for value in values]
    squares = total([CONTEXT.multiply(gap, gap) for gap in gaps])
    return CONTEXT.sqrt(CONTEXT.divide(squares, Decimal(len(values) - 1)))


@builtin("sum", "list: list", "*list: number")
def _sum(run: Run, *items: Any) -> Any:
    return _on_numbers(run, items, total)


@builtin("product", "list: list", "*list: number")
def _product(run: Run, *items: Any) -> Any:
    return _on_numbers(run, items, _product_of)


@builtin("mean", "list: list", "*list: number")
def _mean(run: Run, *items: Any) -> Any:
    return _on_numbers(run, items, _mean_of)


@builtin("median", "list: list", "*list: number")
def _median(run: Run, *items: Any) -> Any:
    return _on_numbers(run, items, _median_of)


@builtin("stddev", "list: list", "*list: number")
def _stddev(run: Run, *items: Any) -> Any:
    return _on_numbers(run, items, _deviation_of)


@builtin("mode", "list: list", "*list: number")
def _mode(run: Run, *items: Any) -> Any:
    if not _given(run, items):
        return []
    return _on_numbers(run, items, _modes_of)


def _modes_of(values: Sequence[Decimal]) -> list[Decimal]:
    counts = Counter(values)
    most = max(counts.values())
    return sorted(value for value, count in counts.items() if count == most)


@builtin("abs", "n: number|duration|months")
def _abs(_run: Run, n: Any) -> Any:
    if kind_of(n) == "months":
        return type(n)(abs(n.months))
    return CONTEXT.abs(n) if type(n) is Decimal else abs(n)
