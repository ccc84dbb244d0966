"""Judges how the nodes hang together: starts, ends, gateways, and ways that never end."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial

from .diagram import Diagram
from .nodes import ACTIVITIES, SUB_PROCESSES, Flow, Node
from .report import Report

_CHOOSING = ("exclusive_gateway", "inclusive_gateway")
_SPLITTING = frozenset((*_CHOOSING, "parallel_gateway", "event_based_gateway"))
_MERGING = frozenset((*_CHOOSING, "parallel_gateway"))
_WAITING = ACTIVITIES | {"intermediate_catch_event", "event_based_gateway"}


def check(diagram: Diagram, report: Report) -> None:
    """Findings for the flows of the process and of each sub-process inside it."""
    sound = [flow for flow in diagram.flows if _ends(diagram, flow, report)]
    _twice(sound, report)
    graph = Graph(diagram, sound)
    for scope_id in graph.scopes:
        _scope(graph, scope_id, report)
    for node in diagram.nodes.values():
        _node(graph, node, report)


class Graph:
    """The nodes of a diagram with their flows; a boundary event counts as a follower of its activity."""

    def __init__(self, diagram: Diagram, flows: Iterable[Flow]) -> None:
        self.diagram = diagram
        self.nodes = diagram.nodes
        self.scopes = [diagram.process_id, *(n.id for n in self.nodes.values() if n.kind in SUB_PROCESSES)]
        self.outgoing: dict[str, list[Flow]] = {node_id: [] for node_id in self.nodes}
        self.incoming: dict[str, list[Flow]] = {node_id: [] for node_id in self.nodes}
        for flow in (*flows, *_link_flows(diagram)):
            self.outgoing[flow.source].append(flow)
            self.incoming[flow.target].append(flow)
        self.boundary: dict[str, list[str]] = {}
        for node in self.nodes.values():
            if node.attached_to is not None:
                self.boundary.setdefault(node.attached_to, []).append(node.id)

    def followers(self, node_id: str) -> list[str]:
        """The nodes to which a token can go on from a node."""
        return [flow.target for flow in self.outgoing[node_id]] + self.boundary.get(node_id, [])

    def predecessors(self, node_id: str) -> list[str]:
        """The nodes from which a token can come to a node."""
        before = [flow.source for flow in self.incoming[node_id]]
        host = self.nodes[node_id].attached_to
        return before if host is None or host not in self.nodes else [*before, host]

    def place(self, scope_id: str) -> Node | Diagram:
        """The sub-process or process with this id."""
        return self.nodes.get(scope_id, self.diagram)

    def waits(self, node: Node) -> bool:
        """Whether every token has to wait at a node, or at least at something inside it."""
        if node.kind == "sub_process":
            return any(self.waits(inner) for inner in self.diagram.inside(node.id))
        return node.kind in _WAITING and node.kind != "script_task" and node.event != "link"


def reached(begin: Iterable[str], step: Callable[[str], Iterable[str]]) -> set[str]:
    """All nodes that can be reached from some, with these."""
    seen = set(begin)
    todo = list(seen)
    while todo:
        for node_id in step(todo.pop()):
            if node_id not in seen:
                seen.add(node_id)
                todo.append(node_id)
    return seen


def _link_flows(diagram: Diagram) -> list[Flow]:
    """What link events stand for, as flows that have the ids of the throwing events."""
    return [
        Flow(source.id, source.id, target.id, source.scope, source.line) for source, target in diagram.links()
    ]


def _ends(diagram: Diagram, flow: Flow, report: Report) -> bool:
    for attribute, node_id in (("sourceRef", flow.source), ("targetRef", flow.target)):
        node = diagram.nodes.get(node_id)
        if node is None:
            report.add("reference", flow, attribute=attribute, id=node_id)
            return False
        if node.scope != flow.scope:
            report.add("flow-crosses", flow)
            return False
    return True


def _twice(flows: Iterable[Flow], report: Report) -> None:
    seen: set[tuple[str, str]] = set()
    for flow in flows:
        if (flow.source, flow.target) in seen:
            report.add("flow-twice", flow, source=flow.source, target=flow.target)
        seen.add((flow.source, flow.target))


def _scope(graph: Graph, scope_id: str, report: Report) -> None:
    nodes = graph.diagram.inside(scope_id)
    starts = [node for node in nodes if node.kind == "start_event"]
    plain = [node for node in starts if node.event is None]
    if not starts or len(plain) > 1 or (len(starts) > 1 and scope_id in graph.nodes):
        report.add("start", graph.place(scope_id), count=len(starts))
        return
    begun_by_events = (node.id for node in nodes if node.kind == "event_sub_process")
    forward = reached([*(node.id for node in starts), *begun_by_events], graph.followers)
    ending = reached((node.id for node in nodes if node.kind == "end_event"), graph.predecessors)
    for node in nodes:
        if node.id not in forward:
            report.add("unreachable", node)
        elif node.kind == "event_sub_process":
            continue
        elif not graph.outgoing[node.id] and node.kind != "end_event":
            report.add("dead-end", node)
        elif node.id not in ending:
            report.add("no-end", node)
    _endless(graph, nodes, report)


def _endless(graph: Graph, nodes: Iterable[Node], report: Report) -> None:
    """Names the first node of a ring in which no node waits."""
    ahead = {
        node.id: [flow.target for flow in graph.outgoing[node.id]] for node in nodes if not graph.waits(node)
    }
    entries = Counter(target for targets in ahead.values() for target in targets)
    todo = [node_id for node_id in ahead if not entries[node_id]]
    for node_id in todo:
        for target in ahead.pop(node_id):
            entries[target] -= 1
            if not entries[target] and target in ahead:
                todo.append(target)
    for node_id in ahead:
        step = partial(_within, ahead)
        if node_id in reached(step(node_id), step):
            report.add("endless-loop", graph.nodes[node_id])
            return


def _within(ahead: Mapping[str, list[str]], node_id: str) -> list[str]:
    return [target for target in ahead[node_id] if target in ahead]


def _node(graph: Graph, node: Node, report: Report) -> None:
    outgoing, incoming = graph.outgoing[node.id], graph.incoming[node.id]
    for kind, flows, rule in (
        ("start_event", incoming, "start-incoming"),
        ("boundary_event", incoming, "boundary-incoming"),
        ("end_event", outgoing, "end-outgoing"),
    ):
        if node.kind == kind and flows:
            report.add(rule, flows[0])
    if len(outgoing) > 1 and node.kind not in _SPLITTING:
        report.add("implicit-split", node)
    if len(incoming) > 1 and node.kind not in _MERGING and node.event != "link":
        report.add("implicit-merge", node)
    if node.kind in _SPLITTING and len(outgoing) == 1 and len(incoming) <= 1:
        report.add("superfluous-gateway", node)
    if node.kind == "event_based_gateway":
        _event_gateway(graph, node, report)
    if node.kind in _CHOOSING:
        _exclusive(node, outgoing, report)
        return
    for flow in outgoing:
        if flow.condition is not None:
            report.add("condition-ignored", flow)


def _event_gateway(graph: Graph, node: Node, report: Report) -> None:
    targets = [graph.nodes[flow.target] for flow in graph.outgoing[node.id]]
    fitting = all(
        (target.kind == "intermediate_catch_event" and target.event != "link")
        or (target.kind == "receive_task" and not graph.boundary.get(target.id) and target.loop is None)
        for target in targets
    )
    entered = any(len(graph.incoming[target.id]) > 1 for target in targets)
    if len(targets) < 2 or not fitting or entered:
        report.add("event-gateway", node)


def _exclusive(node: Node, outgoing: list[Flow], report: Report) -> None:
    defaults = [flow for flow in outgoing if flow.id == node.default]
    if (node.default and not defaults) or any(flow.condition is not None for flow in defaults):
        report.add("default", node)
    if len(outgoing) < 2:
        return
    if not node.name:
        report.add("label", node)
    for flow in outgoing:
        if flow.id != node.default and flow.condition is None:
            report.add("condition-missing", flow)
    if not node.default:
        report.add("gateway-default", node)
