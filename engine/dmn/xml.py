"""DMN files as elements: hardened parsing, and elements found by their local names."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from engine.dmn.errors import ModelError

NAMESPACES = frozenset(
    [
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    ]
)
"""DMN 1.2, 1.3, 1.4 and 1.5."""

MAX_BYTES = 4_000_000
MAX_DEPTH = 100

Element = etree._Element


def read(source: bytes | str | Path) -> Element:
    """The `definitions` element of a file; raises ModelError."""
    content = source if isinstance(source, bytes) else Path(source).read_bytes()
    if len(content) > MAX_BYTES:
        raise ModelError("The decision model is larger than {limit} bytes.", limit=MAX_BYTES)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ModelError("The file is not XML: {problem}", problem=str(error)) from None
    if getattr(root.getroottree().docinfo, "doctype", ""):
        raise ModelError("A document type is not allowed.")
    name = etree.QName(root)
    if name.localname != "definitions" or name.namespace not in NAMESPACES:
        raise ModelError("This is not a decision model of DMN 1.2 to 1.5.", line=line(root))
    _check_depth(root)
    return root


def _check_depth(root: Element) -> None:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise ModelError("The decision model is nested deeper than {limit} elements.", limit=MAX_DEPTH)


def kind(element: Element) -> str:
    """An element's name without its namespace; empty for elements of other vocabularies."""
    name = etree.QName(element)
    return name.localname if name.namespace in NAMESPACES else ""


def children(element: Element, name: str) -> Iterator[Element]:
    """The child elements of a name."""
    return (child for child in element if kind(child) == name)


def child(element: Element, name: str) -> Element | None:
    """The first child element of a name."""
    return next(children(element, name), None)


def text_in(element: Element | None, name: str) -> str:
    """The text of a child element, empty where there is none."""
    found = child(element, name) if element is not None else None
    return (found.text or "").strip() if found is not None else ""


def name_of(element: Element) -> str:
    """The attribute `name`, with single spaces."""
    return " ".join((element.get("name") or "").split())


def type_ref(element: Element | None) -> str:
    """The name of the type that an element refers to, by attribute or child; empty for none."""
    if element is None:
        return ""
    return (element.get("typeRef") or text_in(element, "typeRef")).strip()


def line(element: Element) -> int:
    """The element's line in the file."""
    found: Any = element.sourceline
    return int(found or 0)
