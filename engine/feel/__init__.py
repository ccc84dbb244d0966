"""FEEL, the expression language of DMN 1.5, on Python values; it imports nothing else of ours."""

from engine.feel.errors import FeelError, Note
from engine.feel.expression import Expression, evaluate, parse, unary_test
from engine.feel.free import Mention
from engine.feel.lexical import text_of
from engine.feel.values import Function, Range, YearsMonths

__all__ = [
    "Expression",
    "FeelError",
    "Function",
    "Mention",
    "Note",
    "Range",
    "YearsMonths",
    "evaluate",
    "parse",
    "text_of",
    "unary_test",
]
