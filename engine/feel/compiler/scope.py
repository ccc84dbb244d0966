"""Which names are bound where, and the table of what compiles which node."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engine.feel.run import Closure
from engine.feel.tree import Node
from engine.feel.types import Type


class Scope:
    """The names bound in one frame; an open one also has those of a filtered item, unknown until it runs.

    Scopes nest as the frames do at run time.
    """

    __slots__ = ("declared", "is_open", "names", "outer")

    def __init__(
        self,
        names: Iterable[str] = (),
        outer: "Scope | None" = None,
        *,
        is_open: bool = False,
        declared: Mapping[str, Type] | None = None,
    ) -> None:
        self.names = set(names)
        self.outer = outer
        self.is_open = is_open
        self.declared: Mapping[str, Type] = (
            declared if declared is not None else outer.declared if outer else {}
        )

    def hops(self, name: str) -> tuple[int | None, bool]:
        """How many frames out a name is bound (None: nowhere here), and whether an open one comes before."""
        scope: Scope | None = self
        count, passed_open = 0, False
        while scope:
            if name in scope.names:
                return count, passed_open
            passed_open = passed_open or scope.is_open
            scope = scope.outer
            count += 1
        return None, passed_open


Compiler = Callable[[Any, Scope], Closure]
_COMPILERS: dict[type, Compiler] = {}


def compiles(kind: type) -> Callable[[Compiler], Compiler]:
    """Declare what compiles a kind of node."""

    def declare(compiler: Compiler) -> Compiler:
        _COMPILERS[kind] = compiler
        return compiler

    return declare


def compile_node(node: Node, scope: Scope) -> Closure:
    """The closure of a node."""
    return _COMPILERS[type(node)](node, scope)


def weight(node: object) -> int:
    """How many nodes a part of the tree has: what one evaluation of it costs at most without loops."""
    if isinstance(node, tuple):
        return sum(weight(part) for part in node)
    if not isinstance(node, Node):
        return 0
    return 1 + sum(weight(getattr(node, name)) for name in type(node).__slots__)
