"""What differs between two versions of a decision model: rows, cells and expressions, exactly."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from engine.changes import Change, Kind, compared, moved, values
from engine.dmn.xml import Element, child, children, read, text_in, type_ref

ITEMS = {
    "decision": "decision",
    "inputData": "input data",
    "businessKnowledgeModel": "knowledge model",
    "decisionService": "decision service",
    "itemDefinition": "type",
    "import": "import",
}
"""The elements of a model that are compared, and the gettext ids of what they are called."""

CELLS = {"input": "inputEntry", "output": "outputEntry", "annotation": "annotationEntry"}


def diff(before: bytes, after: bytes) -> list[Change]:
    """The changes from one DMN file to a later version of it; both must be deployable.

    Rows are known by their ids, or by their place where they have none.
    """
    return list(compared(_items(before), _items(after), _whole, _item_changes))


def _items(source: bytes) -> dict[str, Element]:
    elements = (element for element in read(source) if _tag(element) in ITEMS)
    return {element.get("id") or f"{_tag(element)} {element.get('name')}": element for element in elements}


def _tag(element: Element) -> str:
    return str(etree.QName(element).localname)


def _place(element: Element) -> tuple[str, str, str]:
    return ITEMS[_tag(element)], element.get("id") or "", element.get("name") or ""


def _whole(kind: Kind, element: Element) -> Change:
    return Change(kind, *_place(element))


def _item_changes(old: Element, new: Element) -> Iterator[Change]:
    yield from values(_place(new), _attributes(old), _attributes(new))
    was, now = child(old, "decisionTable"), child(new, "decisionTable")
    if was is not None and now is not None:
        yield from _table_changes(_place(new), was, now)
    elif _logic(old) != _logic(new):
        yield Change("changed", *_place(new), "expression", "", _logic(old), _logic(new))


def _attributes(element: Element) -> dict[str, str]:
    """What stands around the logic of an item: its name, its variable, and what it needs."""
    attributes = {"name": element.get("name") or ""}
    variable = child(element, "variable")
    if variable is not None:
        attributes |= {"type": variable.get("typeRef") or ""}
    needed = [one.get("href", "") for one in element.iter() if isinstance(one.tag, str) and one.get("href")]
    return attributes | {"requirements": ", ".join(needed)} if needed else attributes


def _logic(element: Element) -> str:
    """Every text inside an item in order, each with what it is: the logic of an item without a table."""
    parts = []
    for inner in element.iter():
        if not isinstance(inner.tag, str) or "href" in inner.attrib:
            continue
        words = [inner.get("name"), inner.get("typeRef"), (inner.text or "").strip()]
        if inner is not element and _tag(inner) != "variable" and any(words):
            parts.append(" ".join(word for word in words if word))
    return "\n".join(parts)


@dataclass(frozen=True)
class _Row:
    """A rule, or a column: its id, its number from 1, and its texts by what they are."""

    element: str
    key: str
    number: int
    name: str
    texts: Mapping[str, str]


def _table_changes(place: tuple[str, str, str], old: Element, new: Element) -> Iterator[Change]:
    yield from values(place, _policy(old), _policy(new))
    yield from compared(_columns(old), _columns(new), _whole_row, _column_changes)
    yield from compared(_rows(old), _rows(new), _whole_row, _row_changes)
    for before, after in ((_columns(old), _columns(new)), (_rows(old), _rows(new))):
        for key in moved(list(before), list(after)):
            row, places = after[key], (str(before[key].number), str(after[key].number))
            yield Change("changed", row.element, row.key, row.name, "place in the order", "", *places)


def _policy(table: Element) -> dict[str, str]:
    return {
        "hit policy": table.get("hitPolicy") or "UNIQUE",
        "aggregation": table.get("aggregation") or "",
    }


def _columns(table: Element) -> dict[str, _Row]:
    found: dict[str, _Row] = {}
    for tag in ("input", "output", "annotation"):
        for number, column in enumerate(children(table, tag), 1):
            expression = child(column, "inputExpression")
            texts = {
                "expression": text_in(expression, "text"),
                "type": type_ref(expression) or type_ref(column),
                "allowed values": text_in(child(column, f"{tag}Values"), "text"),
                "value where no row holds": text_in(child(column, "defaultOutputEntry"), "text"),
                "name": column.get("label") or column.get("name") or "",
            }
            key = column.get("id") or f"{tag} {number}"
            found[key] = _Row(f"{tag} column", key, number, _title(column, tag, number), texts)
    return found


def _title(column: Element, tag: str, number: int) -> str:
    named = column.get("label") or column.get("name") or text_in(child(column, "inputExpression"), "text")
    return named or f"{tag} {number}"


def _rows(table: Element) -> dict[str, _Row]:
    columns = {
        tag: [c.name for c in _columns(table).values() if c.element == f"{tag} column"] for tag in CELLS
    }
    found: dict[str, _Row] = {}
    for number, rule in enumerate(children(table, "rule"), 1):
        texts = {
            name: text_in(cell, "text")
            for tag, cell_tag in CELLS.items()
            for name, cell in zip(columns[tag], children(rule, cell_tag), strict=False)
        }
        texts["description"] = text_in(rule, "description")
        key = rule.get("id") or f"row {number}"
        found[key] = _Row("row", key, number, str(number), texts)
    return found


def _whole_row(kind: Kind, row: _Row) -> Change:
    text = " | ".join(text for text in row.texts.values() if text)
    before, after = (text, None) if kind == "removed" else (None, text)
    return Change(kind, row.element, row.key, row.name, before=before, after=after)


def _column_changes(old: _Row, new: _Row) -> Iterator[Change]:
    yield from values((new.element, new.key, new.name), old.texts, new.texts)


def _row_changes(old: _Row, new: _Row) -> Iterator[Change]:
    for part in dict.fromkeys([*old.texts, *new.texts]):
        before, after = old.texts.get(part), new.texts.get(part)
        if before != after:
            yield Change("changed", "row", new.key, new.name, "cell", part, before, after)
