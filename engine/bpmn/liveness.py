"""Which variables a diagram may still read: all others can be forgotten on the way."""

from collections.abc import Iterable, Mapping

from .chart import followers_of, is_multiple, loose_in
from .conditions import reads, root_of
from .definition import Definition
from .diagram import Node
from .world import World


class Liveness:
    """The variables that are worth remembering at each node of each process of a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._own = {key: self._read_in(process) for key, process in world.processes.items()}
        self._below = self._spread(self._own, _calls(world))
        self._above = self._spread({key: frozenset() for key in self._own}, _callers(world), self._own)
        self._at: dict[str, Mapping[str, frozenset[str]]] = {}
        self._needed: dict[str, frozenset[str]] = {}

    def at(self, process_id: str, node_id: str) -> frozenset[str]:
        """The variables that may be read when a token stands before a node."""
        if process_id not in self._at:
            process = self._world.processes[process_id]
            self._at[process_id] = self._solve(process, self._above[process_id])
        return self._at[process_id][node_id]

    def entering(self, process_id: str) -> frozenset[str]:
        """The variables that may be read in a process when it is entered, or behind it when it is left."""
        beginnings = _beginnings(self._world.processes[process_id])
        return frozenset[str]().union(*(self.at(process_id, key) for key in beginnings))

    def needed(self, process_id: str) -> frozenset[str]:
        """The variables that may be read inside a process, and in those that it calls, as they came in."""
        if process_id not in self._needed:
            # What calls itself reads everything that it reads anywhere.
            self._needed[process_id] = self._below[process_id]
            process = self._world.processes[process_id]
            at = self._solve(process, frozenset())
            self._needed[process_id] = frozenset[str]().union(*(at[key] for key in _beginnings(process)))
        return self._needed[process_id]

    def _read_in(self, process: Definition) -> frozenset[str]:
        texts = [flow.condition for flow in process.flows]
        texts += [source for node in process.nodes.values() for source, _ in (*node.inputs, *node.outputs)]
        return _roots(texts)

    def _spread(
        self,
        begin: Mapping[str, frozenset[str]],
        edges: Mapping[str, set[str]],
        given: Mapping[str, frozenset[str]] | None = None,
    ) -> dict[str, frozenset[str]]:
        """Adds to each process what its neighbours have, until nothing changes."""
        found = dict(begin)
        changed = True
        while changed:
            changed = False
            for key, neighbours in edges.items():
                more = [found[other] | (given or begin)[other] for other in neighbours]
                wider = found[key].union(*more)
                changed |= wider != found[key]
                found[key] = wider
        return found

    def _solve(self, process: Definition, at_the_end: frozenset[str]) -> Mapping[str, frozenset[str]]:
        followers = followers_of(process)
        conditions = _conditions(process)
        used = {key: self._used(node, conditions[key]) for key, node in process.nodes.items()}
        at = dict.fromkeys(process.nodes, frozenset[str]())
        before: dict[str, set[str]] = {key: set() for key in process.nodes}
        for key, targets in followers.items():
            for target in targets:
                before[target].add(key)
        todo = list(process.nodes)
        while todo:
            key = todo.pop()
            node = process.nodes[key]
            after = frozenset[str]().union(*(at[target] for target in followers[key]))
            if node.kind == "end_event":
                after |= at_the_end
            live = used[key] | (after - self._surely_set(node))
            if live != at[key]:
                at[key] = live
                todo += before[key]
        return at

    def _used(self, node: Node, conditions: Iterable[str | None]) -> frozenset[str]:
        read = _roots([*conditions, *(source for source, _ in node.inputs)])
        results = _roots(source for source, _ in node.outputs) - self._given(node)
        called = node.called_process
        inside = self.needed(called) if called and called in self._below else frozenset[str]()
        return read | results | inside

    def _given(self, node: Node) -> frozenset[str]:
        """What an activity itself gives: its outputs read that, and not what was there before."""
        return frozenset(root_of(name) for name in self._world.outcome(node).answers)

    def _surely_set(self, node: Node) -> frozenset[str]:
        if node.kind == "call_activity" or is_multiple(node):
            return frozenset()
        if node.outputs:
            return frozenset(root_of(target) for _, target in node.outputs)
        return self._given(node)


def _beginnings(process: Definition) -> list[str]:
    """Where a process or an event sub-process of it can begin."""
    here = process.process_id
    starts = [node.id for node in process.nodes.values() if node.kind == "start_event" and node.scope == here]
    return [*starts, *(node.id for node in loose_in(process).get(here, ()))]


def _conditions(process: Definition) -> dict[str, list[str | None]]:
    found: dict[str, list[str | None]] = {key: [] for key in process.nodes}
    for flow in process.flows:
        found[flow.source].append(flow.condition)
    return found


def _roots(texts: Iterable[str | None]) -> frozenset[str]:
    return frozenset(root_of(path) for text in texts for path in reads(text))


def _calls(world: World) -> dict[str, set[str]]:
    return {
        key: {called for called in process.called_processes if called in world.processes}
        for key, process in world.processes.items()
    }


def _callers(world: World) -> dict[str, set[str]]:
    calls = _calls(world)
    return {key: {caller for caller, called in calls.items() if key in called} for key in calls}
