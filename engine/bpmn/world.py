"""What is known of the things that diagrams name: what a form can answer, a decision give, a service set."""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from .definition import Definition
from .diagram import Node

Values = frozenset[Any] | None
"""Every value that a name can have; None where they can't be listed."""


@dataclass(frozen=True)
class Outcome:
    """What happens when an activity is completed.

    `effects` are those that its form or service declares; `answers` maps each name that it gives (dotted
    inside an object) to its values; `is_open` says that it may give other names too.
    """

    effects: frozenset[str] = frozenset()
    answers: Mapping[str, Values] = field(default_factory=dict)
    is_open: bool = False


@dataclass(frozen=True)
class World:
    """All processes of a release as it would be, and what its activities can do.

    `facts` and `functions` are the names that expressions may use beside variables.
    """

    processes: Mapping[str, Definition]
    outcome: Callable[[Node], Outcome]
    facts: Set[str] = frozenset()
    functions: Set[str] = frozenset()

    @property
    def roots(self) -> list[Definition]:
        """The processes that no other process calls: those that are started by themselves."""
        called = {
            called
            for process in self.processes.values()
            for called in process.called_processes - {process.process_id}
        }
        return [process for key, process in self.processes.items() if key not in called]
