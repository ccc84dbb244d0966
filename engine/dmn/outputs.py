"""Which values a decision table can give, where its cells list them all."""

from collections.abc import Mapping
from typing import Any

from engine import feel
from engine.dmn.hit import LETTERS, SINGLE
from engine.dmn.xml import Element, child, children, name_of, text_in
from engine.feel import tree

ANYTHING = ("", "-")
FORGIVING = ("FIRST", "PRIORITY")


def outputs(decision: Element) -> Mapping[str, frozenset[Any] | None]:
    """Each output column's values by its name, "" where there is one column; None where they can't be listed.

    None, or the default, is among the values where no row may match. A decision without a table, or with
    one that collects rows, has only "" with None.
    """
    table = child(decision, "decisionTable")
    if table is None or LETTERS.get(table.get("hitPolicy") or "UNIQUE") not in SINGLE:
        return {"": None}
    columns = list(children(table, "output"))
    entries = [list(children(row, "outputEntry")) for row in children(table, "rule")]
    always = _always(table)
    found: dict[str, frozenset[Any] | None] = {}
    for place, column in enumerate(columns):
        cells = [text_in(row[place], "text") for row in entries if place < len(row)]
        cells.append(text_in(child(column, "defaultOutputEntry"), "text"))
        values = _listed(cells[:-1] if always else cells)
        found["" if len(columns) == 1 else name_of(column)] = values
    return found


def _always(table: Element) -> bool:
    """Whether a row matches whatever the inputs are, and no second one can spoil the result."""
    if table.get("hitPolicy") not in FORGIVING:
        return False
    if any(text_in(child(column, "inputValues"), "text") for column in children(table, "input")):
        return False
    rows = [list(children(row, "inputEntry")) for row in children(table, "rule")]
    return any(all(text_in(cell, "text") in ANYTHING for cell in row) for row in rows)


def _listed(cells: list[str]) -> frozenset[Any] | None:
    values = set()
    for text in cells:
        try:
            parsed = feel.parse(text if text not in ANYTHING else "null").tree
        except feel.FeelError:
            return None
        if not isinstance(parsed, tree.Literal):
            return None
        values.add(parsed.value)
    return frozenset(values)
