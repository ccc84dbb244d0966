"""Reads XML from strangers: no DOCTYPE, no entities, no network, limits on size, depth and number."""

import codecs
import re
from xml.parsers import expat

from lxml import etree

from .findings import Finding
from .report import finding

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

MAX_BYTES = 4_000_000
MAX_DEPTH = 40
MAX_ELEMENTS = 50_000
MAX_ATTRIBUTES = 100

FOREIGN_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""With one of these before it expat reads UTF-16, whatever it was told."""

BROKEN = "not well-formed (invalid token)"
"""What expat says of most broken files; its words are gettext ids."""

_ROOT_ID = re.compile(rb"<(?:[\w.-]+:)?definitions\b[^<>]*?\sid\s*=\s*[\"']([^\"'<>]{1,200})[\"']")


def bpmn(tag: str) -> str:
    """The full name of an element of the BPMN model."""
    return f"{{{BPMN}}}{tag}"


def zeebe(tag: str) -> str:
    """The full name of one of Camunda 8's extension elements."""
    return f"{{{ZEEBE}}}{tag}"


class UnsafeXml(Exception):
    """The bytes can't be read as a document that is safe and well-formed; carries the one finding."""

    def __init__(self, found: Finding) -> None:
        self.finding = found
        super().__init__(str(found))


def parse(xml: bytes) -> etree._Element:
    """The root element of a document in UTF-8; raises UnsafeXml."""
    if len(xml) > MAX_BYTES:
        raise _unsafe(xml, "size", 1, size=f"{len(xml)} B", limit=f"{MAX_BYTES} B")
    if xml.startswith(FOREIGN_MARKS):
        raise _unsafe(xml, "encoding", 1, encoding="UTF-16")
    _Survey(xml).run()
    try:
        return etree.fromstring(
            xml,
            etree.XMLParser(
                resolve_entities=False,
                no_network=True,
                load_dtd=False,
                dtd_validation=False,
                huge_tree=False,
                remove_comments=True,
                remove_pis=True,
            ),
        )
    except etree.XMLSyntaxError as error:
        raise _unsafe(xml, "xml", error.lineno or 1, problem=BROKEN) from error


class _Survey:
    """Walks through the bytes once with expat, which stops at a DOCTYPE before any entity can be expanded."""

    def __init__(self, xml: bytes) -> None:
        self._xml = xml
        self._depth = 0
        self._count = 0
        self._id = ""
        self._parser = expat.ParserCreate("UTF-8")
        self._parser.XmlDeclHandler = self._declared
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._started
        self._parser.EndElementHandler = self._ended

    def run(self) -> None:
        try:
            self._parser.Parse(self._xml, True)
        except expat.ExpatError as error:
            raise self._stop("xml", problem=expat.ErrorString(error.code) or BROKEN) from error
        except (LookupError, ValueError) as error:
            raise self._stop("xml", problem=BROKEN) from error

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.upper() not in {"UTF-8", "US-ASCII"}:
            raise self._stop("encoding", encoding=encoding)

    def _doctype(self, _name: str, _system: str | None, _public: str | None, _internal: int) -> None:
        raise self._stop("doctype")

    def _started(self, _tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._count += 1
        self._id = attributes.get("id", self._id)
        if len(attributes) > MAX_ATTRIBUTES:
            raise self._stop("attribute-count", limit=MAX_ATTRIBUTES)
        if self._depth > MAX_DEPTH:
            raise self._stop("depth", limit=MAX_DEPTH)
        if self._count > MAX_ELEMENTS:
            raise self._stop("size", size=self._count, limit=MAX_ELEMENTS)

    def _ended(self, _tag: str) -> None:
        self._depth -= 1

    def _stop(self, rule: str, **params: object) -> UnsafeXml:
        line = self._parser.CurrentLineNumber
        return UnsafeXml(finding(rule, self._id or _root_id(self._xml), line, params))


def _unsafe(xml: bytes, rule: str, line: int, **params: object) -> UnsafeXml:
    return UnsafeXml(finding(rule, _root_id(xml), line, params))


def _root_id(xml: bytes) -> str:
    """The id of the root element, found without parsing, for messages about files that must not be parsed."""
    found = _ROOT_ID.search(xml, 0, 200_000)
    return found.group(1).decode("utf-8", "replace") if found else ""
