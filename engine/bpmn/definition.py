"""One deployed process: its nodes and its executable specs, read once and shared by all its instances."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from engine import errors

from . import assembly, xml
from .diagram import Diagram
from .findings import Known
from .lint import examine
from .lint_flows import Graph
from .nodes import Flow, Node

__all__ = ["Definition", "Node", "load"]


@dataclass(frozen=True)
class Definition:
    """A process that may be started; never changed once loaded. `hash` is the SHA-256 of its XML in hex."""

    process_id: str
    name: str | None
    hash: str
    nodes: Mapping[str, Node]
    flows: tuple[Flow, ...]
    properties: Mapping[str, str]
    specs: Mapping[str, Any] = field(repr=False)

    @property
    def name_en(self) -> str | None:
        """The process's English name, from its properties."""
        return self.properties.get("name_en")

    @property
    def called_processes(self) -> frozenset[str]:
        """Ids of the processes that its call activities call."""
        return self._all("called_process")

    @property
    def form_ids(self) -> frozenset[str]:
        """Ids of the forms of its user tasks."""
        return self._all("form_id")

    @property
    def decision_ids(self) -> frozenset[str]:
        """Ids of the decisions of its business rule tasks."""
        return self._all("decision_id")

    @property
    def services(self) -> frozenset[str]:
        """Types of its service tasks."""
        return self._all("service")

    @cached_property
    def graph(self) -> Graph:
        """Its nodes and flows by their ends, made when they are first asked for."""
        drawn = Diagram(self.process_id, self.name, 0, self.nodes, self.flows, self.properties)
        return Graph(drawn, self.flows)

    def _all(self, name: str) -> frozenset[str]:
        return frozenset(value for node in self.nodes.values() if (value := getattr(node, name)) is not None)


def load(source: bytes, known: Known | None = None) -> Definition:
    """The definition in a BPMN file in UTF-8; raises DiagramRefused with all findings if one is an error."""
    try:
        drawn, report = examine(xml.parse(source), known)
    except xml.UnsafeXml as error:
        raise errors.DiagramRefused([error.finding], [error.finding.element_id]) from error
    if drawn is None or report.has_errors:
        refused = [found.element_id for found in report.findings if found.severity == "error"]
        raise errors.DiagramRefused(report.findings, refused)
    return Definition(
        process_id=drawn.process_id,
        name=drawn.name,
        hash=hashlib.sha256(source).hexdigest(),
        nodes=drawn.nodes,
        flows=drawn.flows,
        properties=drawn.properties,
        specs=MappingProxyType(assembly.build(drawn)),
    )
