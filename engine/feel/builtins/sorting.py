"""The function sort: by a function that tells which of two items comes first (DMN 1.5, 10.3.4.9)."""

from functools import cmp_to_key
from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.calls import invoke
from engine.feel.compare import sort_key
from engine.feel.run import Run


class _NoOrderError(Exception):
    """The function did not answer true or false."""


@builtin("sort", "list: list, precedes?: function|null")
def _sort(run: Run, items: list[Any], precedes: Any = None) -> list[Any] | None:
    if precedes is None:
        return _sort_naturally(run, items)

    def compare(left: Any, right: Any) -> int:
        found = invoke(run, precedes, [left, right])
        if type(found) is not bool:
            raise _NoOrderError
        return -1 if found else 1

    try:
        return sorted(items, key=cmp_to_key(compare))
    except _NoOrderError:
        return None


def _sort_naturally(run: Run, items: list[Any]) -> list[Any] | None:
    keys = [sort_key(item) for item in items]
    run.spend(len(items) * 4)
    if None in keys or len({(type(item), key and key[0]) for item, key in zip(items, keys, strict=True)}) > 1:
        return None
    return sorted(items, key=lambda item: sort_key(item) or (False, 0))
