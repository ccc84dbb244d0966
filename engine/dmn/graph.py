"""The graph of models: inputs, decisions, business knowledge and services, and what each needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.dmn.boxed import compile_function, compile_inside, expression_in
from engine.dmn.compile import Surroundings, typed
from engine.dmn.table import DecisionRun, Hit
from engine.dmn.xml import Element, child, children, kind, name_of, type_ref
from engine.feel.calls import Lambda
from engine.feel.errors import FeelError
from engine.feel.run import Closure, Frame, Run
from engine.feel.types import ANY, Type, coerce
from engine.feel.values import Function, to_feel

KINDS = frozenset(["inputData", "decision", "businessKnowledgeModel", "decisionService"])
Values = dict["Item", Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision came to, and why.

    `rows` are the matching rows of its table, counted from 1 (of its first table where it has several);
    `annotations` hold one mapping from column to text for each of them; `required` has the outcomes of
    the decisions that it needed, by name.
    """

    value: Any
    rows: tuple[int, ...] = ()
    annotations: tuple[Mapping[str, str], ...] = ()
    required: Mapping[str, "Outcome"] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Item:
    """An element of the graph: its name and type, what it needs (with an import's name), its logic."""

    element: Element
    name: str
    type: Type = ANY
    around: Surroundings = field(default_factory=Surroundings)
    needs: list[tuple[str, "Item"]] = field(default_factory=list)
    inputs: list["Item"] = field(default_factory=list)
    outputs: list["Item"] = field(default_factory=list)
    logic: Closure | None = None

    @property
    def kind(self) -> str:
        """The element's name."""
        return kind(self.element)


class Functions(dict[str, object]):
    """What expressions of a model reach of the context beside their requirements: Python functions only."""

    def __init__(self, context: Mapping[str, object]) -> None:
        super().__init__()
        self._context = context

    def __missing__(self, name: str) -> object:
        found = self._context[name]
        if not isinstance(found, Function):
            raise KeyError(name)
        return found


class State:
    """One evaluation of the graph: what was given, and what was decided so far."""

    def __init__(self, run: DecisionRun, given: Mapping[str, object], values: Values | None = None) -> None:
        self.run = run
        self.given = given
        self.values: Values = values or {}
        self.outcomes: dict[Item, Outcome] = {}
        self.open: set[Item] = set()

    def value(self, item: Item) -> Any:
        """The value of an element: given, decided before, or to be decided now."""
        if item not in self.values:
            self.values[item] = self._decide(item)
        return self.values[item]

    def _decide(self, item: Item) -> Any:
        if item.kind == "inputData":
            return self._input(item)
        if item.kind == "businessKnowledgeModel":
            return item.logic and item.logic(self.run, self._knowledge_frame(item))
        if item.kind == "decisionService":
            return service_function(item)
        if item in self.open:
            raise FeelError("The decision {name} needs itself.", name=item.name)
        self.open.add(item)
        frame = Frame(self._needed(item), None)
        outer, self.run.hits = self.run.hits, []
        value = item.logic(self.run, frame) if item.logic else None
        self.outcomes[item] = self._outcome(item, value, self.run.hits)
        self.run.hits = outer
        self.open.discard(item)
        return value

    def _outcome(self, item: Item, value: Any, hits: list[Hit]) -> Outcome:
        required = {needed.name: self.outcomes[needed] for _, needed in item.needs if needed in self.outcomes}
        hit = hits[-1] if hits else Hit("", (), ())
        return Outcome(value, hit.rows, hit.annotations, required)

    def _input(self, item: Item) -> Any:
        if item.name not in self.given:
            return self.run.note(0, "The input {name} is missing.", name=item.name)
        value = to_feel(self.given[item.name])
        result = coerce(self.run, value, item.type, item.around.declared)
        if result is None and value is not None:
            self.run.note(0, "The input {name} is not of its type.", name=item.name)
        return result

    def _needed(self, item: Item) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for alias, needed in item.needs:
            value = self.value(needed)
            if alias:
                values.setdefault(alias, {})[needed.name] = value
            else:
                values[needed.name] = value
        return values

    def _knowledge_frame(self, item: Item) -> Frame:
        """The frame is known before its values, so that knowledge may call itself."""
        frame = Frame({}, None)
        own = item.logic(self.run, frame) if item.logic else None
        self.values[item] = own
        frame.values.update(self._needed(item))
        frame.values.setdefault(item.name, own)
        return frame


def names_needed(item: Item) -> set[str]:
    """The names in scope of an element's logic."""
    return {alias or needed.name for alias, needed in item.needs}


def compile_item(item: Item) -> None:
    """Make the logic of a decision or of business knowledge."""
    around, element = item.around, item.element
    around.members |= {needed.name for alias, needed in item.needs if alias}
    if item.kind == "decision":
        scope = around.scope(names_needed(item))
        held = expression_in(element)
        logic = compile_inside(element, scope, around) if held is not None else None
        item.logic = logic and typed(logic, item.type, around)
    elif item.kind == "businessKnowledgeModel":
        scope = around.scope(names_needed(item) | {item.name})
        definition = child(element, "encapsulatedLogic")
        if definition is not None:
            item.logic = _with_result(compile_function(definition, scope, around), item.type)


def _with_result(function: Closure, result: Type) -> Closure:
    def make(run: Run, frame: Frame | None) -> Any:
        made = function(run, frame)
        if not isinstance(made, Lambda):
            return made
        return Lambda(made.parameters, made.kinds, result, made.body, made.frame, made.declared)

    return make


def service_function(item: Item) -> Lambda:
    """A decision service as a function: its parameters are its input data and input decisions."""

    def decide(run: Run, frame: Frame | None) -> Any:
        given = frame.values if frame else {}
        return service_value(run, item, {needed: given.get(needed.name) for needed in item.inputs})

    names = tuple(needed.name for needed in item.inputs)
    kinds = tuple(needed.type for needed in item.inputs)
    return Lambda(names, kinds, item.type, decide, None, item.around.declared)


def service_value(run: Run, item: Item, values: Values) -> Any:
    """What a service decides: its output decision, or a context of several."""
    inner = DecisionRun()
    inner.__dict__.update(run.__dict__)
    state = State(inner, {}, dict(values))
    results = {output.name: state.value(output) for output in item.outputs}
    run.__dict__.update(
        {name: value for name, value in inner.__dict__.items() if name in ("steps", "left", "deadline")}
    )
    if len(item.outputs) == 1:
        return results[item.outputs[0].name]
    return results


def items_in(root: Element, around: Surroundings) -> dict[str, Item]:
    """The graph's elements of one file by id, without their requirements."""
    items = {}
    for element in root:
        if kind(element) in KINDS:
            variable = child(element, "variable")
            name = name_of(variable) if variable is not None and variable.get("name") else name_of(element)
            items[element.get("id") or name] = Item(
                element, name, around.type_named(type_ref(variable)), around
            )
    return items


def hrefs(element: Element, *path: str) -> list[str]:
    """The targets of references in an element: `hrefs(e, "informationRequirement", "requiredInput")`."""
    parts = [element]
    for name in path:
        parts = [inner for part in parts for inner in children(part, name)]
    return [part.get("href") or "" for part in parts]
