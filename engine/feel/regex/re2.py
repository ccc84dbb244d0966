"""XPath's patterns on RE2, whose time grows with the text and never beyond."""

import sys
from array import array
from functools import lru_cache
from itertools import chain

import re2

from engine.feel.errors import FeelError
from engine.feel.regex.nodes import Anchor, Chars, Choice, Group, Part, PatternError, Repeat, Tree
from engine.feel.run import Run

MAX_WORK = 30_000_000
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 2 << 20


class Machine:
    """A pattern compiled by RE2."""

    def __init__(self, source: str) -> None:
        try:
            self.pattern = re2.compile(source, _OPTIONS)
        except re2.error:
            raise PatternError from None

    def spans(self, run: Run, text: str, count: int) -> list[list[tuple[int, int]]]:
        """The spans of each match (of the first `count`) and its groups; raises FeelError if too long."""
        if len(text) * self.pattern.programsize > MAX_WORK:
            raise FeelError("The regular expression takes too long.")
        found = []
        try:
            for match in self.pattern.finditer(text):
                found.append([match.span(group) for group in range(self.pattern.groups + 1)])
                run.spend(5)
                if len(found) == count:
                    break
        except UnicodeError:
            return []
        return found


def compile_tree(tree: Tree, flags: str) -> Machine:
    """The machine of a pattern; raises PatternError where it is too large."""
    inline = "".join(flag for flag in "im" if flag in flags)
    prefix = f"(?{inline})" if inline else ""
    return Machine(prefix + _choice(tree.root, "i" in flags))


def _choice(choice: Choice, folds: bool) -> str:
    return "|".join("".join(_part(part, folds) for part in row) for row in choice.rows)


def _part(part: Part, folds: bool) -> str:
    match part:
        case Chars():
            return set_text(part, folds)
        case Anchor(sign):
            return sign
        case Group(number, choice):
            return f"({'' if number else '?:'}{_choice(choice, folds)})"
        case Repeat(inner, low, high, greedy):
            bounds = {(0, None): "*", (1, None): "+", (0, 1): "?"}.get((low, high))
            if bounds is None:
                bounds = f"{{{low}}}" if low == high else f"{{{low},{'' if high is None else high}}}"
            return _part(inner, folds) + bounds + ("" if greedy else "?")
    raise PatternError


def set_text(chars: Chars, folds: bool = False) -> str:
    """A set of characters in RE2's syntax."""
    if chars.less is None and "!" not in chars.body:
        return f"[{'^' if chars.negated else ''}{chars.body}]"
    ranges = _ranges(chars, folds)
    if not ranges:
        return r"[^\x{0}-\x{10ffff}]"
    return "[" + "".join(f"\\x{{{low:x}}}-\\x{{{high:x}}}" for low, high in ranges) + "]"


Ranges = list[tuple[int, int]]
_ALL = [(0, 0xD7FF), (0xE000, sys.maxunicode)]
_WIDTHS = ((0, 0x80, 1), (0x80, 0x800, 2), (0x800, 0xD800, 3), (0xE000, 0x10000, 3), (0x10000, 0x110000, 4))


@lru_cache(maxsize=1)
def _all_characters() -> bytes:
    points = array("I", chain.from_iterable(range(low, high + 1) for low, high in _ALL))
    return points.tobytes().decode(f"utf-32-{sys.byteorder[0]}e").encode()


@lru_cache(maxsize=64)
def _ranges(chars: Chars, folds: bool) -> Ranges:
    """The code points of a set with a difference in it: RE2 itself tells which they are."""
    pieces = chars.body.split("!")
    plain, negated = "".join(pieces[::2]), pieces[1::2]
    found = _matched(plain, folds) if plain else []
    for body in negated:
        found = _without(_ALL, _without(_without(_ALL, found), _without(_ALL, _matched(body, folds))))
    if chars.negated:
        found = _without(_ALL, found)
    return _without(found, _ranges(chars.less, folds)) if chars.less else found


def _without(ranges: Ranges, removed: Ranges) -> Ranges:
    """Both are in order, so that one walk over both is enough."""
    kept: Ranges = []
    next_gap = 0
    for low, high in ranges:
        while next_gap < len(removed) and removed[next_gap][0] <= high:
            gap_low, gap_high = removed[next_gap]
            if gap_low > low:
                kept.append((low, gap_low - 1))
            low = max(low, gap_high + 1)
            if gap_high > high:
                break
            next_gap += 1
        if low <= high:
            kept.append((low, high))
    return kept


@lru_cache(maxsize=64)
def _matched(body: str, folds: bool) -> Ranges:
    try:
        pattern = re2.compile(f"(?{'i' if folds else 's'})[{body}]+", _OPTIONS)
        spans = [match.span() for match in pattern.finditer(_all_characters())]
    except re2.error:
        raise PatternError from None
    return _without([(_point(start), _point(end) - 1) for start, end in spans], [(0xD800, 0xDFFF)])


def _point(offset: int) -> int:
    """The code point at an offset in the bytes of all characters."""
    for low, high, width in _WIDTHS:
        if offset < (high - low) * width:
            return low + offset // width
        offset -= (high - low) * width
    return sys.maxunicode + 1
