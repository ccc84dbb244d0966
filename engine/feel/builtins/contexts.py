"""Context functions (DMN 1.5, 10.3.4.10), and the functions of truth and sameness."""

from typing import Any

from engine.feel import limits
from engine.feel.builtins.registry import builtin
from engine.feel.compare import equal, kind_of
from engine.feel.lexical import text_of
from engine.feel.run import Run


@builtin("not", "negand: boolean")
def _not(_run: Run, negand: bool) -> bool:
    return not negand


@builtin("is", "value1: any, value2: any")
def _is(run: Run, left: Any, right: Any) -> bool:
    if kind_of(left) != kind_of(right):
        return False
    if kind_of(left) in ("time", "moment"):
        return text_of(left) == text_of(right)
    return equal(run, left, right) is True


@builtin("get value", "m: context, key: string")
def _get_value(_run: Run, m: dict[str, Any], key: str) -> Any:
    return m.get(key)


@builtin("get value", "m: context, keys: list")
def _get_value_in(_run: Run, m: dict[str, Any], keys: list[Any]) -> Any:
    value: Any = m
    for key in keys:
        if type(value) is not dict or type(key) is not str:
            return None
        value = value.get(key)
    return value if keys else None


@builtin("get entries", "m: context")
def _get_entries(run: Run, m: dict[str, Any]) -> list[Any]:
    run.spend(len(m))
    return [{"key": key, "value": value} for key, value in m.items()]


@builtin("context", "entries: list")
def _context(_run: Run, entries: list[Any]) -> dict[str, Any] | None:
    made: dict[str, Any] = {}
    for entry in entries:
        if type(entry) is not dict or type(entry.get("key")) is not str or "value" not in entry:
            return None
        if entry["key"] in made:
            return None
        made[entry["key"]] = entry["value"]
    return made


@builtin("context put", "context: context, key: string, value: any")
def _context_put(run: Run, context: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    run.check_length(len(context) + 1)
    return {**context, key: value}


@builtin("context put", "context: context, keys: list, value: any")
def _context_put_in(run: Run, context: dict[str, Any], keys: list[Any], value: Any) -> dict[str, Any] | None:
    if not keys or len(keys) > limits.VALUE_DEPTH or any(type(key) is not str for key in keys):
        return None
    run.check_length(len(context) + 1)
    first, *rest = keys
    if not rest:
        return {**context, first: value}
    inner = context.get(first)
    if type(inner) is not dict:
        return None
    put = _context_put_in(run, inner, rest, value)
    return None if put is None else {**context, first: put}


@builtin("context merge", "contexts: list")
def _context_merge(run: Run, contexts: list[Any]) -> dict[str, Any] | None:
    merged: dict[str, Any] = {}
    for context in contexts:
        if type(context) is not dict:
            return None
        run.spend(len(context))
        merged |= context
    return merged
