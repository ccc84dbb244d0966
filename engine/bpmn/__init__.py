"""BPMN in Camunda 8's dialect: definitions, lint and the stepper. The only importer of SpiffWorkflow."""

from .definition import Definition, load
from .diagram import Node
from .findings import Finding, Known
from .lint import lint
from .stepper import Stepper, Wait

__all__ = ["Definition", "Finding", "Known", "Node", "Stepper", "Wait", "lint", "load"]
