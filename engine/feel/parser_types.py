"""Types in the text: after `instance of`, and of a function's parameters."""

from engine.feel.cursor import Cursor
from engine.feel.names import join_pieces
from engine.feel.types import (
    ALIASES,
    ANY,
    SIMPLE_NAMES,
    ContextType,
    FunctionType,
    ListType,
    Named,
    RangeType,
    Type,
    simple,
)

_LONG_NAMES = [name.split() for name in SIMPLE_NAMES | frozenset(ALIASES) if " " in name]


def read_type(cursor: Cursor) -> Type:
    """The type at the cursor; raises FeelError."""
    cursor.enter()
    found = _read(cursor)
    cursor.depth -= 1
    return found


def _read(cursor: Cursor) -> Type:
    if cursor.ahead().text == "<":
        if cursor.at("list"):
            return ListType(_one_part(cursor))
        if cursor.at("range"):
            return RangeType(_one_part(cursor))
        if cursor.at("context"):
            return _context(cursor)
        if cursor.at("function"):
            return _function(cursor)
    for words in _LONG_NAMES:
        if [cursor.ahead(position).text for position in range(len(words))] == words:
            cursor.move(cursor.index + len(words))
            return simple(" ".join(words))
    if cursor.at("function", "null"):
        return simple({"null": "Null"}.get(text := cursor.advance().text, text))
    return _named(cursor)


def _named(cursor: Cursor) -> Type:
    pieces = [cursor.read_name()]
    while cursor.accept("."):
        pieces += [".", cursor.read_name()]
    name = join_pieces(pieces)
    return simple(name) if name in SIMPLE_NAMES else Named(name)


def _one_part(cursor: Cursor) -> Type:
    cursor.advance()
    cursor.expect("<")
    part = read_type(cursor)
    cursor.expect(">")
    return part


def _context(cursor: Cursor) -> ContextType:
    cursor.advance()
    cursor.expect("<")
    entries: list[tuple[str, Type]] = []
    while cursor.goes_on(">", len(entries)):
        name = cursor.read_declared_name(":")
        cursor.expect(":")
        entries.append((name, read_type(cursor)))
    return ContextType(tuple(entries))


def _function(cursor: Cursor) -> FunctionType:
    cursor.advance()
    cursor.expect("<")
    parameters: list[Type] = []
    while cursor.goes_on(">", len(parameters)):
        parameters.append(read_type(cursor))
    result: Type = ANY
    if cursor.accept("->"):
        result = read_type(cursor)
    return FunctionType(tuple(parameters), result)
