"""Closures of if, and of a decision table's cells."""

from typing import Any

from engine.feel import tree
from engine.feel.compare import matches_test
from engine.feel.compiler.operators import compile_test
from engine.feel.compiler.scope import Scope, compile_node, compiles
from engine.feel.free import mentions
from engine.feel.run import Closure, Frame, Run


@compiles(tree.If)
def _if(node: tree.If, scope: Scope) -> Closure:
    condition = compile_node(node.condition, scope)
    then, otherwise = compile_node(node.then, scope), compile_node(node.otherwise, scope)
    return lambda run, frame: (then if condition(run, frame) is True else otherwise)(run, frame)


@compiles(tree.Tests)
def _tests(node: tree.Tests, scope: Scope) -> Closure:
    """Whether the value under test, the variable `?` of the frame, passes one of the tests."""
    inner = Scope(("?",), scope)
    tests = [_cell_test(test, inner) for test in node.tests]
    if not tests:
        return lambda _run, _frame: True
    negated = node.negated

    def apply(run: Run, frame: Any) -> bool | None:
        value = frame.values["?"]
        results = [test(run, frame, value) for test in tests]
        if negated:
            return False if True in results else None if None in results else True
        return True if True in results else False if False in results else None

    return apply


def _cell_test(test: tree.Node, scope: Scope) -> Any:
    if isinstance(test, tree.HalfRange | tree.Literal):
        return compile_test(test, scope)
    expression = compile_node(test, scope)
    has_value = mentions(test, "?")

    def apply(run: Run, frame: Frame | None, value: Any) -> bool | None:
        found = expression(run, frame)
        if type(found) is bool and (has_value or type(value) is not bool):
            return found
        if found is None and has_value:
            return None
        return matches_test(run, value, found)

    return apply
