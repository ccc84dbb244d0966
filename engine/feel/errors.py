"""How an expression is refused, and how it tells why a result is null."""

from dataclasses import dataclass, field


class FeelError(Exception):
    """The expression can't be parsed, or it went beyond a limit: the only exception of this package.

    `message` is an English message id with {places} for `params`; `line` and `column` count from 1.
    """

    def __init__(
        self, message: str, text: str = "", line: int = 1, column: int = 1, **params: object
    ) -> None:
        self.message = message
        self.params = params
        self.text = text
        self.line = line
        self.column = column
        super().__init__(f"{message.format(**params)} (line {line}, column {column})")


@dataclass(frozen=True, slots=True)
class Note:
    """Why a value became null: a message id, its params, and the place in the expression's text."""

    message: str
    params: dict[str, object] = field(default_factory=dict)
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.message.format(**self.params)} (line {self.line}, column {self.column})"


def place(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of an offset in a text."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def error_at(message: str, text: str, offset: int, **params: object) -> FeelError:
    """The error for a place in a text."""
    line, column = place(text, offset)
    return FeelError(message, text, line, column, **params)
