"""One difference between two versions of a deployed file, as a plain record."""

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

Kind = Literal["added", "removed", "changed"]
Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Change:
    """An element that came, went, or has another value than before.

    `element` says what it is (`user task`, `flow`, `row`, `field`, `line` …) and `aspect` what of it changed
    (`condition`, `due date` …; empty where the whole element came or went); both are gettext ids.
    `element_id` and `name` say which element, `part` which of several (a property, a column). `before` and
    `after` are the texts exactly as they stand in the two files, None where there is none.
    """

    kind: Kind
    element: str
    element_id: str
    name: str
    aspect: str = ""
    part: str = ""
    before: str | None = None
    after: str | None = None


def compared(
    before: Mapping[str, Thing],
    after: Mapping[str, Thing],
    whole: Callable[[Kind, Thing], Change],
    differences: Callable[[Thing, Thing], Iterator[Change]],
) -> Iterator[Change]:
    """What came, went and changed between things that are known by their keys."""
    for key, thing in before.items():
        if key in after:
            yield from differences(thing, after[key])
        else:
            yield whole("removed", thing)
    for key, thing in after.items():
        if key not in before:
            yield whole("added", thing)


def values(
    place: tuple[str, str, str], before: Mapping[str, str], after: Mapping[str, str]
) -> Iterator[Change]:
    """What changed among the texts of one element, which are known by their aspects."""
    for aspect in dict.fromkeys([*before, *after]):
        was, is_now = before.get(aspect), after.get(aspect)
        if was != is_now:
            yield Change("changed", *place, aspect, "", was, is_now)


def moved(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """The keys in both sequences that stand in another order than before, as few as can be."""
    kept = [key for key in before if key in set(after)]
    now = [key for key in after if key in set(before)]
    matcher = difflib.SequenceMatcher(None, kept, now, autojunk=False)
    still = {key for block in matcher.get_matching_blocks() for key in now[block.b : block.b + block.size]}
    return [key for key in now if key not in still]


def lines(before: str, after: str) -> Iterator[Change]:
    """What changed between two texts, block by block; `element_id` is the line's number in the later text."""
    old, new = before.splitlines(), after.splitlines()
    for tag, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            kind: Kind = "changed" if tag == "replace" else "added" if tag == "insert" else "removed"
            was, is_now = "\n".join(old[i:j]), "\n".join(new[k:m])
            number = str(k + 1)
            yield Change(
                kind, "line", number, "", before=was if j > i else None, after=is_now if m > k else None
            )
