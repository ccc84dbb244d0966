"""Syntax tree to text that parses to the same tree, with brackets only where they are needed."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.feel import tree
from engine.feel.lexical import key_text, quote
from engine.feel.tree import Node
from engine.feel.types import (
    ANY,
    ContextType,
    FunctionType,
    ListType,
    Named,
    RangeType,
    Restricted,
    Simple,
    Type,
)

_LOW, _OR, _AND, _COMPARISON, _SUM, _PRODUCT, _POWER, _NEGATION, _INSTANCE, _POSTFIX, _ATOM = range(11)
_ARITHMETIC = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "**": _POWER}


def print_node(node: Node) -> str:
    """The text of a tree."""
    return _PRINTERS[type(node)](node)[0]


def _inner(node: Node, least: int) -> str:
    """The text of an operand, in brackets where it binds less than its place needs."""
    text, power = _PRINTERS[type(node)](node)
    return text if power >= least else f"({text})"


Printed = tuple[str, int]


def _literal(node: tree.Literal) -> Printed:
    value = node.value
    if isinstance(value, str):
        return quote(value), _ATOM
    if isinstance(value, Decimal):
        return str(value).replace("E+", "e").replace("E", "e"), _ATOM
    return {None: "null", True: "true", False: "false"}[value], _ATOM


def _range(node: tree.RangeOf) -> Printed:
    opening, closing = "[" if node.start_included else "(", "]" if node.end_included else ")"
    return f"{opening}{_inner(node.start, _ATOM)}..{_inner(node.end, _ATOM)}{closing}", _ATOM


def _binary(operator: str, left: Node, right: Node, power: int) -> Printed:
    return f"{_inner(left, power)} {operator} {_inner(right, power + 1)}", power


def _logic(node: tree.Logic) -> Printed:
    power = _OR if node.operator == "or" else _AND
    return f" {node.operator} ".join(_inner(operand, power + 1) for operand in node.operands), power


def _between(node: tree.Between) -> Printed:
    value, start = _inner(node.value, _COMPARISON), _inner(node.start, _SUM)
    return f"{value} between {start} and {_inner(node.end, _SUM)}", _COMPARISON


def _in(node: tree.In) -> Printed:
    return f"{_inner(node.value, _COMPARISON)} in ({_row(node.tests)})", _COMPARISON


def _row(nodes: tuple[Node, ...]) -> str:
    return ", ".join(_test(node) for node in nodes)


def _test(node: Node) -> str:
    return _half(node) if isinstance(node, tree.HalfRange) else print_node(node)


def _half(node: tree.HalfRange) -> str:
    return f"{node.operator} {_inner(node.end, _SUM)}"


def _iterations(iterations: tuple[tree.Iteration, ...]) -> str:
    return ", ".join(
        f"{each.name} in {print_node(each.source)}" + (f"..{print_node(each.end)}" if each.end else "")
        for each in iterations
    )


def _call(node: tree.Call) -> Printed:
    parts = [print_node(argument) for argument in node.arguments]
    if node.names:
        parts = [f"{key_text(name)}: {part}" for name, part in zip(node.names, parts, strict=True)]
    return f"{_inner(node.function, _POSTFIX)}({', '.join(parts)})", _POSTFIX


def _function(node: tree.FunctionOf) -> Printed:
    parameters = ", ".join(
        name if kind == ANY else f"{name}: {type_text(kind)}" for name, kind in node.parameters
    )
    return f"function({parameters}) {'external ' if node.external else ''}{print_node(node.body)}", _LOW


def _context(node: tree.ContextOf) -> Printed:
    return "{" + ", ".join(
        f"{key_text(key)}: {print_node(value)}" for key, value in node.entries
    ) + "}", _ATOM


def _tests(node: tree.Tests) -> Printed:
    if not node.tests:
        return "-", _LOW
    row = _row(node.tests)
    if node.negated:
        return f"not({row})", _LOW
    is_like_negated = len(node.tests) == 1 and row.startswith("not(")
    return (f"({row})" if is_like_negated else row), _LOW


def type_text(kind: Type) -> str:
    """The text of a type."""
    match kind:
        case Simple(name) | Named(name):
            return "null" if name == "Null" else name
        case ListType(item):
            return f"list<{type_text(item)}>"
        case RangeType(item):
            return f"range<{type_text(item)}>"
        case ContextType(entries):
            return f"context<{', '.join(f'{key}: {type_text(entry)}' for key, entry in entries)}>"
        case FunctionType(parameters, result):
            return f"function<{', '.join(map(type_text, parameters))}> -> {type_text(result)}"
        case Restricted(base):
            return type_text(base)


_PRINTERS: dict[type[Node], Callable[[Any], Printed]] = {
    tree.Literal: _literal,
    tree.AtLiteral: lambda node: (f"@{quote(node.text)}", _ATOM),
    tree.Name: lambda node: (node.name, _ATOM),
    tree.ListOf: lambda node: (f"[{', '.join(print_node(item) for item in node.items)}]", _ATOM),
    tree.ContextOf: _context,
    tree.RangeOf: _range,
    tree.HalfRange: lambda node: (f"({_half(node)})", _ATOM),
    tree.Arithmetic: lambda node: _binary(node.operator, node.left, node.right, _ARITHMETIC[node.operator]),
    tree.Negation: lambda node: (f"-{_inner(node.operand, _NEGATION)}", _NEGATION),
    tree.Comparison: lambda node: _binary(node.operator, node.left, node.right, _COMPARISON),
    tree.Logic: _logic,
    tree.Between: _between,
    tree.In: _in,
    tree.InstanceOf: lambda node: (
        f"{_inner(node.value, _INSTANCE)} instance of {type_text(node.type)}",
        _INSTANCE,
    ),
    tree.If: lambda node: (
        f"if {print_node(node.condition)} then {print_node(node.then)} else {print_node(node.otherwise)}",
        _LOW,
    ),
    tree.For: lambda node: (f"for {_iterations(node.iterations)} return {print_node(node.result)}", _LOW),
    tree.Quantified: lambda node: (
        f"{node.kind} {_iterations(node.iterations)} satisfies {print_node(node.condition)}",
        _LOW,
    ),
    tree.Filter: lambda node: (
        f"{_inner(node.source, _POSTFIX)}[{print_node(node.condition)}]",
        _POSTFIX,
    ),
    tree.Path: lambda node: (f"{_inner(node.source, _POSTFIX)}.{node.name}", _POSTFIX),
    tree.Call: _call,
    tree.FunctionOf: _function,
    tree.Tests: _tests,
}
