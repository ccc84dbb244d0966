"""Closures of arithmetic, comparison and three-valued logic."""

from decimal import Decimal, DecimalException
from typing import Any

from engine.feel import tree
from engine.feel.arithmetic import calculate, negate
from engine.feel.compare import ORDERS, equal, matches_test, order
from engine.feel.compiler.basics import passes
from engine.feel.compiler.scope import Scope, compile_node, compiles
from engine.feel.run import Closure, Frame, Run
from engine.feel.types import name_of
from engine.feel.values import CONTEXT

_ON_NUMBERS = {"+": CONTEXT.add, "-": CONTEXT.subtract, "*": CONTEXT.multiply}


@compiles(tree.Arithmetic)
def _arithmetic(node: tree.Arithmetic, scope: Scope) -> Closure:
    left, right = compile_node(node.left, scope), compile_node(node.right, scope)
    symbol, at = node.operator, node.at
    on_numbers = _ON_NUMBERS.get(symbol)

    def apply(run: Run, frame: Frame | None) -> Any:
        a, b = left(run, frame), right(run, frame)
        if on_numbers and type(a) is Decimal and type(b) is Decimal:
            try:
                return on_numbers(a, b)
            except DecimalException:
                return run.note(at, "The result is out of bounds.")
        result = calculate(symbol, a, b)
        if result is None:
            return _no_result(run, at, symbol, a, b)
        if type(result) is str:
            run.spend(len(result) // 10)
        return result

    return apply


def _no_result(run: Run, at: int, symbol: str, left: Any, right: Any) -> Any:
    message = "{operator} has no result for {left} and {right}."
    return run.note(at, message, operator=symbol, left=name_of(left), right=name_of(right))


@compiles(tree.Negation)
def _negation(node: tree.Negation, scope: Scope) -> Closure:
    operand, at = compile_node(node.operand, scope), node.at

    def apply(run: Run, frame: Frame | None) -> Any:
        value = operand(run, frame)
        result = negate(value)
        if result is None:
            return run.note(at, "{type} has no negative.", type=name_of(value))
        return result

    return apply


@compiles(tree.Comparison)
def _comparison(node: tree.Comparison, scope: Scope) -> Closure:
    left, right = compile_node(node.left, scope), compile_node(node.right, scope)
    if node.operator in ORDERS:
        return _ordering(node, left, right)
    return _equality(node, left, right)


def _ordering(node: tree.Comparison, left: Closure, right: Closure) -> Closure:
    symbol, at = node.operator, node.at
    compare = ORDERS[symbol]
    constant = node.right.value if isinstance(node.right, tree.Literal) else None

    def apply(run: Run, frame: Frame | None) -> Any:
        a, b = left(run, frame), right(run, frame)
        if type(a) is type(b) and (type(a) is Decimal or type(a) is str):
            return compare(a, b)
        found = order(symbol, a, b)
        return found if found is not None else _no_result(run, at, symbol, a, b)

    def apply_to_number(run: Run, frame: Frame | None) -> bool | None:
        a = left(run, frame)
        return compare(a, constant) if type(a) is Decimal else _no_result(run, at, symbol, a, constant)

    return apply_to_number if type(constant) is Decimal else apply


def _equality(node: tree.Comparison, left: Closure, right: Closure) -> Closure:
    is_equal, at, symbol = node.operator == "=", node.at, node.operator

    def apply(run: Run, frame: Frame | None) -> Any:
        a, b = left(run, frame), right(run, frame)
        if type(a) is type(b) and (type(a) is Decimal or type(a) is str):
            return (a == b) is is_equal
        found = equal(run, a, b)
        return found is is_equal if found is not None else _no_result(run, at, symbol, a, b)

    return apply


@compiles(tree.Logic)
def _logic(node: tree.Logic, scope: Scope) -> Closure:
    operands = [compile_node(operand, scope) for operand in node.operands]
    decided, symbol, at = node.operator == "or", node.operator, node.at

    def apply(run: Run, frame: Frame | None) -> Any:
        is_known = True
        for operand in operands:
            value = operand(run, frame)
            if value is decided:
                return decided
            if type(value) is not bool:
                is_known = False
        if is_known:
            return not decided
        return run.note(at, "An operand of {operator} is not true or false.", operator=symbol)

    return apply


@compiles(tree.Between)
def _between(node: tree.Between, scope: Scope) -> Closure:
    value, at = compile_node(node.value, scope), node.at
    start, end = compile_node(node.start, scope), compile_node(node.end, scope)

    def apply(run: Run, frame: Frame | None) -> Any:
        middle, low, high = value(run, frame), start(run, frame), end(run, frame)
        above, below = order(">=", middle, low), order("<=", middle, high)
        if above is None or below is None:
            return _no_result(run, at, "between", middle, low if above is None else high)
        return above and below

    return apply


@compiles(tree.In)
def _in(node: tree.In, scope: Scope) -> Closure:
    value, at = compile_node(node.value, scope), node.at
    tests = [compile_test(test, scope) for test in node.tests]

    def apply(run: Run, frame: Frame | None) -> Any:
        tested = value(run, frame)
        results = [test(run, frame, tested) for test in tests]
        if True in results:
            return True
        if False in results:
            return False
        return run.note(at, "{type} can't be compared with what stands after in.", type=name_of(tested))

    return apply


def compile_test(test: tree.Node, scope: Scope) -> Any:
    """A function of (run, frame, value) that tells whether the value passes a test."""
    if isinstance(test, tree.HalfRange):
        end, operator = compile_node(test.end, scope), test.operator
        return lambda run, frame, value: passes(run, operator, value, end(run, frame))
    expression = compile_node(test, scope)
    return lambda run, frame, value: matches_test(run, value, expression(run, frame))
