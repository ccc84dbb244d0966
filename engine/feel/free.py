"""Names in a tree: those that must come from the context, and those that may come from a filtered item."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.feel import tree
from engine.feel.builtins import BUILTINS


@dataclass(frozen=True, slots=True)
class Mention:
    """A name that nothing in the expression declares; inside a filter it may be a member of the items."""

    name: str
    at: int
    may_be_member: bool = False
    is_called: bool = False


def children(node: tree.Node) -> Iterator[tree.Node]:
    """The nodes directly under a node."""
    for name in type(node).__slots__:
        yield from _nodes(getattr(node, name))


def _nodes(part: object) -> Iterator[tree.Node]:
    if isinstance(part, tree.Node):
        yield part
    elif isinstance(part, tuple):
        for inner in part:
            yield from _nodes(inner)


def mentions(node: tree.Node, name: str) -> bool:
    """Whether a name occurs anywhere in a tree."""
    if isinstance(node, tree.Name):
        return node.name == name
    return any(mentions(child, name) for child in children(node))


def free_names(
    node: tree.Node, bound: frozenset[str] = frozenset(), in_filter: bool = False
) -> Iterator[Mention]:
    """Each mention of a name that is not declared around it and is not a built-in function being called."""
    match node:
        case tree.Name(name):
            if name not in bound and name not in BUILTINS:
                yield Mention(name, node.at, in_filter)
        case tree.Call(tree.Name(name), arguments):
            if name not in bound and name not in BUILTINS:
                yield Mention(name, node.function.at, in_filter, is_called=True)
            for argument in arguments:
                yield from free_names(argument, bound, in_filter)
        case tree.ContextOf(entries):
            for key, value in entries:
                own = bound | {key} if isinstance(value, tree.FunctionOf) else bound
                yield from free_names(value, own, in_filter)
                bound = bound | {key}
        case tree.For(iterations, result) | tree.Quantified(_, iterations, result):
            for iteration in iterations:
                yield from free_names(iteration.source, bound, in_filter)
                if iteration.end is not None:
                    yield from free_names(iteration.end, bound, in_filter)
                bound = bound | {iteration.name}
            yield from free_names(result, bound | {"partial"}, in_filter)
        case tree.FunctionOf(parameters, body):
            yield from free_names(body, bound | {name for name, _ in parameters}, in_filter)
        case tree.Filter(source, condition):
            yield from free_names(source, bound, in_filter)
            yield from free_names(condition, bound | {"item"}, True)
        case tree.Tests(tests):
            for test in tests:
                yield from free_names(test, bound | {"?"}, in_filter)
        case _:
            for child in children(node):
                yield from free_names(child, bound, in_filter)
