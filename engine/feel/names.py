"""Names of FEEL: which characters they have, and how one with spaces or symbols is found in a scope."""

import re
from collections.abc import Iterable

NAME_START = (
    r"A-Z_a-z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d"
    r"\u037f-\u167f\u1681-\u180d\u180f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf"
    r"\ufdf0-\ufefe\uff00-\ufffd\U00010000-\U000effff"
)
NAME_PART = NAME_START + r"0-9\u00b7\u0300-\u036f\u203f-\u2040"

KEYWORDS = frozenset(
    ["if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "and", "or", "between"]
    + ["function", "external", "true", "false", "null"]
)

COMPARISONS = frozenset(["=", "!=", "<", "<=", ">", ">="])

_PIECE = re.compile(rf"[{NAME_PART}]+|\S")
_SIMPLE = re.compile(rf"[{NAME_START}][{NAME_PART}]*")
_WORD = re.compile(rf"[{NAME_PART}]")


def is_simple(name: str) -> bool:
    """Whether a name is one word that the lexer finds without knowing it."""
    return _SIMPLE.fullmatch(name) is not None and name not in KEYWORDS


def join_pieces(pieces: Iterable[str]) -> str:
    """One spelling for each name: a single space between words, none around symbols."""
    name = ""
    for piece in pieces:
        if name and _WORD.match(name[-1]) and _WORD.match(piece[0]):
            name += " "
        name += piece
    return name


def canonical(name: str) -> str:
    """A name in that spelling."""
    return join_pieces(_PIECE.findall(name))


class KnownNames:
    """The names of a scope that the lexer can't find alone, by their first piece."""

    def __init__(self, names: Iterable[str] = (), outer: "KnownNames | None" = None) -> None:
        self.outer = outer
        self.spelled: dict[str, str] = {}
        self.firsts: set[str] = set()
        self.longest = 0
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Make a name known; one word needs no knowing."""
        if is_simple(name) or not name.strip():
            return
        pieces = _PIECE.findall(name)
        spelled = join_pieces(pieces)
        self.spelled[spelled] = name
        self.firsts.add(pieces[0])
        self.longest = max(self.longest, len(spelled))

    def find(self, spelled: str) -> str | None:
        """The name as it was declared."""
        scope: KnownNames | None = self
        while scope:
            if spelled in scope.spelled:
                return scope.spelled[spelled]
            scope = scope.outer
        return None

    def reach(self, first: str) -> int:
        """How many characters a name that begins with this piece can have at most; 0 for none."""
        longest = 0
        scope: KnownNames | None = self
        while scope:
            if first in scope.firsts:
                longest = max(longest, scope.longest)
            scope = scope.outer
        return longest
