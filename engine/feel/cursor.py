"""Walks over an expression's tokens, and reads names by what is known in scope."""

from engine.feel import limits
from engine.feel.errors import FeelError, error_at
from engine.feel.lexer import Token, tokens_of
from engine.feel.names import KEYWORDS, KnownNames, join_pieces

_NAME_SYMBOLS = frozenset(
    ["-", "+", "*", "/", ".", "'", "’", "%", "&", "**", "$", "#", "~", "^", "|", ";", "?", "!"]
)


class Cursor:
    """The place in the text that a parser has reached."""

    def __init__(self, text: str, known: KnownNames) -> None:
        self.text = text
        self.tokens = tokens_of(text)
        self.index = 0
        self.token = self.tokens[0]
        self.known = KnownNames(outer=known)
        self.depth = 0

    def ahead(self, count: int = 1) -> Token:
        """A token that comes later; the end stays the end."""
        return self.tokens[min(self.index + count, len(self.tokens) - 1)]

    def advance(self) -> Token:
        """Take the token."""
        taken = self.token
        self.move(self.index + 1)
        return taken

    def move(self, index: int) -> None:
        """Go to a token."""
        self.index = min(index, len(self.tokens) - 1)
        self.token = self.tokens[self.index]

    def at(self, *texts: str) -> bool:
        """Whether the token is a word or symbol with one of these texts."""
        return self.token.text in texts and self.token.kind in ("word", "symbol")

    def accept(self, text: str) -> bool:
        """Take the token if it has this text."""
        if self.at(text):
            self.advance()
            return True
        return False

    def expect(self, text: str) -> Token:
        """Take the token, which must have this text."""
        if not self.at(text):
            raise self.unexpected(text)
        return self.advance()

    def goes_on(self, end: str, count: int) -> bool:
        """Whether another part of a row comes after so many: takes the comma before it, or the row's end."""
        if self.accept(end):
            return False
        if count:
            if not self.at(","):
                raise self.unexpected(f", / {end}")
            self.advance()
            if self.at(end):
                raise self.unexpected("a value")
        return True

    def unexpected(self, expected: str) -> FeelError:
        """The error for a token that can't stand here; `expected` is what could."""
        token = self.token
        if token.kind == "end":
            message = "The expression ends where {expected} is expected."
            return error_at(message, self.text, token.start, expected=expected)
        message = "Found {found} where {expected} is expected."
        return error_at(message, self.text, token.start, found=token.text, expected=expected)

    def enter(self, levels: int = 1) -> None:
        """Count levels of nesting; raises FeelError beyond the limit."""
        self.depth += levels
        if self.depth > limits.NESTING:
            message = "The expression is nested deeper than {limit} levels."
            raise error_at(message, self.text, self.token.start, limit=limits.NESTING)

    def read_name(self, after_dot: bool = False) -> str:
        """A name: the longest one known in scope, else the words up to the next keyword or symbol."""
        if self.token.kind != "word":
            raise self.unexpected("a name")
        found, end = self._longest_known()
        if found is None or self._continues(end):
            words_end = self._end_of_words(after_dot)
            if words_end > end:
                found, end = join_pieces(t.text for t in self.tokens[self.index : words_end]), words_end
        if found is None:
            raise self.unexpected("a name")
        self.move(end)
        return found

    def _longest_known(self) -> tuple[str | None, int]:
        reach = self.known.reach(self.token.text)
        best, best_end = None, self.index
        spelled = ""
        for index in range(self.index, len(self.tokens)):
            token = self.tokens[index]
            if len(spelled) >= reach or token.kind in ("end", "string"):
                break
            spelled = join_pieces([spelled, token.text]) if spelled else token.text
            found = self.known.find(spelled)
            if found is not None:
                best, best_end = found, index + 1
        return best, best_end

    def _continues(self, index: int) -> bool:
        return self.tokens[index].kind == "word" and not self._is_break(index)

    def _is_break(self, index: int) -> bool:
        text = self.tokens[index].text
        if text == "instance":
            return self.tokens[min(index + 1, len(self.tokens) - 1)].text == "of"
        return text in KEYWORDS

    def _end_of_words(self, after_dot: bool) -> int:
        index = self.index
        if after_dot and self.tokens[index].text in KEYWORDS:
            return index + 1
        while self.tokens[index].kind == "word" and not self._is_break(index):
            index += 1
            while self._is_inner_number(index):
                index += 1
        return index

    def _is_inner_number(self, index: int) -> bool:
        return self.tokens[index].kind == "number" and self.tokens[index].text.isdigit()

    def read_declared_name(self, *ends: str) -> str:
        """A name at the place that declares it: all up to one of the ends; it is known from then on."""
        start = self.index
        if self.token.kind != "word":
            raise self.unexpected("a name")
        while self._may_be_in_name() and not self.at(*ends):
            self.advance()
        if not self.at(*ends):
            raise self.unexpected(" / ".join(ends))
        name = join_pieces(token.text for token in self.tokens[start : self.index])
        self.known.add(name)
        return name

    def _may_be_in_name(self) -> bool:
        token = self.token
        return token.kind in ("word", "number") or (token.kind == "symbol" and token.text in _NAME_SYMBOLS)

    def name_before_colon(self) -> bool:
        """Whether a name (or string) and a colon come next: a key, or a named argument."""
        if self.token.kind == "string":
            return self.ahead().text == ":"
        start = self.index
        if self.token.kind != "word":
            return False
        while self._may_be_in_name():
            self.advance()
        found = self.at(":")
        self.move(start)
        return found
