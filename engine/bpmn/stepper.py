"""A live instance of one definition: moves tokens from wait state to wait state, and nothing else."""

from typing import Literal, NamedTuple

from SpiffWorkflow.util.task import TaskState

from engine import errors

from . import state as states
from .catching import catch, happen
from .definition import Definition
from .expressions import Conditions, Evaluate, LoopInstance
from .loops import LoopSpec
from .nodes import ACTIVITIES, Node
from .tokens import Instance, Token

MAX_STEPS = 10_000
STEPS_A_TOKEN = 100
"""How many more steps one run may take for each token that is there when it begins."""


class Wait(NamedTuple):
    """A place where the process waits for its caller; `id` stays the same over dump and restore.

    An activity over a collection waits first in stage `open`, for `multiply`, then each instance of it in
    stage `run`, and at last the activity itself in stage `close`, for `complete`. `loops` are the loop
    instances that the place is or lies in, outermost first.
    """

    id: str
    node: Node
    stage: Literal["open", "run", "close"] = "run"
    loops: tuple[LoopInstance, ...] = ()


class Stepper:
    """One process instance. It holds no variables; it is not thread-safe.

    When a call raises, it stands somewhere between two wait states: throw it away and restore the last dump.
    """

    def __init__(self, definition: Definition, instance: Instance) -> None:
        self.definition = definition
        self._instance = instance

    @classmethod
    def start(cls, definition: Definition, start_id: str | None = None) -> "Stepper":
        """A new instance with a token on a start event, by default the plain one; `run` moves it on."""
        instance = Instance(definition.specs, definition.process_id)
        instance.begin(start_id)
        return cls(definition, instance)

    @classmethod
    def restore(cls, definition: Definition, state: str) -> "Stepper":
        """The instance as it was dumped; raises StateUnreadable if the text does not fit the definition."""
        return cls(definition, states.load(definition, state))

    def dump(self) -> str:
        """The whole state as JSON text without the definition; the same state always gives the same text."""
        return states.dump(self.definition, self._instance)

    @property
    def waits(self) -> tuple[Wait, ...]:
        """All places where the process waits, oldest first, armed events included.

        Armed are boundary events of what waits, and the starts of event sub-processes in each scope.
        """
        return tuple(
            _wait(token) for token in self._instance.all_tokens() if token._state & token.task_spec.waits_in
        )

    def wait(self, wait_id: str) -> Wait:
        """The place where the process waits under this id. Raises KeyError for another."""
        return _wait(self._token(wait_id))

    @property
    def token_ids(self) -> frozenset[str]:
        """The ids of all live tokens, by which a caller may keep what belongs to an instance of a loop."""
        return frozenset(str(token.id) for token in self._instance.all_tokens())

    @property
    def is_ended(self) -> bool:
        """Whether no token is left."""
        return not self._instance.all_tokens()

    @property
    def end_nodes(self) -> tuple[str, ...]:
        """Ids of the end events reached, those inside sub-processes too; each once, the latest last."""
        return tuple(self._instance.end_nodes)

    @property
    def uncaught_error(self) -> str | None:
        """The code of an error end event that nothing in this process caught; the instance has then ended."""
        return self._instance.uncaught_error

    def run(self, evaluate: Evaluate) -> None:
        """Moves tokens until only wait states are left.

        `evaluate` gets the FEEL text of a gateway's condition without its `=`. Raises NoPath,
        ExpressionFailed, EndlessLoop, and whatever `evaluate` raises.
        """
        instance = self._instance
        instance.script_engine = Conditions(evaluate)
        agenda = instance.agenda
        for _ in range(MAX_STEPS + STEPS_A_TOKEN * len(instance.all_tokens())):
            if agenda:
                agenda.pop(min(agenda)).run()
            elif not instance.settle():
                return
        raise errors.EndlessLoop(element_id=agenda[min(agenda)].task_spec.node.id if agenda else "")

    def complete(self, wait_id: str, evaluate: Evaluate) -> None:
        """What waits there is done; then runs. Raises KeyError if nothing to be completed waits there.

        That may be an activity, a throwing event that was told to those whom it concerns, or an activity
        over a collection whose instances are all done.
        """
        token = self._token(wait_id)
        self._prepare(evaluate)
        if token.has_state(TaskState.STARTED):
            token.task_spec.pass_on(token)
        elif token.task_spec.manual and _wait(token).stage != "open":
            token.workflow.leave_gate(token)
            token.run()
        else:
            raise KeyError(wait_id)
        self.run(evaluate)

    def multiply(self, wait_id: str, count: int, evaluate: Evaluate) -> None:
        """An activity over a collection gets as many instances; then runs. Raises KeyError for another."""
        token = self._token(wait_id)
        if not isinstance(token.task_spec, LoopSpec):
            raise KeyError(wait_id)
        self._prepare(evaluate)
        token.task_spec.multiply(token, count)
        self.run(evaluate)

    def trigger(self, wait_id: str, evaluate: Evaluate, stays: bool = False) -> None:
        """What waits for an event, a receive task included, got it; then runs.

        An interrupting boundary event cancels its activity with everything inside, an interrupting event
        sub-process everything else in its scope. Others leave it alone and stay armed under the same id, but
        for a timer, which fires once unless it `stays`. Raises KeyError for another id.
        """
        token = self._token(wait_id)
        self._prepare(evaluate)
        happen(token, stays)
        self.run(evaluate)

    def throw_error(self, wait_id: str, error_code: str | None, evaluate: Evaluate) -> bool:
        """A waiting activity failed with an error of the domain; then runs.

        The nearest boundary event or event sub-process with this code, else without one, catches it, from the
        activity outward. False, and nothing changed, if none does. Raises KeyError where no activity waits.
        """
        return self._throw(wait_id, "error", error_code, evaluate)

    def escalate(self, wait_id: str, escalation_code: str | None, evaluate: Evaluate) -> bool:
        """Something that a waiting activity has called escalates; then runs. As `throw_error`."""
        return self._throw(wait_id, "escalation", escalation_code, evaluate)

    def _throw(self, wait_id: str, event: str, code: str | None, evaluate: Evaluate) -> bool:
        token = self._token(wait_id)
        if token.task_spec.node.kind not in ACTIVITIES:
            raise KeyError(wait_id)
        self._prepare(evaluate)
        if not catch(token.workflow, token, event, code):
            return False
        self.run(evaluate)
        return True

    def _prepare(self, evaluate: Evaluate) -> None:
        self._instance.script_engine = Conditions(evaluate)

    def _token(self, wait_id: str) -> Token:
        token = self._instance.token(int(wait_id)) if wait_id.isdecimal() else None
        if token is None or not token._state & token.task_spec.waits_in:
            raise KeyError(wait_id)
        return token


def _wait(token: Token) -> Wait:
    spec = token.task_spec
    stage: Literal["open", "run", "close"] = "run"
    if isinstance(spec, LoopSpec):
        stage = "close" if "total" in token.internal_data else "open"
    return Wait(str(token.id), spec.node, stage, token.loops)
