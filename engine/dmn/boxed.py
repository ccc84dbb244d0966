"""Boxed expressions (DMN 1.5, 10.2.2): each element that can hold logic, to a closure."""

from collections.abc import Callable
from typing import Any

from engine.dmn.compile import Surroundings, compile_text, typed
from engine.dmn.errors import ModelError
from engine.dmn.table import compile_table
from engine.dmn.xml import Element, child, children, kind, line, name_of, text_in, type_ref
from engine.feel.calls import Lambda, invoke, invoke_named
from engine.feel.compiler import Scope
from engine.feel.compiler.loops import Broken, copied, filtered, items_of
from engine.feel.run import Closure, Frame, Run
from engine.feel.types import ANY

COST = 20
"""What one round of a boxed iteration counts for."""


def compile_boxed(element: Element, scope: Scope, around: Surroundings) -> Closure:
    """The closure of an expression element, its value converted to its own type."""
    compiler = _COMPILERS.get(kind(element))
    if compiler is None:
        raise ModelError("{element} is not an expression.", line(element), element=kind(element))
    return typed(compiler(element, scope, around), around.type_named(type_ref(element)), around)


def expression_in(element: Element) -> Element | None:
    """The first child element that is an expression."""
    return next((part for part in element if kind(part) in _COMPILERS), None)


def compile_inside(element: Element | None, scope: Scope, around: Surroundings) -> Closure:
    """The closure of the expression that an element holds; without one, null."""
    inner = expression_in(element) if element is not None else None
    return compile_boxed(inner, scope, around) if inner is not None else _null


def _null(_run: Run, _frame: Frame | None) -> None:
    return None


def _literal(element: Element, scope: Scope, around: Surroundings) -> Closure:
    text = text_in(element, "text")
    return compile_text(element, text, scope, around) if text else _null


def _context(element: Element, scope: Scope, around: Surroundings) -> Closure:
    inner = around.scope((), scope)
    entries: list[tuple[str, Closure]] = []
    result: Closure | None = None
    for entry in children(element, "contextEntry"):
        variable = child(entry, "variable")
        if variable is None:
            result = compile_inside(entry, inner, around)
            continue
        held = expression_in(entry)
        if held is not None and kind(held) == "functionDefinition":
            inner.names.add(name_of(variable))
        value = typed(compile_inside(entry, inner, around), around.type_named(type_ref(variable)), around)
        inner.names.add(name_of(variable))
        around.members.add(name_of(variable))
        entries.append((name_of(variable), value))

    def make(run: Run, frame: Frame | None) -> Any:
        values: dict[str, Any] = {}
        local = Frame(values, frame)
        for name, value in entries:
            values[name] = value(run, local)
        return result(run, local) if result else values

    return make


def _list(element: Element, scope: Scope, around: Surroundings) -> Closure:
    items = [compile_boxed(part, scope, around) for part in element if kind(part) in _COMPILERS]
    return lambda run, frame: [item(run, frame) for item in items]


def _relation(element: Element, scope: Scope, around: Surroundings) -> Closure:
    columns = list(children(element, "column"))
    names = [name_of(column) for column in columns]
    kinds = [around.type_named(type_ref(column)) for column in columns]
    around.members |= set(names)
    rows = [
        [
            typed(compile_boxed(cell, scope, around), wanted, around)
            for cell, wanted in zip((part for part in row if kind(part) in _COMPILERS), kinds, strict=False)
        ]
        for row in children(element, "row")
    ]
    return lambda run, frame: [
        {name: cell(run, frame) for name, cell in zip(names, row, strict=False)} for row in rows
    ]


def compile_function(element: Element, scope: Scope, around: Surroundings) -> Closure:
    """The closure of a function definition; one of Java or PMML is null."""
    if element.get("kind", "FEEL") != "FEEL":
        return lambda run, _frame: run.note(0, "Functions from outside are not allowed.")
    parameters = list(children(element, "formalParameter"))
    names = tuple(name_of(parameter) for parameter in parameters)
    kinds = tuple(around.type_named(type_ref(parameter)) for parameter in parameters)
    body = compile_inside(element, around.scope(names, scope), around)
    declared = around.declared
    return lambda _run, frame: Lambda(names, kinds, ANY, body, frame, declared)


def _function(element: Element, scope: Scope, around: Surroundings) -> Closure:
    return compile_function(element, scope, around)


def _invocation(element: Element, scope: Scope, around: Surroundings) -> Closure:
    function = compile_inside(element, scope, around)
    names, arguments = [], []
    for binding in children(element, "binding"):
        parameter = child(binding, "parameter")
        names.append(name_of(parameter) if parameter is not None else "")
        arguments.append(
            typed(compile_inside(binding, scope, around), around.type_named(type_ref(parameter)), around)
        )

    def call(run: Run, frame: Frame | None) -> Any:
        values = [argument(run, frame) for argument in arguments]
        called = function(run, frame)
        return invoke_named(run, called, names, values) if names else invoke(run, called, [])

    return call


def _conditional(element: Element, scope: Scope, around: Surroundings) -> Closure:
    condition, then, otherwise = (
        compile_inside(child(element, part), scope, around) for part in ("if", "then", "else")
    )

    def choose(run: Run, frame: Frame | None) -> Any:
        found = condition(run, frame)
        if found is not None and type(found) is not bool:
            return run.note(0, "The condition is not true or false.")
        return (then if found is True else otherwise)(run, frame)

    return choose


def _filter(element: Element, scope: Scope, around: Surroundings) -> Closure:
    source = compile_inside(child(element, "in"), scope, around)
    inner = Scope((), around.scope(("item",), scope), is_open=True, declared=around.declared)
    condition = compile_inside(child(element, "match"), inner, around)

    def apply(run: Run, frame: Frame | None) -> Any:
        items = source(run, frame)
        items = items if type(items) is list else [] if items is None else [items]
        return filtered(run, items, lambda item: condition(run, _item_frame(item, frame)), COST, 0)

    return apply


def _item_frame(item: Any, frame: Frame | None) -> Frame:
    return Frame(item if type(item) is dict else {}, Frame({"item": item}, frame))


def _iterator(
    element: Element, result: str, scope: Scope, around: Surroundings
) -> tuple[Closure, Closure, str]:
    name = " ".join((element.get("iteratorVariable") or "").split())
    source = compile_inside(child(element, "in"), scope, around)
    inner = around.scope((name,), around.scope(("partial",), scope))
    return source, compile_inside(child(element, result), inner, around), name


def _for(element: Element, scope: Scope, around: Surroundings) -> Closure:
    source, result, name = _iterator(element, "return", scope, around)
    is_kept = any("partial" in text for text in element.itertext())

    def apply(run: Run, frame: Frame | None) -> Any:
        partial: list[Any] = []
        values: dict[str, Any] = {"partial": partial}
        outer = Frame(values, frame)
        try:
            for item in items_of(run, source(run, frame), None, 0, is_pair=False):
                run.spend(COST)
                if is_kept:
                    values["partial"] = copied(run, partial)
                partial.append(result(run, Frame({name: item}, outer)))
        except Broken:
            return run.note(0, "There is nothing to iterate over.")
        return partial

    return apply


def _quantified(decided: bool) -> Callable[[Element, Scope, Surroundings], Closure]:
    def compile_quantified(element: Element, scope: Scope, around: Surroundings) -> Closure:
        source, condition, name = _iterator(element, "satisfies", scope, around)

        def apply(run: Run, frame: Frame | None) -> Any:
            is_known = True
            outer = Frame({"partial": []}, frame)
            try:
                for item in items_of(run, source(run, frame), None, 0, is_pair=False):
                    run.spend(COST)
                    found = condition(run, Frame({name: item}, outer))
                    if found is decided:
                        return decided
                    is_known = is_known and type(found) is bool
            except Broken:
                return run.note(0, "There is nothing to iterate over.")
            return not decided if is_known else None

        return apply

    return compile_quantified


_COMPILERS: dict[str, Callable[[Element, Scope, Surroundings], Closure]] = {
    "literalExpression": _literal,
    "decisionTable": compile_table,
    "context": _context,
    "list": _list,
    "relation": _relation,
    "functionDefinition": _function,
    "invocation": _invocation,
    "conditional": _conditional,
    "filter": _filter,
    "for": _for,
    "some": _quantified(True),
    "every": _quantified(False),
}
