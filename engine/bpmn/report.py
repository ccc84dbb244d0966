"""Collects findings while a diagram is linted."""

from typing import Protocol, cast

from lxml import etree

from .findings import Finding
from .rules import RULES


class Place(Protocol):
    """Anything in a diagram that has an id and a line."""

    @property
    def id(self) -> str: ...

    @property
    def line(self) -> int: ...


class Report:
    """The findings of one diagram, in the order in which they were made."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def add(self, rule: str, place: Place, /, **params: object) -> None:
        """A finding at a node or flow."""
        self.findings.append(finding(rule, place.id, place.line, params))

    def add_at(self, rule: str, element: etree._Element, /, **params: object) -> None:
        """A finding at an element of the XML: under its id, else under that of the nearest one around it."""
        self.findings.append(finding(rule, _id(element), line_of(element), params))

    @property
    def has_errors(self) -> bool:
        """Whether anything found so far refuses the diagram."""
        return any(found.severity == "error" for found in self.findings)


def finding(rule: str, element_id: str, line: int, params: dict[str, object]) -> Finding:
    """A finding with the texts of its rule."""
    severity, message, hint = RULES[rule]
    return Finding(severity, rule, element_id, line, message, params, hint)


def line_of(element: etree._Element) -> int:
    """The line of an element in its file, from 1; 0 if it is not known."""
    return cast("int | None", element.sourceline) or 0


def _id(element: etree._Element) -> str:
    around: etree._Element | None = element
    while around is not None:
        if around.get("id"):
            return around.get("id", "")
        around = around.getparent()
    return ""
