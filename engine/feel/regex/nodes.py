"""The parts of a regular expression."""

from dataclasses import dataclass


class PatternError(Exception):
    """The pattern is not one of XPath."""


@dataclass(frozen=True)
class Chars:
    """A set of characters, as RE2 writes it inside brackets; less another set."""

    body: str
    negated: bool = False
    less: "Chars | None" = None


@dataclass(frozen=True)
class Anchor:
    """^ or $."""

    sign: str


@dataclass(frozen=True)
class Reference:
    """What a group matched, once more."""

    group: int


@dataclass(frozen=True)
class Group:
    """Brackets; number 0 for those that do not count."""

    number: int
    choice: "Choice"


@dataclass(frozen=True)
class Repeat:
    """A part so many times; high None for without end."""

    part: "Part"
    low: int
    high: int | None
    greedy: bool


@dataclass(frozen=True)
class Choice:
    """Rows of parts, one of which must match."""

    rows: tuple[tuple["Part", ...], ...]


Part = Chars | Anchor | Reference | Group | Repeat


@dataclass(frozen=True)
class Tree:
    """A whole pattern."""

    root: Choice
    groups: int


def has_reference(choice: Choice) -> bool:
    """Whether a pattern refers back to one of its groups."""
    return any(_refers(part) for row in choice.rows for part in row)


def _refers(part: Part) -> bool:
    if isinstance(part, Repeat):
        return _refers(part.part)
    return isinstance(part, Reference) or (isinstance(part, Group) and has_reference(part.choice))
