"""Closures of for, some, every and filters."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from engine.feel import tree
from engine.feel.compare import kind_of, sort_key
from engine.feel.compiler.scope import Scope, compile_node, compiles, weight
from engine.feel.free import children
from engine.feel.run import Closure, Frame, Run
from engine.feel.values import Range
from engine.feel.wide import from_ordinal, ordinal

_NOTHING: dict[str, Any] = {}
_FAR = Decimal(10) ** 34
_TELL_ONLY = frozenset(["count", "sum", "product", "min", "max", "mean", "median", "all", "any", "string"])
"""Functions whose result never contains the list that they are given."""


def _sources(iterations: tuple[tree.Iteration, ...], scope: Scope) -> tuple[list[Any], Scope]:
    found = []
    for iteration in iterations:
        source = compile_node(iteration.source, scope)
        end = compile_node(iteration.end, scope) if iteration.end else None
        found.append((iteration.name, source, end, iteration.at))
        scope = Scope((iteration.name,), scope)
    return found, scope


def _frames(run: Run, frame: Frame | None, sources: list[Any], cost: int) -> Iterator[Frame | None]:
    """A frame for each combination of the iterations' items, the last one changing fastest."""
    if not sources:
        yield frame
        return
    (name, source, end, at), rest = sources[0], sources[1:]
    for item in items_of(run, source(run, frame), end and end(run, frame), at, is_pair=end is not None):
        run.spend(cost)
        inner = Frame({name: item}, frame)
        if rest:
            yield from _frames(run, inner, rest, cost)
        else:
            yield inner


class Broken(Exception):
    """What should be iterated over can't be."""


def items_of(_run: Run, start: Any, end: Any, _at: int, *, is_pair: bool) -> Iterator[Any]:
    """The items of a list, or the values from a range's start to its end, downwards too."""
    if not is_pair:
        if type(start) is list:
            yield from start
            return
        if type(start) is not Range:
            if start is None:
                raise Broken
            yield start
            return
        yield from _items_of_range(start)
        return
    yield from _steps(start, end)


def _items_of_range(interval: Range) -> Iterator[Any]:
    if interval.start is None or interval.end is None:
        raise Broken
    for item in _steps(interval.start, interval.end):
        is_start = not interval.start_included and sort_key(item) == sort_key(interval.start)
        is_end = not interval.end_included and sort_key(item) == sort_key(interval.end)
        if not is_start and not is_end:
            yield item


def _steps(start: Any, end: Any) -> Iterator[Any]:
    kind = kind_of(start)
    if kind != kind_of(end) or kind not in ("number", "date"):
        raise Broken
    if kind == "date":
        first, last = ordinal(start), ordinal(end)
        for day in range(first, last + 1) if first <= last else range(first, last - 1, -1):
            yield from_ordinal(day)
        return
    if (
        start != start.to_integral_value()
        or end != end.to_integral_value()
        or max(abs(start), abs(end)) > _FAR
    ):
        raise Broken
    low, high = int(start), int(end)
    for number in range(low, high + 1) if low <= high else range(low, high - 1, -1):
        yield Decimal(number)


def copied(run: Run, partial: list[Any]) -> list[Any]:
    """The results so far, as they will stay."""
    run.spend(len(partial) // 16)
    return partial.copy()


def _keeps_partial(node: tree.Node) -> bool:
    """Whether `partial` may become part of a result, which must then have the list as it was so far."""
    match node:
        case tree.Name(name):
            return name == "partial"
        case tree.Filter(tree.Name("partial"), condition):
            return _keeps_partial(condition)
        case tree.Call(tree.Name(name), (tree.Name("partial"),)) if name in _TELL_ONLY:
            return False
    return any(_keeps_partial(child) for child in children(node))


@compiles(tree.For)
def _for(node: tree.For, scope: Scope) -> Closure:
    outer = Scope(("partial",), scope)
    sources, inner = _sources(node.iterations, outer)
    result, cost, at = compile_node(node.result, inner), weight(node.result) + 1, node.at
    is_kept = _keeps_partial(node.result)

    def apply(run: Run, frame: Frame | None) -> Any:
        partial: list[Any] = []
        values: dict[str, Any] = {"partial": partial}
        try:
            for local in _frames(run, Frame(values, frame), sources, cost):
                if is_kept:
                    values["partial"] = copied(run, partial)
                partial.append(result(run, local))
        except Broken:
            return run.note(at, "There is nothing to iterate over.")
        run.check_length(len(partial))
        return partial

    return apply


@compiles(tree.Quantified)
def _quantified(node: tree.Quantified, scope: Scope) -> Closure:
    sources, inner = _sources(node.iterations, scope)
    condition, cost, at = compile_node(node.condition, inner), weight(node.condition) + 1, node.at
    decided = node.kind == "some"

    def apply(run: Run, frame: Frame | None) -> Any:
        is_known = True
        try:
            for local in _frames(run, frame, sources, cost):
                found = condition(run, local)
                if found is decided:
                    return decided
                if type(found) is not bool:
                    is_known = False
        except Broken:
            return run.note(at, "There is nothing to iterate over.")
        return not decided if is_known else run.note(at, "The condition is not true or false.")

    return apply


@compiles(tree.Filter)
def _filter(node: tree.Filter, scope: Scope) -> Closure:
    source = compile_node(node.source, scope)
    inner = Scope((), Scope(("item",), scope), is_open=True)
    condition = compile_node(node.condition, inner)
    cost, at = weight(node.condition) + 1, node.at
    index = _constant_index(node.condition)

    def apply(run: Run, frame: Frame | None) -> Any:
        items = source(run, frame)
        if type(items) is not list:
            items = [] if items is None else [items]
        if index is not None:
            return item_at(run, items, index, at)
        return filtered(run, items, lambda item: condition(run, _item_frame(item, frame)), cost, at)

    return apply


def _item_frame(item: Any, frame: Frame | None) -> Frame:
    return Frame(item if type(item) is dict else _NOTHING, Frame({"item": item}, frame))


def _constant_index(node: tree.Node) -> Decimal | None:
    if isinstance(node, tree.Literal) and type(node.value) is Decimal:
        return node.value
    if isinstance(node, tree.Negation) and isinstance(node.operand, tree.Literal):
        value = node.operand.value
        return -value if type(value) is Decimal else None
    return None


def filtered(run: Run, items: list[Any], condition: Any, cost: int, at: int) -> Any:
    """The items for which the condition is true; where it is a number, the item at that place."""
    if not items and type(index := _without_items(run, condition)) is Decimal:
        return item_at(run, items, index, at)
    kept = []
    for position, item in enumerate(items):
        run.spend(cost)
        found = condition(item)
        if found is True:
            kept.append(item)
        elif type(found) is Decimal and position == 0:
            return item_at(run, items, found, at)
        elif found is not None and found is not False:
            return run.note(at, "The condition of the filter is not true or false.")
    return kept


def _without_items(run: Run, condition: Any) -> Any:
    """What stands in the brackets of an empty list: nothing but a number needs to be known of it."""
    notes, run.notes = run.notes, None
    try:
        return condition(None)
    finally:
        run.notes = notes


def item_at(run: Run, items: list[Any], index: Decimal, at: int) -> Any:
    """The item at a place counted from 1, or from -1 backwards; null where there is none."""
    if index != index.to_integral_value() or abs(index) > len(items) or not index:
        return run.note(at, "The list has no item {index}.", index=str(index)[:20])
    return items[int(index) - 1 if index > 0 else int(index)]
