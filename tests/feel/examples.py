"""Tables of examples: expressions by what they show, each with an expression that means its value."""

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import settings

from engine import feel

LAW = settings(deadline=None, max_examples=150)
"""How often a law is tried; a busy machine may take its time."""

NULL_BY_RIGHT = ("(<3).start", "(>3).end", '@"10:00:00@Europe/Paris".time offset', '@"10:00:00".timezone')
"""Members that a value has, and that are null."""

Examples = Mapping[str, Sequence[tuple[str, str]]]


def rows(examples: Examples) -> list[tuple[str, str]]:
    """All examples of a table, for `parametrize`."""
    return [example for part in examples.values() for example in part]


def value_of(text: str, **context: object) -> Any:
    """The value of an expression whose variables are given by name."""
    return feel.evaluate(text, context)


def assert_value(text: str, expected: str) -> None:
    """The expression has that value, of the same type; where it is null, a note tells why."""
    notes: list[feel.Note] = []
    found, wanted = feel.parse(text).evaluate({}, notes), feel.evaluate(expected)
    assert (type(found), found) == (type(wanted), wanted), [str(note) for note in notes]
    assert notes or found is not None or text in NULL_BY_RIGHT
