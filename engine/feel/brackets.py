"""The operands that begin with a sign: brackets of every kind, minus, @ and ?."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.feel import tree
from engine.feel.lexer import unquote
from engine.feel.names import COMPARISONS
from engine.feel.tree import Node

if TYPE_CHECKING:
    from engine.feel.parser import Parser


def read_range(parser: "Parser", start: Node, start_included: bool, at: int) -> Node:
    """The rest of an interval, from its two dots."""
    parser.expect("..")
    end = parser.endpoint()
    if not parser.at("]", ")", "["):
        raise parser.unexpected("] / )")
    return tree.RangeOf(start, end, start_included, parser.advance().text == "]", at=at)


def _negation(parser: "Parser", at: int) -> Node:
    """-operand."""
    return tree.Negation(parser.negated(), at=at)


def _at_literal(parser: "Parser", at: int) -> Node:
    """@"text"."""
    if parser.token.kind != "string":
        raise parser.unexpected("a string")
    return tree.AtLiteral(unquote(parser.advance().text), at=at)


def _question(_parser: "Parser", at: int) -> Node:
    """?, the value under test."""
    return tree.Name("?", at=at)


def _parenthesis(parser: "Parser", at: int) -> Node:
    """(expression), (start..end] or (< end)."""
    if parser.token.kind == "symbol" and parser.token.text in COMPARISONS:
        found = parser.test()
        parser.expect(")")
        return found
    found = parser.inner()
    if parser.at(".."):
        return read_range(parser, found, False, at)
    parser.expect(")")
    return found


def _bracket(parser: "Parser", at: int) -> Node:
    """[items] or [start..end]."""
    items: list[Node] = []
    while parser.goes_on("]", len(items)):
        items.append(parser.item())
        if len(items) == 1 and parser.at(".."):
            return read_range(parser, items[0], True, at)
    return tree.ListOf(tuple(items), at=at)


def _open_range(parser: "Parser", at: int) -> Node:
    """]start..end]."""
    start = parser.inner()
    return read_range(parser, start, False, at)


def _context(parser: "Parser", at: int) -> Node:
    """{key: value}."""
    entries: list[tuple[str, Node]] = []
    while parser.goes_on("}", len(entries)):
        key = parser.read_key()
        parser.expect(":")
        entries.append((key, parser.inner()))
    return tree.ContextOf(tuple(entries), at=at)


BRACKETS: dict[str, Callable[["Parser", int], Node]] = {
    "(": _parenthesis,
    "[": _bracket,
    "]": _open_range,
    "{": _context,
    "-": _negation,
    "@": _at_literal,
    "?": _question,
}
"""What reads the rest of an operand, by its first sign."""
