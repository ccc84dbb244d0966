"""BPMN in Camunda 8's dialect: definitions, lint and the stepper. The only importer of SpiffWorkflow."""

from .definition import Definition, load
from .diff import diff
from .expressions import Expression, LoopInstance
from .findings import Finding, Known
from .invariants import AtEnd, Available, Before, Confidential, Invariant, Law, Proof
from .lint import lint
from .lint_world import lint_world
from .migration import Moved, migrate
from .nodes import Node, is_tries
from .remarks import Remark
from .report import finding
from .stepper import Stepper, Wait
from .world import Outcome, World

__all__ = [
    "AtEnd",
    "Available",
    "Before",
    "Confidential",
    "Definition",
    "Expression",
    "Finding",
    "Invariant",
    "Known",
    "Law",
    "LoopInstance",
    "Moved",
    "Node",
    "Outcome",
    "Proof",
    "Remark",
    "Stepper",
    "Wait",
    "World",
    "diff",
    "finding",
    "is_tries",
    "lint",
    "lint_world",
    "load",
    "migrate",
]
