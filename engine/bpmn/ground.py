"""What is the same on every walk through a world of diagrams, found once: results, choices, messages."""

from collections.abc import Iterable, Mapping
from typing import Any

from .chart import EVERYTHING, Chart, is_multiple, output_of
from .conditions import reads, root_of, value
from .definition import Definition
from .diagram import Node
from .liveness import Liveness
from .states import Known, choices, mapped
from .world import Outcome, World

Messages = tuple[frozenset[str], frozenset[str]]
"""Those that end what waits, and those that begin something beside it."""


class Ground:
    """A world and what walks have found out about its processes; for any number of walks."""

    def __init__(self, world: World, liveness: Liveness) -> None:
        self.world, self._liveness = world, liveness
        self._plots: dict[str, Plot] = {}
        self._entering: dict[str, frozenset[str]] = {}

    def plot(self, process: Definition) -> "Plot":
        """One process's part, drawn once."""
        if process.process_id not in self._plots:
            self._plots[process.process_id] = Plot(self.world, self._liveness, process)
        return self._plots[process.process_id]

    def entering(self, process_id: str) -> frozenset[str]:
        """The variables that may be read in a process when it is entered."""
        if process_id not in self._entering:
            self._entering[process_id] = self._liveness.entering(process_id)
        return self._entering[process_id]


class Plot:
    """One process: its chart, and what follows at each node from what is known there."""

    def __init__(self, world: World, liveness: Liveness, process: Definition) -> None:
        self.chart = Chart(world, process)
        self.outcomes: Mapping[str, Outcome] = {
            key: world.outcome(node) for key, node in process.nodes.items()
        }
        self._live = {key: liveness.at(process.process_id, key) for key in process.nodes}
        self._remembered: dict[tuple[str, Known], Known] = {}
        self._completed: dict[tuple[str, Known], tuple[Known, ...]] = {}
        self._verdicts: dict[tuple[str, Known], Mapping[str, Any]] = {}
        self._given: dict[tuple[str, Known], Known] = {}
        self._returned: dict[tuple[str, Known, Known], Known] = {}
        self._hears: dict[tuple[object, ...], Messages] = {}

    def remembered(self, node: Node, known: Known) -> Known:
        """What is known of the variables that may still be read at a node."""
        key = (node.id, known)
        if key not in self._remembered:
            live = self._live[node.id]
            self._remembered[key] = frozenset(one for one in known if root_of(one[0]) in live)
        return self._remembered[key]

    def completed(self, node: Node, known: Known) -> tuple[Known, ...]:
        """What can be known behind an activity: once for each combination of answers that anybody reads."""
        key = (node.id, known)
        if key not in self._completed:
            self._completed[key] = tuple(self._complete(node, known))
        return self._completed[key]

    def verdicts(self, node: Node, known: Known) -> Mapping[str, Any]:
        """The value of each flow's condition behind a gateway; UNKNOWN where it can't be told."""
        key = (node.id, known)
        if key not in self._verdicts:
            told = dict(known)
            self._verdicts[key] = {
                flow.id: value(flow.condition, told)
                for flow in self.chart.outgoing[node.id]
                if flow.condition is not None and flow.id != node.default
            }
        return self._verdicts[key]

    def messages(self, node: Node, scope_id: str, around: Messages) -> Messages:
        """What a node hears in a scope around which these messages are heard."""
        key = (node.id, scope_id, around)
        if key not in self._hears:
            caught, heard = around
            self._hears[key] = (
                self._messages(node, scope_id, caught, interrupting=True),
                self._messages(node, scope_id, heard, interrupting=False),
            )
        return self._hears[key]

    def sure(self, known: Mapping[str, Any]) -> Known:
        """What is known without what a branch beside may set at any time."""
        unsure = self.chart.unsure
        if EVERYTHING in unsure:
            return frozenset()
        return frozenset((name, found) for name, found in known.items() if root_of(name) not in unsure)

    def collected(self, node: Node, before: Known) -> Known:
        """Behind a node that ran once for each item: only its collected output has changed."""
        unknown = output_of(node)
        return frozenset((name, found) for name, found in before if root_of(name) not in unknown)

    def given(self, node: Node, known: Known) -> Known:
        """What is known in the process that a call activity calls."""
        key = (node.id, known)
        if key not in self._given:
            before = dict(known) if node.propagate_all_parent_variables else {}
            self._given[key] = self.sure(mapped(node.inputs, before, dict(known)))
        return self._given[key]

    def returned(self, node: Node, before: Known, after: Known) -> Known:
        """What is known behind a call activity, from what was known before it and in the called process."""
        key = (node.id, before, after)
        if key not in self._returned:
            self._returned[key] = self._return(node, before, after)
        return self._returned[key]

    def _return(self, node: Node, before: Known, after: Known) -> Known:
        if is_multiple(node):
            return self.collected(node, before)
        if node.outputs:
            return self.sure(mapped(node.outputs, dict(before), dict(after)))
        return self.sure(dict(after if node.propagate_all_child_variables else before))

    def _complete(self, node: Node, known: Known) -> Iterable[Known]:
        if is_multiple(node):
            yield self.collected(node, known)
            return
        outcome, targets = self.outcomes[node.id], self.chart.outgoing[node.id]
        wanted = frozenset[str]().union(*(self._live[flow.target] for flow in targets))
        wanted = wanted.union(root_of(path) for source, _ in node.outputs for path in reads(source))
        given = {root_of(name) for name in outcome.answers}
        answers = {name: found for name, found in outcome.answers.items() if root_of(name) in wanted}
        kept = {} if outcome.is_open else {k: v for k, v in known if root_of(k) not in given}
        for chosen in choices(answers):
            told = kept | chosen
            yield self.sure(mapped(node.outputs, dict(known), told) if node.outputs else told)

    def _messages(
        self, node: Node, scope_id: str, around: frozenset[str], *, interrupting: bool
    ) -> frozenset[str]:
        if self._is_alone(node):
            return around
        own = self.chart.messages_on(node.id, interrupting=interrupting)
        return around | own | self.chart.messages(scope_id, interrupting=interrupting)

    def _is_alone(self, node: Node) -> bool:
        """Whether an event sub-process ends everything around it, the other events' waiting too."""
        starts = self.chart.starts.get(node.id, ())
        return node.kind == "event_sub_process" and all(start.interrupting for start in starts)
