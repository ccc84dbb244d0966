"""Which names a form's expressions ask of the case: all that the form does not answer itself."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass

from engine import feel
from forms.components import Page


def reads(pages: Sequence[Page]) -> frozenset[str]:
    """The names of variables, inputs and facts that conditions, options and texts of the pages read."""
    own = {name for part in _inside(tuple(pages)) if (name := getattr(part, "key", ""))}
    asked = {one.name for one in mentions(pages) if not one.is_called and not one.may_be_member}
    return frozenset(asked - own)


def calls(pages: Sequence[Page]) -> frozenset[tuple[str, str | None]]:
    """The functions that the pages' expressions call and FEEL does not have, each with its first argument
    if that is a text written out."""
    return frozenset((one.name, one.key) for one in mentions(pages) if one.is_called)


def mentions(pages: Sequence[Page]) -> Iterator[feel.Mention]:
    """Every name in the pages' expressions."""
    for part in _inside(tuple(pages)):
        if isinstance(part, feel.Expression):
            yield from part.mentions


def members(pages: Sequence[Page]) -> dict[str, frozenset[str] | None]:
    """Every name with the members that expressions ask of it; None where one uses its value as a whole."""
    found: dict[str, frozenset[str] | None] = {}
    for one in mentions(pages):
        known = found.get(one.name, frozenset())
        found[one.name] = None if known is None or one.member is None else known | {one.member}
    return found


def _inside(part: object) -> Iterator[object]:
    """A part and everything in it, however deep."""
    yield part
    if isinstance(part, tuple):
        for one in part:
            yield from _inside(one)
    elif is_dataclass(part):
        for field in fields(part):
            yield from _inside(getattr(part, field.name))
