"""Plays all ways through a process with tokens on its flows: joins that wait forever, tokens that meet."""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import combinations

from .diagram import Diagram
from .lint_flows import Graph, reached
from .nodes import Node
from .report import Report

MAX_MARKINGS = 5_000
"""Where there are more, the play is stopped, and says so: it may miss a join, but never names a sound one."""
MAX_WORK = 400_000
"""As MAX_MARKINGS, counted in tokens: markings of wide diagrams are large."""
MAX_TOKENS = 2
MAX_OPENED = 6
"""Of an inclusive gateway with more conditions only one or all of them are opened."""
NEVER_CROWDED = frozenset(("parallel_gateway", "inclusive_gateway", "end_event"))

Marking = frozenset[tuple[str, int]]


def check(diagram: Diagram, report: Report) -> None:
    """Findings for joins that can deadlock or are missing. A diagram must have no other errors."""
    graph = Graph(diagram, diagram.flows)
    for scope_id in graph.scopes:
        game = Game(graph, scope_id)
        for node in game.stuck(game.first):
            report.add("join-deadlock", node)
        for node in game.crowded.values():
            report.add("join-missing", node)
        if game.is_cut:
            report.add("play-limit", graph.place(scope_id), limit=MAX_MARKINGS)


class Game:
    """The tokens of one scope; a sub-process in it is one step, whatever happens inside."""

    def __init__(self, graph: Graph, scope_id: str) -> None:
        self._graph = graph
        self._nodes = graph.diagram.inside(scope_id)
        self._joins = [
            node
            for node in self._nodes
            if node.kind == "parallel_gateway" and len(graph.incoming[node.id]) > 1
        ]
        self._targets = {flow.id: node for node in self._nodes for flow in graph.incoming[node.id]}
        self._merges = [
            node
            for node in self._nodes
            if node.kind not in NEVER_CROWDED and len(graph.incoming[node.id]) > 1
        ]
        self._awaited = {
            node.id: {
                flow.id: graph.diagram.before(flow.source, without=node.id)
                for flow in graph.incoming[node.id]
            }
            for node in self._nodes
            if node.kind == "inclusive_gateway" and len(graph.incoming[node.id]) > 1
        }
        self._upstream: dict[str, frozenset[str]] = {}
        self._order = {node_id: number for number, node_id in enumerate(self._by_distance())}
        self.crowded: dict[str, Node] = {}
        self.is_cut = False

    def _flows_to(self, merge: Node) -> frozenset[str]:
        """The flows from which a token can come to a merge."""
        if merge.id not in self._upstream:
            before = reached([merge.id], self._graph.predecessors)
            flows = frozenset(flow.id for node_id in before for flow in self._graph.incoming[node_id])
            self._upstream[merge.id] = flows
        return self._upstream[merge.id]

    def _by_distance(self) -> list[str]:
        found = {node.id: None for node in self._nodes if node.kind == "start_event"}
        for node_id in (todo := list(found)):
            for target in self._graph.followers(node_id):
                if target not in found:
                    found[target] = None
                    todo.append(target)
        return todo

    @property
    def first(self) -> list[str]:
        """The flows on which tokens stand when the scope begins."""
        start = next(node for node in self._nodes if node.kind == "start_event")
        return [flow.id for flow in self._graph.outgoing[start.id]]

    def stuck(self, begin: Iterable[str]) -> list[Node]:
        """The joins that hold tokens when nothing can move any more, tokens standing first on these flows.

        Fills `crowded` with the merges where tokens of one case meet, and `is_cut` if the play was stopped.
        """
        todo = deque([self._put(frozenset(), begin)])
        seen = set(todo)
        found: dict[str, Node] = {}
        work = 0
        while todo and len(seen) < MAX_MARKINGS and work < MAX_WORK:
            marking = todo.popleft()
            if sum(count for _, count in marking) > 1:
                self.crowded.update((node.id, node) for node in self._merges if self._meet(node, marking))
            if any(count > MAX_TOKENS for _, count in marking):
                continue
            followers = list(self._moves(marking))
            work += len(marking) * len(followers)
            if marking and not followers:
                found.update((node.id, node) for node in self._joins if self._held(node, marking))
            for follower in followers:
                if follower not in seen:
                    seen.add(follower)
                    todo.append(follower)
        self.is_cut = bool(todo)
        return list(found.values())

    def _meet(self, merge: Node, marking: Marking) -> bool:
        incoming = {flow.id for flow in self._graph.incoming[merge.id]}
        return sum(count for flow_id, count in marking if flow_id in incoming) > 1

    def _held(self, join: Node, marking: Marking) -> bool:
        counts = dict(marking)
        return any(flow.id in counts for flow in self._graph.incoming[join.id])

    def _moves(self, marking: Marking) -> Iterator[Marking]:
        """What can follow. Nodes never compete for a token, so that one order stands for all of them.

        The token that has come furthest goes first; merges wait for those that can still meet there; what
        ends everything comes last.
        """
        counts = dict(marking)
        movable = [(node, held) for node in self._holding(counts) if (held := self._movable(node, counts))]
        ranks = {node.id: self._rank(node, counts) for node, _ in movable}
        first = min(ranks.values(), default=0)
        chosen = [(node, held) for node, held in movable if ranks[node.id] == first]
        if not first:
            chosen = sorted(chosen, key=lambda one: self._order[one[0].id])[-1:]
        for node, held in chosen:
            for taken in held:
                yield from self._results(node, self._take(marking, taken))

    def _holding(self, counts: dict[str, int]) -> list[Node]:
        """The nodes before which tokens stand."""
        return list({target.id: target for flow_id in counts for target in [self._targets[flow_id]]}.values())

    def _movable(self, node: Node, counts: dict[str, int]) -> list[list[str]]:
        """The sets of flows whose tokens a node can take now."""
        incoming = self._graph.incoming[node.id]
        held = [flow.id for flow in incoming if flow.id in counts]
        if node.id in self._awaited:
            return [held] if held and not self._is_awaited(node, counts) else []
        if node.kind != "parallel_gateway":
            return [[flow_id] for flow_id in held]
        return [held] if held and len(held) == len(incoming) else []

    def _is_awaited(self, join: Node, counts: dict[str, int]) -> bool:
        """Whether an inclusive join still waits for a token that is elsewhere (BPMN 2.0, 13.4.3)."""
        for flow_id in counts:
            place = self._targets[flow_id].id
            reached = {into for into, before in self._awaited[join.id].items() if place in before}
            if place != join.id and reached and not reached & counts.keys():
                return True
        return False

    def _rank(self, node: Node, counts: dict[str, int]) -> int:
        if node.kind == "end_event" and node.event in ("terminate", "error"):
            return 2
        if len(counts) < 2 or node.kind in NEVER_CROWDED or len(self._graph.incoming[node.id]) < 2:
            return 0
        return 1 if len(counts.keys() & self._flows_to(node)) > 1 else 0

    def _results(self, node: Node, rest: Marking) -> Iterator[Marking]:
        outgoing = [flow.id for flow in self._graph.outgoing[node.id]]
        if node.kind == "end_event":
            yield frozenset() if node.event in ("terminate", "error") else rest
        elif node.kind in ("exclusive_gateway", "event_based_gateway"):
            for flow_id in outgoing:
                yield self._put(rest, [flow_id])
        elif node.kind == "inclusive_gateway":
            for opened in _openings([flow_id for flow_id in outgoing if flow_id != node.default]):
                yield self._put(rest, opened)
            if node.default:
                yield self._put(rest, [node.default])
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
    def _put(marking: Marking, flow_ids: Iterable[str]) -> Marking:
        counts = dict(marking)
        for flow_id in flow_ids:
            counts[flow_id] = counts.get(flow_id, 0) + 1
        return frozenset(counts.items())


def _openings(flow_ids: list[str]) -> Iterator[list[str]]:
    """The sets of branches that an inclusive gateway can open by its conditions."""
    count = len(flow_ids)
    for size in (1, count) if count > MAX_OPENED else range(1, count + 1):
        yield from map(list, combinations(flow_ids, size))
