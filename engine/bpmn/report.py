"""Collects findings while a diagram is linted."""

from dataclasses import replace
from typing import Protocol, cast

from lxml import etree

from .findings import Finding
from .rules import RULES
from .rules_world import WORLD_RULES

ALL_RULES = RULES | WORLD_RULES
MAX_FINDINGS = 500


class Place(Protocol):
    """Anything in a diagram that has an id, a line and perhaps a name."""

    @property
    def id(self) -> str: ...

    @property
    def line(self) -> int: ...

    @property
    def name(self) -> str | None: ...


class Report:
    """The findings of one diagram in the order in which they were made, so many of each severity as help."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._left = {"error": MAX_FINDINGS, "warning": MAX_FINDINGS}

    def add(self, rule: str, place: Place, /, **params: object) -> None:
        """A finding at a node or flow."""
        self._add(finding(rule, place.id, place.line, params, place.name or ""))

    def add_at(self, rule: str, element: etree._Element, /, **params: object) -> None:
        """A finding at an element of the XML: under its id, else under that of the nearest one around it."""
        if self._left[ALL_RULES[rule][0]] < 0:
            return
        around = _with_id(element)
        name = around.get("name", "")
        self._add(finding(rule, around.get("id", ""), line_of(element), params, name))

    def _add(self, found: Finding) -> None:
        self._left[found.severity] -= 1
        if self._left[found.severity] >= 0:
            self.findings.append(found)
        elif self._left[found.severity] == -1:
            more = finding("more", found.element_id, found.line, {"limit": MAX_FINDINGS}, found.name)
            self.findings.append(replace(more, severity=found.severity))

    @property
    def has_errors(self) -> bool:
        """Whether anything found so far refuses the diagram."""
        return any(found.severity == "error" for found in self.findings)


def finding(rule: str, element_id: str, line: int, params: dict[str, object], name: str = "") -> Finding:
    """A finding with the texts of its rule."""
    severity, message, hint = ALL_RULES[rule]
    return Finding(severity, rule, element_id, line, message, params, hint, name)


def line_of(element: etree._Element) -> int:
    """The line of an element in its file, from 1; 0 if it is not known."""
    return cast("int | None", element.sourceline) or 0


def _with_id(element: etree._Element) -> etree._Element:
    """The element itself, or the nearest one around it that has an id; else the root."""
    around = element
    while not around.get("id"):
        parent = around.getparent()
        if parent is None:
            break
        around = parent
    return around
