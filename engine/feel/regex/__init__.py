"""Regular expressions of XPath 3.1 in bounded time: by RE2, and with references back by a counted search."""

from functools import lru_cache
from typing import Any

from engine.feel import limits
from engine.feel.errors import FeelError
from engine.feel.regex.backtrack import Search
from engine.feel.regex.nodes import PatternError, Tree, has_reference
from engine.feel.regex.parse import parse_pattern
from engine.feel.regex.re2 import Machine, compile_tree
from engine.feel.run import Run

MAX_PATTERN = 1_000


class Pattern:
    """A compiled pattern."""

    def __init__(self, tree: Tree, flags: str) -> None:
        self.groups = tree.groups
        self.is_new = True
        self.search = Search(tree, flags) if has_reference(tree.root) else None
        self.machine: Machine | None = None if self.search else compile_tree(tree, flags)

    def spans(self, run: Run, text: str, count: int = 0) -> list[list[tuple[int, int]]]:
        """The spans of each match and its groups, (-1, -1) for a group that took no part."""
        if self.machine:
            return self.machine.spans(run, text, count)
        return self.search.spans(run, text, count) if self.search else []


@lru_cache(maxsize=256)
def _compiled(pattern: str, flags: str) -> Pattern | None:
    if len(pattern) > MAX_PATTERN or not set(flags) <= set("smixq"):
        return None
    try:
        return Pattern(parse_pattern(pattern, flags), flags)
    except PatternError:
        return None


def _found(run: Run, text: str, pattern: str, flags: str, count: int) -> Any:
    compiled = _compiled(pattern, flags)
    if compiled is None:
        return None
    if compiled.is_new:
        compiled.is_new = False
        run.spend(20 * limits.CLOCK_STEPS)
    return compiled.spans(run, text, count)


def matches(run: Run, text: str, pattern: str, flags: str) -> bool | None:
    """Whether the pattern occurs in a text; null for a pattern or flag that XPath does not know."""
    found = _found(run, text, pattern, flags, 1)
    return None if found is None else bool(found)


def replace(run: Run, text: str, pattern: str, replacement: str, flags: str) -> str | None:
    """The text with each match replaced; null as in `matches`, and where an empty text matches."""
    if _found(run, "", pattern, flags, 1) != []:
        return None
    found = _found(run, text, pattern, flags, 0)
    compiled = _compiled(pattern, flags)
    parts = [replacement] if "q" in flags else _replacement(replacement, compiled.groups if compiled else 0)
    if parts is None:
        return None
    pieces, last, total = [], 0, 0
    for spans in found:
        start, end = spans[0]
        pieces.append(text[last:start])
        pieces += [part if isinstance(part, str) else _group(text, spans, part) for part in parts]
        total += sum(map(len, pieces[-len(parts) :])) if parts else 0
        last = end
        if total > limits.STRING_LENGTH:
            raise FeelError("A string is longer than {limit} characters.", limit=limits.STRING_LENGTH)
    return "".join([*pieces, text[last:]])


def _group(text: str, spans: list[tuple[int, int]], number: int) -> str:
    start, end = spans[number] if number < len(spans) else (-1, -1)
    return text[start:end] if start >= 0 else ""


def _replacement(text: str, groups: int) -> list[str | int] | None:
    parts: list[str | int] = []
    index = 0
    while index < len(text):
        character, following = text[index], text[index + 1 : index + 2]
        if character == "\\":
            if following not in ("\\", "$") or not following:
                return None
            parts.append(following)
            index += 2
        elif character == "$":
            if not (following.isascii() and following.isdigit()):
                return None
            end = index + 2
            while (
                text[end : end + 1].isascii()
                and text[end : end + 1].isdigit()
                and int(text[index + 1 : end + 1]) <= groups
            ):
                end += 1
            parts.append(int(text[index + 1 : end]))
            index = end
        else:
            parts.append(character)
            index += 1
    return parts


def split(run: Run, text: str, pattern: str) -> list[str] | None:
    """The parts of a text between matches; null where the pattern is wrong or matches nothing at all."""
    if _found(run, "", pattern, "", 1) != []:
        return None
    parts, last = [], 0
    for spans in _found(run, text, pattern, "", 0):
        parts.append(text[last : spans[0][0]])
        last = spans[0][1]
    run.check_length(len(parts) + 1)
    return [*parts, text[last:]]
