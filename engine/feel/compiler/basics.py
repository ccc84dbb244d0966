"""Closures of literals, lists, contexts, ranges and types."""

from engine.feel import tree
from engine.feel.compare import ORDERS, equal, order
from engine.feel.compiler.scope import Scope, compile_node, compiles
from engine.feel.printer import type_text
from engine.feel.run import Closure, Frame, Run
from engine.feel.temporal import parse_temporal
from engine.feel.types import is_instance, is_type
from engine.feel.values import Range

_UNBOUNDED = tree.Literal(None)


@compiles(tree.Literal)
def _literal(node: tree.Literal, _: Scope) -> Closure:
    value = node.value
    return lambda _run, _frame: value


@compiles(tree.AtLiteral)
def _at_literal(node: tree.AtLiteral, _: Scope) -> Closure:
    value = parse_temporal(node.text)
    if value is not None:
        return lambda _run, _frame: value
    at, text = node.at, node.text
    return lambda run, _frame: run.note(at, "{literal} is not a date, time or duration.", literal=text)


@compiles(tree.ListOf)
def _list(node: tree.ListOf, scope: Scope) -> Closure:
    items = [compile_node(item, scope) for item in node.items]
    return lambda run, frame: [item(run, frame) for item in items]


@compiles(tree.ContextOf)
def _context(node: tree.ContextOf, scope: Scope) -> Closure:
    inner = Scope((), scope)
    entries = []
    keys = [key for key, _ in node.entries]
    for key, value in node.entries:
        if isinstance(value, tree.FunctionOf):
            inner.names.add(key)
        entries.append((key, compile_node(value, inner)))
        inner.names.add(key)
    at, is_doubled = node.at, len(set(keys)) != len(keys)

    def make(run: Run, frame: Frame | None) -> object:
        if is_doubled:
            return run.note(at, "A key of the context occurs twice.")
        values: dict[str, object] = {}
        local = Frame(values, frame)
        for key, value in entries:
            values[key] = value(run, local)
        return values

    return make


@compiles(tree.RangeOf)
def _range(node: tree.RangeOf, scope: Scope) -> Closure:
    start, end = compile_node(node.start, scope), compile_node(node.end, scope)
    start_included, end_included, at = node.start_included, node.end_included, node.at

    def make(run: Run, frame: Frame | None) -> object:
        low, high = start(run, frame), end(run, frame)
        if low is not None and high is not None and not (is_ordered := order("<=", low, high)):
            if is_ordered is None:
                return run.note(at, "The ends of the range can't be compared.")
            return run.note(at, "The range ends before it begins.")
        return Range(low, high, start_included, end_included)

    return make


@compiles(tree.HalfRange)
def _half_range(node: tree.HalfRange, scope: Scope) -> Closure:
    end = compile_node(node.end, scope)
    operator, at = node.operator, node.at

    def make(run: Run, frame: Frame | None) -> object:
        return half_range(run, operator, end(run, frame), at)

    return make


def half_range(run: Run, operator: str, end: object, at: int) -> object:
    """The range that a comparison without a left side means."""
    if operator in ("!=", "="):
        return Range(end, end, operator == "=", operator == "=", operator)
    if order("<=", end, end) is None:
        return run.note(at, "This comparison is not a range.")
    if operator.startswith("<"):
        return Range(None, end, False, operator == "<=", operator)
    return Range(end, None, operator == ">=", False, operator)


@compiles(tree.InstanceOf)
def _instance_of(node: tree.InstanceOf, scope: Scope) -> Closure:
    value = compile_node(node.value, scope)
    kind, declared, at = node.type, scope.declared, node.at
    if not is_type(kind, declared):
        name = type_text(kind)
        return lambda run, _frame: run.note(at, "{type} is not a type here.", type=name)
    return lambda run, frame: is_instance(run, value(run, frame), kind, declared)


def passes(run: Run, operator: str, value: object, end: object) -> bool | None:
    """Whether a value passes a comparison whose left side it is."""
    if operator == "=":
        return equal(run, value, end)
    if operator == "!=":
        found = equal(run, value, end)
        return None if found is None else not found
    if type(value) is type(end) and type(value) is str:
        return ORDERS[operator](value, end)
    return order(operator, value, end)
