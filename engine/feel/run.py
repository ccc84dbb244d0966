"""One evaluation: its context, its notes and how much it may still do."""

import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from engine.feel import limits
from engine.feel.errors import FeelError, Note, place
from engine.feel.values import SCALARS, to_feel


class Run(dict[str, Any]):
    """An evaluation in progress, and the FEEL values of the context's names that were used so far."""

    raw: Mapping[str, object]
    reached: Mapping[tuple[str, ...], Any] = MappingProxyType({})
    """What paths into the context have led to, so that a filter has it made a FEEL value once."""
    text = ""
    notes: list[Note] | None = None
    calls = 0
    steps = limits.CLOCK_STEPS
    left = limits.STEPS
    deadline = 0.0

    def __missing__(self, name: str) -> Any:
        value = self.raw[name]
        if type(value) not in SCALARS:
            value = to_feel(value)
        self[name] = value
        return value

    def reach(self, path: tuple[str, ...], value: Any) -> Any:
        """Keep what a path has led to; gives it."""
        self.reached = {**self.reached, path: value}
        return value

    def spend(self, steps: int) -> None:
        """Count work done; raises FeelError when there was too much of it."""
        self.steps -= steps
        if self.steps < 0:
            self._refill()

    def _refill(self) -> None:
        self.left += self.steps - limits.CLOCK_STEPS
        self.steps = limits.CLOCK_STEPS
        now = time.thread_time()
        if not self.deadline:
            self.deadline = now + limits.SECONDS
        if self.left < 0 or now > self.deadline:
            raise FeelError("The expression takes too long.", self.text)

    def note(self, at: int, message: str, **params: object) -> Any:
        """Write down why something became null; gives null."""
        if self.notes is not None and len(self.notes) < 100:
            self.notes.append(Note(message, params, *place(self.text, at)))

    def enter_call(self) -> None:
        """Count a function that begins; the caller takes it back at its end."""
        self.calls += 1
        if self.calls > limits.CALLS:
            raise FeelError("Functions call one another deeper than {limit} times.", limit=limits.CALLS)

    def check_length(self, length: int) -> None:
        """Count the making of a list; raises FeelError when it is too long."""
        if length > limits.LIST_LENGTH:
            raise FeelError("A list is longer than {limit} items.", self.text, limit=limits.LIST_LENGTH)
        self.spend(length)


class Frame:
    """Local variables: those of one iteration, call, context or filter."""

    __slots__ = ("outer", "values")

    def __init__(self, values: dict[str, Any], outer: "Frame | None") -> None:
        self.values = values
        self.outer = outer


Closure = Callable[[Run, Frame | None], Any]
"""A compiled expression."""


def measure(run: Run, value: Any) -> None:
    """Count the parts of a list or context that is to leave the evaluation."""
    stack: list[Sequence[Any]] = [[value]]
    parts = 0
    while stack:
        for part in stack.pop():
            if type(part) is list:
                stack.append(part)
                parts += len(part)
            elif type(part) is dict:
                stack.append(list(part.values()))
                parts += len(part)
        if parts > limits.LIST_LENGTH:
            raise FeelError("A value has more than {limit} parts.", run.text, limit=limits.LIST_LENGTH)
