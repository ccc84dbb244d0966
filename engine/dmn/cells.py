"""Cells of a decision table as predicates: those without variables are decided by Python's own comparison."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.feel import tree
from engine.feel.compare import ORDERS
from engine.feel.compiler import Scope, compile_node
from engine.feel.run import Closure, Frame, Run

Cell = Callable[[Run, Frame, Any], bool]
"""Whether an input's value passes; the frame holds it as `?`."""

_PLAIN = (Decimal, str)


def compile_cell(tests: tree.Tests, scope: Scope) -> Cell | None:
    """The predicate of a cell, None for one that everything passes."""
    if not tests.tests:
        return None
    predicates = [_constant(test) for test in tests.tests]
    found = [predicate for predicate in predicates if predicate is not None]
    if len(found) < len(predicates) or tests.negated:
        return _general(compile_node(tests, scope))
    if len(found) == 1:
        return found[0]
    literals = [test.value for test in tests.tests if isinstance(test, tree.Literal)]
    if len(literals) == len(found) and len({type(value) for value in literals}) == 1:
        return _one_of(type(literals[0]), frozenset(literals))
    return lambda run, frame, value: any(predicate(run, frame, value) for predicate in found)


def _general(closure: Closure) -> Cell:
    def passes(run: Run, frame: Frame, value: Any) -> bool:
        frame.values["?"] = value
        return closure(run, frame) is True

    return passes


def _one_of(kind: type, values: frozenset[Any]) -> Cell:
    return lambda _run, _frame, value: type(value) is kind and value in values


def _constant(test: tree.Node) -> Cell | None:
    match test:
        case tree.Literal(value) if isinstance(value, _PLAIN):
            kind = type(value)
            return lambda _run, _frame, found: type(found) is kind and found == value
        case tree.Literal(bool(value)):
            return lambda _run, _frame, found: found is value
        case tree.HalfRange(operator, end) if operator in ORDERS:
            return _half(operator, plain_value(end))
        case tree.RangeOf(start, end, start_included, end_included):
            return _range(plain_value(start), plain_value(end), start_included, end_included)
    return None


def plain_value(node: tree.Node) -> Any:
    """The number or string that a node always is, else None."""
    if isinstance(node, tree.Literal) and isinstance(node.value, _PLAIN):
        return node.value
    if isinstance(node, tree.Negation) and isinstance(node.operand, tree.Literal):
        value = node.operand.value
        return value.copy_negate() if isinstance(value, Decimal) else None
    return None


def _half(operator: str, end: Any) -> Cell | None:
    if end is None:
        return None
    compare, kind = ORDERS[operator], type(end)
    return lambda _run, _frame, value: type(value) is kind and compare(value, end)


def _range(start: Any, end: Any, start_included: bool, end_included: bool) -> Cell | None:
    if start is None or type(start) is not type(end):
        return None
    above, below = ORDERS[">=" if start_included else ">"], ORDERS["<=" if end_included else "<"]
    kind = type(start)
    return lambda _run, _frame, value: type(value) is kind and above(value, start) and below(value, end)
