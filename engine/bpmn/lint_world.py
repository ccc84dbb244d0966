"""Judges the processes of a release together: names, values and ways from one file to another."""

from dataclasses import dataclass

from . import lint_choices, lint_law, lint_names
from .findings import Finding
from .ground import Ground
from .invariants import Law
from .liveness import Liveness
from .nodes import Node
from .report import finding
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
    ground = Ground(world, Liveness(world))
    chosen, needless = lint_choices.check(ground)
    found = _calls(world) + lint_names.check(world) + chosen + lint_law.check(ground, law)
    return Judgement(found, needless)


def _calls(world: World) -> list[tuple[str, Finding]]:
    """Call activities whose process begins with events alone, which no call is."""
    return [
        (
            process.process_id,
            finding("called-start", node.id, node.line, {"id": called.process_id}, node.name or ""),
        )
        for process in world.processes.values()
        for node in process.nodes.values()
        if (called := world.processes.get(node.called_process or "")) is not None
        and not any(_is_plain_start(start, called.process_id) for start in called.nodes.values())
    ]


def _is_plain_start(node: Node, process_id: str) -> bool:
    return (node.kind, node.scope, node.event) == ("start_event", process_id, None)
