"""Decision tables (DMN 1.5, 8)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.dmn.cells import Cell, compile_cell
from engine.dmn.compile import Surroundings, compile_text, parse_cell, typed
from engine.dmn.errors import ModelError
from engine.dmn.hit import AGGREGATIONS, CHOICES, LETTERS, SINGLE, Ranks, aggregate
from engine.dmn.types import allowing
from engine.dmn.xml import Element, child, children, line, name_of, text_in, type_ref
from engine.feel import tree
from engine.feel.compiler import Scope, compile_node
from engine.feel.errors import FeelError
from engine.feel.run import Closure, Frame, Run
from engine.feel.types import Type


@dataclass(frozen=True, slots=True)
class Hit:
    """What a table decided by: its matching rows, counted from 1, and each one's annotations by column."""

    table_id: str
    rows: tuple[int, ...]
    annotations: tuple[dict[str, str], ...]


class DecisionRun(Run):
    """An evaluation that also writes down which rows matched."""

    hits: list[Hit] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A rule: cells with the index of their input, and an expression for each output."""

    cells: tuple[tuple[int, Cell], ...]
    outputs: tuple[Closure, ...]
    annotations: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A compiled decision table."""

    table_id: str
    policy: str
    inputs: tuple[tuple[Closure, Callable[[Any], bool] | None], ...]
    names: tuple[str, ...]
    ranks: Ranks
    defaults: tuple[Closure | None, ...]
    rows: tuple[Row, ...]

    def evaluate(self, run: Run, frame: Frame | None) -> Any:
        """The table's value; a closure of FEEL."""
        values = []
        for expression, allows in self.inputs:
            value = expression(run, frame)
            if allows is not None and value is not None and not allows(value):
                return run.note(0, "An input of the decision table is not among its allowed values.")
            values.append(value)
        rows = self._matching(run, Frame({}, frame), values)
        if not rows:
            self._record(run, [])
            return self._default(run, frame)
        outputs = [tuple(output(run, frame) for output in self.rows[row].outputs) for row in rows]
        chosen = CHOICES[self.policy[0]](run, rows, outputs, self.ranks)
        self._record(run, rows if chosen is None else chosen)
        if chosen is None:
            return None
        by_row = dict(zip(rows, outputs, strict=True))
        return self._result(run, [by_row[row] for row in chosen])

    def _matching(self, run: Run, frame: Frame, values: list[Any]) -> list[int]:
        stops_early = self.policy == "F"
        matching = []
        run.spend(len(self.rows))
        for place, row in enumerate(self.rows):
            for index, cell in row.cells:
                if not cell(run, frame, values[index]):
                    break
            else:
                matching.append(place)
                if stops_early:
                    break
        return matching

    def _record(self, run: Run, rows: Sequence[int]) -> None:
        if isinstance(run, DecisionRun) and run.hits is not None:
            annotations = tuple(self.rows[row].annotations for row in rows)
            run.hits.append(Hit(self.table_id, tuple(row + 1 for row in rows), annotations))

    def _result(self, run: Run, outputs: list[tuple[Any, ...]]) -> Any:
        if self.policy in SINGLE:
            return self._shaped(outputs[0])
        if self.policy in CHOICES:
            return [self._shaped(values) for values in outputs]
        if len(self.names) > 1 and self.policy != "C#":
            return {
                name: aggregate(run, self.policy, [values[place] for values in outputs])
                for place, name in enumerate(self.names)
            }
        return aggregate(run, self.policy, [values[0] for values in outputs])

    def _shaped(self, values: Sequence[Any]) -> Any:
        return values[0] if len(self.names) == 1 else dict(zip(self.names, values, strict=True))

    def _default(self, run: Run, frame: Frame | None) -> Any:
        if any(default is not None for default in self.defaults):
            values = [default and default(run, frame) for default in self.defaults]
            return self._shaped(values)
        return run.note(0, "No row of the decision table matches.")


def compile_table(element: Element, scope: Scope, around: Surroundings) -> Closure:
    """The closure of a `decisionTable` element; raises ModelError for a wrong hit policy or row."""
    inputs = list(children(element, "input"))
    outputs = list(children(element, "output"))
    kinds = [around.type_named(type_ref(output)) for output in outputs]
    notes = [name_of(column) for column in children(element, "annotation")]
    rows = []
    for rule in children(element, "rule"):
        row = _row(rule, kinds, notes, scope, around)
        if len(list(children(rule, "inputEntry"))) != len(inputs) or len(row.outputs) != len(outputs):
            raise ModelError("A row has more or fewer cells than the table has columns.", line(rule))
        rows.append(row)
    return Table(
        element.get("id") or "",
        _policy(element),
        tuple(_input(column, scope, around) for column in inputs),
        tuple(name_of(output) for output in outputs),
        [_ranks(output, scope, around) for output in outputs],
        tuple(_default(output, scope, around) for output in outputs),
        tuple(rows),
    ).evaluate


def _row(rule: Element, kinds: list[Type], notes: list[str], scope: Scope, around: Surroundings) -> Row:
    cells = [_cell(cell, scope, around) for cell in children(rule, "inputEntry")]
    results = zip(children(rule, "outputEntry"), kinds, strict=False)
    texts = (text_in(note, "text") for note in children(rule, "annotationEntry"))
    return Row(
        tuple((place, cell) for place, cell in enumerate(cells) if cell is not None),
        tuple(typed(_entry(result, scope, around), kind, around) for result, kind in results),
        dict(zip(notes, texts, strict=False)),
    )


def _policy(element: Element) -> str:
    name = element.get("hitPolicy") or "UNIQUE"
    if name not in LETTERS:
        raise ModelError("{policy} is not a hit policy.", line(element), policy=name)
    aggregation = element.get("aggregation")
    return AGGREGATIONS.get(aggregation or "", "C") if name == "COLLECT" else LETTERS[name]


def _input(
    column: Element, scope: Scope, around: Surroundings
) -> tuple[Closure, Callable[[Any], bool] | None]:
    expression = child(column, "inputExpression")
    closure = compile_text(column, text_in(expression, "text"), scope, around)
    kind = around.type_named(type_ref(expression))
    text = text_in(child(column, "inputValues"), "text")
    return typed(closure, kind, around), allowing(column, text, around) if text else None


def _cell(cell: Element, scope: Scope, around: Surroundings) -> Cell | None:
    text = text_in(cell, "text")
    if text in ("", "-"):
        return None
    inner = around.scope(("?",), scope)
    tests = parse_cell(cell, text, inner, around)
    if isinstance(tests, FeelError):
        return _refuse(tests)
    if not isinstance(tests, tree.Tests):
        return None
    return compile_cell(tests, scope)


def _refuse(error: FeelError) -> Cell:
    def refuse(_run: Run, _frame: Frame, _value: Any) -> bool:
        raise error

    return refuse


def _entry(entry: Element, scope: Scope, around: Surroundings) -> Closure:
    text = text_in(entry, "text")
    return compile_text(entry, text if text not in ("", "-") else "null", scope, around)


def _default(output: Element, scope: Scope, around: Surroundings) -> Closure | None:
    entry = child(output, "defaultOutputEntry")
    if entry is None or not text_in(entry, "text"):
        return None
    return typed(_entry(entry, scope, around), around.type_named(type_ref(output)), around)


def _ranks(output: Element, scope: Scope, around: Surroundings) -> Sequence[Any]:
    """The allowed outputs in their order: of the column, or of its type."""
    text = text_in(child(output, "outputValues"), "text")
    if not text:
        return []
    tests = parse_cell(output, text, scope, around)
    if not isinstance(tests, tree.Tests):
        return []
    run = Run()
    run.raw = {}
    return [compile_node(test, scope)(run, None) for test in tests.tests]
