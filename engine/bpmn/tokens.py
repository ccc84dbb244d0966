"""The tokens of one running process: SpiffWorkflow's task tree kept flat, finished tokens leaving at once."""

from collections.abc import Iterable, Iterator, Mapping
from operator import attrgetter

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from .expressions import Conditions, Expression, LoopInstance
from .loops import LoopSpec
from .specs import NodeSpec, ScopeSpec

LIVE = TaskState.NOT_FINISHED_MASK
BY_AGE = attrgetter("id")


class Token(Task):  # type: ignore[misc]
    """A Spiff task whose id is a number counted in its process instance, so that runs can be repeated."""

    def _add_child(self, task_spec: NodeSpec, state: int = TaskState.FUTURE) -> "Token":
        return Token(self.workflow, task_spec, self, state, self.workflow.top_workflow.next_number())

    def _set_state(self, value: int) -> None:
        self._state = value
        if value == TaskState.READY and not self.task_spec.manual:
            self.workflow.top_workflow.agenda[self.id] = self

    @property
    def loops(self) -> tuple[LoopInstance, ...]:
        """The instances of repeating activities that it is or lies in, outermost first."""
        found = []
        token: Token | None = self
        while token is not None:
            marks = token.internal_data
            if "of" in marks:
                node = token.task_spec.node
                found.append(LoopInstance(str(token.id), str(marks["of"]), marks["index"], node))
            token = token.workflow.around
        return tuple(reversed(found))

    def expression(self, text: str | None, element_id: str = "", **counts: int) -> Expression:
        """A FEEL text that stands at this token's node, or at another element beside it."""
        return Expression(text or "", element_id or self.task_spec.node.id, self.loops, counts)


class Scope:
    """What the process and its sub-processes share: a flat set of tokens."""

    tasks: dict[int, Token]
    task_tree: Token
    spec: ScopeSpec
    around: Token | None = None
    """The token of the sub-process whose inside this is."""

    @property
    def _top(self) -> "Instance":
        return self.top_workflow  # type: ignore[attr-defined,no-any-return]

    def _plant(self, spec: ScopeSpec) -> None:
        # The root is never counted nor stored: -1 because SpiffWorkflow takes 0 for no id at all.
        self.task_tree = Token(self, spec.start, None, TaskState.COMPLETED, -1)

    def begin(self, start_id: str | None = None) -> None:
        """Arms the event sub-processes and puts a token on a start event, by default the plain one."""
        for armed in self.spec.armed:
            self.spawn(armed)
        self.spawn(self.spec.starts[start_id] if start_id else self.spec.first_start)

    def tokens(self) -> list[Token]:
        """The live tokens, oldest first."""
        return _living(self.tasks.values())

    @property
    def is_over(self) -> bool:
        """Whether nothing is left but armed starts of event sub-processes."""
        return not any(token._state & LIVE and not token.task_spec.idle for token in self.tasks.values())

    def spawn(self, spec: NodeSpec, **marks: int) -> Token:
        """A new token that enters a node by no flow of the diagram."""
        token = self.task_tree._add_child(spec)
        token.internal_data.update(marks)
        spec._update(token)
        return token

    def drop(self, token: Token) -> None:
        """Takes a token away with everything inside it and, of an activity that repeats, its instances."""
        inner = self._top.subprocesses.pop(token.id, None)
        if inner is not None:
            inner.clear()
        if isinstance(token.task_spec, LoopSpec):
            for instance in self.marked("of", token.id):
                self.drop(instance)
        self._top.agenda.pop(token.id, None)
        token.cancel()
        self.forget(token)

    def clear(self) -> None:
        """Takes all tokens away."""
        for token in self.tokens():
            if token.id in self.tasks:
                self.drop(token)

    def marked(self, mark: str, value: int) -> list[Token]:
        """The tokens that bear a mark: `on` an activity, behind a `gate`, instances `of` an activity."""
        return [token for token in self.tasks.values() if token.internal_data.get(mark) == value]

    def disarm(self, activity: Token) -> None:
        """Takes away the boundary events that wait on an activity."""
        for token in self.marked("on", activity.id):
            self.drop(token)

    def leave_gate(self, token: Token) -> None:
        """Takes away what waits beside a token behind the same event gateway."""
        gate = token.internal_data.pop("gate", None)
        for other in self.marked("gate", gate) if gate is not None else ():
            self.disarm(other)
            self.drop(other)

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
    """The inside of one embedded or event sub-process."""

    def __init__(self, spec: ScopeSpec, around: Token, top_workflow: "Instance") -> None:
        BpmnSubWorkflow.__init__(self, spec, around.id, top_workflow, deserializing=True)
        self.around = around
        self._plant(spec)


class Instance(Scope, BpmnWorkflow):  # type: ignore[misc]
    """The top of one running process."""

    def __init__(self, specs: Mapping[str, ScopeSpec], process_id: str) -> None:
        BpmnWorkflow.__init__(
            self, specs[process_id], specs, script_engine=Conditions(_no_conditions), deserializing=True
        )
        self.number = 0
        self.end_nodes: list[str] = []
        self.uncaught_error: str | None = None
        self.agenda: dict[int, Token] = {}
        self.watches = any(spec.watches for spec in specs.values())
        self._plant(specs[process_id])

    @property
    def top_workflow(self) -> "Instance":
        return self

    def next_number(self) -> int:
        """The id of the next token; numbers are never used twice in one process instance."""
        self.number += 1
        return self.number

    def scopes(self) -> Iterator[Scope]:
        """The process and each sub-process that has begun."""
        yield self
        yield from list(self.subprocesses.values())

    def all_tokens(self) -> list[Token]:
        """The live tokens of the process and of its sub-processes, oldest first."""
        return _living([token for scope in self.scopes() for token in scope.tasks.values()])

    def token(self, number: int) -> Token | None:
        """The live token with this id."""
        found = (scope.tasks.get(number) for scope in self.scopes()) if number > 0 else ()
        return next((token for token in found if token is not None and token.has_state(LIVE)), None)

    def create_subprocess(self, my_task: Token, spec_name: str) -> Inner:
        inner = self.restore_subprocess(my_task, spec_name)
        inner.begin()
        return inner

    def restore_subprocess(self, token: Token, spec_name: str) -> Inner:
        """The inside of a sub-process, still without tokens."""
        inner = self.subprocesses[token.id] = Inner(self.subprocess_specs[spec_name], token, self)
        return inner

    def note_end(self, node_id: str) -> None:
        """Remembers that an end event was reached; each is kept once, the latest last."""
        if node_id in self.end_nodes:
            self.end_nodes.remove(node_id)
        self.end_nodes.append(node_id)

    def settle(self) -> bool:
        """Moves what only moves when no other token can; False if nothing does."""
        if self._finish_subprocess() or self.watches and any(self._watched()):
            return True
        if self.is_over:
            self.clear()
        return False

    def _finish_subprocess(self) -> bool:
        """Ends one sub-process in which no token is left; False if there is none."""
        for token_id, inner in sorted(self.subprocesses.items()):
            if inner.is_over:
                inner.clear()
                token = inner.around
                del self.subprocesses[token_id]
                token.task_spec.finish(token)
                return True
        return False

    def _watched(self) -> Iterator[bool]:
        for token in self.all_tokens():
            if token._state == TaskState.WAITING and token.task_spec.watches:
                yield token.task_spec.look(token)


def _living(tokens: Iterable[Token]) -> list[Token]:
    # Asked for several times a step: no call for each token.
    found = [token for token in tokens if token.id > 0 and token._state & LIVE]
    found.sort(key=BY_AGE)
    return found


def _no_conditions(_text: str) -> object:
    raise RuntimeError("conditions are evaluated only while the stepper runs")
