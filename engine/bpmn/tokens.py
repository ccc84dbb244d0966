"""The tokens of one running process: SpiffWorkflow's task tree kept flat, finished tokens leaving at once."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine import errors, feel

from .diagram import Flow, Node
from .specs import NodeSpec, SubProcessSpec

Evaluate = Callable[[str], object]
LIVE = TaskState.NOT_FINISHED_MASK


class Token(Task):  # type: ignore[misc]
    """A Spiff task whose id is a number counted in its process instance, so that runs can be repeated."""

    def _add_child(self, task_spec: NodeSpec, state: int = TaskState.FUTURE) -> "Token":
        return Token(self.workflow, task_spec, self, state, self.workflow.top_workflow.next_number())

    def _set_state(self, value: int) -> None:
        self._state = value


class Conditions:
    """Stands where SpiffWorkflow keeps its Python engine; only asks the caller whether a condition holds."""

    def __init__(self, evaluate: Evaluate) -> None:
        self._evaluate = evaluate

    def holds(self, flow: Flow) -> bool:
        """Whether the condition of a flow is true; ExpressionFailed if it is no boolean (Camunda 8)."""
        try:
            value = self._evaluate((flow.condition or "").removeprefix("="))
        except feel.FeelError as error:
            raise errors.ExpressionFailed(element_id=flow.id, problem=str(error)) from error
        if not isinstance(value, bool):
            raise errors.ExpressionFailed(element_id=flow.id, problem=f"{flow.condition} → {value!r}")
        return value


class Scope:
    """What the process and its embedded sub-processes share: a flat set of tokens."""

    tasks: dict[int, Token]
    task_tree: Token

    @property
    def _top(self) -> "Instance":
        return self.top_workflow  # type: ignore[attr-defined,no-any-return]

    def _plant(self, spec: BpmnProcessSpec) -> None:
        # The root is never counted nor stored: -1 because SpiffWorkflow takes 0 for no id at all.
        self.task_tree = Token(self, spec.start, None, TaskState.COMPLETED, -1)

    def begin(self) -> None:
        """Puts a token on the start event."""
        self.spawn(self.task_tree.task_spec.outputs[0])

    def tokens(self) -> list[Token]:
        """The live tokens, oldest first."""
        return sorted(
            (token for token in self.tasks.values() if token.id > 0 and token.has_state(LIVE)),
            key=lambda token: token.id,
        )

    def spawn(self, spec: NodeSpec) -> Token:
        """A new token that enters a node by no flow of the diagram."""
        token = self.task_tree._add_child(spec)
        token._ready()
        return token

    def drop(self, token: Token) -> None:
        """Takes a token away with everything inside it."""
        inner = self._top.subprocesses.pop(token.id, None)
        if inner is not None:
            inner.clear()
        token.cancel()
        self.forget(token)

    def clear(self) -> None:
        """Takes all tokens away."""
        for token in self.tokens():
            self.drop(token)

    def disarm(self, activity: Token) -> None:
        """Takes away the boundary events that wait on an activity."""
        for token in self.tokens():
            if token.internal_data.get("on") == activity.id:
                self.drop(token)

    def forget(self, token: Token) -> None:
        """Removes a finished token; its followers hang on the root from now on."""
        if self.tasks.pop(token.id, None) is None:
            return
        root = self.task_tree
        for child in token.children:
            child._parent = root.id
            root._children.append(child.id)
        if token.parent is not None:
            token.parent._children.remove(token.id)

    def _task_completed_notify(self, token: Token) -> None:
        self.forget(token)


class Inner(Scope, BpmnSubWorkflow):  # type: ignore[misc]
    """The inside of one embedded sub-process."""

    def __init__(self, spec: BpmnProcessSpec, parent_task_id: int, top_workflow: "Instance") -> None:
        BpmnSubWorkflow.__init__(self, spec, parent_task_id, top_workflow, deserializing=True)
        self._plant(spec)


class Instance(Scope, BpmnWorkflow):  # type: ignore[misc]
    """The top of one running process."""

    def __init__(self, specs: Mapping[str, BpmnProcessSpec], process_id: str) -> None:
        BpmnWorkflow.__init__(
            self, specs[process_id], specs, script_engine=Conditions(_no_conditions), deserializing=True
        )
        self.number = 0
        self.end_nodes: list[str] = []
        self.uncaught_error: str | None = None
        self._plant(specs[process_id])

    @property
    def top_workflow(self) -> "Instance":
        return self

    def next_number(self) -> int:
        """The id of the next token; numbers are never used twice in one process instance."""
        self.number += 1
        return self.number

    def scopes(self) -> Iterator[Scope]:
        """The process and each embedded sub-process that has begun."""
        yield self
        yield from list(self.subprocesses.values())

    def all_tokens(self) -> list[Token]:
        """The live tokens of the process and of its embedded sub-processes, oldest first."""
        return sorted(
            (token for scope in self.scopes() for token in scope.tokens()), key=lambda token: token.id
        )

    def create_subprocess(self, my_task: Token, spec_name: str) -> Inner:
        inner = Inner(self.subprocess_specs[spec_name], my_task.id, self)
        self.subprocesses[my_task.id] = inner
        inner.begin()
        return inner

    def note_end(self, node_id: str) -> None:
        """Remembers that an end event was reached; each is kept once, the latest last."""
        if node_id in self.end_nodes:
            self.end_nodes.remove(node_id)
        self.end_nodes.append(node_id)

    def interrupt(self, activity: Token, event: Node) -> None:
        """Cancels an activity with everything inside it and goes on from one of its boundary events."""
        scope = activity.workflow
        scope.disarm(activity)
        scope.drop(activity)
        scope.spawn(scope.spec.task_specs["." + event.id])

    def catch(self, activity: Token | None, error_code: str | None) -> bool:
        """Lets the nearest boundary error event on an activity or around it catch an error, if any."""
        while activity is not None:
            event = activity.task_spec.catching(error_code)
            if event is not None:
                self.interrupt(activity, event)
                return True
            activity = self._around(activity.workflow)
        return False

    def raise_error(self, scope: Scope, error_code: str | None) -> None:
        """An error end event was reached inside a scope."""
        if not self.catch(self._around(scope), error_code):
            self.uncaught_error = error_code
            self.clear()

    def _around(self, scope: Any) -> Token | None:
        """The token of the sub-process whose inside a scope is."""
        return None if scope is self else scope.parent_workflow.tasks[scope.parent_task_id]

    def finish_subprocess(self) -> bool:
        """Completes one sub-process in which no token is left; False if there is none."""
        for token in self.all_tokens():
            if isinstance(token.task_spec, SubProcessSpec) and not self.subprocesses[token.id].tokens():
                del self.subprocesses[token.id]
                token.run()
                return True
        return False


def _no_conditions(_text: str) -> object:
    raise RuntimeError("conditions are evaluated only while the stepper runs")
