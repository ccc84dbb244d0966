"""Judges the processes of a release together: names, values and ways from one file to another."""

from dataclasses import dataclass

from . import lint_choices, lint_law, lint_names
from .findings import Finding
from .invariants import Law
from .liveness import Liveness
from .world import World


@dataclass(frozen=True)
class Judgement:
    """What is found between diagrams, each with the id of its process.

    `settled` names, as (rule, element id), the remarks on one diagram alone that the whole makes needless.
    """

    findings: list[tuple[str, Finding]]
    settled: frozenset[tuple[str, str]] = frozenset()


def lint_world(world: World, law: Law) -> Judgement:
    """Judge diagrams that have no errors of their own as what they are together."""
    liveness = Liveness(world)
    chosen, needless = lint_choices.check(world, liveness)
    return Judgement(lint_names.check(world) + chosen + lint_law.check(world, law, liveness), needless)
