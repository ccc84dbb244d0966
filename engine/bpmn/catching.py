"""What an event does to the tokens around it: boundary events, event sub-processes, errors, escalations."""

from typing import Any

from SpiffWorkflow.util.task import TaskState

from .nodes import Node

Token = Any
Scope = Any


def catch(scope: Scope, activity: Token | None, event: str, code: str | None) -> bool:
    """Lets the nearest event catch an error or escalation; False, and nothing changed, if none does.

    Looked at are, from inside to outside, the boundary events of the activity, then the event sub-processes
    of the scope around it, and so on. An event sub-process never catches what was thrown inside itself.
    """
    thrower: str | None = None
    while True:
        if activity is not None:
            found = activity.task_spec.catching(event, code)
            if found is not None:
                fire_boundary(activity, found)
                return True
            if "of" in activity.internal_data:
                activity = scope.tasks[activity.internal_data["of"]]
                continue
            thrower = activity.task_spec.node.id
        start = None if _is_interrupted(scope) else scope.spec.catching(event, code, thrower)
        if start is not None:
            begin_event_sub_process(scope, start)
            return True
        activity = scope.around
        if activity is None:
            return False
        scope = activity.workflow


def happen(token: Token, stays: bool = False) -> None:
    """What a token waits for has happened; KeyError if it waits for no event.

    A boundary event or start of an event sub-process that does not interrupt stays armed under the same id,
    but for a timer, which fires once unless it `stays`.
    """
    scope, node = token.workflow, token.task_spec.node
    if node.kind == "receive_task":
        scope.leave_gate(token)
        token.run()
    elif node.kind == "intermediate_catch_event":
        scope.leave_gate(token)
        token._ready()
    elif node.kind in ("boundary_event", "start_event"):
        if node.event == "timer" and not (stays or node.interrupting):
            scope.drop(token)
        if node.kind == "start_event":
            begin_event_sub_process(scope, node)
        else:
            fire_boundary(scope.tasks[token.internal_data["on"]] if node.interrupting else token, node)
    else:
        raise KeyError(token.id)


def fire_boundary(activity: Token, event: Node) -> None:
    """Goes on from a boundary event; one that interrupts cancels its activity with everything inside it."""
    scope = activity.workflow
    if event.interrupting:
        scope.disarm(activity)
        scope.drop(activity)
    scope.spawn(scope.spec.task_specs["." + event.id])


def begin_event_sub_process(scope: Scope, start: Node) -> None:
    """Begins an event sub-process; one that interrupts cancels everything else in its scope."""
    if start.interrupting:
        scope.clear()
    scope.spawn(scope.spec.task_specs["." + start.scope])


def _is_interrupted(scope: Scope) -> bool:
    return any(
        token.has_state(TaskState.NOT_FINISHED_MASK) and token.task_spec.interrupts
        for token in scope.tasks.values()
    )
