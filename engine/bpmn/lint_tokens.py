"""Plays all ways through a process with tokens on its flows, to find joins that wait forever."""

from collections import deque
from collections.abc import Iterator

from .diagram import Diagram, Node
from .lint_flows import Graph
from .report import Report

MAX_MARKINGS = 5_000
"""Where there are more, the play is stopped: it may then miss a join, but never names a sound one."""

Marking = frozenset[tuple[str, int]]


def check(diagram: Diagram, report: Report) -> None:
    """Findings for parallel gateways that can deadlock. A diagram must have no other errors."""
    graph = Graph(diagram, diagram.flows)
    for scope_id in graph.scopes:
        for node in _Game(graph, scope_id).stuck():
            report.add("join-deadlock", node)


class _Game:
    """The tokens of one scope; a sub-process in it is one step, whatever happens inside."""

    def __init__(self, graph: Graph, scope_id: str) -> None:
        self._graph = graph
        self._nodes = graph.diagram.inside(scope_id)
        self._joins = [
            node
            for node in self._nodes
            if node.kind == "parallel_gateway" and len(graph.incoming[node.id]) > 1
        ]

    def stuck(self) -> list[Node]:
        """The joins that hold tokens when nothing can move any more."""
        if not self._joins:
            return []
        start = next(node for node in self._nodes if node.kind == "start_event")
        todo = deque([self._put(frozenset(), [flow.id for flow in self._graph.outgoing[start.id]])])
        seen = set(todo)
        found: dict[str, Node] = {}
        while todo and len(seen) < MAX_MARKINGS:
            marking = todo.popleft()
            followers = list(self._moves(marking))
            if marking and not followers:
                found.update((node.id, node) for node in self._joins if self._held(node, marking))
            for follower in followers:
                if follower not in seen:
                    seen.add(follower)
                    todo.append(follower)
        return list(found.values())

    def _held(self, join: Node, marking: Marking) -> bool:
        counts = dict(marking)
        return any(flow.id in counts for flow in self._graph.incoming[join.id])

    def _moves(self, marking: Marking) -> Iterator[Marking]:
        counts = dict(marking)
        for node in self._nodes:
            held = [flow.id for flow in self._graph.incoming[node.id] if flow.id in counts]
            if not held:
                continue
            if node.kind == "parallel_gateway":
                if len(held) == len(self._graph.incoming[node.id]):
                    yield from self._results(node, self._take(marking, held))
            else:
                for flow_id in held:
                    yield from self._results(node, self._take(marking, [flow_id]))

    def _results(self, node: Node, rest: Marking) -> Iterator[Marking]:
        outgoing = [flow.id for flow in self._graph.outgoing[node.id]]
        if node.kind == "end_event":
            yield frozenset() if node.event else rest
        elif node.kind in ("exclusive_gateway", "event_based_gateway"):
            for flow_id in outgoing:
                yield self._put(rest, [flow_id])
        else:
            yield self._put(rest, outgoing)
            for event_id in self._graph.boundary.get(node.id, ()):
                event = self._graph.nodes[event_id]
                fired = [flow.id for flow in self._graph.outgoing[event_id]]
                yield self._put(rest, fired if event.interrupting else fired + outgoing)

    @staticmethod
    def _take(marking: Marking, flow_ids: list[str]) -> Marking:
        counts = dict(marking)
        for flow_id in flow_ids:
            counts[flow_id] -= 1
        return frozenset((flow_id, count) for flow_id, count in counts.items() if count)

    @staticmethod
    def _put(marking: Marking, flow_ids: list[str]) -> Marking:
        counts = dict(marking)
        for flow_id in flow_ids:
            counts[flow_id] = counts.get(flow_id, 0) + 1
        return frozenset(counts.items())
