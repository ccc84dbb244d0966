"""Proves the law's invariants on the composed diagrams, or names the way on which one is broken."""

from collections.abc import Iterable, Mapping
from typing import Any

from .conditions import UNKNOWN, value
from .diagram import Flow
from .findings import Finding
from .ground import Ground
from .invariants import AtEnd, Available, Before, Confidential, Invariant, Law, Proof
from .report import finding
from .states import Spot
from .ways import TooMany, Ways
from .world import Outcome, World

WAITING = frozenset(("user_task", "service_task", "send_task", "receive_task", "intermediate_catch_event"))


def check(ground: Ground, law: Law) -> list[tuple[str, Finding]]:
    """Each breach once at each element, with the id of its process."""
    found: list[tuple[str, Finding]] = []
    world = ground.world
    effects = {root.process_id: _effects_in(world, root.process_id) for root in world.roots}
    for invariant in law.invariants:
        watch = _WATCHES[type(invariant)](invariant, law.proofs)
        ways = Ways(ground, watch)
        for root in world.roots:
            if not watch.concerns(effects[root.process_id]):
                continue
            try:
                ways.follow(root)
            except TooMany:
                params: dict[str, object] = {"law_ref": invariant.law_ref}
                unproved = finding("law-unproved", root.process_id, 1, params, root.name or "")
                found.append((root.process_id, unproved))
        found += [(process_id, breach) for (process_id, *_), breach in watch.found.items()]
    return found


def _one(effects: frozenset[str]) -> frozenset[str]:
    return frozenset(sorted(effects)[:1])


def _effects_in(world: World, process_id: str) -> frozenset[str]:
    """Every effect that can happen in a process and in those that it calls."""
    seen, todo, effects = {process_id}, [process_id], frozenset[str]()
    while todo:
        process = world.processes[todo.pop()]
        effects = effects.union(*(world.outcome(node).effects for node in process.nodes.values()))
        more = {called for called in process.called_processes if called in world.processes} - seen
        seen |= more
        todo += more
    return effects


class _Watch:
    """Keeps the effects that matter to one invariant, and what broke it."""

    def __init__(self, invariant: Any, proofs: Iterable[Proof]) -> None:
        self.invariant = invariant
        self.found: dict[tuple[str, str, str], Finding] = {}
        self.kept: frozenset[str] = frozenset()
        self._proofs = tuple(proofs)

    def concerns(self, effects: frozenset[str]) -> bool:
        """Whether the invariant says anything about a process in which these effects can happen."""
        raise NotImplementedError

    def after(self, done: frozenset[str], effects: frozenset[str]) -> frozenset[str]:
        return done | (effects & self.kept)

    def proves(self, taken: Flow, passed: Iterable[Flow], known: Mapping[str, Any]) -> frozenset[str]:
        return frozenset(
            proof.effect
            for proof in self._proofs
            if proof.effect in self.kept and _excludes(proof.counterexample, taken, passed, known)
        )

    def met(self, spot: Spot, outcome: Outcome) -> None:
        pass

    def chose(self, spot: Spot, verdicts: Mapping[str, Any]) -> None:
        pass

    def ended(self, spot: Spot) -> None:
        pass

    def broken(self, spot: Spot) -> None:
        """Note the breach; the first way to an element is the shortest."""
        node, invariant = spot.node, self.invariant
        rule = f"law-{invariant.key}"
        way = " → ".join(spot.trail)
        self.found.setdefault(
            (spot.process.process_id, rule, node.id),
            Finding(
                "error",
                rule,
                node.id,
                node.line,
                invariant.message,
                {"way": way},
                invariant.hint,
                node.name or "",
                invariant.law_ref,
            ),
        )


class _BeforeWatch(_Watch):
    invariant: Before

    def __init__(self, invariant: Before, proofs: Iterable[Proof]) -> None:
        super().__init__(invariant, proofs)
        self.kept = frozenset[str]().union(*invariant.needs, invariant.since if invariant.only_since else ())

    def concerns(self, effects: frozenset[str]) -> bool:
        return bool(effects & self.invariant.effects)

    def after(self, done: frozenset[str], effects: frozenset[str]) -> frozenset[str]:
        done = super().after(frozenset() if effects & self.invariant.since else done, effects)
        # Nothing is needed any more until the next of `since`: fewer states are followed.
        return frozenset() if self.invariant.only_since and self._has_all(done) else done

    def met(self, spot: Spot, outcome: Outcome) -> None:
        done, invariant = spot.state.done, self.invariant
        due = not invariant.only_since or done & invariant.since
        if due and outcome.effects & invariant.effects and not self._has_all(done):
            self.broken(spot)

    def _has_all(self, done: frozenset[str]) -> bool:
        return all(done & need for need in self.invariant.needs)


class _AtEndWatch(_Watch):
    invariant: AtEnd

    def __init__(self, invariant: AtEnd, proofs: Iterable[Proof]) -> None:
        super().__init__(invariant, proofs)
        self.kept = invariant.begun | invariant.needs

    def concerns(self, effects: frozenset[str]) -> bool:
        return bool(effects & self.invariant.begun)

    def after(self, done: frozenset[str], effects: frozenset[str]) -> frozenset[str]:
        # One stands for all: whether any has happened is what counts, and so fewer states are followed.
        done = super().after(done, effects)
        return _one(done & self.invariant.needs) or _one(done & self.invariant.begun)

    def ended(self, spot: Spot) -> None:
        done = spot.state.done
        if done & self.invariant.begun and not done & self.invariant.needs:
            self.broken(spot)


class _AvailableWatch(_Watch):
    invariant: Available

    def __init__(self, invariant: Available, proofs: Iterable[Proof]) -> None:
        super().__init__(invariant, proofs)
        self.kept = invariant.until

    def concerns(self, effects: frozenset[str]) -> bool:
        return bool(effects & self.invariant.within)

    def after(self, done: frozenset[str], effects: frozenset[str]) -> frozenset[str]:
        return _one(super().after(done, effects))

    def met(self, spot: Spot, outcome: Outcome) -> None:
        over = (spot.state.done | outcome.effects) & self.invariant.until
        waits = spot.node.kind in WAITING and spot.node.event != "link"
        there = spot.caught if self.invariant.ending else spot.caught | spot.heard
        if waits and not over and self._is_meant(spot, outcome) and self.invariant.event not in there:
            self.broken(spot)

    def _is_meant(self, spot: Spot, outcome: Outcome) -> bool:
        if self.invariant.only_at:
            return bool(outcome.effects & self.invariant.only_at)
        is_told = bool(outcome.effects) or spot.node.kind == "intermediate_catch_event"
        outlives = bool(self.invariant.apart) and outcome.effects <= self.invariant.apart
        return not (spot.state.aside and is_told and outlives)


class _ConfidentialWatch(_Watch):
    invariant: Confidential

    def concerns(self, effects: frozenset[str]) -> bool:
        return bool(effects & self.invariant.effects)

    def met(self, spot: Spot, outcome: Outcome) -> None:
        if outcome.effects & self.invariant.effects and not spot.node.is_confidential:
            self.broken(spot)


_WATCHES: Mapping[type[Invariant], Any] = {
    Before: _BeforeWatch,
    AtEnd: _AtEndWatch,
    Available: _AvailableWatch,
    Confidential: _ConfidentialWatch,
}


def _excludes(
    counterexample: Mapping[str, Any], taken: Flow, passed: Iterable[Flow], known: Mapping[str, Any]
) -> bool:
    """Whether the flow could not have been taken if the counterexample were so."""
    imagined = {**known, **counterexample}
    if taken.condition is not None and not taken.is_default:
        found = value(taken.condition, imagined)
        if found is not UNKNOWN and found is not True:
            return True
    return any(value(flow.condition or "", imagined) is True for flow in passed)
