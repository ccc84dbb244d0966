"""SpiffWorkflow specs that only move tokens: no data, no predictions, no code; the caller ends each wait."""

from collections.abc import Iterable
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.util.task import TaskState

from engine import errors

from .diagram import ACTIVITIES, Diagram, Flow, Node

Token = Any


class NodeSpec(BpmnTaskSpec):  # type: ignore[misc]
    """A node that a token passes through at once; its followers' tokens are made only when it runs."""

    def __init__(self, scope: BpmnProcessSpec, node: Node, waits: bool = False) -> None:
        # The dot keeps the ids of diagrams away from the names that SpiffWorkflow treats in its own way.
        super().__init__(scope, "." + node.id, manual=waits)
        self.bpmn_id = node.id
        self.node = node

    def test(self) -> None:
        """The lint has tested the diagram."""

    def _predict(self, *_args: object, **_options: object) -> None:
        """No token is made in advance: a step costs the same in a long diagram as in a short one."""

    def _update_hook(self, _token: Token) -> bool:
        return True

    def _run_hook(self, token: Token) -> bool:
        token._sync_children(self.outputs, TaskState.FUTURE)
        return True


class ActivitySpec(NodeSpec):
    """A task or call activity: waits until the caller completes it; arms its boundary events meanwhile."""

    def __init__(self, scope: BpmnProcessSpec, node: Node, boundary: Iterable[Node]) -> None:
        super().__init__(scope, node, waits=True)
        self.boundary = tuple(boundary)

    def _update_hook(self, token: Token) -> bool:
        self._arm(token)
        return True

    def _arm(self, token: Token) -> None:
        for event in self.boundary:
            if event.event != "error":
                armed = token.parent._add_child(self._wf_spec.task_specs["." + event.id], TaskState.WAITING)
                armed.internal_data["on"] = token.id

    def _run_hook(self, token: Token) -> bool:
        token.workflow.disarm(token)
        return super()._run_hook(token)

    def catching(self, error_code: str | None) -> Node | None:
        """The boundary event that catches an error: by its code first, else one without a code."""
        events = [event for event in self.boundary if event.event == "error"]
        for wanted in (error_code, None):
            for event in events:
                if event.error_code == wanted:
                    return event
        return None


class SubProcessSpec(ActivitySpec):
    """An embedded sub-process: its token stays while tokens move in a scope of their own."""

    def _update_hook(self, token: Token) -> bool:
        self._arm(token)
        token._set_state(TaskState.STARTED)
        token.workflow.top_workflow.create_subprocess(token, self.node.id)
        return False


class CatchSpec(NodeSpec):
    """An intermediate catch event: waits until the caller triggers it."""

    def _update_hook(self, token: Token) -> bool:
        token._set_state(TaskState.WAITING)
        return False


class EventGatewaySpec(NodeSpec):
    """An event-based gateway: all events behind it wait; the first that happens ends the others' waiting."""

    def _run_hook(self, token: Token) -> bool:
        super()._run_hook(token)
        for child in token.children:
            child.internal_data["gate"] = token.id
        return True


class ParallelSpec(NodeSpec):
    """A parallel gateway: takes one token from each incoming flow; surplus tokens stay where they are."""

    def __init__(self, scope: BpmnProcessSpec, node: Node, sources: Iterable[str]) -> None:
        super().__init__(scope, node)
        self.sources = frozenset(sources)

    def _update_hook(self, token: Token) -> bool:
        token.internal_data["from"] = token.parent.task_spec.bpmn_id
        first: dict[str, Token] = {}
        for other in token.workflow.tokens():
            if other.task_spec is self and (other is token or other.has_state(TaskState.WAITING)):
                first.setdefault(other.internal_data["from"], other)
        if self.sources - first.keys():
            token._set_state(TaskState.WAITING)
            return False
        for other in first.values():
            if other is not token:
                token.workflow.drop(other)
        return True


class ExclusiveSpec(NodeSpec):
    """An exclusive gateway: the first flow whose condition is true, else the default, else NoPath."""

    def __init__(self, scope: BpmnProcessSpec, node: Node, flows: Iterable[Flow]) -> None:
        super().__init__(scope, node)
        self.flows = tuple(flows)

    def _run_hook(self, token: Token) -> bool:
        target = self._wf_spec.task_specs["." + self._choose(token).target]
        token._sync_children([target], TaskState.FUTURE)
        return True

    def _choose(self, token: Token) -> Flow:
        default = None
        conditions = token.workflow.script_engine
        for flow in self.flows:
            if flow.is_default or flow.condition is None:
                default = flow
            elif conditions.holds(flow):
                return flow
        if default is None:
            raise errors.NoPath(element_id=self.node.id)
        return default


class EndSpec(NodeSpec):
    """An end event: none, terminate or error."""

    def _run_hook(self, token: Token) -> bool:
        scope = token.workflow
        scope.top_workflow.note_end(self.node.id)
        if self.node.event == "terminate":
            scope.clear()
        elif self.node.event == "error":
            scope.top_workflow.raise_error(scope, self.node.error_code)
        return True


def build(diagram: Diagram) -> dict[str, BpmnProcessSpec]:
    """The specs of the process and of each embedded sub-process, by id. They are never changed afterwards."""
    ids = [diagram.process_id, *(node.id for node in diagram.nodes.values() if node.kind == "sub_process")]
    scopes = {scope_id: BpmnProcessSpec(name=scope_id) for scope_id in ids}
    for node in diagram.nodes.values():
        spec = _spec(diagram, scopes[node.scope], node)
        if node.kind == "start_event":
            scopes[node.scope].start.connect(spec)
    for flow in diagram.flows:
        specs = scopes[flow.scope].task_specs
        specs["." + flow.source].connect(specs["." + flow.target])
    return scopes


def _spec(diagram: Diagram, scope: BpmnProcessSpec, node: Node) -> NodeSpec:
    if node.kind in ACTIVITIES:
        return ActivitySpec(scope, node, diagram.boundary_events(node.id))
    if node.kind == "sub_process":
        return SubProcessSpec(scope, node, diagram.boundary_events(node.id))
    if node.kind == "exclusive_gateway":
        return ExclusiveSpec(scope, node, diagram.outgoing(node.id))
    if node.kind == "parallel_gateway":
        return ParallelSpec(scope, node, (flow.source for flow in diagram.incoming(node.id)))
    plain = {
        "event_based_gateway": EventGatewaySpec,
        "intermediate_catch_event": CatchSpec,
        "end_event": EndSpec,
    }
    return plain.get(node.kind, NodeSpec)(scope, node)
