"""Judges a BPMN file: what would run wrong or never end is an error, what reads badly a warning."""

from lxml import etree

from . import lint_elements, lint_flows, lint_nodes, lint_repeats, lint_tokens, xml
from .diagram import Diagram, executable_processes, read
from .findings import Finding, Known
from .report import Report

MAX_NODES = 2_000


def lint(source: bytes, known: Known | None = None) -> list[Finding]:
    """All findings in a BPMN file, never an exception; references are checked where `known` is given."""
    try:
        root = xml.parse(source)
    except xml.UnsafeXml as error:
        return [error.finding]
    return examine(root, known)[1].findings


def examine(root: etree._Element, known: Known | None) -> tuple[Diagram | None, Report]:
    """The diagram of a file with one executable process, or None, and what was found."""
    report = Report()
    lint_elements.check(root, report)
    processes = executable_processes(root)
    if len(processes) != 1:
        report.add_at("process-count", root, count=len(processes))
        return None, report
    diagram = read(root, processes[0])
    if len(diagram.nodes) > MAX_NODES or len(diagram.flows) > 2 * MAX_NODES:
        report.add("size", diagram, size=len(diagram.nodes), limit=MAX_NODES)
        return None, report
    lint_nodes.check(diagram, known, report)
    lint_flows.check(diagram, report)
    lint_repeats.check(diagram, report)
    if not report.has_errors:
        lint_tokens.check(diagram, report)
    return diagram, report
