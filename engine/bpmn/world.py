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
    inside an object) to its values; `is_open` says that it may give other names too. `reads` are the names
    of variables and facts that its form or decision asks for.
    """

    effects: frozenset[str] = frozenset()
    answers: Mapping[str, Values] = field(default_factory=dict)
    is_open: bool = False
    reads: frozenset[str] = frozenset()


@dataclass(frozen=True)
class World:
    """All processes of a release as it would be, and what its activities can do.

    `facts` and `functions` are the names that expressions may use beside variables; `keys` has, for functions
    that find something by its key, all keys that there are.
    """

    processes: Mapping[str, Definition]
    outcome: Callable[[Node], Outcome]
    facts: Set[str] = frozenset()
    functions: Set[str] = frozenset()
    keys: Mapping[str, Set[str]] = field(default_factory=dict)

    @property
    def roots(self) -> list[Definition]:
        """The processes that are started by themselves: no other calls them, but perhaps in a circle."""
        called = {key: process.called_processes - {key} for key, process in self.processes.items()}
        roots = [key for key in called if not any(key in others for others in called.values())]
        reached = set(roots)
        for key in [*roots, *called]:
            if key not in reached:
                roots.append(key)
            todo = [key]
            while todo:
                reached.add(here := todo.pop())
                todo += [other for other in called.get(here, ()) if other not in reached]
        return [self.processes[key] for key in roots]
