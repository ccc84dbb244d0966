"""BPMN in Camunda 8's dialect: definitions, lint and the stepper. The only importer of SpiffWorkflow."""

from .definition import Definition, load
from .diff import diff
from .expressions import Expression, LoopInstance
from .findings import Finding, Known
from .invariants import AtEnd, Available, Before, Invariant, Law, Proof
from .lint import lint
from .lint_world import lint_world
from .nodes import Node
from .report import finding
from .stepper import Stepper, Wait
from .world import Outcome, World

__all__ = [
    "AtEnd",
    "Available",
    "Before",
    "Definition",
    "Expression",
    "Finding",
    "Invariant",
    "Known",
    "Law",
    "LoopInstance",
    "Node",
    "Outcome",
    "Proof",
    "Stepper",
    "Wait",
    "World",
    "diff",
    "finding",
    "lint",
    "lint_world",
    "load",
]
