"""What must hold on every way through the diagrams, over the effects that forms and services declare."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Invariant:
    """One rule with its article; `key` names it in findings, the three texts are gettext ids."""

    key: str
    law_ref: str
    message: str
    hint: str


@dataclass(frozen=True)
class Before(Invariant):
    """None of `effects` without one effect of each set in `needs` before it on every way.

    What is in `since` makes what is needed stale: it must then happen anew; with `only_since` nothing is
    needed before that.
    """

    effects: frozenset[str]
    needs: tuple[frozenset[str], ...]
    since: frozenset[str] = frozenset()
    only_since: bool = False


@dataclass(frozen=True)
class AtEnd(Invariant):
    """No end of the whole after one of `begun` without one of `needs`."""

    begun: frozenset[str]
    needs: frozenset[str]


@dataclass(frozen=True)
class Available(Invariant):
    """Wherever somebody waits, the message is heard, until one of `until` has happened.

    It ends what waits there; where it is no `ending`, what it begins may also run beside that. It holds for
    processes in which one of `within` can happen at all. Beside the rest, steps that do nothing but `apart`,
    and events, may wait without it: they outlive what the message ends. If `only_at` is given, it holds for
    steps that do one of these and for no others.
    """

    event: str
    until: frozenset[str]
    within: frozenset[str]
    ending: bool = True
    apart: frozenset[str] = frozenset()
    only_at: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Confidential(Invariant):
    """Each of `effects` happens in a task that the diagram marks as confidential."""

    effects: frozenset[str]


@dataclass(frozen=True)
class Proof:
    """A condition that fails when `counterexample` is so proves `effect` to whoever gets past it."""

    effect: str
    counterexample: Mapping[str, Any]


@dataclass(frozen=True)
class Law:
    """All invariants that hold on one day, and what facts prove."""

    invariants: tuple[Invariant, ...] = ()
    proofs: tuple[Proof, ...] = field(default=())
