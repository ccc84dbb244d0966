"""Which variables a diagram may still read: all others can be forgotten on the way."""

from collections.abc import Iterable, Iterator, Mapping

from .chart import followers_of, is_multiple, loose_in
from .conditions import reads, root_of
from .definition import Definition
from .diagram import Node
from .world import World


class Liveness:
    """The variables that are worth remembering at each node of each process of a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        own = {key: self._read_in(process) for key, process in world.processes.items()}
        self._below = _spread(own, _calls(world))
        self._needed: dict[tuple[str, frozenset[str]], frozenset[str]] = {}
        self._gives: dict[int, frozenset[str]] = {}
        self._at = self._solved()

    def at(self, process_id: str, node_id: str) -> frozenset[str]:
        """The variables that may be read when a token stands before a node."""
        return self._at[process_id][node_id]

    def entering(self, process_id: str) -> frozenset[str]:
        """The variables that may be read in a process when it is entered, or behind it when it is left."""
        beginnings = _beginnings(self._world.processes[process_id])
        return frozenset[str]().union(*(self.at(process_id, key) for key in beginnings))

    def needed(self, process_id: str, behind: frozenset[str] = frozenset()) -> frozenset[str]:
        """The variables that may be read inside a process, and in those that it calls, as they came in.

        So may those of `behind`, which are read behind it, if it does not set them whatever happens.
        """
        key = (process_id, behind)
        if key not in self._needed:
            # What calls itself reads everything that it reads anywhere.
            self._needed[key] = self._below[process_id] | behind
            process = self._world.processes[process_id]
            at = self._solve(process, behind)
            self._needed[key] = frozenset[str]().union(*(at[one] for one in _beginnings(process)))
        return self._needed[key]

    def _read_in(self, process: Definition) -> frozenset[str]:
        texts = [flow.condition for flow in process.flows]
        texts += [source for node in process.nodes.values() for source, _ in (*node.inputs, *node.outputs)]
        return _roots(texts)

    def _solved(self) -> dict[str, Mapping[str, frozenset[str]]]:
        """The answer for each node of each process; what is read behind calls goes into what they call."""
        behind = dict.fromkeys(self._world.processes, frozenset[str]())
        found: dict[str, Mapping[str, frozenset[str]]] = {}
        todo = set(behind)
        while todo:
            key = todo.pop()
            process = self._world.processes[key]
            found[key] = self._solve(process, behind[key])
            for called, wanted in self._taken_over(process, found[key]):
                if called in behind and not wanted <= behind[called]:
                    behind[called] |= wanted
                    todo.add(called)
        return found

    def _taken_over(
        self, process: Definition, at: Mapping[str, frozenset[str]]
    ) -> Iterator[tuple[str, frozenset[str]]]:
        """(called process, those of its variables that may be read when it has ended) for each call."""
        followers = followers_of(process)
        for node in process.nodes.values():
            if node.called_process is None or is_multiple(node):
                continue
            if node.outputs:
                yield node.called_process, _roots(source for source, _ in node.outputs)
            elif node.propagate_all_child_variables:
                yield node.called_process, frozenset[str]().union(*(at[one] for one in followers[node.id]))

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
        if called and called in self._below:
            return read | self.needed(called, frozenset() if is_multiple(node) else results)
        return read | results

    def _given(self, node: Node) -> frozenset[str]:
        """What an activity itself gives: its outputs read that, and not what was there before."""
        if id(node) not in self._gives:
            self._gives[id(node)] = frozenset(root_of(name) for name in self._world.outcome(node).answers)
        return self._gives[id(node)]

    def _surely_set(self, node: Node) -> frozenset[str]:
        if is_multiple(node):
            return frozenset()
        if node.outputs:
            return frozenset(root_of(target) for _, target in node.outputs)
        return frozenset() if node.kind == "call_activity" else self._given(node)


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


def _spread(begin: Mapping[str, frozenset[str]], edges: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    """Adds to each process what its neighbours have, until nothing changes."""
    found = dict(begin)
    changed = True
    while changed:
        changed = False
        for key, neighbours in edges.items():
            wider = found[key].union(*(found[other] for other in neighbours))
            changed |= wider != found[key]
            found[key] = wider
    return found
