"""Values of the kit's test files, and the strict comparison of a result with what is expected."""

import datetime
from decimal import Decimal
from typing import Any

from lxml import etree

from engine.feel.temporal import parse_date, parse_date_time, parse_duration, parse_time
from engine.feel.wide import WideDateTime

TOLERANCE = Decimal("1e-8")
INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
READERS = {
    "string": str,
    "decimal": Decimal,
    "double": Decimal,
    "float": Decimal,
    "integer": Decimal,
    "int": Decimal,
    "long": Decimal,
    "boolean": lambda text: {"true": True, "1": True, "false": False, "0": False}[text],
    "date": parse_date,
    "time": parse_time,
    "dateTime": parse_date_time,
    "duration": parse_duration,
}


def read_value(holder: etree._Element) -> Any:
    """The value in an `inputNode`, `expected`, `component` or `item` element."""
    parts = [part for part in holder if isinstance(part.tag, str)]
    components = [part for part in parts if etree.QName(part).localname == "component"]
    if components:
        return {part.get("name"): read_value(part) for part in components}
    for part in parts:
        name = etree.QName(part).localname
        if name == "list":
            return [read_value(item) for item in part if isinstance(item.tag, str)]
        if name == "value":
            return read_scalar(part)
    return None


def read_scalar(element: etree._Element) -> Any:
    """A `value` element by its xsi:type."""
    if element.get(INSTANCE + "nil") in ("true", "1"):
        return None
    kind = (element.get(INSTANCE + "type") or "xsd:string").rpartition(":")[2]
    text = element.text or ""
    value = READERS[kind](text if kind == "string" else text.strip())
    if value is None:
        raise ValueError(f"{text} is no {kind}")
    return value


def same(wanted: Any, found: Any) -> bool:
    """Whether a result is exactly what is expected; numbers may differ by 1e-8."""
    if type(wanted) is not type(found):
        return False
    if isinstance(wanted, Decimal):
        return abs(wanted - found) <= TOLERANCE
    if isinstance(wanted, list):
        return len(wanted) == len(found) and all(same(a, b) for a, b in zip(wanted, found, strict=True))
    if isinstance(wanted, dict):
        return wanted.keys() == found.keys() and all(same(wanted[key], found[key]) for key in wanted)
    if isinstance(wanted, datetime.datetime | datetime.time):
        return wanted.utcoffset() == found.utcoffset() and wanted.replace(tzinfo=None) == found.replace(
            tzinfo=None
        )
    if isinstance(wanted, WideDateTime):
        return wanted.date == found.date and same(wanted.time, found.time)
    return bool(wanted == found)
