"""The specs of events: those that wait, those that tell others, those that end."""

from typing import Any

from SpiffWorkflow.util.task import TaskState

from .catching import catch, happen
from .nodes import Node
from .specs import NodeSpec, ScopeSpec

Token = Any


class WaitingSpec(NodeSpec):
    """An event that waits until the caller triggers it, or until its condition comes true."""

    waits_in = TaskState.WAITING

    def __init__(self, scope: ScopeSpec, node: Node) -> None:
        super().__init__(scope, node)
        self.watches = node.event == "conditional"

    def look(self, token: Token) -> bool:
        """Lets the event happen when its condition, false before, has become true."""
        marks = token.internal_data
        expression = token.expression(self.node.condition)
        if not token.workflow.script_engine.holds(expression, or_null=True):
            marks.pop("held", None)
            return False
        if marks.get("held"):
            return False
        marks["held"] = True
        happen(token)
        return True


class BoundarySpec(WaitingSpec):
    """A boundary event: one token waits on the activity, another goes on when it has happened."""


class CatchSpec(WaitingSpec):
    """An intermediate catch event."""

    def _update_hook(self, token: Token) -> bool:
        token._set_state(TaskState.WAITING)
        return False


class EventStartSpec(CatchSpec):
    """The start of an event sub-process, armed in the scope around it."""

    idle = True


class EventGatewaySpec(NodeSpec):
    """An event-based gateway: all events behind it wait; the first that happens ends the others' waiting."""

    def _run_hook(self, token: Token) -> bool:
        super()._run_hook(token)
        for child in token.children:
            child.internal_data["gate"] = token.id
        return True


class ThrowSpec(NodeSpec):
    """An event that tells others something: waits for the caller, unless an escalation is caught here."""

    waits_in = TaskState.STARTED

    def _run_hook(self, token: Token) -> bool | None:
        scope, node = token.workflow, self.node
        if not token.internal_data.pop("told", False):
            code = node.escalation_code
            if node.event != "escalation" or not catch(scope, None, "escalation", code):
                return None
            if token.has_state(TaskState.CANCELLED):
                return True
        if node.kind == "end_event":
            scope.top_workflow.note_end(node.id)
        return super()._run_hook(token)

    def pass_on(self, token: Token) -> None:
        """The caller has told it: the token goes on."""
        token.internal_data["told"] = True
        token.run()


class EndSpec(NodeSpec):
    """An end event: none, terminate or error."""

    def _run_hook(self, token: Token) -> bool:
        scope = token.workflow
        top = scope.top_workflow
        top.note_end(self.node.id)
        if self.node.event == "terminate":
            scope.clear()
        elif self.node.event == "error" and not catch(scope, None, "error", self.node.error_code):
            top.uncaught_error = self.node.error_code
            top.clear()
        return True
