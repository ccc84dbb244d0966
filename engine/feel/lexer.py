"""Text to tokens: words, numbers, strings and symbols, each with its place."""

import re
from dataclasses import dataclass

from engine.feel import limits
from engine.feel.errors import error_at
from engine.feel.names import NAME_PART, NAME_START

_TOKEN = re.compile(
    r"(?P<space>[\s\u0085\u00a0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]+|//[^\n]*|/\*.*?\*/)"
    r"|(?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)"
    r'|(?P<string>"(?:[^"\\]|\\.)*")'
    rf"|(?P<word>[{NAME_START}][{NAME_PART}]*)"
    r"|(?P<symbol>\.\.|\*\*|<=|>=|!=|->|[-+*/=<>()\[\]{},.:?@'’%&;|^~$#!])",
    re.DOTALL | re.ASCII,
)
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{6}|\\.",
    re.DOTALL,
)
_SIMPLE_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number, string, symbol or the end, with its text and place."""

    kind: str
    text: str
    start: int
    end: int


def tokens_of(text: str) -> list[Token]:
    """All tokens of an expression, the last of kind `end`.

    Raises FeelError at a character that begins no token, at a string or comment without an end, and beyond
    the limits.
    """
    if len(text) > limits.TEXT_LENGTH:
        raise error_at("The expression is longer than {limit} characters.", "", 0, limit=limits.TEXT_LENGTH)
    tokens = []
    offset = 0
    while offset < len(text):
        found = _TOKEN.match(text, offset)
        if not found:
            raise _unknown(text, offset)
        kind = found.lastgroup or ""
        if kind == "symbol" and text.startswith("/*", offset):
            raise error_at("The comment has no end.", text, offset)
        if kind != "space":
            tokens.append(Token(kind, found[0], offset, found.end()))
            if len(tokens) > limits.TOKENS:
                message = "The expression has more than {limit} words and signs."
                raise error_at(message, text, offset, limit=limits.TOKENS)
        offset = found.end()
    tokens.append(Token("end", "", offset, offset))
    return tokens


def _unknown(text: str, offset: int) -> Exception:
    if text[offset] == '"':
        return error_at("The string has no end.", text, offset)
    return error_at("The character {character} is not expected here.", text, offset, character=text[offset])


def unquote(literal: str) -> str:
    """The string that a literal in quotes means."""
    body = literal[1:-1]
    return _ESCAPE.sub(_unescape, body) if "\\" in body else body


def _unescape(found: re.Match[str]) -> str:
    escape = found[0]
    if len(escape) == 12:
        high, low = int(escape[2:6], 16), int(escape[8:], 16)
        return chr(0x10000 + (high - 0xD800) * 0x400 + low - 0xDC00)
    if len(escape) > 2:
        point = int(escape[2:], 16)
        return "\ufffd" if 0xD800 <= point <= 0xDFFF or point > 0x10FFFF else chr(point)
    return _SIMPLE_ESCAPES.get(escape[1], escape)
