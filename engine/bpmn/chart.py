"""One process as a chart for walks: flows by their ends, boundary events, starts, and what runs beside."""

from collections.abc import Iterable, Iterator, Mapping

from .conditions import root_of
from .definition import Definition
from .diagram import Flow, Node
from .world import World

EVERYTHING = "*"
SPLITS = frozenset(("parallel_gateway", "inclusive_gateway"))


class Chart:
    """One process's flows by their ends, and the variables that branches beside each other set."""

    def __init__(self, world: World, process: Definition) -> None:
        self.outgoing: dict[str, list[Flow]] = {key: [] for key in process.nodes}
        self.incoming: dict[str, list[Flow]] = {key: [] for key in process.nodes}
        self.boundary: dict[str, list[Node]] = {key: [] for key in process.nodes}
        self.starts: dict[str, list[Node]] = {}
        for flow in ways_in(process):
            self.outgoing[flow.source].append(flow)
            self.incoming[flow.target].append(flow)
        for node in process.nodes.values():
            if node.attached_to in self.boundary:
                self.boundary[node.attached_to].append(node)
            if node.kind == "start_event":
                self.starts.setdefault(node.scope, []).append(node)
        self.loose = loose_in(process)
        self.unsure = frozenset(_unsure(world, process, self.boundary))

    def messages(self, scope_id: str, *, interrupting: bool) -> frozenset[str]:
        """The messages that begin event sub-processes in a scope, and end the rest of it or not."""
        starts = (start for node in self.loose.get(scope_id, ()) for start in self.starts.get(node.id, ()))
        return _messages(starts, interrupting)

    def messages_on(self, node_id: str, *, interrupting: bool) -> frozenset[str]:
        """The messages that the boundary events of an activity wait for, and that end it or not."""
        return _messages(self.boundary[node_id], interrupting)


def _messages(events: Iterable[Node], interrupting: bool) -> frozenset[str]:
    return frozenset(one.message for one in events if one.message and one.interrupting is interrupting)


def _unsure(world: World, process: Definition, boundary: Mapping[str, list[Node]]) -> Iterator[str]:
    """Variables that one token may set while another reads them: their values are never relied on."""
    followers = followers_of(process)
    for node in process.nodes.values():
        beside = [event.id for event in boundary[node.id] if not event.interrupting]
        branches = beside or (
            followers[node.id] if node.kind in ("parallel_gateway", "inclusive_gateway") else ()
        )
        if len(branches) < 2 and not beside:
            continue
        reached = [_reached(followers, branch) for branch in branches]
        common = frozenset.intersection(*reached) if len(reached) > 1 else frozenset()
        for node_id in frozenset().union(*reached) - common:
            yield from _sets(world, process.nodes[node_id])


def _reached(followers: Mapping[str, set[str]], begin: str) -> frozenset[str]:
    seen, todo = {begin}, [begin]
    while todo:
        for target in followers[todo.pop()] - seen:
            seen.add(target)
            todo.append(target)
    return frozenset(seen)


def _sets(world: World, node: Node) -> Iterator[str]:
    if is_multiple(node):
        yield from output_of(node)
    elif node.outputs:
        yield from (root_of(target) for _, target in node.outputs)
    elif node.called_process in world.processes:
        yield EVERYTHING
    else:
        yield from (root_of(name) for name in world.outcome(node).answers)


def is_multiple(node: Node) -> bool:
    """Whether a node runs once for each item of a collection, with variables of its own each time."""
    return node.loop is not None and node.loop.kind != "standard"


def output_of(node: Node) -> frozenset[str]:
    """The variable in which the results of such a node are collected."""
    name = node.loop.output_collection if node.loop else None
    return frozenset({root_of(name)} if name else ())


def ways_in(process: Definition) -> list[Flow]:
    """The flows of a process, and one from each throwing link event to the one that catches it."""
    links = [node for node in process.nodes.values() if node.event == "link"]
    caught = {(node.scope, node.link): node for node in links if not node.throws}
    pairs = ((node, caught.get((node.scope, node.link))) for node in links if node.throws)
    linked = [Flow(one.id, one.id, other.id, one.scope, one.line) for one, other in pairs if other]
    return [*process.flows, *linked]


def loose_in(process: Definition) -> dict[str, list[Node]]:
    """By scope, what a token can come to without a flow: event sub-processes."""
    targets = {flow.target for flow in ways_in(process)}
    found: dict[str, list[Node]] = {}
    for node in process.nodes.values():
        if node.kind not in ("start_event", "boundary_event") and node.id not in targets:
            found.setdefault(node.scope, []).append(node)
    return found


def followers_of(process: Definition) -> dict[str, set[str]]:
    """The nodes to which a token can go on, into and out of sub-processes too, and by boundary events."""
    found: dict[str, set[str]] = {key: set() for key in process.nodes}
    for flow in ways_in(process):
        found[flow.source].add(flow.target)
    for node in process.nodes.values():
        if node.attached_to in found:
            found[node.attached_to].add(node.id)
    loose = loose_in(process)
    for node in process.nodes.values():
        scopes = [process.process_id, *(around.id for around in _around(process, node))]
        found[node.id] |= {other.id for scope in scopes for other in loose.get(scope, ())}
        for around in _around(process, node):
            found[node.id] |= {inner.id for inner in process.nodes.values() if inner.attached_to == around.id}
            if node.kind == "start_event" and around.id == node.scope:
                found[around.id].add(node.id)
            if node.kind == "end_event":
                found[node.id] |= {flow.target for flow in process.flows if flow.source == around.id}
    return found


def _around(process: Definition, node: Node) -> Iterator[Node]:
    scope = process.nodes.get(node.scope)
    while scope is not None:
        yield scope
        scope = process.nodes.get(scope.scope)
