"""FEEL texts on their way to the caller, with the place where they stand; the stepper reads none itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

from engine import errors, feel

from .nodes import Node

_NOTHING: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True)
class LoopInstance:
    """One of the instances of an activity that repeats, around or at a place.

    `id` is that of its wait or, around a sub-process, as lasting; `body_id` that of the activity as a whole;
    `counter` its number, from 1.
    """

    id: str
    body_id: str
    counter: int
    node: Node


class Expression(str):
    """FEEL without its `=`, with the place where it stands.

    `loops` are the loop instances around that place, outermost first; `counts` what the stepper itself knows,
    such as Camunda 8's numberOfCompletedInstances.
    """

    element_id: str
    loops: tuple[LoopInstance, ...]
    counts: Mapping[str, int]

    def __new__(
        cls,
        text: str,
        element_id: str,
        loops: tuple[LoopInstance, ...] = (),
        counts: Mapping[str, int] = _NOTHING,
    ) -> Self:
        """The text without `=`, with its place."""
        expression = super().__new__(cls, text.removeprefix("="))
        expression.element_id, expression.loops, expression.counts = element_id, loops, counts
        return expression


Evaluate = Callable[[Any], object]
"""Gives the value of an Expression."""


class Conditions:
    """Stands where SpiffWorkflow keeps its Python engine; only asks the caller whether a condition holds."""

    def __init__(self, evaluate: Evaluate) -> None:
        self._evaluate = evaluate

    def holds(self, expression: Expression, or_null: bool = False) -> bool:
        """Whether a condition is true; ExpressionFailed if it is no boolean (Camunda 8), null if allowed."""
        try:
            value = self._evaluate(expression)
        except feel.FeelError as error:
            raise errors.ExpressionFailed(element_id=expression.element_id, problem=error) from error
        if value is None and or_null:
            return False
        if not isinstance(value, bool):
            problem = f"={expression} → {value!r}"
            raise errors.ExpressionFailed(element_id=expression.element_id, problem=problem)
        return value
