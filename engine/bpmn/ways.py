"""Follows every way through a world of diagrams, over call activities, with what is known on the way.

Where a condition can't be told, both ways are followed. Branches beside each other are followed one by one
and brought together at the gateway that joins them, or where the scope ends that holds them.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from .chart import EVERYTHING, SPLITS, Chart, is_multiple, output_of
from .conditions import reads, root_of, value
from .definition import Definition
from .diagram import Flow, Node
from .liveness import Liveness
from .states import Passage, Scope, Spot, State, Trail, Watcher, along, choices, mapped, takeable, together
from .world import Outcome, World

MAX_STEPS = 10_000
MAX_DEPTH = 30
SHOWN = frozenset(("user_task", "service_task", "business_rule_task", "call_activity", "boundary_event"))


class TooMany(Exception):
    """There are more ways than are followed."""


class Ways:
    """One walk through a world for one watcher."""

    def __init__(self, world: World, liveness: Liveness, watcher: Watcher) -> None:
        self.world, self.liveness, self.watcher = world, liveness, watcher
        self._charts: dict[str, Chart] = {}
        self._passed: dict[tuple[object, ...], Passage] = {}
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

    def chart(self, process: Definition) -> Chart:
        """The process's chart, drawn once."""
        if process.process_id not in self._charts:
            self._charts[process.process_id] = Chart(self.world, process)
        return self._charts[process.process_id]

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
        self._chart = ways.chart(scope.process)
        self._todo: deque[tuple[Node, State, Trail]] = deque()
        self._seen: set[tuple[str, State]] = set()
        self._arrived: dict[str, dict[State, Trail]] = {}
        self._apart: list[tuple[Spot, Trail]] = []
        self._hears: dict[str, tuple[frozenset[str], frozenset[str]]] = {}

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
        live = self._ways.liveness.at(self._process.process_id, node.id)
        if not all(root_of(name) in live for name, _ in state.known):
            state = state._replace(known=frozenset((k, v) for k, v in state.known if root_of(k) in live))
        if (node.id, state) not in self._seen:
            self._seen.add((node.id, state))
            self._passage.inside.setdefault(state, trail)
            self._todo.append((node, state, trail))

    def _step(self, node: Node, state: State, trail: Trail) -> None:
        if node.kind in SHOWN:
            trail = along(trail, node.name or node.id)
        outcome = self._ways.world.outcome(node)
        spot = Spot(self._process, node, state, along(self._scope.prefix, *trail), *self._messages(node))
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

    def _messages(self, node: Node) -> tuple[frozenset[str], frozenset[str]]:
        """What a node hears: messages that end what waits there, and those that begin something beside it."""
        if node.id not in self._hears:
            caught = self._messages_of(node, self._scope.caught, interrupting=True)
            heard = self._messages_of(node, self._scope.heard, interrupting=False)
            self._hears[node.id] = (caught, heard)
        return self._hears[node.id]

    def _messages_of(self, node: Node, around: frozenset[str], *, interrupting: bool) -> frozenset[str]:
        if self._is_alone(node):
            return around
        own = self._chart.messages_on(node.id, interrupting=interrupting)
        return around | own | self._chart.messages(self._scope.id, interrupting=interrupting)

    def _is_alone(self, node: Node) -> bool:
        """Whether an event sub-process ends everything around it, the other events' waiting too."""
        starts = self._chart.starts.get(node.id, ())
        return node.kind == "event_sub_process" and all(start.interrupting for start in starts)

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
                self._put(event, state._replace(aside=aside), trail)

    def _completed(self, node: Node, state: State, outcome: Outcome) -> Iterator[State]:
        done = self._watcher.after(state.done, outcome.effects) if outcome.effects else state.done
        wanted = self._live_after(node).union(
            root_of(path) for source, _ in node.outputs for path in reads(source)
        )
        given = {root_of(name) for name in outcome.answers}
        answers = {name: found for name, found in outcome.answers.items() if root_of(name) in wanted}
        kept = {} if outcome.is_open else {k: v for k, v in state.known if root_of(k) not in given}
        if is_multiple(node):
            yield self._collected(node, state._replace(done=done), state)
            return
        for chosen in choices(answers):
            known = kept | chosen
            if node.outputs:
                known = mapped(node.outputs, dict(state.known), known)
            yield state._replace(done=done, known=self._sure(known))

    def _collected(self, node: Node, after: State, before: State) -> State:
        """Behind a node that ran once for each item: only its collected output has changed."""
        unknown = output_of(node)
        known = frozenset((name, found) for name, found in before.known if root_of(name) not in unknown)
        return after._replace(known=known)

    def _live_after(self, node: Node) -> frozenset[str]:
        process_id, live = self._process.process_id, self._ways.liveness.at
        targets = [flow.target for flow in self._chart.outgoing[node.id]]
        return frozenset[str]().union(*(live(process_id, target) for target in targets))

    def _sure(self, known: Mapping[str, Any]) -> frozenset[tuple[str, Any]]:
        unsure = self._chart.unsure
        if EVERYTHING in unsure:
            return frozenset()
        return frozenset((name, found) for name, found in known.items() if root_of(name) not in unsure)

    def _choose(self, spot: Spot, trail: Trail) -> None:
        flows = self._chart.outgoing[spot.node.id]
        if len(flows) < 2:
            self._leave(spot.node, spot.state, trail)
            return
        known = dict(spot.state.known)
        default = spot.node.default
        verdicts = {
            flow.id: value(flow.condition, known)
            for flow in flows
            if flow.condition is not None and flow.id != default
        }
        self._watcher.chose(spot, verdicts)
        for flow, passed in takeable(flows, default, verdicts):
            proven = self._watcher.proves(flow, passed, known)
            done = self._watcher.after(spot.state.done, proven) if proven else spot.state.done
            self._leave(spot.node, spot.state._replace(done=done), trail, [flow])

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
                state = self._collected(spot.node, state, spot.state)
            if spot.node.kind == "event_sub_process":
                self._apart.append((spot._replace(state=state), along(trail, *way)))
            self._leave(spot.node, state, along(trail, *way))

    def _call(self, spot: Spot, trail: Trail) -> None:
        node, state, calls = spot.node, spot.state, self._scope.calls
        called = self._ways.world.processes.get(node.called_process or "")
        if called is None or called.process_id in calls or len(calls) > MAX_DEPTH:
            self._interrupt(node, [(state, trail)])
            self._leave(node, state._replace(known=frozenset()), trail)
            return
        known = dict(state.known) if node.propagate_all_parent_variables else {}
        given = self._sure(mapped(node.inputs, known, dict(state.known)))
        live = self._ways.liveness.entering(called.process_id)
        entry = state._replace(known=frozenset((name, one) for name, one in given if root_of(name) in live))
        prefix = along(self._scope.prefix, *trail)
        calls = (*calls, called.process_id)
        scope = Scope(called, called.process_id, prefix, spot.caught, spot.heard, calls)
        passage = self._ways.through(scope, entry)
        inside = {
            inner._replace(known=state.known): along(trail, *way) for inner, way in passage.inside.items()
        }
        self._left_early(node, inside)
        for after, way in passage.outs.items():
            left = after._replace(known=self._returned(node, state, after))
            left = self._collected(node, after, state) if is_multiple(node) else left
            self._leave(node, left, along(trail, *way))

    def _returned(self, node: Node, before: State, after: State) -> frozenset[tuple[str, Any]]:
        if node.outputs:
            return self._sure(mapped(node.outputs, dict(before.known), dict(after.known)))
        return self._sure(dict(after.known if node.propagate_all_child_variables else before.known))
