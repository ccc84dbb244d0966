"""Closures of calls and of function definitions."""

from typing import Any

from engine.feel import tree
from engine.feel.builtins import BUILTINS
from engine.feel.calls import Lambda, invoke, invoke_named
from engine.feel.compiler.scope import Scope, compile_node, compiles
from engine.feel.run import Closure, Frame, Run
from engine.feel.types import ANY
from engine.feel.values import Invocable


@compiles(tree.Call)
def _call(node: tree.Call, scope: Scope) -> Closure:
    function = _callee(node.function, scope)
    arguments = [compile_node(argument, scope) for argument in node.arguments]
    names, at = node.names, node.at

    def call(run: Run, frame: Frame | None) -> Any:
        called = function(run, frame)
        values = [argument(run, frame) for argument in arguments]
        if names:
            return invoke_named(run, called, names, values, at)
        return invoke(run, called, values, at)

    return call


def _callee(node: tree.Node, scope: Scope) -> Closure:
    """What is called: a variable that is no function does not hide the built-in of its name."""
    find = compile_node(node, scope)
    fallback = BUILTINS.get(node.name) if isinstance(node, tree.Name) else None
    if fallback is None:
        return find

    def find_function(run: Run, frame: Frame | None) -> Any:
        found = find(run, frame)
        return found if isinstance(found, Invocable) else fallback

    return find_function


@compiles(tree.FunctionOf)
def _function(node: tree.FunctionOf, scope: Scope) -> Closure:
    if node.external:
        at = node.at
        return lambda run, _frame: run.note(at, "Functions from outside are not allowed.")
    names = tuple(name for name, _ in node.parameters)
    kinds = tuple(kind for _, kind in node.parameters)
    body, declared = compile_node(node.body, Scope(names, scope)), scope.declared
    return lambda _run, frame: Lambda(names, kinds, ANY, body, frame, declared, node)
