"""What a walk through diagrams knows at one point of one way, and who wants to hear of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from typing import Any, NamedTuple, Protocol

from .conditions import UNKNOWN, root_of, value
from .definition import Definition
from .diagram import Flow, Node
from .world import Outcome, Values

MAX_ANSWERS = 64
MAX_TRAIL = 8
MAX_BESIDE = 3

Trail = tuple[str, ...]
Known = frozenset[tuple[str, Any]]
"""Values by dotted path."""


class State(NamedTuple):
    """What has been done (of the effects that the watcher keeps) and which values are known.

    `beside` counts the splits around this token that are not joined yet; an `aside` token is one of a
    boundary event that does not interrupt, whose end ends nothing.
    """

    done: frozenset[str] = frozenset()
    known: Known = frozenset()
    beside: int = 0
    aside: bool = False

    def split(self) -> "State":
        """The state of one branch behind a gateway that splits."""
        return self._replace(beside=min(self.beside + 1, MAX_BESIDE))


class Spot(NamedTuple):
    """A node reached in a state: by which steps, in its scope and to it, and which messages are heard there.

    Those `caught` end an activity around it; those `heard` beside begin something and leave it alone.
    """

    process: Definition
    node: Node
    state: State
    prefix: Trail
    way: Trail
    caught: frozenset[str]
    heard: frozenset[str]

    @property
    def trail(self) -> Trail:
        """The last steps by which it was reached."""
        return along(self.prefix, *self.way)


@dataclass
class Passage:
    """What comes of a scope entered in one state: the states at its end, and all states inside it."""

    outs: dict[State, Trail] = field(default_factory=dict)
    inside: dict[State, Trail] = field(default_factory=dict)


class Scope(NamedTuple):
    """A process or sub-process with what is around it: the way there, messages heard, and the callers."""

    process: Definition
    id: str
    prefix: Trail
    caught: frozenset[str]
    heard: frozenset[str]
    calls: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether its end is the end of everything."""
        return self.id == self.process.process_id and len(self.calls) == 1


class Watcher(Protocol):
    """Who wants to know what is met on the ways."""

    def after(self, done: frozenset[str], effects: frozenset[str]) -> frozenset[str]:
        """What is worth remembering when these effects have happened too."""

    def proves(self, taken: Flow, passed: Iterable[Flow], known: Mapping[str, Any]) -> frozenset[str]:
        """The effects that must have happened where this flow is taken and those before it are not."""

    def met(self, spot: Spot, outcome: Outcome) -> None:
        """A node is reached; the outcome is what completing it does."""

    def chose(self, spot: Spot, verdicts: Mapping[str, Any]) -> None:
        """At an exclusive gateway each flow's condition has this value; UNKNOWN where it can't be told."""

    def ended(self, spot: Spot) -> None:
        """The whole process, called by no other, ends at this end event."""


def along(trail: Trail, *steps: str) -> Trail:
    """The last steps of a way that goes on; a whole one could double in length with each call."""
    return (trail + steps)[-MAX_TRAIL:]


def together(states: Iterable[State]) -> State:
    """One state of several tokens: everything that any has done, and the values on which all agree."""
    branches = list(states)
    known = frozenset.intersection(*(state.known for state in branches))
    done = frozenset[str]().union(*(state.done for state in branches))
    beside = max(min(state.beside for state in branches) - 1, 0)
    return State(done, known, beside, all(state.aside for state in branches))


def mapped(
    mappings: Iterable[tuple[str, str]], before: Mapping[str, Any], seen: Mapping[str, Any]
) -> dict[str, Any]:
    """The known values when each target has got its source's value as far as `seen` tells it."""
    known = dict(before)
    for source, target in mappings:
        found = value(source, seen)
        known = {name: old for name, old in known.items() if root_of(name) != root_of(target)}
        if found is None or isinstance(found, str | bool | int | Decimal):
            known[target] = found
    return known


def choices(answers: Mapping[str, Values]) -> Iterator[dict[str, Any]]:
    """Each combination of the listed values; where there are too many, none is told."""
    listed = {name: sorted(found, key=repr) for name, found in answers.items() if found is not None}
    size = 1
    for found in listed.values():
        size *= len(found)
    if size > MAX_ANSWERS:
        yield {}
        return
    for combination in product(*listed.values()):
        yield dict(zip(listed, combination, strict=True))


def takeable(
    flows: Iterable[Flow], default: str | None, verdicts: Mapping[str, Any]
) -> Iterator[tuple[Flow, tuple[Flow, ...]]]:
    """The flows that may be taken, each with those before it that then did not hold."""
    passed: tuple[Flow, ...] = ()
    for flow in flows:
        if flow.id not in verdicts:
            continue
        verdict = verdicts[flow.id]
        if verdict is True or verdict is UNKNOWN:
            yield flow, passed
        if verdict is True:
            return
        passed = (*passed, flow)
    for flow in flows:
        if flow.id == default:
            yield flow, passed
