"""Patterns that refer back to their groups: a search whose every step is counted."""

from collections.abc import Callable
from functools import partial

import re2

from engine.feel.errors import FeelError
from engine.feel.regex.nodes import Anchor, Chars, Choice, Group, Part, Reference, Repeat, Tree
from engine.feel.regex.re2 import set_text
from engine.feel.run import Run

MAX_TEXT = 2_000
Spans = dict[int, tuple[int, int]]
Next = Callable[[int, Spans], tuple[int, Spans] | None]


class Search:
    """A pattern with references back."""

    def __init__(self, tree: Tree, flags: str) -> None:
        self.tree = tree
        self.folds = "i" in flags
        self.by_line = "m" in flags
        self.sets: dict[Chars, object] = {}

    def spans(self, run: Run, text: str, count: int) -> list[list[tuple[int, int]]]:
        """As in `Machine.spans`."""
        if len(text) > MAX_TEXT:
            raise FeelError("The regular expression takes too long.")
        attempt = Attempt(self, run, text)
        found: list[list[tuple[int, int]]] = []
        start = 0
        try:
            while start <= len(text) and (not count or len(found) < count):
                ended = attempt.choice(self.tree.root, start, {}, lambda at, spans: (at, spans))
                if ended:
                    end, spans = ended
                    groups = [spans.get(group, (-1, -1)) for group in range(1, self.tree.groups + 1)]
                    found.append([(start, end), *groups])
                start = max(ended[0], start + 1) if ended else start + 1
        except RecursionError:
            raise FeelError("The regular expression takes too long.") from None
        return found

    def contains(self, chars: Chars, character: str) -> bool:
        """Whether a set has a character."""
        pattern = self.sets.get(chars)
        if pattern is None:
            fold = "(?i)" if self.folds else ""
            pattern = self.sets[chars] = re2.compile(fold + set_text(chars, self.folds))
        return pattern.match(character) is not None  # type: ignore[attr-defined]


class Attempt:
    """One text under search: each part calls what comes after it, and tries again when that fails."""

    def __init__(self, search: Search, run: Run, text: str) -> None:
        self.search = search
        self.run = run
        self.text = text

    def choice(self, choice: Choice, at: int, spans: Spans, then: Next) -> tuple[int, Spans] | None:
        """Try each row."""
        for row in choice.rows:
            found = self.row(row, at, spans, then)
            if found:
                return found
        return None

    def row(self, parts: tuple[Part, ...], at: int, spans: Spans, then: Next) -> tuple[int, Spans] | None:
        """Match parts one after the other."""
        if not parts:
            return then(at, spans)
        return self.part(parts[0], at, spans, partial(self._rest, parts[1:], then))

    def _rest(self, parts: tuple[Part, ...], then: Next, at: int, spans: Spans) -> tuple[int, Spans] | None:
        return self.row(parts, at, spans, then)

    def part(self, part: Part, at: int, spans: Spans, then: Next) -> tuple[int, Spans] | None:
        """Match one part."""
        self.run.spend(10)
        match part:
            case Chars():
                fits = at < len(self.text) and self.search.contains(part, self.text[at])
                return then(at + 1, spans) if fits else None
            case Anchor(sign):
                return then(at, spans) if self._is_edge(sign, at) else None
            case Reference(group):
                return self._again(group, at, spans, then)
            case Group(number, choice):
                return self.choice(choice, at, spans, partial(self._close, number, at, then))
            case Repeat():
                return self._repeat(part, 0, at, spans, then)

    def _is_edge(self, sign: str, at: int) -> bool:
        if at == (0 if sign == "^" else len(self.text)):
            return True
        return self.search.by_line and self.text[at - 1 if sign == "^" else at] == "\n"

    def _again(self, group: int, at: int, spans: Spans, then: Next) -> tuple[int, Spans] | None:
        start, end = spans.get(group, (0, 0))
        wanted, here = self.text[start:end], self.text[at : at + end - start]
        if self.search.folds:
            wanted, here = wanted.casefold(), here.casefold()
        return then(at + end - start, spans) if wanted == here else None

    def _close(self, number: int, start: int, then: Next, at: int, spans: Spans) -> tuple[int, Spans] | None:
        return then(at, {**spans, number: (start, at)} if number else spans)

    def _repeat(self, part: Repeat, done: int, at: int, spans: Spans, then: Next) -> tuple[int, Spans] | None:
        def more(after: int, inner: Spans) -> tuple[int, Spans] | None:
            if after == at and done >= part.low:
                return None
            return self._repeat(part, done + 1, after, inner, then)

        may_stop = done >= part.low
        if may_stop and not part.greedy:
            found = then(at, spans)
            if found:
                return found
        if part.high is None or done < part.high:
            found = self.part(part.part, at, spans, more)
            if found:
                return found
        return then(at, spans) if may_stop and part.greedy else None
