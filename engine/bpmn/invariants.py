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

    What is in `since` makes what is needed stale: it must then happen anew.
    """

    effects: frozenset[str]
    needs: tuple[frozenset[str], ...]
    since: frozenset[str] = frozenset()


@dataclass(frozen=True)
class AtEnd(Invariant):
    """No end of the whole after one of `begun` without one of `needs`."""

    begun: frozenset[str]
    needs: frozenset[str]


@dataclass(frozen=True)
class Available(Invariant):
    """Wherever somebody waits, the message ends the mediation, until one of `until` has happened.

    It holds for processes in which one of `within` can happen at all.
    """

    event: str
    until: frozenset[str]
    within: frozenset[str]


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
