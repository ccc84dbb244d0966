"""The specs of exclusive, inclusive and parallel gateways: which ways a token takes, what it waits for."""

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine import errors

from .nodes import Flow, Node
from .specs import NodeSpec, ScopeSpec

Token = Any


class ChoosingSpec(NodeSpec):
    """A gateway whose flows have conditions; NoPath if none holds and there is no default."""

    def __init__(self, scope: ScopeSpec, node: Node, flows: Iterable[Flow]) -> None:
        super().__init__(scope, node)
        self.flows = tuple(flows)

    def _take(self, token: Token, chosen: list[Flow]) -> bool:
        default = next((flow for flow in self.flows if flow.is_default or flow.condition is None), None)
        if not chosen and default is None:
            raise errors.NoPath(element_id=self.node.id)
        targets = [self._wf_spec.task_specs["." + flow.target] for flow in chosen or (default,) if flow]
        token._sync_children(targets, TaskState.FUTURE)
        return True

    def _holding(self, token: Token) -> Iterator[Flow]:
        for flow in self.flows:
            if flow.condition is None or flow.is_default:
                continue
            if token.workflow.script_engine.holds(token.expression(flow.condition, flow.id)):
                yield flow


class ExclusiveSpec(ChoosingSpec):
    """An exclusive gateway: the first flow whose condition is true, else the default."""

    def _run_hook(self, token: Token) -> bool:
        first = next(self._holding(token), None)
        return self._take(token, [] if first is None else [first])


class InclusiveSpec(ChoosingSpec):
    """An inclusive gateway: waits while a token can still come by another flow, then takes each that holds.

    BPMN 2.0, 13.4.3: a token elsewhere in the scope counts if it can reach a flow on which none waits and can
    reach no flow on which one does. `reaching` names for each source of an incoming flow the nodes from which
    it can be reached without passing this gateway.
    """

    def __init__(
        self, scope: ScopeSpec, node: Node, flows: Iterable[Flow], reaching: Mapping[str, Set[str]]
    ) -> None:
        super().__init__(scope, node, flows)
        self.reaching = reaching
        self.watches = len(reaching) > 1

    def _update_hook(self, token: Token) -> bool:
        if not self.watches:
            return True
        token.internal_data["from"] = token.parent.task_spec.bpmn_id
        token._set_state(TaskState.WAITING)
        return False

    def look(self, token: Token) -> bool:
        """Joins one token of each flow into this one if no other can come."""
        first = _first_of_each_flow(token)
        if first[token.internal_data["from"]] is not token or self._is_awaited(token, first.keys()):
            return False
        for other in first.values():
            if other is not token:
                token.workflow.drop(other)
        token._ready()
        return True

    def _is_awaited(self, token: Token, arrived: Set[str]) -> bool:
        for other in token.workflow.tokens():
            if other.task_spec is self or "on" in other.internal_data:
                continue
            reached = {source for source, nodes in self.reaching.items() if other.task_spec.bpmn_id in nodes}
            if reached and not reached & arrived:
                return True
        return False

    def _run_hook(self, token: Token) -> bool:
        return self._take(token, list(self._holding(token)))


class ParallelSpec(NodeSpec):
    """A parallel gateway: takes one token from each incoming flow; surplus tokens stay where they are."""

    def __init__(self, scope: ScopeSpec, node: Node, sources: Iterable[str]) -> None:
        super().__init__(scope, node)
        self.sources = frozenset(sources)

    def _update_hook(self, token: Token) -> bool:
        token.internal_data["from"] = token.parent.task_spec.bpmn_id
        token._set_state(TaskState.WAITING)
        first = _first_of_each_flow(token)
        if self.sources - first.keys():
            return False
        for other in first.values():
            if other is not token:
                token.workflow.drop(other)
        return True


def _first_of_each_flow(token: Token) -> dict[str, Token]:
    """The tokens that wait at the same gateway, the oldest of each incoming flow by its source."""
    first: dict[str, Token] = {}
    for other in token.workflow.tokens():
        if other.task_spec is token.task_spec and other.has_state(TaskState.WAITING):
            first.setdefault(other.internal_data["from"], other)
    return first
