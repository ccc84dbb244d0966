"""XPath's patterns on RE2, whose time grows with the text and never beyond."""

import sys
from functools import lru_cache

import re2

from engine.feel.errors import FeelError
from engine.feel.regex.parse import Anchor, Chars, Choice, Group, Part, PatternError, Repeat, Tree
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


@lru_cache(maxsize=1)
def _all_characters() -> str:
    return "".join(map(chr, [*range(0xD800), *range(0xE000, sys.maxunicode + 1)]))


@lru_cache(maxsize=64)
def _ranges(chars: Chars, folds: bool) -> list[tuple[int, int]]:
    """The code points of a set with a difference in it, as ranges: RE2 itself tells which they are."""
    points = _points(chars, folds)
    ranges: list[tuple[int, int]] = []
    for point in sorted(points):
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1] = (ranges[-1][0], point)
        else:
            ranges.append((point, point))
    return ranges


def _points(chars: Chars, folds: bool) -> set[int]:
    plain, *negated = chars.body.split("!")[::2], *chars.body.split("!")[1::2]
    points = _matched("".join(plain), folds) if any(plain) else set()
    everything = None
    for body in negated:
        everything = everything or set(map(ord, _all_characters()))
        points |= everything - _matched(body, folds)
    if chars.negated:
        points = set(map(ord, _all_characters())) - points
    return points - _points(chars.less, folds) if chars.less else points


def _matched(body: str, folds: bool) -> set[int]:
    try:
        pattern = re2.compile(f"(?{'i' if folds else 's'})[{body}]+", _OPTIONS)
        return {ord(character) for run in pattern.findall(_all_characters()) for character in run}
    except re2.error:
        raise PatternError from None
