"""Decision models: load files, evaluate what they decide."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.dmn.compile import Problem, Surroundings
from engine.dmn.errors import ModelError
from engine.dmn.graph import Functions, Item, Outcome, State, compile_item, hrefs, items_in, service_value
from engine.dmn.outputs import outputs
from engine.dmn.table import DecisionRun
from engine.dmn.types import declare_types
from engine.dmn.xml import Element, children, name_of, read
from engine.feel.calls import invoke
from engine.feel.errors import Note
from engine.feel.expression import finish
from engine.feel.types import coerce
from engine.feel.values import to_feel

REQUIREMENTS = (
    ("informationRequirement", "requiredInput"),
    ("informationRequirement", "requiredDecision"),
    ("knowledgeRequirement", "requiredKnowledge"),
)


class Model:
    """A main model and those that it imports, compiled.

    `problems` lists the expressions that can't be parsed, the rest of the model works without them;
    `faults` lists what is null whatever comes: names that nothing around an expression declares, calls
    that no built-in takes, literals without a value.
    """

    def __init__(self, main: "File", problems: list[Problem], faults: list[Problem]) -> None:
        self.id = main.root.get("id") or ""
        self.name = name_of(main.root)
        self.problems = problems
        self.faults = faults
        self._items = main.items
        self._by_name = {item.name: item for item in reversed(main.items.values())}

    @property
    def decisions(self) -> Mapping[str, str]:
        """The decisions' names by id."""
        return {key: item.name for key, item in self._items.items() if item.kind == "decision"}

    @property
    def inputs(self) -> Mapping[str, str]:
        """The input data's names by id."""
        return {key: item.name for key, item in self._items.items() if item.kind == "inputData"}

    @property
    def services(self) -> Mapping[str, tuple[str, ...]]:
        """The decision services by name, each with the names of its output decisions."""
        return {
            item.name: tuple(output.name for output in item.outputs)
            for item in self._items.values()
            if item.kind == "decisionService"
        }

    def outputs(self, decision_id: str) -> Mapping[str, frozenset[Any] | None]:
        """The values that a decision can give, as dmn/outputs.py lists them."""
        return outputs(self._items[decision_id].element)

    def reads(self, decision_id: str) -> frozenset[str]:
        """The names of the input data that a decision needs, itself or for those that it requires."""
        seen = {self._items[decision_id]}
        todo = list(seen)
        while todo:
            needed = {item for _, item in todo.pop().needs} - seen
            seen |= needed
            todo += needed
        return frozenset(item.name for item in seen if item.kind == "inputData")

    def evaluate(
        self, name: str, context: Mapping[str, object] | None = None, notes: list[Note] | None = None
    ) -> Any:
        """The value of a decision, decision service or business knowledge model, by its id or name.

        The context has the inputs by name.
        Raises KeyError for an unknown name, FeelError for an expression that is wrong or takes too long.
        """
        return self.decide(name, context, notes).value

    def decide(
        self, name: str, context: Mapping[str, object] | None = None, notes: list[Note] | None = None
    ) -> Outcome:
        """As `evaluate`, with the rows that matched, their annotations and the required outcomes."""
        item = self._items.get(name) or self._by_name.get(name)
        if item is None:
            raise KeyError(name)
        run = DecisionRun()
        given = {} if context is None else context
        run.raw = Functions(given)
        run.notes = notes
        state = State(run, given)
        value = finish(run, lambda _run, _frame: self._value(state, item), None)
        return state.outcomes.get(item) or Outcome(value)

    def _value(self, state: State, item: Item) -> Any:
        if item.kind == "decisionService":
            return self._service(state, item)
        if item.kind == "businessKnowledgeModel":
            function = state.value(item)
            names = getattr(function, "parameters", ())
            given = [to_feel(state.given[name]) if name in state.given else None for name in names]
            return invoke(state.run, function, given)
        return state.value(item)

    def _service(self, state: State, item: Item) -> Any:
        values = {}
        for needed in item.inputs:
            value = to_feel(state.given[needed.name]) if needed.name in state.given else None
            values[needed] = coerce(state.run, value, needed.type, needed.around.declared)
        value = service_value(state.run, item, values)
        return coerce(state.run, value, item.type, item.around.declared)


class File:
    """One file on its way to a model."""

    def __init__(self, root: Element, problems: list[Problem], faults: list[Problem]) -> None:
        self.root = root
        self.namespace = root.get("namespace") or ""
        self.around = Surroundings(problems=problems, faults=faults)
        self.items: dict[str, Item] = {}
        self.aliases = {
            imported.get("namespace") or "": name_of(imported) for imported in children(root, "import")
        }

    def declare(self, files: Mapping[str, "File"]) -> None:
        """Read the types, those of the imports first, and the elements."""
        self._declare_into(self.around, "", files, ())
        self.items = items_in(self.root, self.around)

    def _declare_into(
        self, around: Surroundings, prefix: str, files: Mapping[str, "File"], outer: tuple[str, ...]
    ) -> None:
        if self.namespace in outer:
            raise ModelError("The models import one another in a circle: {name}.", name=name_of(self.root))
        for namespace, alias in self.aliases.items():
            if namespace in files:
                inner = f"{prefix}{alias}." if alias else prefix
                files[namespace]._declare_into(around, inner, files, (*outer, self.namespace))
        declare_types(self.root, around, prefix)

    def connect(self, files: Mapping[str, "File"]) -> None:
        """Find what each element needs."""
        for item in self.items.values():
            for path in REQUIREMENTS:
                item.needs += [self._found(href, files) for href in hrefs(item.element, *path)]
            for target in ("inputData", "inputDecision"):
                item.inputs += [self._found(href, files)[1] for href in hrefs(item.element, target)]
            item.outputs += [self._found(href, files)[1] for href in hrefs(item.element, "outputDecision")]

    def _found(self, href: str, files: Mapping[str, "File"]) -> tuple[str, Item]:
        namespace, _, key = href.rpartition("#")
        file = files.get(namespace) if namespace and namespace != self.namespace else self
        if file is None or key not in file.items:
            raise ModelError("The reference {href} leads nowhere.", href=href)
        return (self.aliases.get(namespace, "") if file is not self else ""), file.items[key]


def load(*sources: bytes | str | Path) -> Model:
    """The model of the first file (bytes, or a path); the others are there for its imports.

    Raises ModelError where a file is not DMN 1.2–1.5 or refers to what is not there.
    """
    if not sources:
        raise ModelError("There is no file.")
    problems: list[Problem] = []
    faults: list[Problem] = []
    loaded = [File(read(source), problems, faults) for source in sources]
    files = {file.namespace: file for file in reversed(loaded)}
    for file in loaded:
        file.declare(files)
    for file in loaded:
        file.connect(files)
    try:
        for file in loaded:
            for item in file.items.values():
                compile_item(item)
    except RecursionError:
        raise ModelError("The decision model is nested deeper than {limit} elements.", limit=100) from None
    return Model(loaded[0], problems, faults)
