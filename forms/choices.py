"""Which values the answers of a form can have, where the form lists them all."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from forms.components import Group, Page, Part, Question

CHOSEN = frozenset(("radio", "select"))


def choices(pages: Sequence[Page]) -> Mapping[str, frozenset[Any]]:
    """Every possible value of each listed answer of the first level, None where there may be no answer.

    Answers that are typed, computed, prefilled or chosen from what a case holds are left out.
    """
    return {
        question.key: values
        for page in pages
        for question, may_hide in _questions(page.parts, page.hide is not None)
        if (values := _values(question, may_hide)) is not None
    }


def _questions(parts: Sequence[Part], may_hide: bool) -> Iterator[tuple[Question, bool]]:
    for part in parts:
        hides = may_hide or part.hide is not None
        if isinstance(part, Question):
            yield part, hides
        elif isinstance(part, Group) and not part.key:
            yield from _questions(part.parts, hides)


def _values(question: Question, may_hide: bool) -> frozenset[Any] | None:
    if not question.is_asked:
        return None
    missing = {None} if may_hide else set[Any]()
    if question.type == "checkbox":
        return frozenset({True} | missing if question.required else {True, False} | missing)
    if question.type not in CHOSEN or question.options.computed is not None:
        return None
    given = {option.value for option in question.options.static}
    return frozenset(given | missing if question.required else given | {None})
