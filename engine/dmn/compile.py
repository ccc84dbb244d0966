"""FEEL texts of a model to closures, in the scope of names and types where they stand."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from engine.dmn.xml import Element, line
from engine.feel.compiler import Scope, compile_node
from engine.feel.errors import FeelError, error_at
from engine.feel.expression import BUILTIN_NAMES
from engine.feel.faults import faults
from engine.feel.free import free_names
from engine.feel.names import KnownNames
from engine.feel.parser import parse_expression, parse_tests
from engine.feel.run import Closure, Frame, Run
from engine.feel.tree import Node
from engine.feel.types import ANY, Named, Type, coerce, simple


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with an expression of a model: where it stands, and FEEL's own error."""

    line: int
    text: str
    error: FeelError


@dataclass(slots=True)
class Surroundings:
    """What expressions of one model have around them: types, names of members, and a list of problems."""

    declared: dict[str, Type] = field(default_factory=dict)
    members: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    faults: list[Problem] = field(default_factory=list)

    def known(self, scope: Scope) -> KnownNames:
        """The names that the parser must know in a scope."""
        names = set(self.members)
        outer: Scope | None = scope
        while outer:
            names |= outer.names
            outer = outer.outer
        return KnownNames(names, BUILTIN_NAMES)

    def scope(self, names: Iterable[str], outer: Scope | None = None) -> Scope:
        """A scope with these names in it."""
        return Scope(names, outer, declared=self.declared)

    def type_named(self, name: str) -> Type:
        """The type that a `typeRef` means."""
        bare = name.removeprefix("feel:")
        if not bare or bare == "Any":
            return ANY
        return Named(bare) if bare in self.declared else simple(bare)


def compile_text(element: Element, text: str, scope: Scope, around: Surroundings) -> Closure:
    """The closure of an expression's text; one that can't be parsed raises its error when evaluated."""
    try:
        tree = parse_expression(text, around.known(scope))
        _check(element, text, tree, scope, around)
        return located(text, compile_node(tree, scope))
    except FeelError as error:
        return _refused(element, text, error, around)


def parse_cell(element: Element, text: str, scope: Scope, around: Surroundings) -> Node | FeelError:
    """The tree of a cell's tests, or the error why there is none."""
    try:
        tree = parse_tests(text, around.known(scope))
        _check(element, text, tree, scope, around)
        return tree
    except FeelError as error:
        around.problems.append(Problem(line(element), text, error))
        return error


def _check(element: Element, text: str, tree: Node, scope: Scope, around: Surroundings) -> None:
    for mention in free_names(tree):
        hops, passed_open = scope.hops(mention.name)
        if hops is None and not passed_open and not mention.may_be_member:
            error = error_at("{name} is not known here.", text, mention.at, name=mention.name)
            around.faults.append(Problem(line(element), text, error))
    for note in faults(tree, text, lambda name: scope.hops(name) != (None, False)):
        error = FeelError(note.message, text, note.line, note.column, **note.params)
        around.faults.append(Problem(line(element), text, error))


def _refused(element: Element, text: str, error: FeelError, around: Surroundings) -> Closure:
    around.problems.append(Problem(line(element), text, error))

    def refuse(_run: Run, _frame: Frame | None) -> Any:
        raise error

    return refuse


def located(text: str, closure: Closure) -> Closure:
    """The closure, whose notes tell places in this text."""

    def evaluate(run: Run, frame: Frame | None) -> Any:
        if run.notes is None:
            return closure(run, frame)
        outer, run.text = run.text, text
        try:
            return closure(run, frame)
        finally:
            run.text = outer

    return evaluate


def typed(closure: Closure, kind: Type, around: Surroundings) -> Closure:
    """The closure's value as a type wants it; null with a note where it does not fit."""
    if kind == ANY:
        return closure
    declared = around.declared

    def evaluate(run: Run, frame: Frame | None) -> Any:
        value = closure(run, frame)
        result = coerce(run, value, kind, declared)
        if result is None and value is not None:
            run.note(0, "The value is not of the type {type}.", type=getattr(kind, "name", "?"))
        return result

    return evaluate
