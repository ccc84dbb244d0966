"""List functions that look at, cut or join lists (DMN 1.5, 10.3.4.4)."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.calls import invoke
from engine.feel.compare import compared_key, equal, kind_of
from engine.feel.run import Run

_HASHED = frozenset(["number", "string", "boolean", "date", "time", "moment", "duration", "months"])


def _same(run: Run, left: Any, right: Any) -> bool:
    run.spend(1)
    return equal(run, left, right) is True


@builtin("list contains", "list: list, element: any")
def _list_contains(run: Run, items: list[Any], element: Any) -> bool:
    return any(_same(run, item, element) for item in items)


@builtin("count", "list: list")
def _count(_run: Run, items: list[Any]) -> Decimal:
    return Decimal(len(items))


@builtin("all", "list: list", "*list: boolean|null")
def _all(_run: Run, *items: Any) -> bool | None:
    return _decide(items, False)


@builtin("any", "list: list", "*list: boolean|null")
def _any(_run: Run, *items: Any) -> bool | None:
    return _decide(items, True)


def _decide(items: Any, decided: bool) -> bool | None:
    if len(items) == 1 and type(items[0]) is list:
        items = items[0]
    if any(item is decided for item in items):
        return decided
    return not decided if all(type(item) is bool for item in items) else None


def index_at(position: Decimal, length: int) -> int | None:
    """The index, from 0, of a position counted from 1 or from -1 backwards."""
    if position != position.to_integral_value() or not position or abs(position) > length:
        return None
    return int(position) - 1 if position > 0 else length + int(position)


@builtin("sublist", "list: list, start position: number, length?: number|null")
def _sublist(_run: Run, items: list[Any], start: Decimal, length: Decimal | None = None) -> list[Any] | None:
    begin = index_at(start, len(items))
    if begin is None:
        return None
    if length is None:
        return items[begin:]
    if not 1 <= length < len(items) - begin + 1:
        return None
    return items[begin : begin + int(length)]


@builtin("append", "list: list, *item: any")
def _append(run: Run, items: list[Any], *more: Any) -> list[Any]:
    run.check_length(len(items) + len(more))
    return [*items, *more]


@builtin("concatenate", "*list: list")
def _concatenate(run: Run, *lists: list[Any]) -> list[Any]:
    run.check_length(sum(map(len, lists)))
    return [item for items in lists for item in items]


@builtin("insert before", "list: list, position: number, newItem: any")
def _insert_before(run: Run, items: list[Any], position: Decimal, item: Any) -> list[Any] | None:
    index = index_at(position, len(items))
    if index is None:
        return None
    run.check_length(len(items) + 1)
    return [*items[:index], item, *items[index:]]


@builtin("remove", "list: list, position: number")
def _remove(_run: Run, items: list[Any], position: Decimal) -> list[Any] | None:
    index = index_at(position, len(items))
    return None if index is None else items[:index] + items[index + 1 :]


@builtin("list replace", "list: list, position: number, newItem: any")
def _replace_at(_run: Run, items: list[Any], position: Decimal, item: Any) -> list[Any] | None:
    index = index_at(position, len(items))
    return None if index is None else [*items[:index], item, *items[index + 1 :]]


@builtin("list replace", "list: list, match: function, newItem: any")
def _replace_where(run: Run, items: list[Any], match: Any, item: Any) -> list[Any] | None:
    found = [invoke(run, match, [old, item]) for old in items]
    if any(type(answer) is not bool for answer in found):
        return None
    return [item if is_match else old for old, is_match in zip(items, found, strict=True)]


@builtin("reverse", "list: list")
def _reverse(run: Run, items: list[Any]) -> list[Any]:
    run.check_length(len(items))
    return items[::-1]


@builtin("index of", "list: list, match: any")
def _index_of(run: Run, items: list[Any], match: Any) -> list[Decimal]:
    return [Decimal(place) for place, item in enumerate(items, 1) if _same(run, item, match)]


@builtin("union", "*list: list")
def _union(run: Run, *lists: list[Any]) -> list[Any]:
    both: list[Any] = _concatenate(run, *lists)
    return list(_distinct(run, both))


@builtin("distinct values", "list: list")
def _distinct(run: Run, items: list[Any]) -> list[Any]:
    kept: list[Any] = []
    seen: set[Any] = set()
    others: list[Any] = []
    run.spend(len(items))
    for item in items:
        kind = kind_of(item)
        if kind in _HASHED:
            key = (kind, compared_key(item, kind) or item)
            if key not in seen:
                seen.add(key)
                kept.append(item)
        elif not any(_same(run, item, other) for other in others):
            others.append(item)
            kept.append(item)
    return kept


@builtin("flatten", "list: list")
def _flatten(run: Run, items: list[Any]) -> list[Any]:
    flat = []
    for item in _leaves(run, items):
        flat.append(item)
    run.check_length(len(flat))
    return flat


def _leaves(run: Run, items: list[Any]) -> Iterator[Any]:
    run.spend(len(items) + 1)
    for item in items:
        if type(item) is list:
            yield from _leaves(run, item)
        else:
            yield item
