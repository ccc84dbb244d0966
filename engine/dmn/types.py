"""Item definitions to types of FEEL (DMN 1.5, 7.3.2)."""

from collections.abc import Callable, Iterator
from typing import Any

from engine.dmn.compile import Surroundings, parse_cell
from engine.dmn.xml import Element, child, children, name_of, text_in, type_ref
from engine.feel.compiler import compile_node
from engine.feel.errors import FeelError
from engine.feel.run import Frame, Run
from engine.feel.tree import Node
from engine.feel.types import ContextType, FunctionType, ListType, Named, Restricted, Type, simple


def declare_types(root: Element, around: Surroundings, prefix: str = "") -> None:
    """Add a model's item definitions to the declared types, with an import's name before theirs."""
    names = {name_of(item) for item in children(root, "itemDefinition")}
    reader = _Reader(around, names, prefix)
    for item in children(root, "itemDefinition"):
        around.declared[prefix + name_of(item)] = reader.item(item)
    around.members |= set(_member_names(root))


def _member_names(root: Element) -> Iterator[str]:
    for item in children(root, "itemDefinition"):
        yield from _components(item)


def _components(item: Element) -> Iterator[str]:
    for component in children(item, "itemComponent"):
        yield name_of(component)
        yield from _components(component)


class _Reader:
    def __init__(self, around: Surroundings, names: set[str], prefix: str) -> None:
        self.around = around
        self.names = names
        self.prefix = prefix

    def reference(self, name: str) -> Type:
        bare = name.removeprefix("feel:")
        if bare in self.names:
            return Named(self.prefix + bare)
        if "." in bare:
            return Named(self.prefix + bare)
        return simple(bare or "Any")

    def item(self, item: Element) -> Type:
        found = self._restricted(item, self._base(item), "allowedValues")
        if item.get("isCollection") == "true":
            found = ListType(found)
        return self._restricted(item, found, "typeConstraint")

    def _base(self, item: Element) -> Type:
        components = list(children(item, "itemComponent"))
        if components:
            return ContextType(tuple((name_of(component), self.item(component)) for component in components))
        function = child(item, "functionItem")
        if function is not None:
            parameters = tuple(self.reference(type_ref(part)) for part in children(function, "parameters"))
            return FunctionType(parameters, self.reference(function.get("outputTypeRef") or "Any"))
        return self.reference(type_ref(item))

    def _restricted(self, item: Element, base: Type, constraint: str) -> Type:
        text = text_in(child(item, constraint), "text")
        if not text:
            return base
        return Restricted(base, allowing(item, text, self.around))


def allowing(element: Element, text: str, around: Surroundings) -> Callable[[Any], bool]:
    """Whether a value is among allowed values; nothing is where their text can't be parsed."""
    scope = around.scope(())
    tests = parse_cell(element, text, scope, around)
    if isinstance(tests, FeelError):
        return lambda _value: False
    return _allows(tests, around)


def _allows(tests: Node, around: Surroundings) -> Callable[[Any], bool]:
    closure = compile_node(tests, around.scope(()))

    def allows(value: Any) -> bool:
        run = Run()
        run.raw = {}
        return closure(run, Frame({"?": value}, None)) is True

    return allows
