"""DMN 1.2 to 1.5 on FEEL: decision tables, boxed expressions, graphs of decisions."""

from engine.dmn.diff import diff
from engine.dmn.errors import ModelError
from engine.dmn.graph import Outcome
from engine.dmn.model import Model, load

__all__ = ["Model", "ModelError", "Outcome", "diff", "load"]
