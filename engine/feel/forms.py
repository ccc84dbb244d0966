"""The expressions that begin with a word: if, for, some, every, function."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.feel import tree
from engine.feel.parser_types import read_type
from engine.feel.tree import Iteration, Node
from engine.feel.types import ANY, Type

if TYPE_CHECKING:
    from engine.feel.parser import Parser


def _if(parser: "Parser", at: int) -> Node:
    condition = parser.inner()
    parser.expect("then")
    then = parser.inner()
    parser.expect("else")
    return tree.If(condition, then, parser.expression(), at=at)


def _iterations(parser: "Parser") -> tuple[Iteration, ...]:
    found = []
    while True:
        at = parser.token.start
        name = parser.read_declared_name("in")
        parser.expect("in")
        source = parser.inner()
        end = parser.inner() if parser.accept("..") else None
        found.append(Iteration(name, source, end, at=at))
        if not parser.accept(","):
            return tuple(found)


def _for(parser: "Parser", at: int) -> Node:
    iterations = _iterations(parser)
    parser.expect("return")
    return tree.For(iterations, parser.expression(), at=at)


def _some(parser: "Parser", at: int) -> Node:
    return _quantified(parser, at, "some")


def _every(parser: "Parser", at: int) -> Node:
    return _quantified(parser, at, "every")


def _quantified(parser: "Parser", at: int, kind: str) -> Node:
    iterations = _iterations(parser)
    parser.expect("satisfies")
    return tree.Quantified(kind, iterations, parser.expression(), at=at)


def _function(parser: "Parser", at: int) -> Node:
    parser.expect("(")
    parameters: list[tuple[str, Type]] = []
    while parser.goes_on(")", len(parameters)):
        name = parser.read_declared_name(":", ",", ")")
        parameters.append((name, read_type(parser) if parser.accept(":") else ANY))
    external = parser.accept("external")
    return tree.FunctionOf(tuple(parameters), parser.expression(), external, at=at)


FORMS: dict[str, Callable[["Parser", int], Node]] = {
    "if": _if,
    "for": _for,
    "some": _some,
    "every": _every,
    "function": _function,
}
"""What reads the rest of an expression, by its first word."""
