"""Which names a form's expressions read: of the case, and of the answers themselves."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import fields, is_dataclass, replace

from engine import feel
from forms.components import Group, Page, Part, Question, Rows


def reads(pages: Sequence[Page]) -> frozenset[str]:
    """The names of variables, inputs and facts that conditions, options and texts of the pages read."""
    own = {name for part in _inside(tuple(pages)) if (name := getattr(part, "key", ""))}
    asked = {one.name for one in mentions(pages) if not one.is_called and not one.may_be_member}
    return frozenset(asked - own)


def calls(pages: Sequence[Page]) -> frozenset[tuple[str, str | None]]:
    """The functions that the pages' expressions call and FEEL does not have, each with its first argument
    if that is a text written out."""
    return frozenset((one.name, one.key) for one in mentions(pages) if one.is_called)


def mentions(parts: Sequence[Page | Part | feel.Expression]) -> Iterator[feel.Mention]:
    """Every name in the expressions of pages or of parts of them."""
    for part in _inside(tuple(parts)):
        if isinstance(part, feel.Expression):
            yield from part.mentions


def members(pages: Sequence[Page]) -> dict[str, frozenset[str] | None]:
    """Every name with the members that expressions ask of it; None where one uses its value as a whole."""
    found: dict[str, frozenset[str] | None] = {}
    for one in mentions(pages):
        known = found.get(one.name, frozenset())
        found[one.name] = None if known is None or one.member is None else known | {one.member}
    return found


def deciding(groups: Sequence[Group]) -> tuple[Part, ...]:
    """Of groups in which the pages are, only the parts whose answers decide which groups are hidden.

    Those are what the groups' conditions name, what these parts name in turn, and so on.
    """
    names = {one.name for one in mentions([group.hide for group in groups if group.hide])}
    found: tuple[Part, ...] = ()
    while (more := _keyed_by(groups, names)) != found:
        found, names = more, names | {one.name for one in mentions(more)}
    return found


def _keyed_by(parts: Sequence[Part], names: Set[str]) -> tuple[Part, ...]:
    """The parts with these keys, in the groups without one in which they are."""
    found: list[Part] = []
    for part in parts:
        if isinstance(part, Group) and not part.key:
            inside = _keyed_by(part.parts, names)
            found += [replace(part, parts=inside)] if inside else []
        elif isinstance(part, Question | Rows | Group) and part.key in names:
            found.append(part)
    return tuple(found)


def _inside(part: object) -> Iterator[object]:
    """A part and everything in it, however deep."""
    yield part
    if isinstance(part, tuple):
        for one in part:
            yield from _inside(one)
    elif is_dataclass(part):
        for field in fields(part):
            yield from _inside(getattr(part, field.name))
