"""SpiffWorkflow specs that only move tokens: no data, no predictions, no code; the caller ends each wait."""

from collections.abc import Iterable
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.util.task import TaskState

from .nodes import Node

Token = Any


class ScopeSpec(BpmnProcessSpec):  # type: ignore[misc]
    """A process or sub-process; never changed once built.

    `starts` are its start events by id; of the starts of its event sub-processes, `armed` are those that wait
    for something and `caught` the others; `watches` says whether anything must be looked at after each step.
    """

    def __init__(self, scope_id: str) -> None:
        super().__init__(name=scope_id)
        self.starts: dict[str, NodeSpec] = {}
        self.armed: list[NodeSpec] = []
        self.caught: list[Node] = []
        self.watches = False

    @property
    def first_start(self) -> "NodeSpec":
        """Where a token begins unless it is told otherwise: the start without an event, else the first."""
        starts = self.starts.values()
        return next((spec for spec in starts if spec.node.event is None), next(iter(starts)))

    def catching(self, event: str, code: str | None, thrower: str | None) -> Node | None:
        """The start of an event sub-process, other than the thrower, that catches an error or escalation."""
        return best((node for node in self.caught if node.scope != thrower), event, code)


def best(nodes: Iterable[Node], event: str, code: str | None) -> Node | None:
    """The node that catches an error or escalation: by its code first, else one without a code."""
    candidates = [node for node in nodes if node.event == event]
    for wanted in (code, None):
        for node in candidates:
            if (node.error_code if event == "error" else node.escalation_code) == wanted:
                return node
    return None


class NodeSpec(BpmnTaskSpec):  # type: ignore[misc]
    """A node that a token passes through at once; its followers' tokens are made only when it runs."""

    waits_in = 0
    """The state in which a token here waits for the caller."""
    idle = False
    """Whether a token here does not keep its scope alive."""
    watches = False
    """Whether waiting tokens here are looked at, with `look`, when nothing else moves."""
    interrupts = False
    """Whether a token here has put an end to all others in its scope."""

    def __init__(self, scope: ScopeSpec, node: Node, waits: bool = False, prefix: str = ".") -> None:
        # The prefix keeps the ids of diagrams away from the names that SpiffWorkflow treats in its own way.
        super().__init__(scope, prefix + node.id, manual=waits)
        self.bpmn_id = node.id
        self.node = node

    def test(self) -> None:
        """The lint has tested the diagram."""

    def _predict(self, *_args: object, **_options: object) -> None:
        """No token is made in advance: a step costs the same in a long diagram as in a short one."""

    def _update_hook(self, _token: Token) -> bool:
        return True

    def _run_hook(self, token: Token) -> bool | None:
        token._sync_children(self.outputs, TaskState.FUTURE)
        return True


class ActivitySpec(NodeSpec):
    """A task or call activity: waits until the caller completes it; arms its boundary events meanwhile."""

    waits_in = TaskState.READY

    def __init__(self, scope: ScopeSpec, node: Node, boundary: Iterable[Node], prefix: str = ".") -> None:
        super().__init__(scope, node, waits=True, prefix=prefix)
        self.boundary = tuple(boundary)

    def _update_hook(self, token: Token) -> bool:
        self._arm(token)
        return True

    def _arm(self, token: Token) -> None:
        for event in self.boundary:
            if event.event not in ("error", "escalation"):
                armed = token.parent._add_child(self._wf_spec.task_specs["." + event.id], TaskState.WAITING)
                armed.internal_data["on"] = token.id

    def _run_hook(self, token: Token) -> bool | None:
        scope = token.workflow
        scope.disarm(token)
        body = token.internal_data.get("of")
        if body is not None:
            scope.tasks[body].task_spec.instance_done(scope.tasks[body], token)
        return super()._run_hook(token)

    def catching(self, event: str, code: str | None) -> Node | None:
        """The boundary event that catches an error or escalation."""
        return best(self.boundary, event, code)


class SubProcessSpec(ActivitySpec):
    """A sub-process: its token stays while tokens move in a scope of their own."""

    def _update_hook(self, token: Token) -> bool:
        self._arm(token)
        token._set_state(TaskState.STARTED)
        token.workflow.top_workflow.create_subprocess(token, self.node.id)
        return False

    def finish(self, token: Token) -> None:
        """No token is left inside: goes on, or lets the caller collect what came out."""
        if self.node.loop is not None and self.node.loop.kind != "standard":
            token._set_state(TaskState.READY)
        else:
            token.run()
