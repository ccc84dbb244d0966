"""Names in a tree: those that must come from the context, and those that may come from a filtered item."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from engine.feel import tree
from engine.feel.builtins import BUILTINS


@dataclass(frozen=True, slots=True)
class Mention:
    """A name that nothing in the expression declares; inside a filter it may be a member of the items.

    `key` is the first argument of one that is called, where that is a text written out; `member` what a path
    asks of the name's value, None where the value is used as a whole.
    """

    name: str
    at: int
    may_be_member: bool = False
    is_called: bool = False
    key: str | None = None
    member: str | None = None


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


class Place(NamedTuple):
    """A node where it stands: the names that are declared around it, and whether a filter is around it."""

    node: tree.Node
    bound: frozenset[str] = frozenset()
    in_filter: bool = False

    def inside(self, node: tree.Node, *names: str) -> "Place":
        """A part of the node, for which some more names are declared."""
        return Place(node, self.bound.union(names), self.in_filter)


def free_names(node: tree.Node) -> Iterator[Mention]:
    """Each mention of a name that is not declared around it and is no built-in function."""
    members: dict[int, str] = {}
    for found, bound, in_filter in places(Place(node)):
        if isinstance(found, tree.Path):
            members[id(found.source)] = found.name
        name = found.function if isinstance(found, tree.Call) else found
        if isinstance(name, tree.Name) and name.name not in bound and name.name not in BUILTINS:
            called = name is not found
            yield Mention(name.name, name.at, in_filter, called, _key(found), members.get(id(found)))


def _key(node: tree.Node) -> str | None:
    match node:
        case tree.Call(_, (tree.Literal(str(text)), *_)):
            return text
        case _:
            return None


def places(place: Place) -> Iterator[Place]:
    """Every node from this one down; a name that is called comes as its call, not by itself."""
    yield place
    for part in _parts(place):
        yield from places(part)


def _parts(place: Place) -> Iterator[Place]:
    match place.node:
        case tree.Call(tree.Name(), arguments):
            yield from map(place.inside, arguments)
        case tree.ContextOf(entries):
            names: list[str] = []
            for key, value in entries:
                own = [key] if isinstance(value, tree.FunctionOf) else []
                yield place.inside(value, *names, *own)
                names.append(key)
        case tree.For(iterations, result) | tree.Quantified(_, iterations, result):
            names = []
            for iteration in iterations:
                yield place.inside(iteration.source, *names)
                if iteration.end is not None:
                    yield place.inside(iteration.end, *names)
                names.append(iteration.name)
            yield place.inside(result, *names, "partial")
        case tree.FunctionOf(parameters, body):
            yield place.inside(body, *(name for name, _ in parameters))
        case tree.Filter(source, condition):
            yield place.inside(source)
            yield place.inside(condition, "item")._replace(in_filter=True)
        case tree.Tests(tests):
            yield from (place.inside(test, "?") for test in tests)
        case node:
            yield from map(place.inside, children(node))
