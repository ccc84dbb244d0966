"""Activities that repeat: for each item of a collection, at once or in turn, or while a condition holds."""

from collections.abc import Iterable
from typing import Any

from SpiffWorkflow.util.task import TaskState

from .nodes import Loop, Node
from .specs import ActivitySpec, ScopeSpec

Token = Any


class LoopSpec(ActivitySpec):
    """An activity that repeats: its token stays while those of its instances move beside it.

    For a collection it waits twice for the caller: to be told how many instances there are, and to be
    completed when all are done. A standard loop counts its rounds alone.
    """

    def __init__(self, scope: ScopeSpec, node: Node, boundary: Iterable[Node], each: ActivitySpec) -> None:
        super().__init__(scope, node, boundary)
        self.each = each
        self.loop: Loop = node.loop or Loop("standard")
        self.is_standard = self.loop.kind == "standard"

    def _update_hook(self, token: Token) -> bool:
        self._arm(token)
        if self.is_standard:
            token.internal_data["done"] = 0
            self._look_again(token)
        return not self.is_standard

    def _look_again(self, token: Token) -> None:
        token._set_state(TaskState.STARTED)
        token.workflow.top_workflow.agenda[token.id] = token

    def multiply(self, token: Token, count: int) -> None:
        """Begins as many instances, or the first of them; KeyError if that was done before."""
        if not token.has_state(TaskState.READY) or "total" in token.internal_data:
            raise KeyError(token.id)
        token.internal_data.update(total=count, done=0)
        token._set_state(TaskState.STARTED if count else TaskState.READY)
        for number in range(1, (count if self.loop.kind == "parallel" else min(count, 1)) + 1):
            self._begin(token, number)

    def _begin(self, token: Token, number: int) -> None:
        token.workflow.spawn(self.each, of=token.id, index=number)

    def instance_done(self, token: Token, instance: Token) -> None:
        """One instance is done: the next begins, or the activity is."""
        marks = token.internal_data
        marks["done"] += 1
        if self.is_standard:
            self._look_again(token)
        elif marks["done"] == marks["total"] or self._is_enough(token, instance):
            for other in token.workflow.marked("of", token.id):
                if other is not instance:
                    token.workflow.drop(other)
            token._set_state(TaskState.READY)
        elif self.loop.kind == "sequential":
            self._begin(token, marks["done"] + 1)

    def _is_enough(self, token: Token, instance: Token) -> bool:
        if not self.loop.condition:
            return False
        done = token.internal_data["done"]
        active = len(token.workflow.marked("of", token.id)) - 1
        condition = instance.expression(
            self.loop.condition,
            numberOfInstances=done + active,
            numberOfActiveInstances=active,
            numberOfCompletedInstances=done,
            numberOfTerminatedInstances=0,
        )
        return bool(token.workflow.script_engine.holds(condition))

    def _run_hook(self, token: Token) -> bool | None:
        if self.is_standard and self._goes_on(token):
            self._begin(token, token.internal_data["done"] + 1)
            return None
        return super()._run_hook(token)

    def _goes_on(self, token: Token) -> bool:
        done = token.internal_data["done"]
        if self.loop.maximum is not None and done >= int(self.loop.maximum):
            return False
        if self.loop.condition is None or (done == 0 and not self.loop.tested_before):
            return True
        condition = token.expression(self.loop.condition, loopCounter=done)
        return bool(token.workflow.script_engine.holds(condition))
