"""Syntax tree to closures: one function of (run, frame) for each node."""

from engine.feel.compiler import basics, branches, calls, loops, operators, variables
from engine.feel.compiler.scope import Scope, compile_node

__all__ = ["Scope", "basics", "branches", "calls", "compile_node", "loops", "operators", "variables"]
