"""A live instance of one definition: moves tokens from wait state to wait state, and nothing else."""

from dataclasses import dataclass

from SpiffWorkflow.util.task import TaskState

from engine import errors

from . import state as states
from .definition import Definition
from .diagram import ACTIVITIES, Node
from .tokens import Conditions, Evaluate, Instance, Token

MAX_STEPS = 10_000


@dataclass(frozen=True)
class Wait:
    """A place where the process waits for its caller; `id` stays the same over dump and restore."""

    id: str
    node: Node


class Stepper:
    """One process instance. It holds no variables; it is not thread-safe.

    When a call raises, it stands somewhere between two wait states: throw it away and restore the last dump.
    """

    def __init__(self, definition: Definition, instance: Instance) -> None:
        self.definition = definition
        self._instance = instance

    @classmethod
    def start(cls, definition: Definition) -> "Stepper":
        """A new instance with a token on its start event; `run` moves it on."""
        instance = Instance(definition.specs, definition.process_id)
        instance.begin()
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
        """All places where the process waits, oldest first, armed boundary events included."""
        return tuple(
            Wait(str(token.id), token.task_spec.node)
            for token in self._instance.all_tokens()
            if _is_activity(token) or token.has_state(TaskState.WAITING) and _is_catch(token)
        )

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
        self._instance.script_engine = Conditions(evaluate)
        for _ in range(MAX_STEPS):
            ready = [token for token in self._instance.all_tokens() if _is_automatic(token)]
            if ready:
                ready[0].run()
            elif not self._instance.finish_subprocess():
                return
        raise errors.EndlessLoop(element_id=ready[0].task_spec.node.id if ready else "")

    def complete(self, wait_id: str, evaluate: Evaluate) -> None:
        """The activity that waits is done; then runs. Raises KeyError if no activity waits under this id."""
        token = self._token(wait_id)
        if not _is_activity(token):
            raise KeyError(wait_id)
        token.run()
        self.run(evaluate)

    def trigger(self, wait_id: str, evaluate: Evaluate) -> None:
        """A catch event, boundary event or receive task got what it waits for; then runs.

        An interrupting boundary event cancels its activity with everything inside. Another one leaves it
        alone: by message it stays armed under the same id, by timer it fires once. Raises KeyError for
        another id.
        """
        token = self._token(wait_id)
        node = token.task_spec.node
        if node.kind == "receive_task":
            token.run()
        elif node.kind == "intermediate_catch_event":
            self._catch(token)
        elif node.kind == "boundary_event":
            self._fire(token, node)
        else:
            raise KeyError(wait_id)
        self.run(evaluate)

    def throw_error(self, wait_id: str, error_code: str | None, evaluate: Evaluate) -> bool:
        """A waiting activity failed with an error of the domain; then runs.

        The nearest boundary error event with this code, else without one, on the activity or on a
        sub-process around it catches. False, and nothing changed, if none does. Raises KeyError if no
        activity waits under this id.
        """
        token = self._token(wait_id)
        if not _is_activity(token):
            raise KeyError(wait_id)
        if not self._instance.catch(token, error_code):
            return False
        self.run(evaluate)
        return True

    def _token(self, wait_id: str) -> Token:
        for token in self._instance.all_tokens():
            if str(token.id) == wait_id:
                return token
        raise KeyError(wait_id)

    def _catch(self, token: Token) -> None:
        gate = token.internal_data.pop("gate", None)
        if gate is not None:
            for other in token.workflow.tokens():
                if other.internal_data.get("gate") == gate:
                    token.workflow.drop(other)
        token._ready()

    def _fire(self, token: Token, node: Node) -> None:
        scope = token.workflow
        if node.interrupting:
            self._instance.interrupt(scope.tasks[token.internal_data["on"]], node)
            return
        if node.event == "timer":
            scope.drop(token)
        scope.spawn(token.task_spec)


def _is_activity(token: Token) -> bool:
    return token.task_spec.node.kind in ACTIVITIES


def _is_catch(token: Token) -> bool:
    return token.task_spec.node.kind in ("intermediate_catch_event", "boundary_event")


def _is_automatic(token: Token) -> bool:
    return token.has_state(TaskState.READY) and not token.task_spec.manual
