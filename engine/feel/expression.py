"""Parsed expressions: parse once, keep, evaluate often."""

from collections.abc import Callable, Iterable, Mapping
from decimal import DecimalException
from functools import lru_cache
from typing import Any

from engine.feel import limits
from engine.feel.builtins import BUILTINS
from engine.feel.compiler import Scope, compile_node
from engine.feel.errors import FeelError, Note, place
from engine.feel.faults import faults
from engine.feel.free import Mention, free_names
from engine.feel.names import KnownNames, is_simple
from engine.feel.parser import parse_expression, parse_tests
from engine.feel.run import Closure, Frame, Run, measure
from engine.feel.tree import Node, Tests

BUILTIN_NAMES = KnownNames(BUILTINS)


class Expression:
    """A parsed expression: its text, its tree and the names that it needs from a context."""

    __slots__ = ("_closure", "mentions", "names", "text", "tree")

    def __init__(self, text: str, tree: Node) -> None:
        self.text = text
        self.tree = tree
        self.mentions: tuple[Mention, ...] = tuple(free_names(tree))
        self.names = frozenset(mention.name for mention in self.mentions)
        closure = compile_node(tree, Scope())
        self._closure: Closure = _under_test(closure) if isinstance(tree, Tests) else closure

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def evaluate(self, context: Mapping[str, object] | None = None, notes: list[Note] | None = None) -> Any:
        """The value in a context; `notes` is filled with why parts became null.

        Raises FeelError only where a limit is passed.
        """
        run = Run()
        run.raw = {} if context is None else context
        if notes is not None:
            run.text, run.notes = self.text, notes
        try:
            return finish(run, self._closure, None)
        except FeelError as error:
            error.text = error.text or self.text
            raise

    def faults(self) -> list[Note]:
        """A note for each part that is null whatever the context holds, as docs/check.md lists them."""
        return list(faults(self.tree, self.text))

    def unknown_names(self, known: Iterable[str]) -> list[Note]:
        """A note for each name that the expression needs and `known` lacks (a filter's members aside)."""
        have = frozenset(known)
        return [
            Note("{name} is not known here.", {"name": mention.name}, *place(self.text, mention.at))
            for mention in self.mentions
            if mention.name not in have and not mention.may_be_member
        ]


def _under_test(tests: Closure) -> Closure:
    return lambda run, frame: tests(run, Frame({"?": run["?"]}, frame))


def finish(run: Run, closure: Closure, frame: Frame | None) -> Any:
    """Evaluate a closure, within the limits."""
    try:
        value = closure(run, frame)
        if type(value) is list or type(value) is dict:
            measure(run, value)
    except RecursionError:
        raise FeelError("The expression is nested too deep.", run.text) from None
    except DecimalException:
        raise FeelError("A number of the context is not a number.", run.text) from None
    return value


def parse(text: str, names: Iterable[str] = ()) -> Expression:
    """The expression of a text; `names` are those in scope, needed for names with symbols or keywords.

    Raises FeelError with the line and column where the text is wrong.
    """
    return _parsed(text, _complex(names))


def parse_unary_tests(text: str, names: Iterable[str] = ()) -> Expression:
    """The tests of a decision table's cell; the value under test is the name `?`. Raises FeelError."""
    return _parsed_tests(text, _complex(names))


def evaluate(text: str, context: Mapping[str, object] | None = None) -> Any:
    """The value of an expression in a context. Raises FeelError."""
    return parse(text, context or ()).evaluate(context)


def unary_test(text: str, value: object, context: Mapping[str, object] | None = None) -> bool:
    """Whether a value passes the tests of a cell; a result of null is no pass. Raises FeelError."""
    return parse_unary_tests(text, context or ()).evaluate({**(context or {}), "?": value}) is True


def _complex(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name for name in names if not is_simple(name))


def _cached(parser: Callable[[str, KnownNames], Node]) -> Callable[[str, frozenset[str]], Expression]:
    def read(text: str, names: frozenset[str]) -> Expression:
        known = KnownNames(names, BUILTIN_NAMES) if names else BUILTIN_NAMES
        tree = parser(text, known)
        try:
            return Expression(text, tree)
        except RecursionError:
            raise FeelError("The expression is nested too deep.", text) from None

    kept = lru_cache(maxsize=limits.CACHED)(read)
    return lambda text, names: (kept if len(text) <= limits.CACHED_LENGTH else read)(text, names)


_parsed = _cached(parse_expression)
_parsed_tests = _cached(parse_tests)
