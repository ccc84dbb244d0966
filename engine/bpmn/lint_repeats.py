"""Judges what repeats, what an event begins inside a scope, and what links lead to."""

from collections import Counter

from .diagram import Diagram
from .nodes import ACTIVITIES, Node
from .report import Report

MAX_ROUNDS = 1_000_000


def check(diagram: Diagram, report: Report) -> None:
    """Findings for loops, event sub-processes, links and inclusive gateways."""
    for node in diagram.nodes.values():
        if node.loop is not None:
            _loop(node, report)
        if node.kind == "event_sub_process":
            _event_sub_process(diagram, node, report)
    _links(diagram, report)
    _circles(diagram, report)


def _loop(node: Node, report: Report) -> None:
    loop = node.loop
    if loop is None or node.kind not in ACTIVITIES | {"sub_process"}:
        report.add("loop-here", node)
    elif loop.kind == "standard":
        if not loop.condition and loop.maximum is None:
            report.add("loop-end", node)
        maximum = loop.maximum or "1"
        if not (maximum.isascii() and maximum.isdigit() and 0 < int(maximum[:10]) <= MAX_ROUNDS):
            report.add("loop-maximum", node, limit=MAX_ROUNDS)
    else:
        if not (loop.collection or "").startswith("="):
            report.add("loop-collection", node)
        if bool(loop.output_collection) != bool(loop.output_element):
            report.add("loop-output", node)
        elif not loop.output_collection and node.kind != "manual_task":
            report.add("loop-kept", node)
        if loop.output_element and not loop.output_element.startswith("="):
            report.add("condition-language", node, text=loop.output_element[:200])


def _event_sub_process(diagram: Diagram, node: Node, report: Report) -> None:
    if any(node.id in (flow.source, flow.target) for flow in diagram.flows) or node.attached_to:
        report.add("event-sub-process-flow", node)
    if diagram.boundary_events(node.id):
        report.add("event-sub-process-flow", node)


def _links(diagram: Diagram, report: Report) -> None:
    links = [node for node in diagram.nodes.values() if node.event == "link"]
    caught = Counter((node.scope, node.link) for node in links if not node.throws)
    for node in links:
        if not node.link:
            report.add("link-name", node)
        elif node.throws and not caught[node.scope, node.link]:
            report.add("link-target", node, name=node.link)
        elif not node.throws and caught[node.scope, node.link] > 1:
            report.add("link-twice", node, name=node.link)
        if diagram.outgoing(node.id) if node.throws else diagram.incoming(node.id):
            report.add("link-flow", node)


def _circles(diagram: Diagram, report: Report) -> None:
    """Two joins that can each come before the other would wait for each other."""
    joins = [
        node
        for node in diagram.nodes.values()
        if node.kind == "inclusive_gateway" and len(diagram.incoming(node.id)) > 1
    ]
    before = {join.id: diagram.before(join.id, without="") for join in joins}
    for join in joins:
        if any(
            other is not join and join.id in before[other.id] and other.id in before[join.id]
            for other in joins
        ):
            report.add("inclusive-circle", join)
