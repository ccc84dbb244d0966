"""Judges a FEEL text when only some of what it reads is known, without running a case."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from engine import feel
from engine.feel import tree
from engine.feel.free import children, mentions


class _Unknown:
    """The value of what can't be told."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()
CLOCKS = ("now", "today")
Values = Mapping[str, Any]
"""Values by dotted path (`case.source`): a path that is not there is not known."""


def value(text: str, known: Values) -> Any:
    """The value of a text (FEEL behind `=`, else literal); UNKNOWN where `known` does not settle it."""
    if not text.startswith("="):
        return text
    roots = _roots(text)
    told = [(path, type(one), one) for path, one in known.items() if root_of(path) in roots]
    try:
        return _settled(text, frozenset(told))
    except TypeError:  # a list among them is no key
        return _judged(text, {path: one for path, _, one in told})


@lru_cache(2_000)
def reads(text: str | None) -> frozenset[str]:
    """The dotted paths that a FEEL text reads from its surroundings; none if it is not FEEL."""
    expression = _parsed(text[1:]) if text and text.startswith("=") else None
    return frozenset() if expression is None else _reads(expression.tree)


@lru_cache(10_000)
def root_of(path: str) -> str:
    """The variable or fact in which a path begins."""
    return path.split(".", 1)[0]


@lru_cache(2_000)
def _roots(text: str) -> frozenset[str]:
    return frozenset(root_of(path) for path in reads(text))


# The walks ask the same of the same few values ten thousands of times.
@lru_cache(20_000)
def _settled(text: str, told: frozenset[tuple[str, type, Any]]) -> Any:
    return _judged(text, {path: one for path, _, one in told})


def _judged(text: str, known: Values) -> Any:
    expression = _parsed(text[1:])
    return UNKNOWN if expression is None else _value(expression.tree, expression.text, known)


@lru_cache(2_000)
def _parsed(text: str) -> feel.Expression | None:
    try:
        return feel.parse(text)
    except feel.FeelError:
        return None


def _value(node: tree.Node, text: str, known: Values) -> Any:
    paths = _reads(node)
    if any(mentions(node, clock) for clock in CLOCKS):
        return UNKNOWN
    if all(_is_known(path, known) for path in paths):
        return _evaluated(node, text, _context(paths, known))
    match node:
        case tree.Logic(operator, operands):
            settles = operator == "or"
            settled = any(_value(operand, text, known) is settles for operand in operands)
            return settles if settled else UNKNOWN
        case tree.Call(tree.Name("not"), (operand,)):
            found = _value(operand, text, known)
            return not found if isinstance(found, bool) else UNKNOWN
        case _:
            return UNKNOWN


def _evaluated(node: tree.Node, text: str, context: Mapping[str, Any]) -> Any:
    try:
        return _compiled(node, text).evaluate(context)
    except feel.FeelError:
        return UNKNOWN


@lru_cache(2_000)
def _compiled(node: tree.Node, text: str) -> feel.Expression:
    return feel.Expression(text, node)


@lru_cache(2_000)
def _reads(node: tree.Node) -> frozenset[str]:
    free = _compiled(node, "").names
    return frozenset(path for path in _paths(node) if root_of(path) in free)


def _paths(node: tree.Node) -> Iterator[str]:
    path = _path(node)
    if path is not None:
        yield path
        return
    for child in children(node):
        yield from _paths(child)


def _path(node: tree.Node) -> str | None:
    match node:
        case tree.Name(name):
            return name
        case tree.Path(source, name):
            before = _path(source)
            return None if before is None else f"{before}.{name}"
        case _:
            return None


def _is_known(path: str, known: Values) -> bool:
    parts = path.split(".")
    return any(".".join(parts[:length]) in known for length in range(1, len(parts) + 1))


def _context(paths: frozenset[str], known: Values) -> dict[str, Any]:
    context: dict[str, Any] = {}
    for path in sorted(known):
        if not any(f"{read}.".startswith(f"{path}.") for read in paths):
            continue
        *outer, last = path.split(".")
        inside = context
        for name in outer:
            inside = inside.setdefault(name, {})
        inside[last] = known[path]
    return context
