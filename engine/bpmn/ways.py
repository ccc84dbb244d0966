"""Follows every way through a world of diagrams, over call activities, with what is known on the way.

Where a condition can't be told, both ways are followed. Branches beside each other are followed one by one
and brought together at the gateway that joins them, or where the scope ends that holds them.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from .chart import SPLITS, is_multiple
from .conditions import root_of, value
from .definition import Definition
from .diagram import Flow, Node
from .ground import Ground
from .states import Known, Passage, Scope, Spot, State, Trail, Watcher, along, takeable, together
from .world import Outcome

MAX_STEPS = 10_000
MAX_DEPTH = 30
SHOWN = frozenset(("user_task", "service_task", "business_rule_task", "call_activity", "boundary_event"))


class TooMany(Exception):
    """There are more ways than are followed."""


class Ways:
    """One walk over the ground for one watcher."""

    def __init__(self, ground: Ground, watcher: Watcher) -> None:
        self.ground, self.watcher = ground, watcher
        self._passed: dict[tuple[object, ...], Passage] = {}
        self._taken: dict[tuple[str, str, Known], list[tuple[Flow, frozenset[str]]]] = {}
        self._steps = 0

    def follow(self, root: Definition) -> None:
        """Follow every way that begins at a process's own start; raises TooMany."""
        none = frozenset[str]()
        self.through(Scope(root, root.process_id, (), none, none, (root.process_id,)), State())

    def through(self, scope: Scope, entry: State) -> Passage:
        """What comes of a scope that is entered in a state; found once."""
        key = (scope.process.process_id, scope.id, entry, scope.caught, scope.heard, scope.is_whole)
        if key not in self._passed:
            self._passed[key] = passage = Passage()
            _Walk(self, scope, passage).run(entry)
        return self._passed[key]

    def taken(self, process: Definition, node: Node, known: Known) -> list[tuple[Flow, frozenset[str]]]:
        """The flows that may be taken behind a gateway, each with the effects that this proves."""
        key = (process.process_id, node.id, known)
        if key not in self._taken:
            told, plot = dict(known), self.ground.plot(process)
            ways = takeable(plot.chart.outgoing[node.id], node.default, plot.verdicts(node, known))
            proves = self.watcher.proves
            self._taken[key] = [(flow, proves(flow, passed, told)) for flow, passed in ways]
        return self._taken[key]

    def spend(self) -> None:
        """Count a step."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise TooMany


class _Walk:
    """The walk through one scope from one entry."""

    def __init__(self, ways: Ways, scope: Scope, passage: Passage) -> None:
        self._ways, self._scope, self._passage = ways, scope, passage
        self._process, self._watcher = scope.process, ways.watcher
        self._plot = ways.ground.plot(scope.process)
        self._chart = self._plot.chart
        self._todo: deque[tuple[Node, State, Trail]] = deque()
        self._seen: set[tuple[str, State]] = set()
        self._arrived: dict[str, dict[State, Trail]] = {}
        self._apart: list[tuple[Spot, Trail]] = []

    def run(self, entry: State) -> None:
        """Follow everything inside, and note what comes out."""
        for start in self._chart.starts.get(self._scope.id, ()):
            self._put(start, entry, ())
        while self._todo:
            self._ways.spend()
            self._step(*self._todo.popleft())
            if not self._todo:
                self._come_loose()
        ended = [(spot, trail) for spot, trail in self._apart if spot.state.aside == entry.aside]
        whole = [(spot, trail) for spot, trail in ended if spot.state.beside == entry.beside]
        for spot, trail in whole:
            self._out(spot, trail)
        beside = [spot for spot, _ in ended if spot.state.beside != entry.beside]
        if beside:
            state = together(spot.state for spot in beside)._replace(beside=entry.beside)
            self._out(beside[-1]._replace(state=state), ())

    def _come_loose(self) -> None:
        """What no flow leads to can be reached in every state inside the scope."""
        for node in self._chart.loose.get(self._scope.id, ()):
            for state, trail in list(self._passage.inside.items()):
                self._put(node, state, trail)

    def _out(self, spot: Spot, trail: Trail) -> None:
        if self._scope.is_whole:
            self._watcher.ended(spot)
        if spot.node.event != "error":
            self._passage.outs.setdefault(spot.state, trail)

    def _put(self, node: Node, state: State, trail: Trail) -> None:
        if state.known and (known := self._plot.remembered(node, state.known)) != state.known:
            state = state._replace(known=known)
        if (node.id, state) not in self._seen:
            self._seen.add((node.id, state))
            self._passage.inside.setdefault(state, trail)
            self._todo.append((node, state, trail))

    def _step(self, node: Node, state: State, trail: Trail) -> None:
        if node.kind in SHOWN:
            trail = along(trail, node.name or node.id)
        outcome = self._plot.outcomes[node.id]
        hears = self._plot.messages(node, self._scope.id, (self._scope.caught, self._scope.heard))
        spot = Spot(self._process, node, state, self._scope.prefix, trail, *hears)
        self._watcher.met(spot, outcome)
        match node.kind:
            case "end_event":
                self._apart.append((spot, trail))
            case "exclusive_gateway":
                self._choose(spot, trail)
            case "call_activity":
                self._call(spot, trail)
            case "sub_process" | "event_sub_process":
                self._enter(spot, trail)
            case kind if kind in SPLITS and len(self._chart.outgoing[node.id]) > 1:
                self._leave(node, state.split(), trail)
            case _ if node.event == "conditional":
                self._come_true(spot, trail)
            case _:
                self._interrupt(node, [(state, trail)])
                for after in self._completed(node, state, outcome):
                    self._leave(node, after, trail)

    def _leave(self, node: Node, state: State, trail: Trail, flows: Iterable[Flow] | None = None) -> None:
        for flow in self._chart.outgoing[node.id] if flows is None else flows:
            target = self._process.nodes[flow.target]
            if target.kind in SPLITS and len(self._chart.incoming[target.id]) > 1:
                self._join(target, flow, (state, trail))
            else:
                self._put(target, state, trail)

    def _join(self, target: Node, flow: Flow, arriving: tuple[State, Trail]) -> None:
        """Put a token behind a join for each way in which the other branches can have arrived.

        An inclusive gateway does not wait for branches that were not opened.
        """
        state, trail = arriving
        self._arrived.setdefault(flow.id, {}).setdefault(state, trail)
        incoming = self._chart.incoming[target.id]
        none = [None] if target.kind == "inclusive_gateway" else []
        others = [[*none, *self._arrived.get(one.id, {})] for one in incoming if one.id != flow.id]
        for combination in product(*others):
            self._ways.spend()
            self._put(target, together((state, *(one for one in combination if one is not None))), trail)

    def _left_early(self, node: Node, inside: Mapping[State, Trail]) -> None:
        """A boundary event here, or further out, can happen in every state inside the node."""
        self._interrupt(node, inside.items())
        for state, trail in inside.items():
            self._passage.inside.setdefault(state, trail)

    def _interrupt(self, node: Node, states: Iterable[tuple[State, Trail]]) -> None:
        for event in self._chart.boundary[node.id]:
            for state, trail in states:
                aside = state.aside or not event.interrupting
                self._put(event, State(state.done, state.known, state.beside, aside), trail)

    def _completed(self, node: Node, state: State, outcome: Outcome) -> Iterator[State]:
        done = self._watcher.after(state.done, outcome.effects) if outcome.effects else state.done
        for known in self._plot.completed(node, state.known):
            yield State(done, known, state.beside, state.aside)

    def _choose(self, spot: Spot, trail: Trail) -> None:
        flows = self._chart.outgoing[spot.node.id]
        if len(flows) < 2:
            self._leave(spot.node, spot.state, trail)
            return
        known = spot.state.known
        self._watcher.chose(spot, self._plot.verdicts(spot.node, known))
        for flow, proven in self._ways.taken(self._process, spot.node, known):
            state = spot.state
            if proven:
                state = state._replace(done=self._watcher.after(state.done, proven))
            self._leave(spot.node, state, trail, [flow])

    def _come_true(self, spot: Spot, trail: Trail) -> None:
        """Go on behind an event whose condition can have come true, with what that proves."""
        node, known = spot.node, dict(spot.state.known)
        came = Flow(node.id, node.id, node.id, node.scope, node.line, condition=node.condition)
        for _ in takeable([came], None, {came.id: value(node.condition or "", known)}):
            proven = self._watcher.proves(came, (), known)
            done = self._watcher.after(spot.state.done, proven) if proven else spot.state.done
            self._leave(node, spot.state._replace(done=done), trail)

    def _enter(self, spot: Spot, trail: Trail) -> None:
        prefix = along(self._scope.prefix, *trail)
        scope = self._scope._replace(id=spot.node.id, prefix=prefix, caught=spot.caught, heard=spot.heard)
        starts = self._chart.starts.get(spot.node.id, ())
        aside = spot.state.aside or any(not start.interrupting for start in starts)
        passage = self._ways.through(scope, spot.state._replace(aside=aside))
        self._left_early(spot.node, {state: along(trail, *way) for state, way in passage.inside.items()})
        for state, way in passage.outs.items():
            if is_multiple(spot.node):
                state = state._replace(known=self._plot.collected(spot.node, spot.state.known))
            if spot.node.kind == "event_sub_process":
                self._apart.append((spot._replace(state=state), along(trail, *way)))
            self._leave(spot.node, state, along(trail, *way))

    def _call(self, spot: Spot, trail: Trail) -> None:
        node, state, calls = spot.node, spot.state, self._scope.calls
        called = self._ways.ground.world.processes.get(node.called_process or "")
        if called is None or called.process_id in calls or len(calls) > MAX_DEPTH:
            self._interrupt(node, [(state, trail)])
            self._leave(node, state._replace(known=frozenset()), trail)
            return
        live = self._ways.ground.entering(called.process_id)
        given = self._plot.given(node, state.known)
        entry = state._replace(known=frozenset(one for one in given if root_of(one[0]) in live))
        prefix = along(self._scope.prefix, *trail)
        calls = (*calls, called.process_id)
        scope = Scope(called, called.process_id, prefix, spot.caught, spot.heard, calls)
        passage = self._ways.through(scope, entry)
        inside = {
            State(inner.done, state.known, inner.beside, inner.aside): along(trail, *way)
            for inner, way in passage.inside.items()
        }
        self._left_early(node, inside)
        for after, way in passage.outs.items():
            known = self._plot.returned(node, state.known, after.known)
            self._leave(node, State(after.done, known, after.beside, after.aside), along(trail, *way))
