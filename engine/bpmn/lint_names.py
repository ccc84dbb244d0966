"""Judges the names in FEEL texts: what nothing sets before it is read, functions that are not there."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from engine import feel

from .chart import SPLITS, followers_of, is_multiple, output_of
from .conditions import root_of
from .definition import Definition
from .diagram import Node
from .findings import Finding
from .report import Place, finding
from .world import World

ATTRIBUTES = (
    "assignee",
    "candidate_groups",
    "due_date",
    "follow_up_date",
    "timer",
    "correlation_key",
    "retries",
    "script",
    "condition",
)
ANYTHING = "*"
COUNTS = ("Instances", "ActiveInstances", "CompletedInstances", "TerminatedInstances")
LOOP_NAMES = frozenset(f"numberOf{count}" for count in COUNTS)


class _Text(NamedTuple):
    """A FEEL text at a place, with the names that it may read there beside facts."""

    place: Place
    attribute: str
    text: str
    names: frozenset[str]


def check(world: World) -> list[tuple[str, Finding]]:
    """Each unknown name once at each place, with the id of its process."""
    scopes = _Scopes(world)
    found: dict[tuple[str, str, object], Finding] = {}
    for process in world.processes.values():
        for text in _texts(process, scopes):
            for one in _unknown(text, world):
                found.setdefault((process.process_id, one.element_id, one.params["name"]), one)
        for node in process.nodes.values():
            for one in _asked(node, scopes.at(process, node), world):
                found.setdefault((process.process_id, one.element_id, one.params["name"]), one)
    return [(process_id, one) for (process_id, *_), one in found.items()]


def _asked(node: Node, names: frozenset[str], world: World) -> Iterator[Finding]:
    """What a form or decision asks for in vain."""
    given = names.union(root_of(target) for _, target in node.inputs)
    if ANYTHING not in names:
        for name in sorted(world.outcome(node).reads - given - world.facts):
            params: dict[str, object] = {"name": name, "attribute": node.form_id or node.decision_id}
            yield finding("name-unknown", node.id, node.line, params, node.name or "")


def _unknown(text: _Text, world: World) -> Iterator[Finding]:
    expression = _parsed(text.text)
    if expression is None:
        return
    place = text.place
    params: dict[str, object] = {"attribute": text.attribute}
    for mention in expression.mentions:
        name = mention.name
        if mention.key is not None and mention.key not in world.keys.get(name, {mention.key}):
            params = {"attribute": text.attribute, "name": name, "key": mention.key}
            yield finding("feel-key", place.id, place.line, params, place.name or "")
        if mention.may_be_member or name in world.facts or name in world.functions:
            continue
        if mention.is_called:
            yield finding("feel-function", place.id, place.line, {"name": name, **params}, place.name or "")
        elif name not in text.names and ANYTHING not in text.names:
            yield finding("name-unknown", place.id, place.line, {"name": name, **params}, place.name or "")


def _parsed(text: str) -> feel.Expression | None:
    try:
        return feel.parse(text.removeprefix("=")) if text.startswith("=") else None
    except feel.FeelError:
        return None


def _texts(process: Definition, scopes: "_Scopes") -> Iterator[_Text]:
    for node in process.nodes.values():
        names = scopes.at(process, node)
        for attribute in ATTRIBUTES:
            if text := getattr(node, attribute):
                yield _Text(node, attribute, text, names)
        for source, target in node.inputs:
            yield _Text(node, target, source, names)
        for source, target in node.outputs:
            yield _Text(node, target, source, names | scopes.results(node))
        if node.loop is not None:
            counts = names | scopes.results(node) | scopes.mapped(node) | LOOP_NAMES
            yield _Text(node, "collection", node.loop.collection or "", scopes.around(process, node))
            yield _Text(node, "condition", node.loop.condition or "", counts)
            yield _Text(node, "output element", node.loop.output_element or "", counts)
    for flow in process.flows:
        if flow.condition:
            names = scopes.at(process, process.nodes[flow.source])
            yield _Text(flow, "condition", flow.condition, names)


class _Scopes:
    """The variables that can have been set when a token stands at a node; ANYTHING where that is open."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._set = self._all_set()
        self._given = {key: frozenset[str]() for key in world.processes}
        self._at: dict[str, Mapping[str, frozenset[str]]] = {}
        todo = list(world.processes)
        while todo:
            process = world.processes[todo.pop()]
            self._at[process.process_id] = self._solve(process)
            todo += self._hand_down(process)

    def at(self, process: Definition, node: Node) -> frozenset[str]:
        """The names of variables at a node, before it is done; those of the loops around it among them."""
        names = self.around(process, node)
        here: Node | None = node
        while here is not None:
            if here.loop is not None:
                names |= {"loopCounter", here.loop.element or "loopCounter"}
                names |= self._inside(process, here) if is_multiple(here) else frozenset()
            here = process.nodes.get(here.scope)
        return names

    def around(self, process: Definition, node: Node) -> frozenset[str]:
        """The names of the process's own variables at a node."""
        return self._at[process.process_id][node.id]

    def mapped(self, node: Node) -> frozenset[str]:
        """The names that an activity's output mappings set."""
        return frozenset(root_of(target) for _, target in node.outputs)

    def _inside(self, process: Definition, around: Node) -> frozenset[str]:
        """What the nodes inside one that runs for each item set for that item alone."""
        nodes = [node for node in process.nodes.values() if around.id in _scopes(process, node)]
        return frozenset[str]().union(*(self._sets(node) for node in nodes))

    def results(self, node: Node) -> frozenset[str]:
        """The names that an activity's output mappings may read beside the variables."""
        if node.called_process:
            return self._set.get(node.called_process, frozenset({ANYTHING}))
        outcome = self._world.outcome(node)
        return frozenset(map(root_of, outcome.answers)) | ({ANYTHING} if outcome.is_open else frozenset())

    def _all_set(self) -> dict[str, frozenset[str]]:
        """What each process can set at all, with what it calls."""
        self._set = dict.fromkeys(self._world.processes, frozenset[str]())
        changed = True
        while changed:
            changed = False
            for key, process in self._world.processes.items():
                wider = frozenset[str]().union(*(self._sets(node) for node in process.nodes.values()))
                changed |= wider != self._set[key]
                self._set[key] = wider
        return self._set

    def _sets(self, node: Node) -> frozenset[str]:
        if is_multiple(node):
            return output_of(node)
        if node.outputs:
            return frozenset(root_of(target) for _, target in node.outputs)
        if node.called_process and not node.propagate_all_child_variables:
            return frozenset()
        return self.results(node)

    def _solve(self, process: Definition) -> Mapping[str, frozenset[str]]:
        given = self._given[process.process_id]
        if _is_parallel(process):
            return dict.fromkeys(process.nodes, given | self._set[process.process_id])
        followers = followers_of(process)
        at = dict.fromkeys(process.nodes, given)
        todo = list(process.nodes)
        while todo:
            key = todo.pop()
            after = at[key] | self._sets(process.nodes[key])
            for target in followers[key]:
                if not after <= at[target]:
                    at[target] |= after
                    todo.append(target)
        return at

    def _hand_down(self, process: Definition) -> Iterator[str]:
        """Give called processes what they start with; gives those that now have more."""
        for node in process.nodes.values():
            called = node.called_process
            if called not in self._given or called is None:
                continue
            passed = frozenset(root_of(target) for _, target in node.inputs)
            if node.propagate_all_parent_variables:
                passed |= self.at(process, node)
            if not passed <= self._given[called]:
                self._given[called] |= passed
                yield called


def _scopes(process: Definition, node: Node) -> list[str]:
    found, here = [], node
    while here.scope in process.nodes:
        here = process.nodes[here.scope]
        found.append(here.id)
    return found


def _is_parallel(process: Definition) -> bool:
    return any(
        node.kind in SPLITS or node.kind == "event_sub_process" or not node.interrupting
        for node in process.nodes.values()
    )
