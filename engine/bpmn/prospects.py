"""What becomes of tokens in a new diagram: joins that would wait forever, nodes that would be done twice."""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from .lint_flows import Graph, reached
from .lint_tokens import Game
from .nodes import Node

JOINING = ("parallel_gateway", "inclusive_gateway")
Renamed = Callable[[str], str]
Stood = tuple[str, str | None]
"""The node at which a token stands and, if it waits at a join, the node from which it has come."""


class Prospects:
    """Compares what can become of tokens in two diagrams; `renamed` gives the new id for an old one."""

    def __init__(self, old: Graph, new: Graph, renamed: Renamed) -> None:
        self._old, self._new, self._renamed = old, new, renamed

    def troubles(self, scope_id: str, tokens: Iterable[Stood]) -> Iterator[tuple[str, Node]]:
        """(code of the reason, node of the new diagram) for what would go wrong in it, and did not before.

        `tokens` are all in one scope of the old diagram, each at a node that is in the new one too.
        """
        stand = list(tokens)
        found = dict.fromkeys(("doubled", key) for key in self._overtaken(stand))
        found |= dict.fromkeys(self._played(scope_id, stand))
        yield from ((code, self._new.nodes[key]) for code, key in found)

    def _overtaken(self, tokens: list[Stood]) -> Iterator[str]:
        """Where a token stands and another would come too, which stood beside it before."""
        stand = {node_id for node_id, source in tokens if source is None}
        for node_id in sorted(stand) if len(stand) > 1 else ():
            was = {self._renamed(ahead) for ahead in _ahead(self._old, node_id)}
            now = _ahead(self._new, self._renamed(node_id))
            yield from sorted({self._renamed(other) for other in stand - {node_id}} & now - was)

    def _played(self, scope_id: str, tokens: list[Stood]) -> Iterator[tuple[str, str]]:
        new_id = self._renamed(scope_id)
        moved = [(self._renamed(at), source and self._renamed(source)) for at, source in tokens]
        before = play(self._old, scope_id, _flows(self._old, tokens))
        fresh = play(self._new, new_id, None)
        after = play(self._new, new_id, _flows(self._new, moved))
        was_stuck, was_crowded = (
            {self._renamed(node_id) for node_id in ids} for ids in (before.stuck, before.crowded)
        )
        yield from (("stuck", key) for key in after.stuck if key not in was_stuck)
        yield from (("doubled", key) for key in after.crowded if key not in was_crowded.union(fresh.crowded))
        if after.is_cut:
            yield from (("unsure", key) for key in self._unsure(scope_id, tokens))

    def _unsure(self, scope_id: str, tokens: list[Stood]) -> Iterator[str]:
        """The joins ahead of ways that can't be played and differ from those of the old diagram."""
        if _ways(self._old, scope_id, self._renamed) == _ways(self._new, self._renamed(scope_id), str):
            return
        for node_id in sorted(reached([self._renamed(at) for at, _ in tokens], self._new.followers)):
            if self._new.nodes[node_id].kind == "parallel_gateway" and len(self._new.incoming[node_id]) > 1:
                yield node_id


class Played(NamedTuple):
    """What a play shows, by node ids: joins that wait forever, merges where tokens meet."""

    stuck: tuple[str, ...]
    crowded: tuple[str, ...]
    is_cut: bool


@lru_cache(1_000)
def play(graph: Graph, scope_id: str, begin: tuple[str, ...] | None) -> Played:
    """What can become of tokens on these flows of a scope, None meaning its beginning."""
    game = Game(graph, scope_id)
    stuck = game.stuck(game.first if begin is None else begin)
    return Played(tuple(node.id for node in stuck), tuple(game.crowded), game.is_cut)


def _ahead(graph: Graph, node_id: str) -> set[str]:
    """The nodes to which the token of a node can come alone, without being joined with others."""

    def step(at: str) -> list[str]:
        joins = graph.nodes[at].kind in JOINING and len(graph.incoming[at]) > 1
        return [] if joins else graph.followers(at)

    return reached(graph.followers(node_id), step)


def _ways(graph: Graph, scope_id: str, renamed: Renamed) -> set[tuple[str, str, str, str]]:
    return {
        (renamed(node.id), node.kind, renamed(flow.target), graph.nodes[flow.target].kind)
        for node in graph.diagram.inside(scope_id)
        for flow in graph.outgoing[node.id]
    }


def _flows(graph: Graph, tokens: Iterable[Stood]) -> tuple[str, ...]:
    """The flows on which tokens stand: any into their node, that from their source at a join."""
    found: list[str] = []
    for node_id, source in tokens:
        incoming = [flow.id for flow in graph.incoming[node_id] if source in (None, flow.source)]
        found += incoming[:1] or [flow.id for flow in graph.outgoing[node_id]]
    return tuple(sorted(found))
